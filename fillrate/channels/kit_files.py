"""Files of kits: CSV with the columns kit_sku, part_sku, quantity, or JSON of the same."""

import msgspec

from fillrate.channels.fields import text
from fillrate.channels.files import BadRow, Cells, rows_in, told, whole
from fillrate.decide.sku import sku_key
from fillrate.errors import SkipRecord

NEEDED = ("kit_sku", "part_sku", "quantity")


class PartRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file: so many of a part make one kit."""

    row: int
    kit: str
    part: str
    quantity: int


class Kits(msgspec.Struct, frozen=True, kw_only=True):
    """What a file tells.

    `bad` holds rows that cannot be read, `spoiled` the SKU keys of kits that they belong to.
    """

    rows: tuple[PartRow, ...]
    bad: tuple[BadRow, ...]
    spoiled: frozenset[str]
    ignored: tuple[str, ...]


def parse_kits(body: bytes) -> Kits:
    """Return what a file tells of kits. SkipRecord for what is no such file."""
    rows: dict[tuple[str, str], PartRow] = {}
    bad: list[BadRow] = []
    spoiled: set[str] = set()
    ignored: dict[str, None] = {}
    for number, cells in rows_in(body, NEEDED):
        if isinstance(cells, str):
            bad.append(BadRow(row=number, reason=cells))
            continue
        ignored.update(dict.fromkeys(text(name, 50) for name in cells if name not in NEEDED))
        try:
            row = row_of(number, cells)
        except SkipRecord as skip:
            bad.append(BadRow(row=number, reason=skip.what))
            spoiled.add(sku_key(str(cells.get("kit_sku") or "")))
            continue
        twin = rows.setdefault((sku_key(row.kit), sku_key(row.part)), row)
        if twin is not row:
            bad.append(BadRow(row=number, reason=f"{row.part} of {row.kit} is in row {twin.row} already"))
            spoiled.add(sku_key(row.kit))
    if not rows and not bad:
        raise SkipRecord("It has no rows.")
    return Kits(rows=tuple(rows.values()), bad=tuple(bad), spoiled=frozenset(spoiled), ignored=tuple(ignored))


def row_of(number: int, cells: Cells) -> PartRow:
    """Return what one row tells."""
    kit, part, quantity = (seen(cells, "kit_sku"), seen(cells, "part_sku"), whole(cells, "quantity"))
    if not quantity:
        raise SkipRecord("quantity must be 1 or more", path="quantity")
    return PartRow(row=number, kit=kit, part=part, quantity=quantity)


def seen(cells: Cells, name: str) -> str:
    """Return a SKU; SkipRecord where nothing of it can be seen."""
    sku = told(cells, name)
    if not sku_key(sku):
        raise SkipRecord(f"{name} is missing", path=name)
    return sku
