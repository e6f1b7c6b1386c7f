"""Files of what somebody counted on shelves: CSV with the columns sku, location, on_hand, or JSON of the same."""

import msgspec

from fillrate.channels.fields import identifier
from fillrate.channels.row_files import Cells, Parsed, parse, told, whole
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


Counts = Parsed[CountRow]


def parse_counts(body: bytes) -> Counts:
    """Return what a file tells of shelves. SkipRecord for what is no such file."""
    return parse(body, NEEDED, KNOWN, row_of)


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
