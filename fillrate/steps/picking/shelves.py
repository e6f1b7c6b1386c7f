"""What the warehouse says of shelves. A shop's number stays the authority for what is on hand: what differs is told.

Nothing is booked here. A shelf of which units were not found is not picked from until it is counted; where a count says
less than the ledger, only what was counted is picked, until the shop's number is mended and the ledger follows it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import picks as queries
from fillrate.db.queries.kits import parts_by_kit
from fillrate.db.tables import Item, Location, Movement, ShelfReport, Stock
from fillrate.decide.parts import SHELF
from fillrate.decide.sku import sku_key
from fillrate.errors import Conflict, NotFound, SkipRecord
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk
from fillrate.steps.picking.parts import in_hand_by_part
from fillrate.steps.supply.names import Places, items_by_sku

Plain = dict[str, Any]  # Any: JSON
Shelf = tuple[int, int]  # item and location
Units = Mapping[Shelf, int]


def not_found(desk: Desk, tx: Writing, units: Units) -> None:
    """Note units that were not on their shelf."""
    known = on_shelves(tx, units)
    report(desk, tx, "short", {shelf: (quantity, known[shelf]) for shelf, quantity in units.items()})


def counted(desk: Desk, tx: Writing, sku: str, location: str, quantity: int, at: datetime) -> Plain:
    """Note how many units lie on a shelf, and return what the ledger knows there.

    NotFound, Conflict by its names; Conflict for a kit, of which only the parts lie on shelves.
    """
    item_id, location_id = shelf = item_of(tx, sku), place_of(desk, tx, location)
    if parts := parts_by_kit(tx, [item_id]).get(item_id):
        raise Conflict(f"{sku} is a kit and lies on no shelf.", next=f"Count its parts: {names_of(parts)}.")
    expected = on_shelves(tx, [shelf])[shelf]
    report(desk, tx, "counted", {shelf: (quantity, expected)}, at)
    where: str = tx.scalar(sa.select(col(Location.code)).where(col(Location.id) == location_id)) or ""
    told = {"sku": sku, "location": where, "counted": quantity, "expected": expected, "difference": quantity - expected}
    return {**told, "to_do": what_to_do("counted", quantity, expected)}


def report(
    desk: Desk, tx: Writing, kind: str, shelves: Mapping[Shelf, tuple[int, int]], at: datetime | None = None
) -> None:
    """Keep what was said: (quantity, expected) by shelf."""
    newest = int(tx.scalar(sa.select(sa.func.max(col(Movement.id)))) or 0)
    same = {"kind": kind, "movement_id": newest, "at": at or time_now(desk, tx)}
    rows = [
        {"item_id": item, "location_id": place, "quantity": quantity, "expected": expected, **same}
        for (item, place), (quantity, expected) in sorted(shelves.items())
    ]
    tx.insert(ShelfReport, rows)


def on_shelves(reading: Reading, shelves: Iterable[Shelf]) -> dict[Shelf, int]:
    """Return how many units should lie on shelves: on hand, without what left and the shop does not show yet."""
    if not (wanted := set(shelves)):
        return {}
    rows = reading.find(Stock, "item_id", sorted({item for item, _ in wanted}))
    on_hand = {(row.item_id, row.location_id): row.on_hand for row in rows}
    gone = in_hand_by_part(reading).set_index(SHELF)["gone"].to_dict()
    return {shelf: on_hand.get(shelf, 0) - int(gone.get(shelf, 0)) for shelf in wanted}


def names_of(parts: Iterable[Any]) -> str:  # Any: rows of parts_by_kit
    """Return the SKUs of a kit's parts in a row."""
    return ", ".join(part.sku for part in parts)


def item_of(reading: Reading, sku: str) -> int:
    """Return the one item that is sold under a SKU."""
    found = {item for item, _ in items_by_sku(reading, [sku_key(sku)])[sku_key(sku)]}
    found |= {row.id for row in reading.find(Item, "sku_key", [sku_key(sku)], "id")} if not found else set()
    if not found:
        raise NotFound(f"Nothing has the SKU {sku}.", next="See which are known: fillrate explain sku SKU")
    if len(found) > 1:
        raise Conflict(f"{len(found)} items have the SKU {sku}.", next="Give each its own SKU in the shop.")
    return found.pop()


def place_of(desk: Desk, reading: Reading, location: str) -> int:
    """Return the location that is called so; the default one for ""."""
    try:
        found = Places(reading, desk).find(location)
    except SkipRecord as skip:
        raise NotFound(f"{skip.what[0].upper()}{skip.what[1:]}.", next="Use its code, as the shop shows it.") from None
    if found is None:
        raise NotFound("No location is known yet.", next="Run: fillrate run reconcile-inventory")
    return found


def in_doubt(reading: Reading) -> list[Plain]:
    """Return the shelves of which the warehouse said what the ledger does not know, with what to do about each.

    `expected` was known when it was said, `known` is now.
    """
    rows = []
    doubtful = queries.doubtful(reading)
    known = on_shelves(reading, [(row.item_id, row.location_id) for row in doubtful])
    for row in doubtful:
        to_do = what_to_do(row.kind, row.quantity, row.expected)
        if to_do:
            names = ("sku", "location", "kind", "quantity", "expected")
            told = {**{name: getattr(row, name) for name in names}, "at": row.at.isoformat(), "to_do": to_do}
            rows.append({**told, "known": known[row.item_id, row.location_id]})
    return rows


def what_to_do(kind: str, quantity: int, expected: int) -> str:
    """Return what to do about what was said of a shelf, "" where it is as the ledger knows it."""
    if kind == "short":
        return "Count this shelf; until then nothing is picked from it."
    if quantity == expected:
        return ""
    more = f"{abs(quantity - expected)} {'more' if quantity > expected else 'fewer'} than known"
    return f"Mend the number in the shop: {more}; the ledger follows it."
