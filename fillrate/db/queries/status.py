"""Questions for `fillrate status`: how far, how much, what waits, what went wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import (
    Channel,
    Cursor,
    Item,
    Listing,
    Location,
    OpenUnit,
    Order,
    OrderLine,
    RejectedRecord,
    Run,
    Stock,
)


def cursors(reading: Reading) -> list[Any]:  # Any: rows
    """Return how far each stream of each channel was read."""
    statement: Select = sa.select(
        col(Channel.name).label("channel"), col(Cursor.stream), col(Cursor.saved_until), col(Cursor.window_until)
    ).join(Channel, col(Channel.id) == col(Cursor.channel_id))
    return reading.rows(statement.order_by(col(Channel.name), col(Cursor.stream)))


def shop_times(reading: Reading) -> dict[str, datetime]:
    """Return the newest time of each channel's own clock that is saved."""
    statement = sa.select(col(Channel.name), col(Cursor.saved_until), col(Cursor.swept_at)).join(
        Channel, col(Channel.id) == col(Cursor.channel_id)
    )
    newest: dict[str, datetime] = {}
    for name, *times in reading.rows(statement):
        for time in times:
            if time is not None:
                newest[name] = max(time, newest.get(name, time))
    return newest


def queue(reading: Reading) -> list[Any]:  # Any: rows
    """Return units and lines by state and reason, with the oldest place in the queue."""
    columns = OpenUnit.__table__.c
    statement: Select = sa.select(
        columns.state,
        columns.reason,
        sa.cast(sa.func.sum(columns.quantity), sa.BigInteger).label("units"),
        sa.func.count(sa.distinct(columns.line_id)).label("lines"),
        sa.func.min(columns.queued_at).label("oldest"),
    )
    return reading.rows(statement.group_by(columns.state, columns.reason).order_by(columns.state, columns.reason))


def held(reading: Reading, channel_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return what is owed to orders of all other channels than these: channel, orders, units."""
    statement: Select = (
        sa.select(
            col(Channel.name).label("channel"),
            sa.func.count(sa.distinct(col(OrderLine.order_id))).label("orders"),
            sa.cast(sa.func.sum(col(OpenUnit.quantity)), sa.BigInteger).label("units"),
        )
        .join(OrderLine, col(OrderLine.id) == col(OpenUnit.line_id))
        .join(Channel, col(Channel.id) == col(OrderLine.channel_id))
        .where(col(Channel.id).not_in(channel_ids))
        .group_by(col(Channel.name))
        .order_by(col(Channel.name))
    )
    return reading.rows(statement)


def rejected(reading: Reading, limit: int) -> tuple[int, list[Any]]:  # Any: rows
    """Return how many records are kept as rejected, and the latest of them."""
    is_open = col(RejectedRecord.resolved_at).is_(None)
    total = reading.scalar(sa.select(sa.func.count()).select_from(RejectedRecord).where(is_open))
    statement: Select = (
        sa.select(col(Channel.name).label("channel"), *RejectedRecord.__table__.c)
        .join(Channel, col(Channel.id) == col(RejectedRecord.channel_id))
        .where(is_open)
        .order_by(col(RejectedRecord.last_seen_at).desc(), col(RejectedRecord.id))
    )
    return int(total or 0), reading.rows(statement.limit(limit))


def last_runs(reading: Reading) -> list[Any]:  # Any: rows of Run
    """Return the latest run of each flow and channel."""
    latest = sa.select(sa.func.max(col(Run.started_at))).group_by(col(Run.flow), col(Run.channel))
    statement: Select = sa.select(*Run.__table__.c).where(col(Run.started_at).in_(latest))
    return reading.rows(statement.order_by(col(Run.flow), col(Run.channel)))


def drift(reading: Reading) -> list[Any]:  # Any: rows
    """Return shelves that facts have driven below zero."""
    statement: Select = (
        sa.select(col(Item.sku), col(Item.origin), col(Location.name).label("location"), col(Stock.on_hand))
        .join(Item, col(Item.id) == col(Stock.item_id))
        .join(Location, col(Location.id) == col(Stock.location_id))
        .where(col(Stock.on_hand) < 0)
        .order_by(col(Stock.on_hand), col(Item.origin))
    )
    return reading.rows(statement)


def sku_trouble(reading: Reading, limit: int) -> list[Any]:  # Any: rows
    """Return SKUs that several items share once case, blanks and invisible characters are set aside, and empty ones."""
    alive = col(Listing.deleted_at).is_(None)
    statement: Select = (
        sa.select(
            col(Listing.sku_key),
            sa.func.min(col(Listing.sku)).label("sku"),
            sa.func.count(sa.distinct(col(Listing.item_id))).label("items"),
        )
        .where(alive)
        .group_by(col(Listing.channel_id), col(Listing.sku_key))
        .having(sa.or_(sa.func.count(sa.distinct(col(Listing.item_id))) > 1, col(Listing.sku_key) == ""))
        .order_by(col(Listing.sku_key))
    )
    return reading.rows(statement.limit(limit))


def unpaid(reading: Reading) -> list[Any]:  # Any: rows
    """Return lines of which units wait for payment, the oldest order first.

    channel, order, placed_at, currency, line, sku, units, value_e4.
    """
    units = sa.cast(sa.func.sum(col(OpenUnit.quantity)), sa.BigInteger)
    columns = (col(Order.placed_at), col(Order.currency), col(OrderLine.sku), col(OrderLine.unit_price_e4))
    statement: Select = (
        sa.select(
            col(Channel.name).label("channel"),
            col(Order.platform_id).label("order"),
            col(OrderLine.platform_id).label("line"),
            *columns,
            units.label("units"),
            (units * col(OrderLine.unit_price_e4)).label("value_e4"),
        )
        .join(OrderLine, col(OrderLine.id) == col(OpenUnit.line_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .where(col(OpenUnit.reason) == "payment")
        .group_by(col(Channel.name), col(Order.platform_id), col(OrderLine.id), *columns)
        .order_by(col(Order.placed_at), col(OrderLine.id))
    )
    return reading.rows(statement)
