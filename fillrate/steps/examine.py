"""Look at everything that a run needs and say, point by point, how it is and how to mend it; changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Channel, Scope
from fillrate.db.bulk import Select
from fillrate.db.database import Database
from fillrate.db.tables import Channel as ChannelRow
from fillrate.db.tables import Location
from fillrate.errors import FillrateError, FixSettings, StopChannel
from fillrate.gateway.folder import files_in
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, Settings
from fillrate.steps.supply.feeds import ENDINGS

SKEW = timedelta(minutes=2)
NO_RIGHTS = "Put the token of an API account of this store into .env or the environment."


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: how it is, and what to do where it is not well."""

    about: str
    ok: bool
    sentence: str
    next: str = ""


def failed(about: str, error: FillrateError) -> Point:
    """Return the point of something that could not even be looked at."""
    return Point(about=about, ok=False, sentence=error.what, next=error.next)


def secrets(folder: Path) -> Point:
    """Look at who may read the secrets' file."""
    file = folder / ".env"
    if not file.exists():
        return Point(about="secrets", ok=True, sentence="There is no .env; secrets come from the environment.")
    mode = S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Point(
            about="secrets", ok=False, sentence=f"Others may read {file} ({mode:04o}).", next=f"Run: chmod 600 {file}"
        )
    return Point(about="secrets", ok=True, sentence=f"Only its owner may read {file}.")


def database(url: str, outside: Outside) -> Point:
    """Look at whether the database answers and its tables fit this program."""
    try:
        db = Database.open(url, outside)
        try:
            found: dict[str, Any] = db.check()  # Any: JSON
        finally:
            db.close()
    except FillrateError as error:
        return failed("database", error)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}."
        return failed("database", FixSettings(what, next="Mend that, or name another file in [database] url."))
    if found["empty"]:
        return Point(
            about="database", ok=True, sentence=f"The {db.dialect} database is empty; the first run sets it up."
        )
    return Point(about="database", ok=found["ok"], sentence=f"{db.dialect}: {found['sentence']}", next=found["next"])


def known_identity(url: str, outside: Outside, name: str) -> str:
    """Return which store a channel was at its first run, or "" where there was none yet."""
    named = sa.select(col(ChannelRow.identity)).where(col(ChannelRow.name) == name)
    return next((str(row.identity) for row in known(url, outside, named)), "")


def known(url: str, outside: Outside, statement: Select) -> Sequence[Any]:  # Any: rows
    """Return what the tables answer; nothing where they are not set up."""
    db = Database.open(url, outside)
    try:
        if not db.check()["ok"]:
            return []
        with db.read() as reading:
            return reading.rows(statement)
    finally:
        db.close()


def locations(settings: Settings, outside: Outside) -> list[Point]:
    """Look at whether the shops have the locations that the settings name, as far as their stock has been read."""
    alive = col(Location.deleted_at).is_(None)
    statement: Select = (
        sa.select(col(ChannelRow.name), col(Location.code))
        .join(Location, col(Location.channel_id) == col(ChannelRow.id))
        .where(alive)
        .order_by(col(Location.id))
    )
    codes = defaultdict(list)
    for row in known(settings.database.url.get_secret_value(), outside, statement):
        codes[row.name].append(row.code)
    named = [(one.channel, one.code, "[[location]]") for one in settings.location]
    matches = [rule.match for rule in settings.policy.rule if rule.match.location is not None]
    for one in matches:
        sellers = [one.channel] if one.channel else [channel.name for channel in settings.channel]
        if not any(one.location in codes[name] for name in sellers):
            named.append((sellers[0], str(one.location), "the rule's match"))
    return [
        Point(
            about=f"location {channel}:{code}",
            ok=False,
            sentence=f"The shop has no location of this code, so that nothing said of it holds. It has: {', '.join(there)}.",
            next=f"Mend its code in {where}, as the shop writes it.",
        )
        for channel, code, where in named
        if (there := codes[channel]) and code not in there
    ]


def feeds(settings: Settings) -> list[Point]:
    """Look at whether the folders of feeds can be read; what lies at an address is left to the run that reads it."""
    return [feed(one.name, Path(one.path)) for one in settings.inbound if one.path]


def feed(name: str, folder: Path) -> Point:
    """Look at the folder of one feed."""
    about = f"inbound {name}"
    try:
        n = len(files_in(folder, ENDINGS))
    except StopChannel as error:
        return failed(about, error)
    return Point(about=about, ok=True, sentence=f"{folder} can be read; files that end in .csv or .json: {n}.")


def shop(one: ChannelSettings, channel: Channel, identity: str, outside: Outside) -> list[Point]:
    """Look at one shop: which store answers, what the token may do, and whether its clock and ours agree."""
    about = f"channel {one.name}"
    scopes = looked(about, lambda: scope_points(about, channel.probe()))
    if not any(point.ok for point in scopes):  # nothing more can be asked
        return scopes
    return [
        *looked(about, lambda: [identified(about, channel, identity)]),
        *scopes,
        *looked(about, lambda: [clock(about, one, channel, outside)]),
    ]


def looked(about: str, look: Callable[[], list[Point]]) -> list[Point]:
    """Return what a look finds; one that is not possible is a point as well."""
    try:
        return look()
    except FixSettings as error:
        return [failed(about, error)]
    except FillrateError as error:
        hint = "See that base_url is right and that this machine reaches it; a shop that is only down needs nothing."
        return [Point(about=about, ok=False, sentence=error.what, next=hint)]


def identified(about: str, channel: Channel, identity: str) -> Point:
    """Look at whether the shop is the one that these tables are about."""
    store = channel.store()
    if identity and identity != store.identity:
        what = f"It answers as another store ({store.name!r:.60}) than the one in the tables."
        return Point(about=about, ok=False, sentence=what, next="Mend base_url or the token.")
    told = f"{store.name} answers (time zone {store.timezone}, currency {store.currency})."
    return Point(about=about, ok=True, sentence=told)


def scope_points(about: str, scopes: tuple[Scope, ...]) -> list[Point]:
    """Return a point for each right that is missing, one for those that are there, and one for those not checked."""
    missing = [one for one in scopes if one.state == "missing"]
    if not any(one.state == "granted" for one in scopes):
        return [Point(about=about, ok=False, sentence="The shop refuses the token for everything.", next=NO_RIGHTS)]
    points = [
        Point(
            about=about,
            ok=False,
            sentence=f"The token may not {one.use}.",
            next=f"Give its API account the scope {one.name}, or use another token.",
        )
        for one in missing
    ]
    for state, told in (
        ("granted", "The token may"),
        ("not checked", "Not checked, since only a write would show it:"),
    ):
        uses = "; ".join(f"{one.use} ({one.name})" for one in scopes if one.state == state)
        points += [Point(about=about, ok=True, sentence=f"{told} {uses}.")] if uses else []
    return points


def clock(about: str, one: ChannelSettings, channel: Channel, outside: Outside) -> Point:
    """Compare the shop's clock with this machine's; a practice shop has a time of its own."""
    theirs, ours = channel.time(), outside.clock.now()
    if one.practice:
        return Point(about=about, ok=True, sentence=f"A practice shop: its clock shows {theirs:%Y-%m-%d %H:%M} UTC.")
    apart = abs(theirs - ours)
    if apart > SKEW:
        what = f"Its clock shows {theirs:%Y-%m-%d %H:%M:%S} UTC and this machine's {ours:%Y-%m-%d %H:%M:%S}."
        return Point(about=about, ok=False, sentence=what, next="Set this machine's clock (timedatectl set-ntp true).")
    return Point(
        about=about, ok=True, sentence=f"Its clock and this machine's are {apart.total_seconds():.0f} s apart."
    )
