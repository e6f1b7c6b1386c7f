"""Files of kits: CSV with the columns kit_sku, part_sku, quantity, or JSON of the same."""

import msgspec

from fillrate.channels.row_files import Cells, Parsed, parse, told, whole
from fillrate.errors import SkipRecord

NEEDED = ("kit_sku", "part_sku", "quantity")


class PartRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file: so many of a part make one kit."""

    row: int
    kit: str
    part: str
    quantity: int


class Kits(Parsed[PartRow], frozen=True, kw_only=True):
    """What a file tells, and the SKUs of the kits that its bad rows are of."""

    spoiled: frozenset[str]


def parse_kits(body: bytes) -> Kits:
    """Return what a file tells of kits. SkipRecord for what is no such file."""
    spoiled: set[str] = set()

    def read(number: int, cells: Cells) -> PartRow:
        try:
            return row_of(number, cells)
        except SkipRecord:
            spoiled.add(str(cells.get("kit_sku") or ""))
            raise

    found = parse(body, NEEDED, NEEDED, read)
    return Kits(rows=found.rows, bad=found.bad, ignored=found.ignored, spoiled=frozenset(spoiled))


def row_of(number: int, cells: Cells) -> PartRow:
    """Return what one row tells."""
    kit, part, quantity = told(cells, "kit_sku"), told(cells, "part_sku"), whole(cells, "quantity")
    if not quantity:
        raise SkipRecord("quantity must be 1 or more", path="quantity")
    return PartRow(row=number, kit=kit, part=part, quantity=quantity)
