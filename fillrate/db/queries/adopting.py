"""Questions of who takes over from another app: what is sold without a number or below nothing, and what is owed of it."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.kits import IS_KIT
from fillrate.db.tables import (
    AdoptedShelf,
    Item,
    Listing,
    Location,
    OpenUnit,
    Order,
    OrderLine,
    Product,
    Stock,
    StockReading,
)

UNITS = sa.cast(sa.func.sum(col(OpenUnit.quantity)), sa.BigInteger)


def owed_by_listing(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows
    """Return product, variant, units, orders: what is owed of goods that need stock and that the shop does not count."""
    line = OrderLine.__table__.c
    statement: Select = (
        sa.select(
            line.product_platform_id.label("product"),
            line.variant_platform_id.label("variant"),
            UNITS.label("units"),
            sa.func.count(sa.distinct(line.order_id)).label("orders"),
        )
        .join(OpenUnit, col(OpenUnit.line_id) == line.id)
        .join(
            Product,
            sa.and_(col(Product.channel_id) == line.channel_id, col(Product.platform_id) == line.product_platform_id),
        )
        .where(line.channel_id == channel_id, line.needs_stock, is_uncounted())
        .group_by(line.product_platform_id, line.variant_platform_id)
    )
    return reading.rows(statement)


def is_uncounted() -> sa.ColumnElement[bool]:
    """Return the condition that a product could be counted and is not."""
    return sa.and_(col(Product.tracking) == "none", ~col(Product.is_digital), col(Product.deleted_at).is_(None))


def once_counted(reading: Reading, channel_id: int) -> dict[str, str]:
    """Return the origin, by product, of goods that the shop counted once and does not count now."""
    statement = (
        sa.select(col(Item.origin))
        .join(StockReading, col(StockReading.item_id) == col(Item.id))
        .where(col(StockReading.channel_id) == channel_id)
        .distinct()
    )
    uncounted = sa.select(col(Product.platform_id)).where(col(Product.channel_id) == channel_id, is_uncounted())
    products = {row.platform_id for row in reading.rows(uncounted)}
    origins = [row.origin for row in reading.rows(statement.order_by(col(Item.origin)))] if products else []
    found = {origin.rpartition(":")[2].partition("/")[0]: origin for origin in origins}
    return {product: origin for product, origin in found.items() if product in products}


def variants(reading: Reading, channel_id: int, products: Collection[str]) -> list[Any]:  # Any: rows
    """Return what is sold of these uncounted products but kits: product, variant, sku, options, item_id, availability."""
    statement: Select = (
        sa.select(
            col(Listing.product_platform_id).label("product"),
            col(Listing.variant_platform_id).label("variant"),
            col(Listing.sku),
            col(Listing.options),
            col(Listing.item_id),
            col(Product.sku).label("product_sku"),
            col(Product.availability),
            IS_KIT.label("is_kit"),
        )
        .join(Product, col(Product.id) == col(Listing.product_id))
        .join(Item, col(Item.id) == col(Listing.item_id))
        .where(
            col(Listing.channel_id) == channel_id,
            col(Listing.deleted_at).is_(None),
            is_uncounted(),
            reading.is_in(col(Listing.product_platform_id), sorted(products)),
        )
        .order_by(col(Listing.id))
    )
    return reading.rows(statement)


def shelves_of(reading: Reading, channel_id: int, *, below: bool = False, items: Sequence[int] = ()) -> list[Any]:
    """Return the shelves of counted goods but kits, as last read: those below nothing, or all of some items (Any: rows).

    item_id, location_id, place, is_default, origin, sku, shown, backordered, backorder_limit, on_hand.
    """
    statement: Select = (
        sa.select(
            col(StockReading.item_id),
            col(StockReading.location_id),
            col(Location.platform_id).label("place"),
            col(Location.is_default),
            col(Item.origin),
            col(Item.sku),
            col(StockReading.shown),
            col(StockReading.backordered),
            col(StockReading.backorder_limit),
            sa.func.coalesce(col(Stock.on_hand), 0).label("on_hand"),
        )
        .join(Item, col(Item.id) == col(StockReading.item_id))
        .join(Location, col(Location.id) == col(StockReading.location_id))
        .outerjoin(
            Stock,
            sa.and_(
                col(Stock.item_id) == col(StockReading.item_id), col(Stock.location_id) == col(StockReading.location_id)
            ),
        )
        .where(col(StockReading.channel_id) == channel_id, col(Item.is_tracked), col(Location.deleted_at).is_(None))
        .where(~IS_KIT, col(StockReading.shown) < 0 if below else reading.is_in(col(StockReading.item_id), list(items)))
        .order_by(col(StockReading.item_id), col(Location.is_default).desc(), col(StockReading.location_id))
    )
    return reading.rows(statement)


def has_counters(reading: Reading, channel_id: int) -> bool:
    """Tell whether the shop was seen to count what it sells beyond its numbers."""
    statement = sa.select(col(StockReading.item_id)).where(
        col(StockReading.channel_id) == channel_id, col(StockReading.backordered).is_not(None)
    )
    return reading.first(statement.limit(1)) is not None


def adopted(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows
    """Return the shelves of a channel that are taken over, with `place`, and `item_id` and `sku` once there is an item.

    `is_over` is true of goods that are no longer sold.
    """
    statement: Select = (
        sa.select(
            *AdoptedShelf.__table__.c,
            col(Location.platform_id).label("place"),
            col(Item.id).label("item_id"),
            sa.func.coalesce(col(Item.sku), "").label("sku"),
            col(Item.discontinued_at).is_not(None).label("is_over"),
        )
        .join(Location, col(Location.id) == col(AdoptedShelf.location_id))
        .outerjoin(Item, col(Item.origin) == col(AdoptedShelf.origin))
        .where(col(AdoptedShelf.channel_id) == channel_id)
        .order_by(col(AdoptedShelf.origin), col(AdoptedShelf.location_id))
    )
    return reading.rows(statement)


def being_set(reading: Reading, channel_id: int) -> list[int]:
    """Return the items of shelves whose numbers are being written."""
    statement = (
        sa.select(col(Item.id))
        .join(AdoptedShelf, col(AdoptedShelf.origin) == col(Item.origin))
        .where(col(AdoptedShelf.channel_id) == channel_id, col(AdoptedShelf.is_open))
    )
    return sorted({row.id for row in reading.rows(statement)})


def sold_beyond(reading: Reading, channel_id: int) -> dict[tuple[int, int], int]:
    """Return the units sold beyond each number (by item and location), where the shop has no counter of them."""
    return {
        (row.item_id, row.location_id): row.beyond
        for row in adopted(reading, channel_id)
        if row.beyond and row.item_id is not None
    }


def kept_beyond(reading: Reading, origin: str) -> dict[int, int]:
    """Return by location the units of an item sold beyond its number, where we keep that since the shop does not."""
    statement = sa.select(col(AdoptedShelf.location_id), col(AdoptedShelf.beyond))
    return {row.location_id: row.beyond for row in reading.rows(statement.where(col(AdoptedShelf.origin) == origin))}


def owed_lines(reading: Reading, channel_id: int, lines: Sequence[str] | None = None) -> list[Any]:  # Any: rows
    """Return line, sku, units, modified_at (of its order) of each line of which units are open, or of all of these lines."""
    statement: Select = (
        sa.select(
            col(OrderLine.platform_id).label("line"),
            col(OrderLine.sku),
            sa.func.coalesce(UNITS, 0).label("units"),
            col(Order.modified_at),
        )
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(OpenUnit, col(OpenUnit.line_id) == col(OrderLine.id), isouter=lines is not None)
        .where(col(OrderLine.channel_id) == channel_id)
        .group_by(col(OrderLine.platform_id), col(OrderLine.sku), col(Order.modified_at))
    )
    return reading.rows(
        statement if lines is None else statement.where(reading.is_in(col(OrderLine.platform_id), lines))
    )
