"""Open orders are read again by id, once a day and where a sweep missed them.

What the shop's list never told of is found here, and an order that the shop answers with 404 is gone at once.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Ask, Stream
from fillrate.db.database import Reading
from fillrate.db.lease import Held
from fillrate.db.tables import Cursor, OpenUnit, Order, OrderLine
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.stream import Intake, land_page
from fillrate.steps.intake.windows import Window, load_cursor
from fillrate.steps.runs import RunLog

STREAM = "open_orders"


def read_open_orders(desk: Desk, shop: Shop, log: RunLog, intake: Intake, lease: Held, window: Window) -> None:
    """Read open orders again: those that the sweep of `window` missed, or all of them in the first run of a day."""
    with desk.db.read() as reading:
        if not window.is_sweep and is_same_day(desk, reading, shop.id, window.until):
            return
        ids = open_orders(reading, shop.id, missed_only=window.is_sweep)
    by_id = Window(since=None, until=window.until, moves_cursor=False)
    for page in shop.channel.read(Ask(stream=Stream.ORDERS, ids=ids)) if ids else ():
        with desk.db.write("orders.again", lease, lock=True) as tx:
            log.counts.update(land_page(desk, shop, intake, tx, page, by_id))
            if intake.after is not None:
                intake.after(tx)
    with desk.db.write("orders.again_end", lease) as tx:
        row = {"channel_id": shop.id, "stream": STREAM, "saved_until": window.until, "sweep": False}
        tx.upsert(Cursor, [row], key=("channel_id", "stream"))


def is_same_day(desk: Desk, reading: Reading, channel_id: int, now: datetime) -> bool:
    """Tell whether open orders were read again on this day of the store already."""
    cursor, zone = load_cursor(reading, channel_id, STREAM), desk.settings.store.zone
    return cursor is not None and cursor.saved_until.astimezone(zone).date() >= now.astimezone(zone).date()


def open_orders(reading: Reading, channel_id: int, *, missed_only: bool) -> tuple[str, ...]:
    """Return the shop's ids of orders with open units; with `missed_only`, of those that the last sweep did not meet."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id), col(OrderLine.order_id) == col(Order.id))
    statement = sa.select(col(Order.platform_id)).where(
        col(Order.channel_id) == channel_id, col(Order.deleted_at).is_(None), is_open
    )
    if missed_only:
        statement = statement.where(col(Order.missing_sweeps) > 0)
    return tuple(row.platform_id for row in reading.rows(statement.order_by(col(Order.id))))
