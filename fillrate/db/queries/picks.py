"""Questions about pick lists, what the warehouse told, and what is ready to be picked."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.kits import IS_KIT
from fillrate.db.queries.queue import owed
from fillrate.db.tables import (
    Allocation,
    Channel,
    Item,
    KitPart,
    Location,
    Movement,
    OpenUnit,
    Order,
    OrderLine,
    PickLine,
    PickList,
    ShelfReport,
    Shipment,
    Stock,
    StockReading,
    Transition,
)
from fillrate.db.tables.picks import UNSETTLED

if TYPE_CHECKING:
    import pandas as pd

WORKED_ON = ("ready", "capacity")
IN_HAND = ("open", "taken", "done")  # lists that were not undone


def workable(reading: Reading, channel_ids: Sequence[int]) -> "pd.DataFrame":
    """Return a row for each bucket of open units of these channels' orders that have any unit to be worked on."""
    orders = sa.select(col(OrderLine.order_id)).join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id))
    orders = orders.where(col(OpenUnit.state) == "backlog", col(OpenUnit.reason).in_(WORKED_ON))
    is_meant = sa.and_(col(OrderLine.channel_id).in_(channel_ids), col(OrderLine.order_id).in_(orders))
    return reading.frame(owed().where(is_meant))


def set_aside(reading: Reading, line_ids: Sequence[int]) -> "pd.DataFrame":
    """Return line_id, item_id, location_id, quantity of what is set aside for lines."""
    columns = Allocation.__table__.c
    statement: Select = sa.select(columns.line_id, columns.item_id, columns.location_id, columns.quantity)
    return reading.frame(statement.where(reading.is_in(columns.line_id, line_ids)))


def in_hand(reading: Reading) -> "pd.DataFrame":
    """Return line_id, item_id, location_id, quantity, gone of all pick lines that units are being packed for.

    `gone` of them the warehouse told as shipped, and the shop does not show them yet.
    """
    columns = PickLine.__table__.c
    left = columns.quantity - columns.seen - columns.short - columns.removed
    told = columns.shipped - columns.seen
    gone = sa.case((told <= 0, 0), (told > left, left), else_=told)
    statement: Select = (
        sa.select(
            columns.line_id,
            columns.item_id,
            col(PickList.location_id),
            left.label("quantity"),
            sa.cast(gone, sa.BigInteger).label("gone"),
        )
        .join(PickList, col(PickList.id) == columns.list_id)
        .where(sa.text(UNSETTLED))
    )
    return reading.frame(statement)


def unsettled_lines(reading: Reading) -> list[int]:
    """Return the order lines that units are being packed for by any pick line."""
    statement = sa.select(col(PickLine.line_id)).where(sa.text(UNSETTLED)).distinct()
    return [row.line_id for row in reading.rows(statement)]


def picks_of(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return all pick lines of order lines, with their list's location and state, the earliest first."""
    statement: Select = sa.select(
        *PickLine.__table__.c, col(PickList.location_id), col(PickList.state).label("list_state")
    ).join(PickList, col(PickList.id) == col(PickLine.list_id))
    return reading.rows(statement.where(reading.is_in(col(PickLine.line_id), line_ids)).order_by(col(PickLine.id)))


def counted_lines(reading: Reading, line_ids: Sequence[int]) -> set[int]:
    """Return those of these order lines whose goods are counted: they are picked from what is set aside for them.

    A kit is counted as far as a part of it is, whatever the shop counts of the kit itself.
    """
    part = Item.__table__.alias("part")
    of_kit = sa.select(part.c.id).join(KitPart, col(KitPart.part_id) == part.c.id)
    counted_part = of_kit.where(col(KitPart.kit_id) == col(Item.id), part.c.is_tracked).exists()
    is_counted = sa.or_(counted_part, sa.and_(col(Item.is_tracked), sa.not_(IS_KIT)))
    statement = sa.select(col(OrderLine.id)).join(Item, col(Item.id) == col(OrderLine.item_id))
    is_meant = sa.and_(reading.is_in(col(OrderLine.id), line_ids), col(OrderLine.needs_stock), is_counted)
    return {row.id for row in reading.rows(statement.where(is_meant))}


def shipped_while_picked(reading: Reading, line_ids: Sequence[int]) -> dict[int, int]:
    """Return how many units of each line the shop has shown as shipped while they were being packed."""
    columns = Transition.__table__.c
    units = sa.cast(sa.func.sum(columns.quantity), sa.BigInteger).label("units")
    statement: Select = sa.select(columns.line_id, units).where(
        reading.is_in(columns.line_id, line_ids), columns.from_reason == "picking", columns.to_state == "shipped"
    )
    return {row.line_id: row.units for row in reading.rows(statement.group_by(columns.line_id))}


def lists(
    reading: Reading,
    states: Sequence[str] = (),
    location_id: int | None = None,
    list_id: int | None = None,
    limit: int = 100,
) -> list[Any]:  # Any: rows
    """Return pick lists with location, units, lines and orders, the newest first; what is empty or None limits nothing."""
    columns = PickLine.__table__.c
    to_do = sa.func.sum(to_do_of(columns))
    statement: Select = (
        sa.select(
            *PickList.__table__.c,
            col(Location.code).label("location"),
            col(Location.name).label("location_name"),
            sa.cast(sa.func.sum(columns.quantity), sa.BigInteger).label("units"),
            sa.cast(to_do, sa.BigInteger).label("to_do"),
            sa.func.count(columns.id).label("lines"),
            sa.func.count(sa.distinct(col(OrderLine.order_id))).label("orders"),
        )
        .join(Location, col(Location.id) == col(PickList.location_id))
        .join(PickLine, columns.list_id == col(PickList.id))
        .join(OrderLine, col(OrderLine.id) == columns.line_id)
        .group_by(*PickList.__table__.c, col(Location.code), col(Location.name))
        .order_by(col(PickList.id).desc())
    )
    if states:
        statement = statement.where(col(PickList.state).in_(states))
    if location_id is not None:
        statement = statement.where(col(PickList.location_id) == location_id)
    if list_id is not None:
        statement = statement.where(col(PickList.id) == list_id)
    return reading.rows(statement.limit(limit))


def to_do_of(columns: Any) -> Any:  # Any: columns of PickLine, and an expression
    """Return the expression for the units that the warehouse still has to pick."""
    went = sa.case((columns.shipped > columns.seen, columns.shipped), else_=columns.seen)
    rest = columns.quantity - went - columns.short - columns.removed
    return sa.case((rest > 0, rest), else_=0)


def lines(reading: Reading, list_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return the lines of pick lists as people need them: order, channel, SKU, name, units; by list, order and line."""
    columns = PickLine.__table__.c
    statement: Select = (
        sa.select(
            *columns,
            to_do_of(columns).label("to_do"),
            col(OrderLine.sku),
            col(OrderLine.name),
            col(OrderLine.platform_id).label("line_platform_id"),
            col(Order.platform_id).label("order_platform_id"),
            col(Order.recipient),
            col(Channel.name).label("channel"),
            col(PickList.location_id),
            col(PickList.state).label("list_state"),
            col(Item.sku).label("item_sku"),
        )
        .join(PickList, col(PickList.id) == columns.list_id)
        .join(OrderLine, col(OrderLine.id) == columns.line_id)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .join(Item, col(Item.id) == columns.item_id)
        .where(reading.is_in(columns.list_id, list_ids))
        .order_by(columns.list_id, columns.id)
    )
    return reading.rows(statement)


def released_on(reading: Reading, day: datetime) -> list[Any]:  # Any: rows
    """Return location_id, order_id, units of what was released on a day and not taken back."""
    columns = PickLine.__table__.c
    units = sa.cast(sa.func.sum(columns.quantity - columns.removed), sa.BigInteger).label("units")
    statement: Select = (
        sa.select(col(PickList.location_id), col(OrderLine.order_id), units)
        .join(PickList, col(PickList.id) == columns.list_id)
        .join(OrderLine, col(OrderLine.id) == columns.line_id)
        .where(col(PickList.day) == day, col(PickList.state).in_(IN_HAND), columns.quantity > columns.removed)
        .group_by(col(PickList.location_id), col(OrderLine.order_id))
    )
    return reading.rows(statement)


def doubtful(reading: Reading) -> list[Any]:  # Any: rows
    """Return the newest report of each shelf that the ledger has not counted since: item, location, kind, units, on hand.

    A kit lies on no shelf: what was said of it before it was one holds no longer.
    """
    columns = ShelfReport.__table__.c
    newest = sa.select(sa.func.max(columns.id)).group_by(columns.item_id, columns.location_id)
    counted_since = sa.exists().where(
        col(Movement.item_id) == columns.item_id,
        col(Movement.location_id) == columns.location_id,
        col(Movement.kind) == "counted",
        col(Movement.id) > columns.movement_id,
    )
    statement: Select = (
        sa.select(
            *columns,
            col(Item.sku),
            col(Item.is_tracked),
            col(Location.code).label("location"),
            sa.func.coalesce(col(Stock.on_hand), 0).label("on_hand"),
        )
        .join(Item, col(Item.id) == columns.item_id)
        .join(Location, col(Location.id) == columns.location_id)
        .outerjoin(Stock, sa.and_(col(Stock.item_id) == columns.item_id, col(Stock.location_id) == columns.location_id))
        .where(columns.id.in_(newest), sa.not_(counted_since), sa.not_(IS_KIT))
        .order_by(columns.id)
    )
    return reading.rows(statement)


def orders_released(reading: Reading, channel_id: int) -> set[int]:
    """Return the orders (our ids) of a channel of which any unit is being packed now: released, and not shipped yet."""
    statement = (
        sa.select(col(OrderLine.order_id))
        .join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id))
        .where(
            col(OrderLine.channel_id) == channel_id, col(OpenUnit.state) == "backlog", col(OpenUnit.reason) == "picking"
        )
        .distinct()
    )
    return {row.order_id for row in reading.rows(statement)}


def work_left(reading: Reading) -> int:
    """Return how many units are ready, put off for want of capacity, or being packed."""
    units = sa.cast(sa.func.sum(col(OpenUnit.quantity)), sa.BigInteger)
    reasons = (*WORKED_ON, "picking")
    return int(reading.scalar(sa.select(units).where(col(OpenUnit.reason).in_(reasons))) or 0)


def shipments_since(reading: Reading, since: datetime) -> list[tuple[datetime, int]]:
    """Return when units left (or came back, negative), and how many, from that time on."""
    columns = Shipment.__table__.c
    statement: Select = sa.select(columns.shipped_at, columns.quantity).where(columns.shipped_at >= since)
    return [(row.shipped_at, row.quantity) for row in reading.rows(statement)]


def shipments_known_since(reading: Reading) -> datetime | None:
    """Return since when we see all that leaves: since stock was first read, or where nothing is counted, the first shipment.

    Of what left before that we know only what orders that were open still told at first sight.
    """
    first = reading.scalar(sa.select(sa.func.min(col(StockReading.first_read_at))))
    found: datetime | None = first or reading.scalar(sa.select(sa.func.min(col(Shipment.shipped_at))))
    return found
