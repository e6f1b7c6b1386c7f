"""Questions behind an explanation: one order or one item, with all that has to do with it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.supply import units_on_their_way
from fillrate.db.tables import (
    Allocation,
    Channel,
    Cover,
    Delay,
    Forecast,
    Inbound,
    Item,
    Listing,
    Location,
    Movement,
    OpenUnit,
    Order,
    OrderLine,
    Product,
    Promise,
    Stock,
    StockReading,
    Supplier,
    Transition,
)


def order(
    reading: Reading, channel: str | None, platform_id: str
) -> list[Any]:  # Any: rows of Order with their channel
    """Return the orders with this number, of one channel or of all."""
    statement: Select = sa.select(*Order.__table__.c, col(Channel.name).label("channel")).join(
        Channel, col(Channel.id) == col(Order.channel_id)
    )
    statement = statement.where(col(Order.platform_id) == platform_id).order_by(col(Channel.name))
    return reading.rows(statement if channel is None else statement.where(col(Channel.name) == channel))


def lines(reading: Reading, order_id: int) -> list[Any]:  # Any: rows of OrderLine with whether the item is counted
    """Return an order's lines, with the day on which a pre-order is released."""
    of_channel = sa.and_(
        col(Product.channel_id) == col(OrderLine.channel_id),
        col(Product.platform_id) == col(OrderLine.product_platform_id),
        col(Product.availability) == "preorder",
    )
    statement: Select = (
        sa.select(*OrderLine.__table__.c, col(Item.is_tracked), col(Product.preorder_release_at).label("release_at"))
        .outerjoin(Item, col(Item.id) == col(OrderLine.item_id))
        .outerjoin(Product, of_channel)
        .where(col(OrderLine.order_id) == order_id)
        .order_by(col(OrderLine.id))
    )
    return reading.rows(statement)


def units(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows of OpenUnit
    """Return the open units of lines."""
    statement: Select = sa.select(*OpenUnit.__table__.c).where(reading.is_in(col(OpenUnit.line_id), line_ids))
    return reading.rows(statement.order_by(col(OpenUnit.state), col(OpenUnit.reason), col(OpenUnit.queued_at)))


def open_lines(reading: Reading, item_id: int) -> set[int]:
    """Return the lines of an item that have open units."""
    statement = (
        sa.select(col(OrderLine.id))
        .join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id))
        .where(col(OrderLine.item_id) == item_id)
    )
    return {row.id for row in reading.rows(statement)}


def set_aside(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return line_id, location, quantity of what is set aside for lines."""
    statement: Select = (
        sa.select(col(Allocation.line_id), col(Location.name).label("location"), col(Allocation.quantity))
        .join(Location, col(Location.id) == col(Allocation.location_id))
        .where(reading.is_in(col(Allocation.line_id), line_ids))
    )
    return reading.rows(statement.order_by(col(Location.id)))


def covers(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return what units of lines wait for, the first expected first; see `claims` for the columns."""
    return reading.rows(claims().where(reading.is_in(col(Cover.line_id), line_ids)).order_by(*BY_DAY))


def claims() -> Select:
    """Return the question for claims on what is on its way, with the delivery's names, days and units to_come."""
    statement: Select = (
        sa.select(
            *Cover.__table__.c,
            col(Inbound.reference),
            col(Inbound.sku),
            col(Supplier.name).label("supplier"),
            col(Inbound.expected_at),
            col(Inbound.kind),
            START.c.name.label("start"),
            units_on_their_way().label("to_come"),
        )
        .join(Inbound, col(Inbound.id) == col(Cover.inbound_id))
        .outerjoin(Supplier, col(Supplier.id) == col(Inbound.supplier_id))
        .outerjoin(START, START.c.id == col(Inbound.from_location_id))
    )
    return statement


START = sa.alias(Location.__table__, "start")  # of a transfer
UNDATED = sa.case((col(Inbound.expected_at).is_(None), 1), else_=0)
BY_DAY = (UNDATED, col(Inbound.expected_at), col(Inbound.reference), col(Inbound.id))


def deliveries(reading: Reading, item_id: int, unseen: Collection[int]) -> list[Any]:  # Any: rows
    """Return what is on its way of an item, or `unseen` in a shop's number, the first expected first: id, reference, supplier,
    units on their way, expected_at, and where a transfer starts.
    """
    units = units_on_their_way()
    statement: Select = (
        sa.select(
            col(Inbound.id),
            col(Inbound.reference),
            col(Supplier.name).label("supplier"),
            units.label("units"),
            col(Inbound.expected_at),
            START.c.name.label("start"),
        )
        .outerjoin(Supplier, col(Supplier.id) == col(Inbound.supplier_id))
        .outerjoin(START, START.c.id == col(Inbound.from_location_id))
        .where(col(Inbound.item_id) == item_id, sa.or_(units > 0, col(Inbound.id).in_(sorted(unseen))))
    )
    return reading.rows(statement.order_by(*BY_DAY))


def claims_on(reading: Reading, item_id: int) -> list[Any]:  # Any: rows
    """Return line_id, inbound_id, quantity of all that waits for deliveries of an item."""
    return reading.rows(sa.select(*Cover.__table__.c).where(col(Cover.item_id) == item_id))


def holders(reading: Reading, item_id: int) -> list[Any]:  # Any: rows
    """Return line_id, location, quantity of all that is set aside of an item."""
    statement: Select = (
        sa.select(col(Allocation.line_id), col(Location.name).label("location"), col(Allocation.quantity))
        .join(Location, col(Location.id) == col(Allocation.location_id))
        .where(col(Allocation.item_id) == item_id)
    )
    return reading.rows(statement.order_by(col(Location.id), col(Allocation.line_id)))


def order_names(reading: Reading, line_ids: Sequence[int]) -> dict[int, str]:
    """Return `channel:number` of the order of each of these lines."""
    statement: Select = (
        sa.select(col(OrderLine.id), col(Channel.name), col(Order.platform_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .where(reading.is_in(col(OrderLine.id), line_ids))
    )
    return {number: f"{channel}:{order}" for number, channel, order in reading.rows(statement)}


def orders_with_line(reading: Reading, channel: str | None, platform_id: str) -> list[Any]:  # Any: rows
    """Return the orders that have a line of this number, of one channel or of all, each with the line's id as `line_id`."""
    statement: Select = (
        sa.select(*Order.__table__.c, col(Channel.name).label("channel"), col(OrderLine.id).label("line_id"))
        .join(OrderLine, col(OrderLine.order_id) == col(Order.id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .where(col(OrderLine.platform_id) == platform_id)
        .order_by(col(Channel.name))
    )
    return reading.rows(statement if channel is None else statement.where(col(Channel.name) == channel))


def forecasts(reading: Reading, line_ids: Sequence[int]) -> dict[int, Any]:  # Any: rows of Forecast
    """Return the forecast of each line that has one."""
    statement = sa.select(*Forecast.__table__.c).where(reading.is_in(col(Forecast.line_id), line_ids))
    return {row.line_id: row for row in reading.rows(statement)}


def delays(reading: Reading, line_ids: Sequence[int]) -> dict[int, Any]:  # Any: rows of Delay
    """Return what is to be done about the delay of each line that was judged."""
    statement = sa.select(*Delay.__table__.c).where(reading.is_in(col(Delay.line_id), line_ids))
    return {row.line_id: row for row in reading.rows(statement)}


def promises(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows of Promise
    """Return what customers were told of lines, the first promise first."""
    statement: Select = sa.select(*Promise.__table__.c).where(reading.is_in(col(Promise.line_id), line_ids))
    return reading.rows(statement.order_by(col(Promise.line_id), col(Promise.number)))


def last_promises(reading: Reading, line_ids: Sequence[int]) -> dict[int, datetime]:
    """Return the promise that holds of each line that has one."""
    return {row.line_id: row.ship_by for row in promises(reading, line_ids)}


def transitions(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows of Transition
    """Return the moves of lines, the oldest first."""
    statement: Select = sa.select(*Transition.__table__.c).where(reading.is_in(col(Transition.line_id), line_ids))
    return reading.rows(statement.order_by(col(Transition.id)))


def shelves(reading: Reading, item_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return each shelf of items: what lies there, what is set aside, and what the shop last showed."""
    last = sa.and_(
        col(StockReading.item_id) == col(Stock.item_id), col(StockReading.location_id) == col(Stock.location_id)
    )
    statement: Select = (
        sa.select(
            col(Stock.item_id),
            col(Stock.location_id),
            col(StockReading.parts_known),
            col(Location.name).label("location"),
            col(Stock.on_hand),
            col(Stock.allocated),
            col(StockReading.shown),
            col(StockReading.deducted),
            col(StockReading.backordered),
            col(StockReading.read_at),
        )
        .join(Location, col(Location.id) == col(Stock.location_id))
        .outerjoin(StockReading, last)
        .where(reading.is_in(col(Stock.item_id), item_ids))
    )
    return reading.rows(statement.order_by(col(Stock.item_id), col(Location.id)))


def items(reading: Reading, sku_key: str) -> list[Any]:  # Any: rows of Item
    """Return the items whose SKU, or a listing's of theirs, has this key."""
    listed = sa.select(col(Listing.item_id)).where(col(Listing.sku_key) == sku_key)
    statement: Select = sa.select(*Item.__table__.c).where(
        sa.or_(col(Item.sku_key) == sku_key, col(Item.id).in_(listed))
    )
    return reading.rows(statement.order_by(col(Item.id)))


def movements(reading: Reading, item_id: int, limit: int) -> list[Any]:  # Any: rows of Movement
    """Return an item's latest movements, the newest first."""
    statement: Select = sa.select(*Movement.__table__.c).where(col(Movement.item_id) == item_id)
    return reading.rows(statement.order_by(col(Movement.id).desc()).limit(limit))
