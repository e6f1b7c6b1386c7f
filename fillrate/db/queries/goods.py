"""Questions about goods as shops sell them: listings, and what of them is free, waits, or is claimed on its way."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.kits import IS_KIT
from fillrate.db.queries.queue import IN_USE
from fillrate.db.tables import Brand, Cover, Item, Listing, Location, OpenUnit, OrderLine, Product, Stock, StockReading

if TYPE_CHECKING:
    import pandas as pd

Items = Sequence[int] | None  # some items only, or all


def listed(reading: Reading, channel_id: int, items: Items) -> list[Any]:  # Any: rows
    """Return all that is sold on the pages on which a channel sells any of these items, as it last told of it.

    `is_counted` is false of what nobody counts, and of kits, which are drawn from their parts.
    """
    made_by = sa.and_(
        col(Brand.channel_id) == col(Product.channel_id), col(Brand.platform_id) == col(Product.brand_platform_id)
    )
    product = [Product.__table__.c[name] for name in ("tracking", "availability", "availability_text")]
    product += [Product.__table__.c[name] for name in ("preorder_message", "preorder_release_at")]
    statement: Select = (
        sa.select(
            *(Listing.__table__.c[name] for name in ("item_id", "product_platform_id", "variant_platform_id", "sku")),
            col(Listing.is_purchasable),
            *product,
            sa.func.coalesce(col(Brand.name), "").label("brand"),
            sa.and_(col(Item.is_tracked), ~IS_KIT).label("is_counted"),
        )
        .join(Product, col(Product.id) == col(Listing.product_id))
        .join(Item, col(Item.id) == col(Listing.item_id))
        .outerjoin(Brand, made_by)
        .where(is_sold(channel_id), col(Product.deleted_at).is_(None))
    )
    if items is not None:
        theirs = sa.select(col(Listing.product_id)).where(
            col(Listing.channel_id) == channel_id, reading.is_in(col(Listing.item_id), items)
        )
        statement = statement.where(col(Listing.product_id).in_(theirs))
    return reading.rows(statement.order_by(col(Listing.id)))


def free_units(reading: Reading, items: Sequence[int]) -> dict[int, int]:
    """Return how many units of items lie at locations in use and are set aside for nobody."""
    free = sa.func.sum(col(Stock.on_hand) - col(Stock.allocated))
    statement = (
        sa.select(col(Stock.item_id), free.label("n"))
        .join(Location, col(Location.id) == col(Stock.location_id))
        .where(IN_USE, col(Stock.on_hand) > col(Stock.allocated), reading.is_in(col(Stock.item_id), items))
        .group_by(col(Stock.item_id))
    )
    return {row.item_id: int(row.n) for row in reading.rows(statement)}


def waiting_units(reading: Reading, items: Sequence[int]) -> dict[int, int]:
    """Return how many units of items are in backorder, whoever sold them."""
    statement = (
        sa.select(col(OrderLine.item_id), sa.func.sum(col(OpenUnit.quantity)).label("n"))
        .join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id))
        .where(col(OpenUnit.state) == "backorder", reading.is_in(col(OrderLine.item_id), items))
        .group_by(col(OrderLine.item_id))
    )
    return {row.item_id: int(row.n) for row in reading.rows(statement)}


def claimed(reading: Reading, items: Sequence[int]) -> "pd.DataFrame":
    """Return inbound_id, item_id, claimed: how many units of what is on its way somebody waits for."""
    units = sa.cast(sa.func.sum(col(Cover.quantity)), sa.BigInteger)
    statement: Select = (
        sa.select(col(Cover.inbound_id), col(Cover.item_id), units.label("claimed"))
        .where(reading.is_in(col(Cover.item_id), items))
        .group_by(col(Cover.inbound_id), col(Cover.item_id))
    )
    return reading.frame(statement)


def limits(reading: Reading, channel_id: int, items: Sequence[int]) -> list[Any]:  # Any: rows
    """Return item_id, location (the channel's id of it), code, is_default, backorder_limit wherever a channel tells a limit."""
    statement: Select = (
        sa.select(
            col(StockReading.item_id),
            col(Location.platform_id).label("location"),
            col(Location.code),
            col(Location.is_default),
            col(StockReading.backorder_limit),
        )
        .join(Location, col(Location.id) == col(StockReading.location_id))
        .where(col(StockReading.channel_id) == channel_id, IN_USE, col(StockReading.backorder_limit).is_not(None))
        .where(reading.is_in(col(StockReading.item_id), items))
    )
    return reading.rows(statement.order_by(col(StockReading.item_id), col(Location.id)))


def pages(reading: Reading, channel_id: int) -> int:
    """Return how many products a channel sells."""
    return counted(reading, sa.distinct(col(Listing.product_id)), is_sold(channel_id))


def variants(reading: Reading, channel_id: int) -> int:
    """Return how many variants a channel sells."""
    return counted(reading, col(Listing.id), is_sold(channel_id))


def limited(reading: Reading, channel_id: int) -> int:
    """Return at how many places in all a channel tells a limit of an item."""
    tells = sa.and_(col(StockReading.channel_id) == channel_id, col(StockReading.backorder_limit).is_not(None))
    return counted(reading, col(StockReading.item_id), tells)


def is_sold(channel_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a listing is one of a channel's, and was not deleted."""
    return sa.and_(col(Listing.channel_id) == channel_id, col(Listing.deleted_at).is_(None))


def counted(reading: Reading, what: Any, condition: sa.ColumnElement[bool]) -> int:  # Any: a column
    """Return how many there are under a condition."""
    return int(reading.scalar(sa.select(sa.func.count(what)).where(condition)) or 0)
