"""What the warehouse does with a pick list, and tells of it: taken, shipped, not found."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.kits import parts_by_kit
from fillrate.db.tables import Item, PickLine, PickList
from fillrate.decide.picks import Pick
from fillrate.decide.sku import sku_key
from fillrate.errors import Conflict, NotFound
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk
from fillrate.steps.picking.settle import close_lists, put_back, settle_all
from fillrate.steps.picking.shelves import Shelf, names_of, not_found
from fillrate.steps.picking.show import one_list

Plain = dict[str, Any]  # Any: JSON


class Told(NamedTuple):
    """Units of one pick line, by its id; of a kit that was not found, the SKU of the part that is missing, if one knows."""

    line: int
    quantity: int
    part: str = ""


def take(desk: Desk, tx: Writing, list_id: int) -> Plain:
    """Mark an open list as taken, and return it; Conflict where somebody else was first, or it is over."""
    settle_all(desk, tx, desk.outside.new_id())
    if (state := state_of(tx, list_id)) != "open":
        raise Conflict(f"Pick list {list_id} is {state} already.", next="Take another that is open.")
    tx.update(PickList, [{"id": list_id, "state": "taken", "taken_at": time_now(desk, tx)}], key=("id",))
    return one_list(desk, tx, list_id)


def shipped(desk: Desk, tx: Writing, list_id: int, told: Sequence[Told], tracking: str) -> Plain:
    """Note units as shipped. The ledger moves, once, when the shop shows them; until then they stay set aside.

    What was cancelled meanwhile and has left all the same is noted as it is: the answer's notes say so.
    """
    lines = told_of(tx, list_id, told)
    rows = []
    for one, row in lines:
        room = row.quantity - row.short - row.shipped
        if one.quantity > room:
            raise too_many(one, room)
        label = {"tracking": tracking} if tracking else {"tracking": row.tracking}
        rows.append({"id": row.id, "shipped": row.shipped + one.quantity, **label})
    tx.update(PickLine, rows, key=("id",))
    settle_all(desk, tx, desk.outside.new_id())
    close_lists(tx, [list_id])
    return one_list(desk, tx, list_id)


def short(desk: Desk, tx: Writing, list_id: int, told: Sequence[Told]) -> Plain:
    """Note units as not found: they are ready again, and their shelf is not picked from until it is counted.

    Of a kit the shelves of all its parts are in doubt, unless the part that was not there is named.
    """
    run_id = desk.outside.new_id()
    settle_all(desk, tx, run_id)
    lines = told_of(tx, list_id, told)
    parts = parts_by_kit(tx, {row.item_id for _, row in lines})
    rows, units, shelves = [], Counter[int](), Counter[Shelf]()
    for one, row in lines:
        pick = Pick(row.id, 0, row.quantity, row.shipped, row.seen, row.short, row.removed)
        if one.quantity > pick.to_do:
            raise too_many(one, pick.to_do)
        rows.append({"id": row.id, "short": row.short + one.quantity})
        units[row.line_id] += one.quantity
        for item_id, per in missing(tx, one, row, parts.get(row.item_id, ())):
            shelves[item_id, row.location_id] += one.quantity * per
    tx.update(PickLine, rows, key=("id",))
    put_back(desk, tx, units, run_id)
    not_found(desk, tx, shelves)
    close_lists(tx, [list_id])
    return one_list(desk, tx, list_id)


def missing(reading: Reading, one: Told, row: Any, parts: Sequence[Any]) -> list[tuple[int, int]]:  # Any: rows
    """Return which items a unit of a line is short of, and how many of each: a kit's parts, or the one that was named."""
    key = sku_key(one.part)
    found = [(part.item_id, part.per) for part in parts if not key or part.sku_key == key]
    if found or not (key or parts):
        return found or [(row.item_id, 1)]
    [item] = reading.find(Item, "id", [row.item_id], "sku")
    what = f"{one.part} is no part of {item.sku}."
    raise Conflict(what, next=f"Its parts: {names_of(parts)}." if parts else "It is no kit: leave part out.")


def undo(desk: Desk, list_id: int) -> Plain:
    """Take a list back: its units are ready again. Conflict where anything of it has left, or it is over."""
    run_id = desk.outside.new_id()
    with desk.db.write("picks.undo", lock=True) as tx:
        settle_all(desk, tx, run_id)
        rows = rows_of(tx, list_id)
        state = state_of(tx, list_id)
        left = sum(max(row.shipped, row.seen) for row in rows)
        if left:
            what = f"{left} unit(s) of pick list {list_id} have left already, so that it cannot be taken back."
            raise Conflict(what, next=f"See which: fillrate picks {list_id}")
        if state == "undone":
            return one_list(desk, tx, list_id)
        if state == "done":
            raise Conflict(
                f"Nothing of pick list {list_id} is left to be picked.", next=f"See: fillrate picks {list_id}"
            )
        units: Counter[int] = Counter()
        changed = []
        for row in rows:
            rest = row.quantity - row.seen - row.short - row.removed
            units[row.line_id] += rest
            changed.append({"id": row.id, "removed": row.removed + rest})
        tx.update(PickLine, changed, key=("id",))
        tx.update(PickList, [{"id": list_id, "state": "undone"}], key=("id",))
        put_back(desk, tx, +units, run_id)
        return one_list(desk, tx, list_id)


def state_of(reading: Reading, list_id: int) -> str:
    """Return a list's state; NotFound where there is no such list."""
    found: str | None = reading.scalar(sa.select(col(PickList.state)).where(col(PickList.id) == list_id))
    if found is None:
        raise NotFound(f"There is no pick list {list_id}.", next="List them: fillrate picks")
    return found


def rows_of(reading: Reading, list_id: int) -> list[Any]:  # Any: rows of PickLine with location_id
    """Return the lines of a list."""
    statement = sa.select(*PickLine.__table__.c, col(PickList.location_id)).join(
        PickList, col(PickList.id) == col(PickLine.list_id)
    )
    return reading.rows(statement.where(col(PickLine.list_id) == list_id).order_by(col(PickLine.id)))


def told_of(reading: Reading, list_id: int, told: Sequence[Told]) -> list[tuple[Told, Any]]:  # Any: rows of PickLine
    """Return what was told beside each line; NotFound for a line that the list does not have, Conflict for one twice."""
    if state_of(reading, list_id) == "undone":
        raise Conflict(f"Pick list {list_id} was taken back.", next="Put the goods back; they are on a later list.")
    rows = {row.id: row for row in rows_of(reading, list_id)}
    unknown = [one.line for one in told if one.line not in rows]
    if unknown:
        raise NotFound(f"Pick list {list_id} has no line {unknown[0]}.", next="Use the ids of its lines.")
    if len({one.line for one in told}) < len(told):
        raise Conflict("A line is told of twice in one call.", next="Add its units up.")
    return [(one, rows[one.line]) for one in told]


def too_many(one: Told, room: int) -> Conflict:
    """Return the error for more units than a line has left."""
    what = f"Line {one.line} has {max(0, room)} unit(s) left, and {one.quantity} were told."
    return Conflict(what, next="Look at the list again; nothing of this call was noted.")
