"""Goods that the warehouse received: they are no longer on their way, and lie on the shelf once the shop's number says so."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.queries.supply import items_on_their_way
from fillrate.db.tables import Inbound, Receipt
from fillrate.decide.inbound import Told, events_of
from fillrate.errors import Conflict, NotFound
from fillrate.settings import BY_WAREHOUSE
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk
from fillrate.steps.supply.events import Paper, save_events
from fillrate.steps.supply.receipts import told_here
from fillrate.steps.touch import note_items, touch

Plain = dict[str, Any]  # Any: JSON


def received(
    desk: Desk, tx: Writing, key: str, reference: str, position: str, source: str, quantity: int, at: datetime | None
) -> Plain:
    """Note units of a line on its way as received (negative: it was a mistake), and return how the line stands.

    The files of a feed may tell of the same units: of both totals the larger holds, so that none counts twice.
    """
    row = line_on_its_way(tx, reference, position, source)
    now = time_now(desk, tx)
    total = told_here(tx, [row.id]).get(row.id, 0) + quantity
    if total < 0:
        what = f"The warehouse told of {total - quantity} unit(s) of {reference} {position}; {-quantity} cannot be taken back."
        raise Conflict(what, next="Take back at most what was told here.")
    came_at = at or now
    tx.insert(Receipt, [{"call_key": key, "inbound_id": row.id, "quantity": quantity, "received_at": came_at}])
    by_file = 0 if row.qty_received <= total - quantity else row.qty_received
    after = max(by_file, total)
    paper = Paper(row.source, BY_WAREHOUSE, came_at, key)
    before = Told(row.qty_ordered, row.qty_received, row.qty_cancelled, row.status, row.expected_at, row.told_at)
    events = events_of(before, before._replace(received=after, at=now, received_at=came_at))
    counts = save_events(tx, desk.outside.new_id(), paper, {row.id: events})
    tx.update(Inbound, [{"id": row.id, "qty_received": after}], key=("id",))
    if row.item_id is not None:
        touch(tx, [row.item_id])
    if counts["received"] + counts["taken_back"]:  # how late suppliers are decides when the rest comes
        note_items(tx, items_on_their_way())
    left = max(0, row.qty_ordered - row.qty_cancelled - max(after, row.qty_seen)) if row.status == "open" else 0
    names = {"source": row.source, "reference": reference, "position": position, "sku": row.sku}
    return {**names, "ordered": row.qty_ordered, "received": after, "told_by_warehouse": total, "on_its_way": left}


def line_on_its_way(tx: Writing, reference: str, position: str, source: str) -> Any:  # Any: a row of Inbound
    """Return the line of a purchase order or transfer that is called so."""
    is_meant = sa.and_(col(Inbound.reference) == reference, col(Inbound.position) == position)
    rows = tx.rows(sa.select(*Inbound.__table__.c).where(is_meant))
    rows = [row for row in rows if not source or row.source == source]
    if not rows:
        what = f"Nothing is known of {reference}, line {position}."
        raise NotFound(
            what, next="It must have come in by a file or by the call inbound first: fillrate status lists the feeds."
        )
    if len(rows) > 1:
        feeds = ", ".join(sorted(row.source for row in rows))
        raise Conflict(f"{reference}, line {position}, is told of by {feeds}.", next="Name one as source.")
    return rows[0]
