"""Files of lines on their way, as purchasing and warehouse programs write them: CSV with a header, or JSON.

A file is a stranger as a shop is: what is no such file is refused as a whole with a sentence, a bad row is rejected with
its number and its reason, and the good ones are kept.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from fillrate.channels.fields import INT32, YEARS, identifier, text
from fillrate.errors import SkipRecord
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.records import InboundLine

NEEDED = ("reference", "sku", "quantity")
MORE = (
    "line",
    "kind",
    "supplier",
    "location",
    "from",
    "received",
    "cancelled",
    "ordered",
    "expected",
    "status",
    "received_on",
)
KNOWN = frozenset((*NEEDED, *MORE))
KINDS = ("purchase", "transfer")
STATUSES = ("open", "closed", "cancelled")
WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
AHEAD = timedelta(days=1)  # what was received later than this after the file was written was not

Cell = str | int | float | bool | None
Cells = Mapping[str, Cell]
Row = TypeVar("Row")
OBJECTS = msgspec.json.Decoder(list[msgspec.Raw])
ROWS = msgspec.json.Decoder(dict[str, msgspec.Raw])
OBJECT = msgspec.json.Decoder(dict[str, Cell])


class BadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that cannot be used: its number in the file, and why."""

    row: int
    reason: str


class Parsed(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """What a file tells: its good rows, its bad ones, and the columns that mean nothing to us."""

    rows: tuple[Row, ...] = ()
    bad: tuple[BadRow, ...] = ()
    ignored: tuple[str, ...] = ()


InboundFile = Parsed[tuple[int, InboundLine]]  # each line with the number of its row


def parse_inbound(body: bytes, zone: ZoneInfo, written_at: datetime) -> InboundFile:
    """Return what a file tells; a date without a time is that day in `zone`. SkipRecord for what is no such file."""
    seen: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[str, str], int] = {}

    def read(number: int, cells: Cells) -> tuple[int, InboundLine]:
        line = line_of(cells, seen, zone, written_at)
        twin = rows.setdefault((line.reference, line.position), number)
        if twin != number:
            raise SkipRecord(f"line {line.position} of {line.reference} is in row {twin} already")
        return number, line

    return parse(body, NEEDED, KNOWN, read)


def parse(body: bytes, needed: Sequence[str], known: Collection[str], read: Callable[[int, Cells], Row]) -> Parsed[Row]:
    """Return what `read` makes of each row's number and cells. SkipRecord for what is no file of rows, or has none."""
    rows: list[Row] = []
    bad: list[BadRow] = []
    ignored: dict[str, None] = {}
    for number, cells in rows_in(body, needed):
        if isinstance(cells, str):
            bad.append(BadRow(row=number, reason=cells))
            continue
        ignored.update(dict.fromkeys(text(name, 50) for name in cells if name not in known))
        try:
            rows.append(read(number, cells))
        except SkipRecord as skip:
            bad.append(BadRow(row=number, reason=skip.what))
    if not rows and not bad:
        raise SkipRecord("It has no rows.")
    return Parsed(rows=tuple(rows), bad=tuple(bad), ignored=tuple(ignored))


def rows_in(body: bytes, needed: Sequence[str]) -> Iterator[tuple[int, Cells | str]]:
    """Yield each row's number and cells, or what is wrong with it. SkipRecord for what is neither CSV nor JSON of rows."""
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}
    yield from json_rows(body) if is_json else csv_rows(body, needed)


def csv_rows(body: bytes, needed: Sequence[str]) -> Iterator[tuple[int, Cells | str]]:
    """Yield each row's number and cells, or what is wrong with it."""
    content = utf_8(body).lstrip("\r\n")
    names, divider = header(content, needed)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=divider, strict=True)
    try:
        next(reader)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(names):
                yield reader.line_num, f"it has {len(row)} cells, the header has {len(names)}"
            else:
                yield reader.line_num, dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise SkipRecord(f"Its row {reader.line_num} is no CSV: {error}.") from None


def utf_8(body: bytes) -> str:
    """Return a file's text."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SkipRecord("It is not text in UTF-8; save it as UTF-8.") from None


def header(content: str, needed: Sequence[str]) -> tuple[list[str], str]:
    """Return the names of the columns and what divides them."""
    first = next(iter(content.splitlines()), "")
    best: list[str] = []
    for divider in (",", ";"):
        try:
            cells = next(csv.reader([first], delimiter=divider, strict=True), [])
        except csv.Error:
            continue
        names = [name.strip().lower().replace(" ", "_") for name in cells]
        if not set(needed) - set(names):
            check_names(names)
            return names, divider
        best = max(best, names, key=len)
    missing = ", ".join(name for name in needed if name not in best)
    raise SkipRecord(f"Its first row does not name the column(s) {missing}, divided by , or ;.")


def check_names(names: Sequence[str]) -> None:
    """Refuse a header that names a column twice."""
    twice = [name for name, n in Counter(names).items() if n > 1 and name]
    if twice:
        raise SkipRecord(f"Its first row names {', '.join(text(name, 50) for name in twice)} twice.")


def json_rows(body: bytes) -> Iterator[tuple[int, Cells | str]]:
    """Yield each object's number and values, or what is wrong with it."""
    try:
        try:
            objects = decode(body, OBJECTS)
        except msgspec.ValidationError:
            objects = OBJECTS.decode(decode(body, ROWS)["lines"])
    except (Malformed, KeyError, msgspec.DecodeError):
        raise SkipRecord('It is neither a JSON list of objects nor {"lines": [...]}.') from None
    for number, raw in enumerate(objects, 1):
        try:
            yield number, decode(bytes(raw), OBJECT)
        except (Malformed, msgspec.ValidationError):
            yield number, "it is no object of texts and numbers"


def line_of(cells: Cells, seen: Counter[tuple[str, str]], zone: ZoneInfo, written_at: datetime) -> InboundLine:
    """Return the line of one row; a line without a name is called after its SKU, and after its turn from the second on."""
    reference, sku = told(cells, "reference"), told(cells, "sku")
    position = word(cells, "line")
    if not position:
        seen[reference, sku] += 1
        turn = seen[reference, sku]
        position = sku if turn == 1 else identifier(f"{sku} #{turn}", "sku")
    quantity, received, cancelled = (whole(cells, name) for name in ("quantity", "received", "cancelled"))
    if quantity is None:
        raise SkipRecord("quantity is missing", path="quantity")
    if (cancelled or 0) > quantity:
        raise SkipRecord(f"cancelled is more than quantity: {cancelled} of {quantity}", path="cancelled")
    received_at = moment(cells, "received_on", zone)
    if received_at is not None and received_at > written_at + AHEAD:
        raise SkipRecord("received_on lies in the future", path="received_on")
    return InboundLine(
        reference=reference,
        position=position,
        kind=one_of(cells, "kind", KINDS) or "purchase",
        supplier=word(cells, "supplier"),
        sku=sku,
        location=word(cells, "location"),
        from_location=word(cells, "from"),
        quantity=quantity,
        received=received or 0,
        cancelled=cancelled or 0,
        status=one_of(cells, "status", STATUSES) or status_of(quantity, received or 0, cancelled or 0),
        ordered_at=moment(cells, "ordered", zone),
        expected_at=moment(cells, "expected", zone),
        received_at=received_at,
    )


def status_of(quantity: int, received: int, cancelled: int) -> Any:  # Any: one of STATUSES
    """Return the status of a line whose file tells none."""
    if received + cancelled < quantity:
        return "open"
    return "cancelled" if cancelled == quantity and not received else "closed"


def word(cells: Cells, name: str) -> str:
    """Return a name or a code, "" for none."""
    value = cells.get(name)
    if isinstance(value, bool | float):
        raise SkipRecord(f"{name} is neither a text nor a whole number", path=name)
    return identifier(value, name)


def told(cells: Cells, name: str) -> str:
    """Return a name or a code that must be there."""
    value = word(cells, name)
    if not value:
        raise SkipRecord(f"{name} is missing", path=name)
    return value


def whole(cells: Cells, name: str) -> int | None:
    """Return a number of units, None for none."""
    value = cells.get(name)
    if isinstance(value, str):
        value = value.strip()
        if value and not WHOLE.fullmatch(value):
            raise SkipRecord(f"{name} is no whole number of units", path=name)
        value = int(value) if value else None
    if value is None:
        return None
    is_whole = not isinstance(value, bool) and float(value).is_integer()
    if not (is_whole and 0 <= value <= INT32):
        raise SkipRecord(f"{name} is no whole number of units", path=name)
    return int(value)


def one_of(cells: Cells, name: str, allowed: Sequence[str]) -> Any:  # Any: one of `allowed`, or None
    """Return one of a few words, None for none."""
    value = word(cells, name).lower()
    if value and value not in allowed:
        raise SkipRecord(f"{name} must be one of {', '.join(allowed)}", path=name)
    return value or None


def moment(cells: Cells, name: str, zone: ZoneInfo) -> datetime | None:
    """Return a date or a time in UTC, None for none; without a zone it is the store's."""
    value = cells.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        found = found and (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in YEARS:
        raise SkipRecord(f"{name} is no date such as 2026-03-31", path=name)
    return found
