"""Files of rows, as other programs write them: CSV with a header, or JSON.

A file is a stranger as a shop is: what is no such file is refused as a whole with a sentence, a bad row is rejected with
its number and its reason, and the good ones are kept.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from fillrate.channels.fields import INT32, YEARS, identifier, text
from fillrate.errors import SkipRecord
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.records import money_e4

DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]{1,2}", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)

Cell = str | int | float | bool | None
Cells = Mapping[str, Cell]
Row = TypeVar("Row")
Spellings = Mapping[str, Sequence[str]]  # our name of a column, and what else it is called, the likeliest first
DIVIDERS = (",", ";", "\t")
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


def rows_in(
    body: bytes, needed: Sequence[str], spellings: Spellings | None = None
) -> Iterator[tuple[int, Cells | str]]:
    """Yield each row's number and cells, or what is wrong with it; columns are renamed where `spellings` knows their name.

    SkipRecord for what is neither CSV nor JSON of rows.
    """
    if not is_json(body):
        yield from csv_rows(body, needed, spellings or {})
        return
    for number, cells in json_rows(body):
        yield number, renamed(cells, spellings) if spellings and not isinstance(cells, str) else cells


def renamed(cells: Cells, spellings: Spellings) -> Cells:
    """Return an object's values under our own names."""
    names = list(cells)
    return dict(zip(in_our_words([plain(name) for name in names], spellings), cells.values(), strict=True))


def plain(name: str) -> str:
    """Return a column's name in small letters, with _ between words."""
    return re.sub(r"[ -]+", "_", name.strip().lower())


def in_our_words(names: Sequence[str], spellings: Spellings) -> list[str]:
    """Return the names of columns, each in our own word where it has one and no other column is called so already."""
    ours = {}
    for name, others in spellings.items():
        if name not in names:
            ours.update(dict.fromkeys([one for one in others if one in names][:1], name))
    return [ours.get(name, name) for name in names]


def csv_rows(body: bytes, needed: Sequence[str], spellings: Spellings) -> Iterator[tuple[int, Cells | str]]:
    """Yield each row's number and cells, or what is wrong with it."""
    content = utf_8(body).lstrip("\r\n")
    names, divider = header(content, needed, spellings)
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


def divider_of(body: bytes, needed: Sequence[str], spellings: Spellings) -> str:
    """Return what divides the cells of a file of rows, a comma for JSON."""
    return "," if is_json(body) else header(utf_8(body).lstrip("\r\n"), needed, spellings)[1]


def check_whole(body: bytes, needed: Sequence[str], spellings: Spellings) -> None:
    """Refuse a file that ends within a row: half a file would look like a whole one that tells less."""
    if is_json(body):
        next(json_rows(body), None)
        return
    content = utf_8(body).lstrip("\r\n")
    names, divider = header(content, needed, spellings)
    lines = content.splitlines()
    if content.endswith(("\n", "\r")) or len(lines) < 2:
        return
    try:
        cells = next(csv.reader(lines[-1:], delimiter=divider, strict=True), [])
    except csv.Error:
        cells = []
    if cells and len(cells) < len(names):
        raise SkipRecord("It ends within a row; is it written to the end?")


def is_json(body: bytes) -> bool:
    """Tell whether a file looks like JSON."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}


def utf_8(body: bytes) -> str:
    """Return a file's text."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SkipRecord("It is not text in UTF-8; save it as UTF-8.") from None


def header(content: str, needed: Sequence[str], spellings: Spellings) -> tuple[list[str], str]:
    """Return the names of the columns and what divides them."""
    first = next(iter(content.splitlines()), "")
    best: list[str] = []
    for divider in DIVIDERS:
        try:
            cells = next(csv.reader([first], delimiter=divider, strict=True), [])
        except csv.Error:
            continue
        names = in_our_words([plain(name) for name in cells], spellings)
        if not set(needed) - set(names):
            check_names(names)
            return names, divider
        best = max(best, names, key=len)
    missing = ", ".join(name for name in needed if name not in best)
    raise SkipRecord(f"Its first row does not name the column(s) {missing}, divided by , or ; or tabs.")


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


def amount(cells: Cells, name: str) -> int:
    """Return an amount of money in 1/10,000, 0 for none; "5,99" is five and a bit, as "5.99" is."""
    value = cells.get(name)
    if isinstance(value, str):
        value = value.strip()
        value = value.replace(",", ".") if DECIMAL_COMMA.fullmatch(value) else value
    if isinstance(value, bool):
        raise SkipRecord(f"{name} is not an amount of money", path=name)
    return 0 if value is None or value == "" else money_e4(value, name)


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
