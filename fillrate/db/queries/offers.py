"""Questions about what rules go by: the brand, SKU and categories of what a channel sells."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Brand, Category, Channel, Item, Listing, Product


def facts_of_listings(
    reading: Reading, channel_id: int, items: Sequence[int], asked: Sequence[str]
) -> dict[int, dict[str, Any]]:  # Any: a text, or a tuple of them
    """Return by item what rules go by (brand, sku, category): as this channel tells it, else as its home channel does."""
    made_by = sa.and_(
        col(Brand.channel_id) == col(Product.channel_id), col(Brand.platform_id) == col(Product.brand_platform_id)
    )
    statement: Select = (
        sa.select(
            col(Listing.item_id),
            col(Listing.channel_id),
            col(Item.sku),
            sa.func.coalesce(col(Brand.name), "").label("brand"),
            col(Product.category_platform_ids).label("categories"),
        )
        .join(Item, col(Item.id) == col(Listing.item_id))
        .join(Product, col(Product.id) == col(Listing.product_id))
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .outerjoin(Brand, made_by)
        .where(reading.is_in(col(Listing.item_id), items), col(Listing.deleted_at).is_(None))
        .order_by(sa.case((col(Listing.channel_id) == channel_id, 0), else_=1), col(Channel.holds_stock).desc())
        .order_by(col(Listing.id))
    )
    names = category_names(reading) if "category" in asked else {}
    found: dict[int, dict[str, Any]] = {}
    for row in reading.rows(statement):
        facts = found.setdefault(row.item_id, {"brand": "", "sku": row.sku, "category": ()})
        facts["brand"] = facts["brand"] or row.brand
        facts["category"] = facts["category"] or tuple(
            names[row.channel_id, one] for one in row.categories if (row.channel_id, one) in names
        )
    return {item: {name: facts[name] for name in asked} for item, facts in found.items()}


def category_names(reading: Reading) -> dict[tuple[int, str], str]:
    """Return the name of each category, by channel and the channel's id of it."""
    statement: Select = sa.select(col(Category.channel_id), col(Category.platform_id), col(Category.name))
    return {(row.channel_id, row.platform_id): row.name for row in reading.rows(statement)}
