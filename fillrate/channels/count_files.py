"""Files of what somebody counted on shelves: CSV with the columns sku, location, on_hand, or JSON of the same."""

import msgspec

from fillrate.channels.fields import identifier, text
from fillrate.channels.files import BadRow, Cells, rows_in, told, whole
from fillrate.errors import SkipRecord

NEEDED = ("sku", "on_hand")
KNOWN = frozenset((*NEEDED, "location"))
LEAVE = "leave"


class CountRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file: units of a SKU at a location ("" for the default one); None where it is to stay uncounted."""

    row: int
    sku: str
    location: str
    on_hand: int | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file tells: its rows, those that cannot be read, and the columns that mean nothing to us."""

    rows: tuple[CountRow, ...] = ()
    bad: tuple[BadRow, ...] = ()
    ignored: tuple[str, ...] = ()


def parse_counts(body: bytes) -> Counts:
    """Return what a file tells of shelves. SkipRecord for what is no such file."""
    rows: list[CountRow] = []
    bad: list[BadRow] = []
    ignored: dict[str, None] = {}
    for number, cells in rows_in(body, NEEDED):
        if isinstance(cells, str):
            bad.append(BadRow(row=number, reason=cells))
            continue
        ignored.update(dict.fromkeys(text(name, 50) for name in cells if name not in KNOWN))
        try:
            rows.append(row_of(number, cells))
        except SkipRecord as skip:
            bad.append(BadRow(row=number, reason=skip.what))
    if not rows and not bad:
        raise SkipRecord("It has no rows.")
    return Counts(rows=tuple(rows), bad=tuple(bad), ignored=tuple(ignored))


def row_of(number: int, cells: Cells) -> CountRow:
    """Return what one row tells."""
    sku, location = told(cells, "sku"), identifier(as_text(cells, "location"), "location")
    if as_text(cells, "on_hand").strip().lower() == LEAVE:
        return CountRow(row=number, sku=sku, location=location, on_hand=None)
    on_hand = whole(cells, "on_hand")
    if on_hand is None:
        raise SkipRecord(f"on_hand is missing: say how many lie there, or {LEAVE}", path="on_hand")
    return CountRow(row=number, sku=sku, location=location, on_hand=on_hand)


def as_text(cells: Cells, name: str) -> str:
    """Return a cell as a text, "" for none."""
    value = cells.get(name)
    return "" if value is None else str(value)
