"""Where the files of a channel lie: a folder, or an address.

A file counts only when it is whole: one that is being written is waited for, for a while. What we write appears whole: it
is written aside and renamed, or put in one request.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import httpx
import msgspec

from fillrate.channels.files import endpoints
from fillrate.channels.files.disks import Disk, Refused
from fillrate.channels.files.spellings import QUANTITY, SKU
from fillrate.channels.protocol import Reach, Scope
from fillrate.channels.row_files import check_whole
from fillrate.errors import BadAnswer, FixSettings, InDoubt, RetryLater, SkipRecord, StopChannel
from fillrate.gateway.auth import Auth
from fillrate.gateway.folder import FoundFile
from fillrate.gateway.http import Content, Endpoint, Http
from fillrate.gateway.outside import Outside
from fillrate.gateway.strict_json import Malformed

ENDINGS = (".csv", ".json")
KINDS = {".csv": "text/csv", ".json": "application/json"}
AT_REST = timedelta(seconds=5)  # what was written to just now may be half there
AHEAD = timedelta(hours=1)  # so much another machine's clock may go ahead of ours
SHARED = ("sku", "quantity")  # the columns that every file here has
SPELLINGS = {"sku": SKU, "quantity": QUANTITY}
LOOKS = 6  # at a file that is being written, before it is left for the next run


class Paper(NamedTuple):
    """A whole file: its name, what it holds, and when it was written (None where the place does not tell)."""

    name: str
    body: bytes
    written_at: datetime | None


class Names(NamedTuple):
    """How files are called without their endings, and the ending and the encoding of what is written."""

    stock: str
    orders: str
    ours: str
    ending: str
    encoding: str

    def text(self, name: str, body: bytes) -> bytes:
        """Return a file in UTF-8; JSON always is. SkipRecord where it is in another encoding than is said."""
        if self.encoding == "utf-8" or name.lower().endswith(".json"):
            return body
        try:
            return body.decode(self.encoding).encode()
        except UnicodeError:
            raise SkipRecord(f"It is not text in {self.encoding}.") from None

    def dressed(self, body: bytes) -> bytes:
        """Return our own file in the encoding that the other program reads; Refused where that lacks a letter."""
        if self.encoding == "utf-8" or self.ending == ".json":
            return body
        try:
            return body.decode().encode(self.encoding)
        except UnicodeError:
            raise Refused(f"A SKU or a place cannot be written in {self.encoding}.") from None


class Place(Protocol):
    """Where files lie."""

    def stock(self) -> Paper:
        """Return the newest file of stock; StopChannel where there is none."""
        ...

    def orders(self, since: datetime | None, until: datetime | None) -> list[Paper | SkipRecord]:
        """Return the files of orders that came within a window, the oldest first; a SkipRecord for one that is no file."""
        ...

    def ours(self) -> Paper | None:
        """Return the file that we wrote last, None where there is none."""
        ...

    def put(self, body: bytes, may_send: Callable[[], None]) -> None:
        """Put our file there as a whole. Raises Refused where it was not taken, InDoubt where nobody knows."""
        ...

    def now(self) -> datetime:
        """Return the place's own clock, this machine's where it has none."""
        ...

    def probe(self) -> Sequence[Scope]:
        """Say what may be done there, by reading only."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Folder:
    """A folder: files called stock… and orders…, the newest of stock and all of orders."""

    def __init__(self, disk: Disk, path: Path, names: Names, outside: Outside) -> None:
        self._disk = disk
        self._path = path
        self._names = names
        self._ours = path / f"{names.ours}{names.ending}"
        self._outside = outside

    def stock(self) -> Paper:
        """Return the newest file of stock."""
        found = self._named(self._names.stock)
        if not found:
            what = f"There is no file {self._names.stock}*.csv or {self._names.stock}*.json in {self._path}."
            raise StopChannel(what, next="Let the other program write one; the next run looks again.")
        try:
            return self._whole(found[-1])
        except SkipRecord as skip:
            raise StopChannel(f"{found[-1].name}: {skip.what}", next="Mend it; the next run looks again.") from None
        except FileNotFoundError:
            raise StopChannel(f"{found[-1].name} was taken away just now.", next="The next run looks again.") from None

    def orders(self, since: datetime | None, until: datetime | None) -> list[Paper | SkipRecord]:
        """Return the files of orders that were written, or came to lie here, within a window."""
        papers: list[Paper | SkipRecord] = []
        for one in self._named(self._names.orders):
            came_at = max(one.modified_at, one.changed_at)
            if (since is None or came_at >= since) and (until is None or one.modified_at <= until):
                papers += self._paper_or_why(one)
        return papers

    def ours(self) -> Paper | None:
        """Return the file that we wrote last."""
        try:
            body = self._names.text(self._ours.name, self._disk.read(self._ours))
            return Paper(self._ours.name, body, self._disk.look(self._ours).modified_at)
        except FileNotFoundError:
            return None
        except SkipRecord as skip:
            raise StopChannel(f"{self._ours.name}: {skip.what}", next="Take it away; it is written anew.") from None

    def put(self, body: bytes, may_send: Callable[[], None]) -> None:
        """Write aside, and rename."""
        self._disk.write(self._ours, self._names.dressed(body), may_send)

    def probe(self) -> tuple[Scope, ...]:
        """Say whether the folder can be read and written to."""
        reads = scope_to_read(lambda: self._named(self._names.stock))
        can_write = reads.state == "granted" and self._disk.may_write(self._ours.parent)
        return (reads, scope_to_put("granted" if can_write else "missing"))

    def now(self) -> datetime:
        """Return this machine's clock."""
        return self._outside.clock.now()

    def close(self) -> None:
        """There is nothing to let go of."""

    def _named(self, kind: str) -> list[FoundFile]:
        place = self._path / kind
        return [
            one for one in self._disk.files_in(place.parent, ENDINGS) if one.name.lower().startswith(place.name.lower())
        ]

    def _paper_or_why(self, found: FoundFile) -> list[Paper | SkipRecord]:
        try:
            return [self._whole(found)]
        except FileNotFoundError:  # taken away just now
            return []
        except SkipRecord as skip:
            return [SkipRecord(f"{found.name}: {skip.what}")]

    def _whole(self, found: FoundFile) -> Paper:
        """Return a file once it is at rest; RetryLater where it does not come to rest."""
        if found.modified_at > self._outside.clock.now() + AHEAD:
            at = f"{found.modified_at:%Y-%m-%d %H:%M}"
            raise SkipRecord(f"It says that it was written in the future, {at} UTC; correct that with: touch")
        for _ in range(LOOKS):
            body = self._disk.read(found.path)
            is_old = self._outside.clock.now() - found.modified_at >= AT_REST
            if not (is_old or is_complete(found.name, body)):
                self._outside.clock.sleep(AT_REST.total_seconds())
            again = self._disk.look(found.path)
            if again.modified_at == found.modified_at and (is_old or self._disk.read(found.path) == body):
                told = self._names.text(found.name, body)
                check_whole(told, SHARED, SPELLINGS)
                return Paper(found.name, told, found.modified_at)
            found = again
        raise RetryLater(f"{found.name} is being written all the time.", after=60, next="The next run looks again.")


def is_complete(name: str, body: bytes) -> bool:
    """Tell whether a file says itself that it is whole, as JSON does."""
    if not name.lower().endswith(".json"):
        return False
    try:
        msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


class ForFiles:
    """Asks for files, and shows what the address wants to see."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    def sign(self, request: httpx.Request) -> None:
        """Put both on."""
        request.headers["Accept"] = ", ".join(KINDS.values())
        self._auth.sign(request)

    def renew(self) -> bool:
        """Whatever the other one can."""
        return self._auth.renew()


class Address:
    """An address that has one file of stock and one of orders, and takes ours."""

    def __init__(self, url: str, names: Names, auth: Auth, reach: Reach) -> None:
        self._url = url
        self._names = names
        self._outside = reach.outside
        self._http: Http = reach.http(url, ForFiles(auth))
        self._wrong = ""  # what was wrong with the file that was read last

    def stock(self) -> Paper:
        """Return the file of stock."""
        return self._needed(endpoints.STOCK, self._names.stock)

    def orders(self, since: datetime | None, until: datetime | None) -> list[Paper | SkipRecord]:
        """Return the file of orders, whenever it was written: it may tell of anything."""
        return [self._needed(endpoints.ORDERS, self._names.orders)]

    def ours(self) -> Paper | None:
        """Return the file that we put there last, which is whole since it came in one request."""
        found = self._read(endpoints.OURS, self._names.ours)
        return None if found is None else Paper(f"{self._names.ours}{self._names.ending}", found.body, found.written_at)

    def put(self, body: bytes, may_send: Callable[[], None]) -> None:
        """Put our file there in one request, and look whether it is there."""
        content = Content(self._names.dressed(body), KINDS[self._names.ending])
        endpoint = self._at(endpoints.PUT, self._names.ours)
        reply = self._http.send(endpoint, "PUT", content, lambda _: None, may_send)
        if reply.status >= 300:
            raise Refused(f"The address refused the file ({reply.status}).")
        held = self.ours()
        if held is None or held.body != body:
            raise InDoubt("The address took the file and does not show it.")

    def now(self) -> datetime:
        """Return the clock of the address, by its answer to a question for our own file."""
        reply = self._http.get(self._at(endpoints.CLOCK, self._names.ours), {}, bytes)
        return header_time(reply.headers.get("date")) or self._outside.clock.now()

    def probe(self) -> tuple[Scope, ...]:
        """Say whether a file can be read; that one can be put shows when it is."""
        return (scope_to_read(self.stock), scope_to_put("not checked"))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _at(self, endpoint: Endpoint, name: str) -> Endpoint:
        return endpoint.at(f"/{name}{self._names.ending}")

    def _needed(self, endpoint: Endpoint, name: str) -> Paper:
        paper = self._paper(endpoint, name)
        if paper is None:
            what = f"There is no {name}{self._names.ending} at {self._url}."
            raise StopChannel(what, next="Mend url, or leave out of reads what the other program does not write.")
        return paper

    def _paper(self, endpoint: Endpoint, name: str) -> Paper | None:
        """Return a file once two readings of it are the same, unless it was written some time ago; None where there is none."""
        found = self._read(endpoint, name)
        for _ in range(LOOKS):
            if found is None or not found.is_fresh:
                break
            self._outside.clock.sleep(AT_REST.total_seconds())
            again = self._read(endpoint, name)
            if again is not None and again.body == found.body:
                break
            found = again
        else:
            raise RetryLater(f"{name} is being written all the time.", after=60, next="The next run looks again.")
        return None if found is None else Paper(f"{name}{self._names.ending}", found.body, found.written_at)

    def _read(self, endpoint: Endpoint, name: str) -> "Fetched | None":
        self._wrong = ""
        try:
            reply = self._http.get(self._at(endpoint, name), {}, self._body)
        except BadAnswer as error:
            if not self._wrong:
                raise
            raise BadAnswer(f"{name}{self._names.ending}: {self._wrong}", next=error.next) from None
        if reply.is_gone:
            return None
        at, now = (header_time(reply.headers.get(header)) for header in ("last-modified", "date"))
        return Fetched(reply.needed(), at, is_fresh=at is not None and now is not None and now - at < AT_REST)

    def _body(self, body: bytes) -> bytes:
        """Return a file in UTF-8; Malformed where it is none, such as a page for people, so that it is asked for again."""
        try:
            told = self._names.text(self._names.ending, body)
            check_whole(told, SHARED, SPELLINGS)
        except SkipRecord as skip:
            self._wrong = skip.what
            raise Malformed(skip.what) from None
        return told


class Fetched(NamedTuple):
    """A file as an address gave it, and whether it was written so shortly before that it may be half."""

    body: bytes
    written_at: datetime | None
    is_fresh: bool


def header_time(told: str | None) -> datetime | None:
    """Return a time from a header, None where there is none that can be read."""
    try:
        return parsedate_to_datetime(told or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def scope_to_read(look: Callable[[], object]) -> Scope:
    """Return the right to read, as a look shows it."""
    try:
        look()
    except (FixSettings, StopChannel):
        return Scope(name="read", use="read stock and orders", state="missing")
    return Scope(name="read", use="read stock and orders", state="granted")


def scope_to_put(state: str) -> Scope:
    """Return the right to put our file there."""
    return msgspec.convert({"name": "put", "use": "write new numbers", "state": state}, Scope)
