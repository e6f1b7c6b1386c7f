"""Book facts into the ledger: movements, what they take from units set aside, and the one cached sum.

Facts from outside always land. Where they leave less on a shelf than is set aside there, the end of the queue gives its
units back in the same transaction. Callers hold the transaction's lock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.queries.queue import owed_to
from fillrate.db.tables import Allocation, Movement, OpenUnit, Stock, Transition
from fillrate.decide.states import Cause, Reason, State
from fillrate.settings import PolicySettings
from fillrate.steps.kits.needs import kits_lost
from fillrate.steps.queue import Place, in_order, place
from fillrate.steps.touch import touch, touch_lines


class Shelf(NamedTuple):
    """One item at one location."""

    item_id: int
    location_id: int


class Taken(NamedTuple):
    """Units of a line set aside on a shelf."""

    line_id: int
    shelf: Shelf


@dataclass(slots=True)
class Booking:
    """What is to be booked in one transaction; quantities of movements are signed."""

    run_id: str
    at: datetime
    policy: PolicySettings  # who comes last in the queue, where a shelf no longer holds what is set aside
    movements: list[dict[str, Any]] = field(default_factory=list)  # Any: a table's rows
    given_back: dict[Taken, int] = field(default_factory=lambda: defaultdict(int))  # units no longer set aside

    def move(self, shelf: Shelf, kind: str, quantity: int, cause: str, at: datetime) -> None:
        """Add one movement; `cause` names the fact, which is booked once whatever happens."""
        self.movements.append(
            {
                "item_id": shelf.item_id,
                "location_id": shelf.location_id,
                "kind": kind,
                "quantity": quantity,
                "cause": cause,
                "occurred_at": at,
                "run_id": self.run_id,
            }
        )


def book(tx: Writing, booking: Booking) -> int:
    """Book it all; returns how many units set aside were given back because their shelf no longer holds them."""
    fresh = new_movements(tx, booking.movements)
    tx.insert(Movement, fresh)
    on_hand: dict[Shelf, int] = defaultdict(int)
    for row in fresh:
        on_hand[Shelf(row["item_id"], row["location_id"])] += row["quantity"]
    allocated: dict[Shelf, int] = defaultdict(int)
    for taken, quantity in booking.given_back.items():
        allocated[taken.shelf] -= quantity
    lower_allocations(tx, booking.given_back)
    shelves = sorted({*on_hand, *allocated})
    stock = {shelf: list(pair) for shelf, pair in load_stock(tx, shelves).items()}
    for shelf in shelves:
        pair = stock.setdefault(shelf, [0, 0])
        pair[0] += on_hand[shelf]
        pair[1] += allocated[shelf]
    excess = {shelf: pair[1] - max(pair[0], 0) for shelf, pair in stock.items() if pair[1] > max(pair[0], 0)}
    for shelf, quantity in excess.items():
        stock[shelf][1] -= quantity
    save_stock(tx, {shelf: (pair[0], pair[1]) for shelf, pair in stock.items()})
    return take_from_the_end(tx, excess, booking)


def new_movements(tx: Writing, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:  # Any: a table's rows
    """Return the movements whose cause is not booked yet."""
    if not rows:
        return []
    statement = sa.select(col(Movement.cause)).where(tx.is_in(col(Movement.cause), [row["cause"] for row in rows]))
    booked = {row.cause for row in tx.rows(statement)}
    return [row for row in rows if row["cause"] not in booked]


def load_stock(tx: Writing, shelves: Iterable[Shelf]) -> dict[Shelf, tuple[int, int]]:
    """Return (on hand, allocated) of these shelves, where there is a row."""
    items = sorted({shelf.item_id for shelf in shelves})
    wanted = set(shelves)
    statement = sa.select(*Stock.__table__.c).where(tx.is_in(col(Stock.item_id), items))
    rows = tx.rows(statement)
    found = {Shelf(row.item_id, row.location_id): (row.on_hand, row.allocated) for row in rows}
    return {shelf: pair for shelf, pair in found.items() if shelf in wanted}


def save_stock(tx: Writing, stock: Mapping[Shelf, tuple[int, int]]) -> None:
    """Write the cached sums of these shelves."""
    rows = [{**shelf._asdict(), "on_hand": on_hand, "allocated": taken} for shelf, (on_hand, taken) in stock.items()]
    tx.upsert(Stock, rows, key=("item_id", "location_id"))
    touch(tx, {shelf.item_id for shelf in stock})


def lower_allocations(tx: Writing, given_back: Mapping[Taken, int]) -> None:
    """Take units away from allocation rows; a row with nothing left goes."""
    if not given_back:
        return
    statement = sa.select(*Allocation.__table__.c).where(
        tx.is_in(col(Allocation.line_id), sorted({taken.line_id for taken in given_back}))
    )
    lowered, emptied = [], []
    for row in tx.rows(statement):
        quantity = given_back.get(Taken(row.line_id, Shelf(row.item_id, row.location_id)), 0)
        if quantity >= row.quantity:
            emptied.append({"id": row.id})
        elif quantity:
            lowered.append({"id": row.id, "quantity": row.quantity - quantity})
    tx.update(Allocation, lowered, key=("id",))
    tx.delete(Allocation, emptied, key=("id",))


def take_from_the_end(tx: Writing, excess: Mapping[Shelf, int], booking: Booking) -> int:
    """Give back what shelves no longer hold, last in the queue first; those units wait for supply from now on."""
    if not excess:
        return 0
    given_back: dict[Taken, int] = {}
    left = dict(excess)
    for row in last_in_queue(tx, booking.policy, sorted({shelf.item_id for shelf in excess})):
        shelf = Shelf(row.item_id, row.location_id)
        quantity = min(left.get(shelf, 0), row.quantity)
        if quantity:
            left[shelf] -= quantity
            given_back[Taken(row.line_id, shelf)] = quantity
    lower_allocations(tx, given_back)
    lost: dict[int, int] = defaultdict(int)
    for taken, quantity in given_back.items():
        lost[taken.line_id] += quantity
    lost |= kits_lost(tx, lost)
    move_to_backorder(tx, lost, Cause.STOCK_LOST, booking.run_id, booking.at)
    return sum(lost.values())


def last_in_queue(tx: Writing, policy: PolicySettings, items: list[int]) -> list[Any]:  # Any: rows of Allocation
    """Return the allocations of these items, the end of the queue first; a line stands where its last unit does."""
    columns = Allocation.__table__.c
    rows = tx.rows(sa.select(*columns).where(tx.is_in(columns.item_id, items)).order_by(columns.id))
    places: dict[int, Place] = {}
    for unit in in_order(policy, owed_to(tx, sorted({row.line_id for row in rows}))):
        places[unit.line_id] = place(policy, unit)
    return sorted(rows, key=lambda row: places.get(row.line_id, ()), reverse=True)


def move_to_backorder(tx: Writing, lost: Mapping[int, int], cause: Cause, run_id: str, at: datetime) -> None:
    """Turn so many backlog units of each line into backorder, the latest queued first."""
    statement = sa.select(*OpenUnit.__table__.c).where(tx.is_in(col(OpenUnit.line_id), sorted(lost)))
    units: dict[int, list[Any]] = defaultdict(list)  # Any: rows of OpenUnit
    for row in tx.rows(statement):
        units[row.line_id].append(row)
    buckets: dict[int, dict[tuple[str, str, datetime], int]] = {}
    moves = []
    for line_id, quantity in sorted(lost.items()):
        mine = {(row.state, row.reason, row.queued_at): row.quantity for row in units[line_id]}
        moves += [transition(line_id, *move, cause, run_id, at) for move in lose(mine, quantity)]
        buckets[line_id] = mine
    tx.insert(Transition, moves)
    save_units(tx, buckets)


def lose(
    buckets: dict[tuple[str, str, datetime], int], quantity: int
) -> list[tuple[int, tuple[str, str], tuple[str, str]]]:
    """Move `quantity` units of one line from backlog to backorder in `buckets`; returns how many, from and to where."""
    moves = []
    for bucket in sorted((b for b in buckets if b[0] == State.BACKLOG), key=lambda b: (b[2], b[1]), reverse=True):
        units = min(quantity, buckets[bucket])
        if not units:
            break
        quantity -= units
        buckets[bucket] -= units
        waiting = (State.BACKORDER.value, Reason.NO_SUPPLY.value, bucket[2])
        buckets[waiting] = buckets.get(waiting, 0) + units
        moves.append((units, bucket[:2], waiting[:2]))
    return moves


def save_units(tx: Writing, buckets: Mapping[int, Mapping[tuple[str, str, datetime], int]]) -> None:
    """Replace the open units of these lines."""
    touch_lines(tx, buckets)
    tx.delete(OpenUnit, [{"line_id": line_id} for line_id in buckets], key=("line_id",))
    rows = [
        {"line_id": line_id, "state": state, "reason": reason, "queued_at": queued_at, "quantity": quantity}
        for line_id, mine in buckets.items()
        for (state, reason, queued_at), quantity in mine.items()
        if quantity
    ]
    tx.insert(OpenUnit, rows)


def transition(
    line_id: int, quantity: int, start: Sequence[str], end: Sequence[str], cause: str, run_id: str, at: datetime
) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one move; `start` and `end` are (state, reason)."""
    return {
        "line_id": line_id,
        "quantity": quantity,
        "from_state": str(start[0]),
        "from_reason": str(start[1]),
        "to_state": str(end[0]),
        "to_reason": str(end[1]),
        "cause": str(cause),
        "plan_id": "",
        "run_id": run_id,
        "at": at,
    }
