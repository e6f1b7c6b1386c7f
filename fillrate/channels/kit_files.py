"""Files of kits: CSV with the columns kit_sku, part_sku, quantity, or JSON of the same."""

import msgspec

from fillrate.channels.fields import text
from fillrate.channels.files import BadRow, Cells, rows_in, told, whole
from fillrate.errors import SkipRecord

NEEDED = ("kit_sku", "part_sku", "quantity")


class PartRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file: so many of a part make one kit."""

    row: int
    kit: str
    part: str
    quantity: int


class Kits(msgspec.Struct, frozen=True, kw_only=True):
    """What a file tells: its rows, those that cannot be read, the SKUs of kits that these are of, and unknown columns."""

    rows: tuple[PartRow, ...]
    bad: tuple[BadRow, ...]
    spoiled: frozenset[str]
    ignored: tuple[str, ...]


def parse_kits(body: bytes) -> Kits:
    """Return what a file tells of kits. SkipRecord for what is no such file."""
    rows: list[PartRow] = []
    bad: list[BadRow] = []
    spoiled: set[str] = set()
    ignored: dict[str, None] = {}
    for number, cells in rows_in(body, NEEDED):
        if isinstance(cells, str):
            bad.append(BadRow(row=number, reason=cells))
            continue
        ignored.update(dict.fromkeys(text(name, 50) for name in cells if name not in NEEDED))
        try:
            rows.append(row_of(number, cells))
        except SkipRecord as skip:
            bad.append(BadRow(row=number, reason=skip.what))
            spoiled.add(str(cells.get("kit_sku") or ""))
    if not rows and not bad:
        raise SkipRecord("It has no rows.")
    return Kits(rows=tuple(rows), bad=tuple(bad), spoiled=frozenset(spoiled), ignored=tuple(ignored))


def row_of(number: int, cells: Cells) -> PartRow:
    """Return what one row tells."""
    kit, part, quantity = told(cells, "kit_sku"), told(cells, "part_sku"), whole(cells, "quantity")
    if not quantity:
        raise SkipRecord("quantity must be 1 or more", path="quantity")
    return PartRow(row=number, kit=kit, part=part, quantity=quantity)
