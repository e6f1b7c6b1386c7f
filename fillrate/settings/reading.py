"""Read `fillrate.toml`, and secrets from the environment or `.env` beside it.

Every mistake is listed, with its line, before anything happens. Secrets never come from the toml; the environment wins
over `.env`."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from fillrate.errors import FixSettings
from fillrate.links import SHORTEST_SECRET
from fillrate.settings.channel import ChannelSettings
from fillrate.settings.kinds import kind_named, kinds
from fillrate.settings.mail import TIME
from fillrate.settings.together import Mistake, mistakes_between
from fillrate.settings.tree import Settings

TOKEN = re.compile(r"[!-~]+")  # what a header can carry: printable ASCII without white space


PASSWORD = re.compile(r"[ -~]+")  # what SMTP can carry


MAIL_SECRETS = {
    "password": "FILLRATE_MAIL_PASSWORD",
    "link_secret": "FILLRATE_LINK_SECRET",
    "link_secret_old": "FILLRATE_LINK_SECRET_OLD",
}


WAREHOUSE_TOKEN = "FILLRATE_WAREHOUSE_TOKEN"  # noqa: S105 - the name of a variable


def settings_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the settings are: FILLRATE_CONFIG, or fillrate.toml in the working folder."""
    return Path(environ.get("FILLRATE_CONFIG", "fillrate.toml")).absolute()


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; FixSettings lists every mistake with its line and what to do."""
    file = file or settings_file(environ)
    if not file.exists():
        what = f"There is no settings file {file.name} in {file.parent}."
        raise FixSettings(what, next="Write one with fillrate init, or set FILLRATE_CONFIG to where it is.")
    try:
        text = file.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FixSettings(f"{file.name} is not valid TOML: {error}.", next="Mend that line.") from None
    except UnicodeDecodeError:
        raise FixSettings(f"{file.name} is not text in UTF-8.", next="Save it as UTF-8.") from None
    except OSError as error:
        raise FixSettings(
            f"{file} cannot be read: {error.strerror}.", next="Mend that, or set FILLRATE_CONFIG."
        ) from None
    secrets = {**env_file(file.parent / ".env"), **environ}
    mistakes = secrets_in_toml(raw) + fill_in_secrets(raw, secrets, file.parent)
    make_folders_absolute(raw, file.parent)
    with_kinds, wrong = of_their_kinds(raw)
    try:
        settings = Settings.model_validate(with_kinds)
        wrong += [] if wrong else mistakes_between(settings)
    except ValidationError as error:
        wrong += [(problem["loc"], in_words(problem)) for problem in error.errors()]
    mistakes += [f"{where(text, path)} {what}" for path, what in sorted(wrong, key=lambda one: line_of(text, one[0]))]
    if mistakes:
        listing = "\n".join(f"  - {mistake}" for mistake in mistakes)
        raise FixSettings(f"{file.name} has {len(mistakes)} mistake(s):\n{listing}", next="Mend them and run again.")
    return settings


def env_file(file: Path) -> Mapping[str, str | None]:
    """Return what `.env` says, nothing where there is none."""
    try:
        return dotenv_values(file)
    except UnicodeDecodeError:
        raise FixSettings(f"{file} is not text in UTF-8.", next="Save it as UTF-8.") from None


IN_WORDS = {
    "extra_forbidden": "is not a setting; is it misspelt?",
    "tuple_type": "must be a list; tables of a list have their name in double brackets",
    "model_type": "must be a table, with its name in brackets",
}
PATTERNS = {
    "^[a-z][a-z0-9_]{0,30}$": "must be lower-case letters, digits and _, at most 31, and begin with a letter",
    "^[A-Z]{3}$": "must be three capital letters, such as EUR",
    "^[a-z]{2}$": "must be two small letters, such as en",
    "^[ -~]*$": "must be printable ASCII",
    TIME: "must be a time of day, such as 21:00",
}


def in_words(problem: Mapping[str, Any]) -> str:  # Any: pydantic's own description of a mistake
    """Return what is wrong with a setting, without pydantic's vocabulary."""
    told = IN_WORDS.get(problem["type"]) or PATTERNS.get(problem.get("ctx", {}).get("pattern", ""))
    return told or str(problem["msg"]).removeprefix("Value error, ")


def channels(raw: dict[str, Any]) -> list[dict[str, Any]]:  # Any: what the toml holds
    """Return the channels as far as they are tables; what they are otherwise is told as a mistake later."""
    return tables(raw, "channel")


def tables(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:  # Any: as above
    """Return the tables of a list of them, leaving out what is none."""
    found = raw.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def make_folders_absolute(raw: dict[str, Any], folder: Path) -> None:  # Any: as above
    """Make the folders of feeds ones beside the settings, so that every process means the same ones."""
    named = [(feed, ("path",)) for feed in tables(raw, "inbound")] + [(one, folders_of(one)) for one in channels(raw)]
    for table, keys in named:
        for key in keys:
            if isinstance(table.get(key), str):
                table[key] = str((folder / table[key]).absolute())


def folders_of(channel: Mapping[str, Any]) -> tuple[str, ...]:  # Any: what the toml holds
    """Return the settings of a channel's kind that name a folder; none where nobody knows the kind."""
    try:
        found: tuple[str, ...] = kind_named(str(channel.get("kind"))).settings.FOLDERS
    except LookupError:
        return ()
    return found


def secrets_in_toml(raw: dict[str, Any]) -> list[str]:  # Any: what the toml holds
    """Return a mistake for each secret written into the toml."""
    mistakes = [
        f"channel {one.get('name', '?')}: the {name} does not belong here but in {variable(one, name)}"
        for one in channels(raw)
        for name in secrets_of(one)
        if name in one
    ]
    mail = [variable for key, variable in MAIL_SECRETS.items() if key in mail_of(raw)]
    receiver = raw.get("receiver")
    if isinstance(receiver, dict) and "warehouse_token" in receiver:
        mistakes.append(f"receiver: the token does not belong here but in {WAREHOUSE_TOKEN}")
    return mistakes + [f"mail: this secret does not belong here but in {variable}" for variable in mail]


def of_their_kinds(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:  # Any: what the toml holds
    """Return the tree with each channel checked by its own kind of shop, and the mistakes in them."""
    if not isinstance(raw.get("channel"), list):
        return raw, []
    good, mistakes = [], []
    for number, one in enumerate(raw["channel"]):
        try:
            good.append(of_its_kind(one))
        except ValidationError as error:
            mistakes += [(("channel", number, *problem["loc"]), in_words(problem)) for problem in error.errors()]
        except LookupError:
            known = ", ".join(kinds())
            mistakes.append((("channel", number, "kind"), f"is no kind of shop that is installed here ({known})"))
    return {**raw, "channel": good}, mistakes


def of_its_kind(one: Any) -> ChannelSettings:  # Any: what the toml holds
    """Return a channel's settings, checked by its kind; LookupError where there is none of that name."""
    kind = one.get("kind") if isinstance(one, dict) else None
    of_kind: type[ChannelSettings] = kind_named(kind).settings if isinstance(kind, str) else ChannelSettings
    return of_kind.model_validate(one)


def mail_of(raw: dict[str, Any]) -> dict[str, Any]:  # Any: what the toml holds
    """Return the table of mail as far as it is one."""
    found = raw.get("mail")
    return found if isinstance(found, dict) else {}


def fill_in_secrets(raw: dict[str, Any], secrets: Mapping[str, str | None], folder: Path) -> list[str]:  # Any: as above
    """Put secrets and the database's place into the tree; return a mistake for each secret that is missing."""
    mistakes = []
    for channel in channels(raw):
        for name, is_needed in secrets_of(channel).items() if "name" in channel else ():
            channel[name] = secrets.get(variable(channel, name)) or ""
            mistakes += mistakes_in_secret(channel, name, is_needed=is_needed)
    if mail := mail_of(raw):
        mail |= {key: secrets.get(name) or "" for key, name in MAIL_SECRETS.items()}
        mistakes += mistakes_in_mail_secrets(mail)
        if isinstance(mail.get("templates"), str):
            mail["templates"] = str((folder / mail["templates"]).absolute())
    receiver = raw.setdefault("receiver", {})
    if isinstance(receiver, dict):
        receiver["warehouse_token"] = secrets.get(WAREHOUSE_TOKEN) or ""
        mistakes += mistakes_in_warehouse_token(receiver["warehouse_token"])
    database = raw.setdefault("database", {})
    if isinstance(database, dict):
        url = secrets.get("FILLRATE_DATABASE_URL") or str(database.get("url", "sqlite:///fillrate.db"))
        database["url"] = absolute_sqlite(url, folder)
    return mistakes


def secrets_of(channel: Mapping[str, Any]) -> dict[str, bool]:  # Any: as above
    """Return the secrets of a channel's kind, and whether each is needed; none where nobody knows the kind."""
    try:
        found: dict[str, bool] = kind_named(str(channel.get("kind"))).settings.secrets()
    except LookupError:
        return {}
    return found


def mistakes_in_secret(channel: Mapping[str, Any], name: str, *, is_needed: bool) -> list[str]:  # Any: as above
    """Return what is wrong with a channel's secret, without quoting it."""
    of, told = f"channel {channel['name']}", variable(channel, name)
    if is_needed and not channel[name]:
        return [f"{of}: no {name}; set {told} in .env or the environment"]
    if channel[name] and not TOKEN.fullmatch(channel[name]):
        return [f"{of}: the {name} in {told} holds a blank, a line break or a letter that no {name} has; copy it again"]
    return []


def mistakes_in_warehouse_token(token: str) -> list[str]:
    """Return what is wrong with the warehouse's token, without quoting it."""
    if token and (len(token) < SHORTEST_SECRET or not TOKEN.fullmatch(token)):
        wrong = f"is shorter than {SHORTEST_SECRET} characters, or holds what no token has; draw another"
        return [f"receiver: {WAREHOUSE_TOKEN} {wrong}"]
    return []


def mistakes_in_mail_secrets(mail: Mapping[str, Any]) -> list[str]:  # Any: as above
    """Return what is wrong with the secrets of mail, without quoting them."""
    mistakes = []
    if mail.get("user") and not mail["password"]:
        mistakes.append("mail: no password for this user; set FILLRATE_MAIL_PASSWORD in .env or the environment")
    if mail["password"] and not PASSWORD.fullmatch(mail["password"]):
        mistakes.append(
            "mail: the password in FILLRATE_MAIL_PASSWORD holds a letter that SMTP cannot carry; set another"
        )
    short = [key for key in ("link_secret", "link_secret_old") if 0 < len(mail[key]) < SHORTEST_SECRET]
    wrong = f"is shorter than {SHORTEST_SECRET} characters; draw a longer one"
    return mistakes + [f"mail: {MAIL_SECRETS[key]} {wrong}" for key in short]


def variable(channel: Mapping[str, Any], secret: str) -> str:  # Any: as above
    """Return the name of the environment variable that holds a channel's secret."""
    return f"FILLRATE_CHANNEL_{str(channel.get('name', '?')).upper()}_{secret.upper()}"


def absolute_sqlite(url: str, folder: Path) -> str:
    """Make a relative SQLite path one beside the settings, so that every process means the same file."""
    prefix, _, path = url.partition("sqlite:///")
    if prefix or not path or path.startswith("/"):
        return url
    return f"sqlite:///{(folder / path).absolute()}"


def where(text: str, path: tuple[int | str, ...]) -> str:
    """Return the dotted path of a setting with the line of the toml it stands in, as well as it can be found."""
    dotted, line = ".".join(str(part) for part in path), line_of(text, path)
    return f"line {line}, {dotted}" if line else dotted or "settings"


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    """Return the line of the toml that a setting stands in, else that of its table, 0 where neither is found."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return 0
    lines = text.splitlines()
    start = table_of(lines, path)
    for i in range(start or 0, len(lines)):
        if re.search(rf"(^|[\s{{,\[.]){re.escape(names[-1])}\s*[=\]}}]", lines[i]):
            return i + 1
    return 0 if start is None else start + 1


def table_of(lines: Sequence[str], path: tuple[int | str, ...]) -> int | None:
    """Return the line of the innermost table that a path goes through and that has a header: the nth of a list's."""
    at = next((n for n, part in enumerate(path) if isinstance(part, int)), len(path))
    nth = int(path[at]) if at < len(path) else 0
    for depth in range(at, 0, -1):
        header = r"\s*\.\s*".join(re.escape(str(part)) for part in path[:depth])
        found = [i for i, line in enumerate(lines) if re.match(rf"\s*\[+\s*{header}\s*\]", line)]
        if found:
            return found[min(nth if depth == at else 0, len(found) - 1)]
    return None
