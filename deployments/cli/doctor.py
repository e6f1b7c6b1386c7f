"""`fillrate doctor`: settings, secrets, database, shops, feeds, mail and Prefect, point by point, and how to mend each."""

import os
import sys
from importlib.metadata import version

import msgspec

from deployments.cli.terminal import EXIT_WRONG_USE, AsJson, print_json, say
from fillrate.bootstrap import open_channel
from fillrate.errors import FillrateError, FixSettings
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, Settings, load, settings_file
from fillrate.steps import examine, examine_hooks, examine_mail
from fillrate.steps.examine import Point


def doctor(as_json: AsJson = False) -> None:
    """Check settings, secrets, database, shops with scopes and clocks, feeds, mail and Prefect; changes nothing."""
    points = [*everything(), prefect()]
    bad = sum(not one.ok for one in points)
    if as_json:
        print_json({"ok": not bad, "points": msgspec.to_builtins(points)})
    else:
        told(points)
        say("All is well." if not bad else f"{bad} point(s) to mend.")
    if bad:
        sys.exit(EXIT_WRONG_USE)


def told(points: list[Point]) -> None:
    """Print each point, with the way to mend it."""
    for one in points:
        say(*f"{'ok  ' if one.ok else 'MEND'} {one.about}: {one.sentence}".splitlines())
        if not one.ok and one.next:
            say(f"       {one.next}")


def everything() -> list[Point]:
    """Look at all but Prefect; without settings there is nothing more to look at."""
    file, outside = settings_file(), Outside()
    try:
        settings = load(file)
    except FixSettings as error:
        return [examine.failed("settings", error)]
    channels = ", ".join(one.name for one in settings.channel) or "no channel"
    return [
        Point(about="settings", ok=True, sentence=f"{file}: {channels}."),
        examine.secrets(file.parent),
        examine.database(settings.database.url.get_secret_value(), outside),
        *(point for one in settings.channel for point in shop(settings, one, outside)),
        *locations(settings, outside),
        *examine.feeds(settings),
        *examine_mail.mail(settings, outside),
    ]


def locations(settings: Settings, outside: Outside) -> list[Point]:
    """Look at the locations of the settings; a database that cannot be asked is told elsewhere."""
    try:
        return examine.locations(settings, outside)
    except (FillrateError, OSError):
        return []


def shop(settings: Settings, one: ChannelSettings, outside: Outside) -> list[Point]:
    """Look at one shop; a database that cannot be asked is told elsewhere."""
    try:
        identity = examine.known_identity(settings.database.url.get_secret_value(), outside, one.name)
    except (FillrateError, OSError):
        identity = ""
    with open_channel(one, outside) as channel:
        return [*examine.shop(one, channel, identity, outside), *examine_hooks.hooks(settings, one, channel)]


def prefect() -> Point:
    """Look at the Prefect server, without loading Prefect."""
    api, ours = os.environ.get("PREFECT_API_URL"), version("prefect")
    if not api:
        what = f"Prefect {ours}; PREFECT_API_URL is not set, so each `fillrate run` starts a server of its own (7 to 13 s)."
        return Point(about="prefect", ok=True, sentence=what)
    theirs = server_version(api)
    if theirs is None:
        what = f"Nothing answers at PREFECT_API_URL ({api})."
        return Point(about="prefect", ok=False, sentence=what, next="Start that server, or unset PREFECT_API_URL.")
    return Point(about="prefect", ok=True, sentence=f"Prefect {ours}; the server at {api} answers (Prefect {theirs}).")


def server_version(api: str) -> str | None:
    """Return a Prefect server's version, "?" where it wants a login to tell, None where none answers."""
    import httpx

    try:
        if httpx.get(f"{api.rstrip('/')}/health", timeout=5, trust_env=False).status_code != 200:
            return None
        answer = httpx.get(f"{api.rstrip('/')}/admin/version", timeout=5, trust_env=False)
        return str(answer.json()) if answer.status_code == 200 else "?"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
