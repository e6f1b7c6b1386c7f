"""What open lines were sold for, and what their goods cost."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Listing, OpenUnit, OrderLine, Product

if TYPE_CHECKING:
    import pandas as pd


def unit_prices(reading: Reading) -> "pd.DataFrame":
    """Return line_id, unit_price_e4, cost_e4 of a unit of every line with open units; the cost is empty where nobody told it."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    listed = sa.and_(
        col(Listing.channel_id) == col(OrderLine.channel_id),
        col(Listing.product_platform_id) == col(OrderLine.product_platform_id),
        col(Listing.variant_platform_id) == col(OrderLine.variant_platform_id),
        col(Listing.pack) == 1,
    )
    cost = sa.func.coalesce(col(Listing.cost_e4), col(Product.cost_e4))
    statement: Select = (
        sa.select(col(OrderLine.id).label("line_id"), col(OrderLine.unit_price_e4), cost.label("cost_e4"))
        .outerjoin(Listing, listed)
        .outerjoin(Product, col(Product.id) == col(Listing.product_id))
        .where(is_open)
    )
    return reading.frame(statement)
