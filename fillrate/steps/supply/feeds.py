"""Where files about goods on their way come from: folders, addresses, and people who name one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from fillrate.errors import NotFound, SkipRecord, StopChannel
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Budget, LocalTokens, Priority
from fillrate.gateway.folder import FoundFile, found_file, read_file
from fillrate.gateway.http import Endpoint, Http
from fillrate.gateway.retry import RetryPolicy
from fillrate.settings import BY_HAND, InboundSettings
from fillrate.steps.desk import Desk
from fillrate.steps.supply.events import Paper

ENDINGS = (".csv", ".json")
LEASE = "supply"  # who reads files
AT_REST = timedelta(seconds=5)  # what was written to just now may be half there
AHEAD = timedelta(hours=1)  # so much another machine's clock may go ahead of ours
PATIENCE = RetryPolicy(tries=3, patience_s=60)


class Undone(Exception):
    """A dry run's way to leave nothing behind."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file with what it holds, or why that cannot be taken."""

    paper: Paper
    body: bytes = b""
    refused: str = ""


def may_differ(found: FoundFile, read_at: datetime | None) -> bool:
    """Tell whether a file may hold something else than when it was read."""
    return read_at is None or found.changed_at >= read_at - AT_REST


def arrival(desk: Desk, found: FoundFile, feed: InboundSettings) -> Arrived | None:
    """Read one file of a folder; None where it is still being written."""
    at, now = found.modified_at, desk.outside.clock.now()
    paper = Paper(feed.name, found.name, at, "", feed.complete)
    if at > now + AHEAD:
        why = f"It says that it was written in the future, {at:%Y-%m-%d %H:%M} UTC; correct that with: touch"
        return Arrived(paper, refused=why)
    try:
        body = read_file(found.path)
        is_at_rest = now - at >= AT_REST and found_file(found.path).modified_at == at
    except SkipRecord as skip:
        return Arrived(paper, refused=skip.what)
    except FileNotFoundError:  # taken away just now
        return None
    return Arrived(replace(paper, hash=digest(body)), body) if is_at_rest else None


def by_hand(desk: Desk, path: Path) -> Arrived:
    """Read a file that a person names; one in a feed's folder belongs to that feed. NotFound where there is none."""
    try:
        found = found_file(path.absolute())
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}.", next="Name the file to import.") from None
    folder = found.path.parent.resolve()
    feed = next((one for one in desk.settings.inbound if one.path and Path(one.path).resolve() == folder), None)
    source, is_complete = (feed.name, feed.complete) if feed else (BY_HAND, False)
    paper = Paper(source, found.name, min(found.modified_at, desk.outside.clock.now()), "", is_complete)
    try:
        body = read_file(found.path)
    except SkipRecord as skip:
        return Arrived(paper, refused=skip.what)
    return Arrived(replace(paper, hash=digest(body)), body)


def at_address(desk: Desk, feed: InboundSettings) -> Arrived:
    """Read the file at a feed's address, as written now. StopChannel, RetryLater where it cannot be had."""
    url = urlsplit(str(feed.url))
    ask = Endpoint(f"inbound.{feed.name}", url.path, Priority.CATALOG, scope="")
    budget = Budget(LocalTokens(desk.outside.clock), desk.outside)
    auth = Headers({"Accept": "text/csv,application/json"})
    http = Http(f"{url.scheme}://{url.netloc}", auth, desk.outside, budget, policy=PATIENCE)
    try:
        reply = http.get(ask, {}, bytes)
    finally:
        http.close()
    if reply.value is None or reply.status != 200:
        raise StopChannel(f"{feed.url} answered {reply.status} instead of a file.", next="Mend the url of this feed.")
    name = url.path.rsplit("/", 1)[-1]
    return Arrived(Paper(feed.name, name, desk.outside.clock.now(), digest(reply.value), feed.complete), reply.value)


def digest(body: bytes) -> str:
    """Return a hash of what a file holds."""
    return sha256(body).hexdigest()[:32]
