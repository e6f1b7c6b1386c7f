"""Hold an order or a line back, and let it go: it keeps its place and what is set aside for it, and nobody picks it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading
from fillrate.db.tables import OpenUnit, Order, Transition
from fillrate.decide.states import Cause, Reason, State
from fillrate.errors import FillrateError
from fillrate.steps.correcting.find import TABLES, Subject, find, line_ids, lines_of, rows_of
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, anything, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.ledger import save_units, transition
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_lines

Held = Literal["manual", "address"]
CUSTOMER = "customer"  # he wants it cancelled, by a link in a mail
STOPPED = (Reason.SHIP_COMPLETE, Reason.CAPACITY, Reason.PICKING, Reason.READY)  # payment and review come first
GOES = "The next allocation lets it go: fillrate run allocate-orders"


def hold(desk: Desk, log: RunLog, said: Said, subject: Subject, which: str, kind: Held = "manual") -> Told:
    """Hold an order or a line, as of now."""
    with taking(desk) as tx:
        found = find(desk, tx, subject, which)
        if not line_ids(tx, {found.target: found.row}):
            what = f"Nothing of {found.name} is open, so there is nothing to hold."
            raise FillrateError(what, next=f"See: fillrate explain {found.order_name}")
        return take(Scene(desk, tx, log, found.shop, said), HOLD, {found.target: kind})


def release(desk: Desk, log: RunLog, said: Said, subject: Subject, which: str) -> Told:
    """Let an order with all its lines go, or one line."""
    with taking(desk) as tx:
        found = find(desk, tx, subject, which)
        targets = [found.target, *(lines_of(tx, found.row.id) if subject == "order" else ())]
        if subject == "line" and tx.scalar(sa.select(col(Order.hold)).where(col(Order.id) == found.row.order_id)):
            what = f"{found.name.capitalize()} is held together with all of its order."
            raise FillrateError(what, next=f"Let the order go: fillrate release {found.order_name} --reason TEXT")
        told = take(Scene(desk, tx, log, found.shop, said), HOLD, dict.fromkeys(targets, ""))
        return told._replace(next=GOES if told.changes else "")


def held(_: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return how each target is held, "" where it is not."""
    return {target: row.hold for target, row in rows_of(reading, shop, targets).items()}


def book(scene: Scene, wanted: Values) -> None:
    """Save holds and what is let go; what is held stops being picked in this very transaction."""
    tx, rows = scene.tx, rows_of(scene.tx, scene.shop, wanted)
    for subject, table in TABLES.items():
        mine = [target for target in wanted if target.startswith(f"{subject}:")]
        tx.update(table, [{"id": rows[target].id, "hold": wanted[target]} for target in mine], key=("id",))
    touch_lines(tx, line_ids(tx, rows))
    stop(scene, line_ids(tx, {target: row for target, row in rows.items() if wanted[target]}))


def stop(scene: Scene, lines: Sequence[int]) -> None:
    """Move what of these lines could be picked, or waits to be, to `hold`."""
    moves, buckets = [], {}
    by_line: dict[int, dict[tuple[str, str, datetime], int]] = {}
    for row in scene.tx.find(OpenUnit, "line_id", lines):
        by_line.setdefault(row.line_id, {})[row.state, row.reason, row.queued_at] = row.quantity
    at = scene.now()
    for line_id, mine in by_line.items():
        stopped = [key for key in mine if key[0] == State.BACKLOG and key[1] in STOPPED]
        for key in stopped:
            there = (State.BACKLOG.value, Reason.HOLD.value, key[2])
            quantity = mine.pop(key)
            mine[there] = mine.get(there, 0) + quantity
            move = transition(line_id, quantity, key[:2], there[:2], Cause.HOLD, scene.log.id, at)
            moves.append({**move, "plan_id": scene.plan_id})
        if stopped:
            buckets[line_id] = mine
    scene.tx.insert(Transition, moves)
    save_units(scene.tx, buckets)


HOLD = Kind("hold", held, anything, book)
