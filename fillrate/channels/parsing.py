"""From a page of JSON to records: the whole page at once where it is good, record by record where it is not.

Decoding a page as one typed value is the cheapest thing there is; only a page that holds a bad record pays for finding
it. A bad record becomes a Reject with its reason, and the rest goes on.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from fillrate.channels.fields import text
from fillrate.errors import SkipRecord
from fillrate.gateway.strict_json import decode
from fillrate.records import Record, Reject


class Keyed(Protocol):
    """What a shop's own row must tell at least."""

    @property
    def id(self) -> int:
        """The shop's id of it."""
        ...


class Named(Protocol):
    """The same of shops whose ids are texts."""

    @property
    def id(self) -> str:
        """The shop's id of it."""
        ...


QUOTED = re.compile(r""" (['"]).*\1""", re.DOTALL)  # of all that the decoder says, only this is the shop's own content
LONGEST_REASON = 200
INSIDE = msgspec.json.Decoder(dict[str, msgspec.Raw])  # whatever else is wrong with a row, its id may be readable
AMONG = msgspec.json.Decoder(list[msgspec.Raw])
NUMBER = msgspec.json.Decoder(int | str)
NAME = re.compile(r"((?! )[ -~]{1,255}(?<! ))")  # printable ASCII, as ids that are texts are made of
ID = re.compile(r"(?:gid://shopify/[A-Za-z]{1,80}/)?([1-9][0-9]{0,18})")  # bare, or as the end of a global one

W = TypeVar("W", bound=Keyed | Named)
R = TypeVar("R", bound=Record)


class RowReader(Generic[W]):
    """Reads the rows of one kind; `envelope` is the generic type of a page (Any: `envelope[row]` is made here).

    `has_text_ids` where the shop's ids need not be numbers.
    """

    def __init__(
        self, row: type[W], envelope: Any, id_path: tuple[str | int, ...] = ("id",), *, has_text_ids: bool = False
    ) -> None:
        self._page = msgspec.json.Decoder(envelope[row])
        self._raw_page = msgspec.json.Decoder(envelope[msgspec.Raw])
        self._row = msgspec.json.Decoder(row)
        self._id_path = id_path
        self._names = NAME if has_text_ids else ID

    def read(self, body: bytes, rows_of: Callable[[Any], Sequence[Any]]) -> tuple[Any, list[W], list[Reject]]:
        """Return the page itself (Any: the envelope's type), its good rows, and its bad ones.

        Raises Malformed for what is no JSON, msgspec.ValidationError for what is no page.
        """
        try:
            page = decode(body, self._page)
        except msgspec.ValidationError:
            page = decode(body, self._raw_page)
            good, bad = self._one_by_one(rows_of(page))
            return page, good, bad
        return page, list(rows_of(page)), []

    def one(self, raw: bytes) -> W | Reject:
        """Return one row, or why it cannot be read."""
        try:
            return decode(raw, self._row)
        except msgspec.ValidationError as error:
            return self._reject(raw, str(error))

    def _one_by_one(self, raws: Iterable[msgspec.Raw]) -> tuple[list[W], list[Reject]]:
        read = [self.one(bytes(raw)) for raw in raws]
        bad = [one for one in read if isinstance(one, Reject)]
        return [one for one in read if not isinstance(one, Reject)], bad

    def _reject(self, raw: bytes, reason: str) -> Reject:
        """Name the bad row as well as it lets us; of the decoder's message, keep types and paths, never content."""
        found = msgspec.Raw(raw)
        try:
            for name in self._id_path:
                found = AMONG.decode(found)[name] if isinstance(name, int) else INSIDE.decode(found)[name]
            told = str(NUMBER.decode(found))
        except (msgspec.DecodeError, UnicodeDecodeError, LookupError):  # no id, or none that is a number
            told = ""
        named = self._names.fullmatch(told)
        platform_id = named[1] if named else ""
        kind = QUOTED.sub("", reason).replace("`", "").replace("$.", "")
        return Reject(platform_id=platform_id, reason=text(kind, LONGEST_REASON), payload_hash=digest(raw))


def build_all(rows: Iterable[W], build: Callable[[W], R]) -> tuple[list[R], list[Reject]]:
    """Return the records of these rows, each id once (the newest by modified time, else the last), and the bad ones."""
    records: dict[str, R] = {}
    bad = []
    for row in rows:
        try:
            record = build(row)
        except SkipRecord as skip:
            bad.append(Reject(platform_id=str(row.id), reason=skip.what, payload_hash=digest(msgspec.json.encode(row))))
            continue
        twin = records.get(record.platform_id)
        if twin is None or _modified(record) >= _modified(twin):
            records[record.platform_id] = record
    return list(records.values()), bad


def _modified(record: Record) -> float:
    stamp = getattr(record, "modified_at", None)
    return stamp.timestamp() if stamp else 0.0


def digest(content: bytes) -> str:
    """Return a hash that tells a changed payload from the same one."""
    return sha256(content).hexdigest()
