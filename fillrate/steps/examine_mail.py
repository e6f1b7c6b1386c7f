"""Look at what a mail needs before one is due: the merchant's templates, and the server; sends and changes nothing."""

from collections.abc import Iterable
from pathlib import Path

from fillrate.errors import FillrateError, FixSettings
from fillrate.gateway.mail import LABEL, Limits, Mailer
from fillrate.gateway.outside import Outside
from fillrate.report.messages.facts import Kind, every_way
from fillrate.settings import MailSettings, Settings
from fillrate.steps.examine import Point, failed

PATIENCE = Limits(connect_s=10.0, total_s=20.0)
REACH = (
    "See that host, port and security in [mail] are right and that this machine reaches it;"
    " a server that is only down needs nothing."
)


def mail(settings: Settings, outside: Outside) -> list[Point]:
    """Look at templates and server; nothing where no mail is to be written."""
    if settings.mail is None:
        return []
    own = settings.mail.templates
    return [*(templates(settings, settings.mail, own) if own else []), server(settings.mail, outside)]


def templates(settings: Settings, mail: MailSettings, folder: Path) -> list[Point]:
    """Look at whether each message can be written in the merchant's own templates, in each language that is spoken."""
    about = "mail templates"
    if not folder.is_dir():
        what = f"There is no folder {folder}, so that customers would read Fillrate's own words."
        return [Point(about=about, ok=False, sentence=what, next="Make it, or mend templates in [mail].")]
    spoken = dict.fromkeys((mail.language, *mail.languages))
    found = [error for kind in mail.messages for one in spoken for error in broken(settings, kind, one, folder)]
    points = {error.what: failed(about, error) for error in found}  # what languages share is told once
    told = f"{folder}: all messages can be written in {', '.join(spoken)}.{english(mail, spoken, folder)}"
    return list(points.values()) or [Point(about=about, ok=True, sentence=told)]


def english(mail: MailSettings, spoken: Iterable[str], folder: Path) -> str:
    """Return which messages go out in English since their language lacks a template of them, "" for none."""
    from fillrate.report.messages.render import spoken_language  # loads Jinja2

    pairs = [(one, kind) for one in spoken for kind in mail.messages if spoken_language(kind, one, folder) != one]
    return f" In English, for want of templates: {', '.join(f'{one}/{kind}' for one, kind in pairs)}." if pairs else ""


def broken(settings: Settings, kind: Kind, language: str, folder: Path) -> list[FillrateError]:
    """Return what is wrong with the templates of one message, whichever way it goes."""
    from fillrate.report.messages.render import render  # loads Jinja2

    found = []
    for facts in every_way(kind, store=settings.store.name, timezone=settings.store.timezone):
        try:
            render(kind, facts, language=language, folder=folder)
        except FillrateError as error:
            found.append(error)
    return found


def server(mail: MailSettings, outside: Outside) -> Point:
    """Look at whether the mail server lets us in."""
    about = f"mail server {mail.host}"
    try:
        Mailer(mail, outside, limits=PATIENCE).greet()
    except FillrateError as error:
        what = error.what.removeprefix(f"{LABEL}: ")
        mend = error.next if isinstance(error, FixSettings) else REACH
        return Point(about=about, ok=False, sentence=what, next=mend)
    login = f", and takes the password of {mail.user}" if mail.user else ""
    return Point(about=about, ok=True, sentence=f"It answers on port {mail.server_port}{login}. Nothing was sent.")
