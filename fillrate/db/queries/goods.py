"""Questions about goods as shops sell them: listings, and what of them is free, waits, or is claimed on its way."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.kits import IS_KIT
from fillrate.db.queries.queue import IN_USE
from fillrate.db.tables import Brand, Cover, Item, Listing, Location, OpenUnit, OrderLine, Product, Stock

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
        .where(col(Listing.channel_id) == channel_id, col(Listing.deleted_at).is_(None))
        .where(col(Product.deleted_at).is_(None))
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


def how_many(reading: Reading, channel_id: int, column: str) -> int:
    """Return how many different products, or variants, a channel sells."""
    different = sa.func.count(sa.distinct(Listing.__table__.c[column]))
    alive = (col(Listing.channel_id) == channel_id, col(Listing.deleted_at).is_(None))
    return int(reading.scalar(sa.select(different).where(*alive)) or 0)
