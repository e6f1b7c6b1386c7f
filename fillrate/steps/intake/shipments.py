"""Units that left a shelf, came back to it, or gave up what was set aside for them, booked into the ledger."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading, Writing
from fillrate.db.queries.kits import Recipes, left_with, recipes
from fillrate.db.queries.picks import picks_of
from fillrate.db.queries.queue import HOLDS
from fillrate.db.queries.stock import give_up_kept_off
from fillrate.db.tables import Allocation, Item, Location, PartLeft, Shipment, StockReading
from fillrate.decide.owing import Settlement
from fillrate.decide.recipes import Parcel
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.kits.leaving import KitLine
from fillrate.steps.ledger import Booking, Shelf, Taken, book


class Left(NamedTuple):
    """One line that moved: which, of what order, and what was decided about it."""

    line_id: int
    platform_id: str
    placed_at: datetime
    left_at: datetime  # as well as the shop tells
    item_id: int | None
    is_known: bool  # it was in our tables before
    result: Settlement

    @property
    def touches_shelves(self) -> bool:
        """Whether units left, came back, or gave up what was set aside for them."""
        result = self.result
        return bool(
            result.newly_shipped
            or result.newly_unshipped
            or result.left_backlog_shipped
            or result.left_backlog_released
        )


def ship_and_release(desk: Desk, shop: Shop, run_id: str, tx: Writing, lines: Sequence[Left]) -> int:
    """Book it all; returns how many other units lost their stock because of it."""
    kits = recipes(tx, {line.item_id for line in lines if line.item_id is not None})
    lines = [line for line in lines if line.touches_shelves or line.item_id in kits]
    if not lines:
        return 0
    shelves = Shelves.load(tx, shop, lines, kits)
    booking = Booking(run_id, shop_time(desk, tx, shop), desk.settings.policy)
    shipments = [row for line in lines if (row := shelves.shipment(line)) is not None]
    tx.insert(Shipment, shipments)
    for line in lines:
        shelves.book_line(booking, line)
    tx.insert(PartLeft, shelves.parts_left)
    left: Counter[tuple[int, int]] = Counter()
    for row in booking.movements:
        left[row["item_id"], row["location_id"]] += row["quantity"]
    give_up_kept_off(tx, shop.id, left)
    return book(tx, booking)


@dataclass(slots=True)
class Shelves:
    """What is needed to book shipments of some lines, loaded once for a page."""

    shop_name: str
    set_aside: dict[int, list[tuple[Shelf, int]]]
    default_location: int | None
    first_read: dict[int, datetime]  # by item: what left before that moment is not in the opening stock
    tracked: set[int]
    numbers: dict[int, int]  # by line: shipments already noted
    kits: Recipes
    parcels: dict[int, list[Parcel]]  # by line of which units come back: its shipments, where parts left with them
    parts_left: list[dict[str, Any]] = field(default_factory=list)  # Any: rows of PartLeft

    @classmethod
    def load(cls, tx: Writing, shop: Shop, lines: Sequence[Left], kits: Recipes) -> "Shelves":
        """Load what concerns these lines and their items, or the parts of these."""
        line_ids = [line.line_id for line in lines]
        parcels = left_with(tx, [line.line_id for line in lines if line.result.newly_unshipped])
        parts = {part.item_id for made_of in kits.values() for part in made_of}
        had = {part for mine in parcels.values() for parcel in mine for part in parcel.parts}
        items = sorted(parts | had | {line.item_id for line in lines if line.item_id is not None})
        set_aside: dict[int, list[tuple[Shelf, int]]] = defaultdict(list)
        allocations = sa.select(*Allocation.__table__.c).where(tx.is_in(col(Allocation.line_id), line_ids))
        per = {(one.line_id, part.item_id): part.per for one in lines for part in kits.get(one.item_id or 0, ())}
        picked, rest = picked_first(tx, line_ids, tx.rows(allocations.order_by(col(Allocation.location_id))), per)
        for row, quantity in [*picked, *rest]:
            set_aside[row.line_id].append((Shelf(row.item_id, row.location_id), quantity))
        readings = sa.select(col(StockReading.item_id), sa.func.min(col(StockReading.first_read_at)).label("at"))
        readings = readings.where(tx.is_in(col(StockReading.item_id), items)).group_by(col(StockReading.item_id))
        tracked = sa.select(col(Item.id)).where(tx.is_in(col(Item.id), items), col(Item.is_tracked))
        numbers = sa.select(col(Shipment.line_id), sa.func.max(col(Shipment.number)).label("number"))
        numbers = numbers.where(tx.is_in(col(Shipment.line_id), line_ids)).group_by(col(Shipment.line_id))
        return cls(
            shop.name,
            set_aside,
            default_location(tx, shop.id),
            {row.item_id: row.at for row in tx.rows(readings)},
            {row.id for row in tx.rows(tracked)},
            {row.line_id: row.number for row in tx.rows(numbers)},
            kits,
            parcels,
        )

    def shipment(self, line: Left) -> dict[str, Any] | None:  # Any: a table's row
        """Return the row of what left (negative: came back), numbered within its line; None for history."""
        quantity = line.result.newly_shipped - line.result.newly_unshipped
        if not quantity or not (line.is_known or line.result.moves):
            return None
        number = self.numbers[line.line_id] = self.numbers.get(line.line_id, 0) + 1
        return {"line_id": line.line_id, "number": number, "quantity": quantity, "shipped_at": line.left_at}

    def book_line(self, booking: Booking, line: Left) -> None:
        """Add one line's movements, and what it gives back, to the booking."""
        if line.item_id in self.kits or line.line_id in self.parcels:
            self.book_kit(booking, line)
            return
        result = line.result
        mine = self.set_aside.get(line.line_id, [])
        by_shelf: dict[Shelf, int] = defaultdict(int)
        for shelf, quantity in take(mine, result.left_backlog_shipped):
            booking.given_back[Taken(line.line_id, shelf)] += quantity
            by_shelf[shelf] -= quantity
        for shelf, quantity in take(mine[::-1], result.left_backlog_released):  # what nobody packs is given up first
            booking.given_back[Taken(line.line_id, shelf)] += quantity
        rest = result.newly_unshipped - result.newly_shipped - sum(by_shelf.values())
        if rest and line.item_id is not None and self.default_location is not None:
            by_shelf[Shelf(line.item_id, self.default_location)] += rest
        if not self.counts(line, line.item_id):
            return
        cause = self.cause(line)
        for shelf, quantity in by_shelf.items():
            if quantity:
                booking.move(shelf, "shipped", quantity, f"{cause}:{shelf.location_id}", line.left_at)

    def book_kit(self, booking: Booking, line: Left) -> None:
        """Add what the parts of a kit's line do to the booking."""
        parts, aside = self.kits.get(line.item_id or 0, ()), self.set_aside.get(line.line_id, [])
        number = self.numbers.get(line.line_id, 0)
        kit = KitLine(line, parts, aside, self.parcels.get(line.line_id, ()), number, self.default_location)
        moved = {shelf: n for shelf, n in kit.leave(booking).items() if self.counts(line, shelf.item_id)}
        for shelf, units in moved.items():
            cause = f"{self.cause(line)}:{shelf.location_id}:{shelf.item_id}"
            booking.move(shelf, "shipped", units, cause, line.left_at)
        self.parts_left += kit.rows(moved)

    def cause(self, line: Left) -> str:
        """Return the name of the fact that a line's shipment is."""
        return f"shipment:{self.shop_name}:{line.platform_id}:{self.numbers.get(line.line_id, 0)}"

    def counts(self, line: Left, item_id: int | None) -> bool:
        """Tell whether what left was still on a shelf when stock was first read."""
        if item_id not in self.tracked or item_id not in self.first_read:
            return False
        return line.is_known or line.placed_at > self.first_read[item_id]


def picked_first(
    tx: Writing, line_ids: Sequence[int], rows: Sequence[Any], per: Mapping[tuple[int, int], int]
) -> tuple[list[tuple[Any, int]], list[tuple[Any, int]]]:  # Any: rows of Allocation
    """Return what of these allocations is being packed at their location, and the rest: what is packed leaves first.

    What the warehouse told as shipped comes before all of it. `per` says by line and part how many make one kit.
    """
    busy: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for one in picks_of(tx, line_ids):
        left = one.quantity - one.seen - one.short - one.removed
        told = min(left, max(0, one.shipped - one.seen))
        busy[one.line_id, one.location_id][0] += told
        busy[one.line_id, one.location_id][1] += left - told
    told_of, packed, rest = [], [], []
    for row in rows:
        one_takes = per.get((row.line_id, row.item_id), 1)
        told, more = (one_takes * units for units in busy.get((row.line_id, row.location_id), (0, 0)))
        told = min(told, row.quantity)
        more = min(more, row.quantity - told)
        told_of.append((row, told))
        packed.append((row, more))
        rest.append((row, row.quantity - told - more))
    return [one for one in (*told_of, *packed) if one[1]], [one for one in rest if one[1]]


def is_stock_read(reading: Reading) -> bool:
    """Tell whether any stock number has been read yet: what was over before the first one concerns no shelf."""
    return reading.first(sa.select(col(StockReading.item_id)).limit(1)) is not None


def default_location(tx: Writing, channel_id: int) -> int | None:
    """Return the location that a channel's goods leave from unless something else is known: its own, else the first one."""
    is_other = sa.case((col(Location.channel_id) == channel_id, 0), else_=1)
    statement: Select = sa.select(col(Location.id)).where(
        col(Location.is_default), col(Location.deleted_at).is_(None), HOLDS
    )
    found = tx.scalar(statement.order_by(is_other, col(Location.id)).limit(1))
    return None if found is None else int(found)


def take(mine: list[tuple[Shelf, int]], quantity: int) -> list[tuple[Shelf, int]]:
    """Take units out of what is set aside for a line, shelf by shelf; changes `mine`."""
    taken = []
    while quantity and mine:
        shelf, there = mine.pop(0)
        units = min(there, quantity)
        quantity -= units
        taken.append((shelf, units))
        if there > units:
            mine.insert(0, (shelf, there - units))
    return taken
