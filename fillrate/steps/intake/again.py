"""Records are asked for again by id: in every run those that could not be read, once a day and after a sweep open orders.

What a shop's list never told of, or told wrongly once, is found here; what the shop answers with 404 is gone at once.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Ask
from fillrate.db.database import Reading
from fillrate.db.lease import Held
from fillrate.db.tables import Cursor, OpenUnit, Order, OrderLine
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake import rejects
from fillrate.steps.intake.stream import Intake, land_page
from fillrate.steps.intake.windows import Window, load_cursor
from fillrate.steps.runs import Problem, RunLog

STREAM = "open_orders"
MOST = 100  # rejected records in one run; each may cost a request of its own


def read_rejected(desk: Desk, shop: Shop, log: RunLog, intake: Intake, lease: Held, window: Window) -> None:
    """Ask again for what could not be read; what is counted as rejected is what still cannot be."""
    if log.is_dry or not window.moves_cursor:
        return
    stream = intake.stream
    with desk.db.read() as reading:
        ids = rejects.to_ask_again(reading, shop.id, stream, MOST)
        total = rejects.still_rejected(reading, shop.id, stream)
    read_again(desk, shop, log, intake, lease, ids, window.until)
    with desk.db.read() as reading:
        log.counts[f"{stream}_rejected"] = rejects.still_rejected(reading, shop.id, stream)
    if total > len(ids):
        what = f"Of {total} {stream} that could not be read, {len(ids)} were asked for again by their number."
        log.problems.append(Problem(f"{shop.name}: {stream}", what, f"To read all: fillrate run {log.flow} --full"))


def read_open_orders(
    desk: Desk, shop: Shop, log: RunLog, intake: Intake, lease: Held, window: Window, newest: int
) -> None:
    """Read open orders again: those that the sweep of `window` missed, or all of them in the first run of a day.

    The first sweep remembers nothing: of it, all that was saved before this run (up to our key `newest`).
    """
    if log.is_dry or not window.moves_cursor:
        return
    with desk.db.read() as reading:
        if not window.is_sweep and is_same_day(desk, reading, shop.id, window.until):
            return
        missed = col(Order.id) <= newest if window.is_first else col(Order.missing_sweeps) > 0
        ids = open_orders(reading, shop.id, *([missed] if window.is_sweep else []))
    read_again(desk, shop, log, intake, lease, ids, window.until)
    with desk.db.write("orders.again_end", lease) as tx:
        row = {"channel_id": shop.id, "stream": STREAM, "saved_until": window.until, "sweep": False}
        tx.upsert(Cursor, [row], key=("channel_id", "stream"))


def read_again(
    desk: Desk, shop: Shop, log: RunLog, intake: Intake, lease: Held, ids: Sequence[str], until: datetime
) -> set[str]:
    """Read these records, each page in one transaction with all that it brings; returns the ids that were answered about."""
    by_id, answered = Window(since=None, until=until, moves_cursor=False), set()
    for page in shop.channel.read(Ask(stream=intake.stream, ids=tuple(ids))) if ids else ():
        with desk.db.write(f"{intake.stream}.again", lease, lock=intake.lock) as tx:
            log.counts.update(land_page(desk, shop, intake, tx, page, by_id))
            if intake.after is not None:
                intake.after(tx)
        answered |= {one.platform_id for one in (*page.records, *page.rejects)} | set(page.gone)
    return answered


def is_same_day(desk: Desk, reading: Reading, channel_id: int, now: datetime) -> bool:
    """Tell whether open orders were read again on this day of the store already."""
    cursor, zone = load_cursor(reading, channel_id, STREAM), desk.settings.store.zone
    return cursor is not None and cursor.saved_until.astimezone(zone).date() >= now.astimezone(zone).date()


def newest_order(reading: Reading) -> int:
    """Return our key of the order that was saved last, 0 before the first one."""
    return int(reading.scalar(sa.select(sa.func.max(col(Order.id)))) or 0)


def open_orders(reading: Reading, channel_id: int, *among: sa.ColumnElement[bool]) -> list[str]:
    """Return the shop's ids of orders with open units among these."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id), col(OrderLine.order_id) == col(Order.id))
    statement = sa.select(col(Order.platform_id)).where(
        col(Order.channel_id) == channel_id, col(Order.deleted_at).is_(None), is_open, *among
    )
    return [row.platform_id for row in reading.rows(statement.order_by(col(Order.id)))]
