"""What open lines were sold for."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import OpenUnit, OrderLine

if TYPE_CHECKING:
    import pandas as pd


def unit_prices(reading: Reading) -> "pd.DataFrame":
    """Return line_id, unit_price_e4 of every line with open units."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    statement: Select = sa.select(col(OrderLine.id).label("line_id"), col(OrderLine.unit_price_e4)).where(is_open)
    return reading.frame(statement)
