"""How orders land: the order and its lines; what each change means for open units is settled with the page.

Facts always land. Only orders that changed are looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Stream
from fillrate.db.database import Writing
from fillrate.db.tables import OpenUnit, Order, OrderLine
from fillrate.decide.owing import Meaning
from fillrate.records import Order as OrderRecord
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.catalog import ALIVE
from fillrate.steps.intake.compare import changed, content_hash, known
from fillrate.steps.intake.lines import Head, LineNow, line_of, settle_lines
from fillrate.steps.intake.mirrored import is_copy, note_new_copies, notes_of_copies
from fillrate.steps.intake.stream import Intake, Swept, met_ids
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_orders

CLOSED_AS_OLD = "placed before the first day that the settings count as open"


def orders(desk: Desk, shop: Shop, log: RunLog) -> Intake:
    """Return the intake of orders."""

    def land(tx: Writing, records: Sequence[OrderRecord]) -> Counter[str]:
        return land_orders(desk, shop, log, tx, records)

    def after(tx: Writing) -> None:
        close_deleted(desk, shop, log, tx)
        close_copies(desk, shop, log, tx)

    swept = (Swept("orders", Order, "platform_id", met_ids),)
    return Intake(Stream.ORDERS, Order, land, "modified_at", swept, after=after, lock=True, by_id=True)


def land_orders(desk: Desk, shop: Shop, log: RunLog, tx: Writing, records: Sequence[OrderRecord]) -> Counter[str]:
    """Save what changed of a page of orders."""
    meanings = {record.platform_id: meaning_of(shop, record) for record in records}
    saved = known(tx, Order, shop.id, meanings)
    counts: Counter[str] = Counter()
    wanted = [one for one in records if one.platform_id in saved or meanings[one.platform_id] != Meaning.NOT_AN_ORDER]
    counts["skipped_unpaid_checkouts"] = len(records) - len(wanted)
    hashes = {one.platform_id: content_hash(one, meanings[one.platform_id]) for one in wanted}
    fresh, kinds = changed(wanted, saved, hashes)
    notes = {one.platform_id: note(desk, one, saved) for one in fresh}
    notes |= notes_of_copies(tx, shop, [one for one in fresh if not notes[one.platform_id]])
    closed = {True: Meaning.NOTHING, False: Meaning.DONE}
    meanings.update({platform_id: closed[is_copy(text)] for platform_id, text in notes.items() if text})
    rows = [order_row(shop.id, one, hashes[one.platform_id], notes[one.platform_id]) for one in fresh]
    tx.upsert(Order, rows, key=("channel_id", "platform_id"), newer="modified_at")
    touch_orders(tx, tx.ids(Order, shop.id, [one.platform_id for one in fresh if one.platform_id in saved]).values())
    lines = lines_now(tx, shop.id, fresh, meanings, saved)
    settle_lines(desk, shop, log, tx, lines)
    return counts + kinds


def meaning_of(shop: Shop, record: OrderRecord) -> Meaning:
    """Return what an order means for the queue; one that was put away unfinished owes nothing."""
    meaning = Meaning(shop.settings.meaning(record.status))
    return Meaning.NOTHING if record.is_archived and meaning != Meaning.DONE else meaning


def note(desk: Desk, record: OrderRecord, saved: Mapping[str, Any]) -> str:  # Any: rows of Order
    """Return why an order is closed without being worked on, or ""; decided at first sight."""
    if record.platform_id in saved:
        return str(saved[record.platform_id].note)
    first = desk.settings.store.open_since
    is_old = first is not None and record.placed_at.astimezone(desk.settings.store.zone).date() < first
    return CLOSED_AS_OLD if is_old else ""


def order_row(channel_id: int, record: OrderRecord, content: str, text: str) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one order."""
    fields = msgspec.structs.asdict(record)
    del fields["lines"]
    return {"channel_id": channel_id, "content_hash": content, **ALIVE, **fields, "note": text}


def lines_now(
    tx: Writing,
    channel_id: int,
    records: Sequence[OrderRecord],
    meanings: Mapping[str, Meaning],
    saved: Mapping[str, Any],  # Any: rows of Order
) -> list[LineNow]:
    """Return every line of these orders, also those that vanished from them."""
    order_ids = tx.ids(Order, channel_id, [record.platform_id for record in records])
    known_orders = [order_ids[record.platform_id] for record in records if record.platform_id in saved]
    known_lines: dict[int, dict[str, Any]] = defaultdict(dict)  # Any: rows of OrderLine
    for row in tx.find(OrderLine, "order_id", known_orders):
        known_lines[row.order_id][row.platform_id] = row
    found = []
    for record in records:
        order_id, meaning = order_ids[record.platform_id], meanings[record.platform_id]
        head = Head(order_id, record.platform_id, record.placed_at, record.modified_at, record.shipped_at)
        old = known_lines.pop(order_id, {})
        found += [LineNow(head, line, old.pop(line.platform_id, None), meaning) for line in record.lines]
        found += [LineNow(head, None, row, meaning) for row in old.values()]
    return found


def close_deleted(desk: Desk, shop: Shop, log: RunLog, tx: Writing) -> None:
    """Cancel what is open of orders that the shop no longer has."""
    close(desk, shop, log, tx, col(Order.deleted_at).is_not(None))


def close_copies(desk: Desk, shop: Shop, log: RunLog, tx: Writing) -> None:
    """Cancel what is open of orders that have turned out to be copies of those of another channel."""
    if copied := note_new_copies(tx, shop):
        close(desk, shop, log, tx, tx.is_in(col(Order.id), copied))


def close(desk: Desk, shop: Shop, log: RunLog, tx: Writing, among: sa.ColumnElement[bool]) -> None:
    """Cancel what is open of these orders of a shop."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    statement = (
        sa.select(
            *OrderLine.__table__.c,
            col(Order.platform_id).label("order_platform_id"),
            *(Order.__table__.c[name] for name in ("placed_at", "modified_at", "deleted_at", "shipped_at")),
        )
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(col(Order.channel_id) == shop.id, among, is_open)
    )
    rows = tx.rows(statement)
    lines = [
        LineNow(
            Head(row.order_id, row.order_platform_id, row.placed_at, row.deleted_at or row.modified_at, row.shipped_at),
            line_of(row),
            row,
            Meaning.NOTHING,
        )
        for row in rows
    ]
    if lines:
        settle_lines(desk, shop, log, tx, lines)
