"""Questions about the queue: what is owed to whom, in columns."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import (
    Allocation,
    Brand,
    Channel,
    Customer,
    Item,
    Listing,
    Location,
    OpenUnit,
    Order,
    OrderLine,
    Product,
    Promise,
    Stock,
)

if TYPE_CHECKING:
    import pandas as pd


Items = Sequence[int] | None  # some items only, or all
OPTIONAL = ("group", "brand", "sku", "destination")  # what only some rules of the policy go by
PREORDER = ("is_preorder", "release_at")
MADE_BY = sa.and_(
    col(Brand.channel_id) == col(Product.channel_id), col(Brand.platform_id) == col(Product.brand_platform_id)
)


def of(reading: Reading, column: Any, items: Items) -> sa.ColumnElement[bool]:  # Any: a column of items
    """Return the condition that a row is of these items."""
    return sa.true() if items is None else reading.is_in(column, items)


def demand(reading: Reading, channel_ids: Sequence[int], items: Items, facts: Collection[str]) -> "pd.DataFrame":
    """Return a row for each bucket of these channels' open units, with all that its place in the queue depends on.

    Of some items only, or of all; lines without an item always belong to it. `facts` are those of OPTIONAL that are wanted.
    """
    import pandas as pd

    from fillrate.decide.days import INSTANTS

    is_preorder = sa.select(col(Product.id)).where(col(Product.availability) == "preorder").limit(1)
    has_preorders = reading.scalar(is_preorder) is not None
    statement = owed({*OPTIONAL, *(() if has_preorders else PREORDER)} - set(facts))
    if items is not None:  # by key: SQLite would rather look through all lines of the channel than follow an OR
        wanted = sa.select(col(OrderLine.id)).where(reading.is_in(col(OrderLine.item_id), items))
        lost = sa.select(col(OrderLine.id)).where(col(OrderLine.item_id).is_(None))
        statement = statement.where(col(OrderLine.id).in_(wanted.union_all(lost)))
    frame = reading.frame(statement)
    if not has_preorders:
        frame = frame.assign(is_preorder=False, release_at=pd.Series(pd.NaT, frame.index, dtype=INSTANTS))
    # asked for in SQL, SQLite would go through all closed lines of the channels too
    return frame[frame["channel_id"].isin(channel_ids)]


def units_of_orders(reading: Reading, order_ids: Sequence[int]) -> "pd.DataFrame":
    """Return order_id, item_id, state, reason, quantity of all open units of orders."""
    statement: Select = (
        sa.select(
            col(OrderLine.order_id),
            col(OrderLine.item_id),
            *(OpenUnit.__table__.c[name] for name in ("state", "reason", "quantity")),
        )
        .join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id))
        .where(reading.is_in(col(OrderLine.order_id), order_ids))
    )
    return reading.frame(statement)


def open_units(reading: Reading, order_ids: Sequence[int]) -> "pd.DataFrame":
    """Return line_id, channel, order_platform_id, line_platform_id, sku, state, reason, quantity of these orders' units."""
    statement: Select = (
        sa.select(
            col(OpenUnit.line_id),
            col(Channel.name).label("channel"),
            col(Order.platform_id).label("order_platform_id"),
            col(OrderLine.platform_id).label("line_platform_id"),
            col(OrderLine.sku),
            *(OpenUnit.__table__.c[name] for name in ("state", "reason", "quantity")),
        )
        .join(OrderLine, col(OrderLine.id) == col(OpenUnit.line_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .where(reading.is_in(col(OrderLine.order_id), order_ids))
    )
    return reading.frame(statement)


def platform_ids(reading: Reading, channel_id: int, order_ids: Sequence[int]) -> set[str]:
    """Return the shop's own ids of those of these orders that are a channel's."""
    rows = reading.find(Order, "id", list(order_ids), "platform_id", channel_id=channel_id)
    return {row.platform_id for row in rows}


def listed(reading: Reading, channel_ids: Sequence[int], items: Items) -> "pd.DataFrame":
    """Return item_id, channel_id, channel, sku, brand of what these channels list: of some items only, or of all."""
    statement: Select = (
        sa.select(
            col(Listing.item_id),
            col(Listing.channel_id),
            col(Channel.name).label("channel"),
            col(Listing.sku),
            sa.func.coalesce(col(Brand.name), "").label("brand"),
        )
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .join(Product, col(Product.id) == col(Listing.product_id))
        .outerjoin(Brand, MADE_BY)
        .where(col(Listing.channel_id).in_(channel_ids), of(reading, col(Listing.item_id), items))
    )
    return reading.frame(statement)


def owed_of(reading: Reading, item_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return the same of some items only, as rows in no order."""
    return reading.rows(owed().where(reading.is_in(col(OrderLine.item_id), item_ids)))


def owed_to(reading: Reading, line_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return the same of some lines only."""
    return reading.rows(owed().where(reading.is_in(col(OrderLine.id), line_ids)))


def owed(without: Collection[str] = ()) -> Select:
    """Return the question for open units with their line, order, policy facts and what keeps them waiting.

    `without` names columns to leave out: a join that only they need is not made.
    """
    listed = sa.and_(
        col(Listing.channel_id) == col(OrderLine.channel_id),
        col(Listing.product_platform_id) == col(OrderLine.product_platform_id),
        col(Listing.variant_platform_id) == col(OrderLine.variant_platform_id),
        col(Listing.pack) == 1,
    )
    bought_by = sa.and_(
        col(Customer.channel_id) == col(Order.channel_id),
        col(Customer.platform_id) == col(Order.customer_platform_id),
    )
    columns: tuple[Any, ...] = (
        *OpenUnit.__table__.c,
        col(OrderLine.order_id),
        col(OrderLine.channel_id),
        col(OrderLine.item_id),
        col(OrderLine.needs_stock),
        col(OrderLine.sku),
        col(OrderLine.platform_id).label("line_platform_id"),
        col(Order.platform_id).label("order_platform_id"),
        col(Order.placed_at),
        col(Order.status),
        col(Order.destination),
        sa.func.coalesce(col(OrderLine.priority), col(Order.priority)).label("own_priority"),
        sa.or_(col(OrderLine.hold) != "", col(Order.hold) != "").label("is_held"),
        col(Promise.ship_by).label("promised_at"),
        col(Channel.name).label("channel"),
        sa.func.coalesce(col(Customer.group_platform_id), "").label("group"),
        sa.func.coalesce(col(Brand.name), "").label("brand"),
        sa.func.coalesce(col(Item.is_tracked), sa.true()).label("is_tracked"),
        col(Item.discontinued_at).is_not(None).label("is_discontinued"),
        (sa.func.coalesce(col(Product.availability), "") == "preorder").label("is_preorder"),
        sa.case((col(Product.availability) == "preorder", col(Product.preorder_release_at))).label("release_at"),
    )
    statement: Select = (
        sa.select(*(one for one in columns if one.key not in without))
        .select_from(OpenUnit)
        .join(OrderLine, col(OrderLine.id) == col(OpenUnit.line_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(OrderLine.channel_id))
        .outerjoin(Promise, sa.and_(col(Promise.line_id) == col(OrderLine.id), col(Promise.number) == 1))
        .outerjoin(Item, col(Item.id) == col(OrderLine.item_id))
    )
    if not {"brand", *PREORDER} <= {*without}:
        statement = statement.outerjoin(Listing, listed).outerjoin(Product, col(Product.id) == col(Listing.product_id))
    if "brand" not in without:
        statement = statement.outerjoin(Brand, MADE_BY)
    if "group" not in without:
        statement = statement.outerjoin(Customer, bought_by)
    return statement


HOLDS = col(Location.channel_id).in_(sa.select(col(Channel.id)).where(col(Channel.holds_stock)))
IN_USE = sa.and_(col(Location.is_enabled), col(Location.deleted_at).is_(None), ~col(Location.is_own_stock), HOLDS)
DRAWN_ON = sa.case((col(Location.is_default), 0), else_=col(Location.id))  # the default location comes first


def locations(reading: Reading) -> list[Any]:  # Any: rows
    """Return id, channel, code of each location in use, in the order in which they are drawn on."""
    statement: Select = sa.select(col(Location.id), col(Channel.name).label("channel"), col(Location.code))
    statement = statement.join(Channel, col(Channel.id) == col(Location.channel_id)).where(IN_USE)
    return reading.rows(statement.order_by(DRAWN_ON, col(Location.id)))


def shelves(reading: Reading, items: Items) -> "pd.DataFrame":
    """Return item_id, location_id, on_hand, allocated of each shelf, with its location's rank and whether it is in use."""
    statement = sa.select(
        col(Stock.item_id),
        col(Stock.location_id),
        col(Stock.on_hand),
        col(Stock.allocated),
        DRAWN_ON.label("location_rank"),
        IN_USE.label("usable"),
    ).join(Location, col(Location.id) == col(Stock.location_id))
    return reading.frame(statement.where(of(reading, col(Stock.item_id), items)))


def allocations(reading: Reading, items: Items) -> "pd.DataFrame":
    """Return channel_id, line_id, item_id, location_id, quantity of all that is set aside."""
    columns = Allocation.__table__.c
    statement = sa.select(
        col(OrderLine.channel_id), columns.line_id, columns.item_id, columns.location_id, columns.quantity
    )
    is_meant = of(reading, columns.item_id, items)
    return reading.frame(statement.join(OrderLine, col(OrderLine.id) == columns.line_id).where(is_meant))


def open_orders(reading: Reading, channel_id: int) -> int:
    """Return how many of a channel's orders have open units."""
    statement = (
        sa.select(sa.func.count(sa.distinct(col(OrderLine.order_id))))
        .join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id))
        .where(col(OrderLine.channel_id) == channel_id)
    )
    return int(reading.scalar(statement) or 0)
