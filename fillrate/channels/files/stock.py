"""Files of stock: a row for each SKU at each place, with the number that may still be sold there.

A SKU of which a row cannot be read is left out as a whole: half of its shelves would look like all of them.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from fillrate.channels.fields import INT32, text
from fillrate.channels.files.places import Paper
from fillrate.channels.files.spellings import QUANTITY, SKU
from fillrate.channels.parsing import digest
from fillrate.channels.row_files import Cells, amount, divider_of, rows_in, told, word
from fillrate.errors import SkipRecord, StopChannel
from fillrate.records import Reject

MAIN = "main"  # where a row names no place
NEEDED = ("sku", "quantity")
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "sku": SKU,
    "quantity": QUANTITY,
    "location": ("warehouse", "location_code", "store", "site", "lager", "lagerort"),
    "name": ("title", "product_name", "item_name", "description", "bezeichnung"),
    "price": ("unit_price", "sales_price", "preis"),
}
WHOLE = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)

Shelf = tuple[str, str]  # SKU, place


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one row tells."""

    sku: str
    location: str
    quantity: int
    name: str
    price_e4: int


class StockFile(NamedTuple):
    """What a file tells: rows by SKU and place, and what of it cannot be read."""

    rows: dict[Shelf, Row]
    rejects: tuple[Reject, ...]
    divider: str = ","  # what divides its cells, where it is CSV

    def skus(self) -> list[str]:
        """Return the SKUs, sorted."""
        return sorted({sku for sku, _ in self.rows})

    def locations(self) -> list[str]:
        """Return the places, the one that is drawn on first first."""
        return sorted({location for _, location in self.rows}, key=lambda one: (one != MAIN, one))


def stock_in(paper: Paper) -> StockFile:
    """Return what a file of stock tells; StopChannel where it is none."""
    rows: dict[Shelf, Row] = {}
    rejects: list[Reject] = []
    met: Counter[Shelf] = Counter()
    try:
        for number, cells in rows_in(paper.body, NEEDED, SPELLINGS):
            where = f"{paper.name} row {number}"
            try:
                row = row_of(cells)
            except SkipRecord as skip:
                rejects.append(reject(sku_of(cells), f"{where}: {skip.what}", cells))
                continue
            met[row.sku, row.location] += 1
            if met[row.sku, row.location] > 1:
                rejects.append(reject(row.sku, f"{where}: this SKU stands there twice for {row.location}", cells))
            rows[row.sku, row.location] = row
    except SkipRecord as skip:
        raise StopChannel(f"{paper.name}: {skip.what}", next="Mend it; the next run looks again.") from None
    if not rows and not rejects:
        raise StopChannel(f"{paper.name} has no rows.", next="An empty file would empty every shelf; mend it.")
    bad = {one.platform_id for one in rejects}
    good = {shelf: row for shelf, row in rows.items() if row.sku not in bad}
    return StockFile(good, once_each(rejects), divider_of(paper.body, NEEDED, SPELLINGS))


def row_of(cells: Cells | str) -> Row:
    """Return what one row tells."""
    if isinstance(cells, str):
        raise SkipRecord(cells)
    location = word(cells, "location") or MAIN
    if "@" in location:
        raise SkipRecord("location has an @, which parts it from the SKU", path="location")
    return Row(
        sku=told(cells, "sku"),
        location=location,
        quantity=level(cells),
        name=text(str(cells.get("name") or "")),
        price_e4=amount(cells, "price"),
    )


def level(cells: Cells) -> int:
    """Return a number of units, which may be below nothing."""
    value: Any = cells.get("quantity")  # Any: a cell
    if isinstance(value, str):
        value = int(value) if WHOLE.fullmatch(value := value.strip()) else None
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    if not is_whole or abs(value) > INT32:
        raise SkipRecord("quantity is no whole number of units", path="quantity")
    return int(value)


def sku_of(cells: Cells | str) -> str:
    """Return the SKU of a row as far as it can be read."""
    try:
        return "" if isinstance(cells, str) else word(cells, "sku")
    except SkipRecord:
        return ""


def reject(platform_id: str, reason: str, cells: Cells | str) -> Reject:
    """Return a row that cannot be used."""
    return Reject(platform_id=platform_id, reason=reason, payload_hash=digest(msgspec.json.encode(cells)))


def once_each(rejects: list[Reject]) -> tuple[Reject, ...]:
    """Return the first reject of each name; those without a name all count."""
    named = {one.platform_id: one for one in reversed(rejects) if one.platform_id}
    return (*named.values(), *(one for one in rejects if not one.platform_id))
