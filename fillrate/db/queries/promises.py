"""Questions about what customers were promised."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Listing, Order, OrderLine, Promise, ShownDay

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("line_id", "number", "ship_by", "given_at", "source")


def shown(reading: Reading, line_ids: Collection[int]) -> "pd.DataFrame":
    """Return line_id, placed_at, ship_by of those of these lines whose customers were told a day when they ordered.

    The channel's own date for the order comes before what the product page showed.
    """
    day = ShownDay.__table__.c
    listed = sa.and_(
        col(Listing.channel_id) == col(OrderLine.channel_id),
        col(Listing.product_platform_id) == col(OrderLine.product_platform_id),
        col(Listing.variant_platform_id) == col(OrderLine.variant_platform_id),
        col(Listing.pack) == 1,
    )
    at_order = sa.and_(
        day.listing_id == col(Listing.id),
        day.shown_from <= col(Order.placed_at),
        sa.or_(day.shown_until.is_(None), day.shown_until > col(Order.placed_at)),
    )
    asked, own = reading.is_in(col(OrderLine.id), sorted(line_ids)), col(Order.ship_by)
    line: tuple[Any, ...] = (col(OrderLine.id).label("line_id"), col(Order.placed_at))
    by_order: Select = (
        sa.select(*line, own.label("ship_by"))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(asked, own.is_not(None))
    )
    by_page: Select = (
        sa.select(*line, day.ship_by.label("ship_by"))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Listing, listed)
        .join(ShownDay, at_order)
        .where(asked, own.is_(None))
    )
    return reading.frame(sa.select(*by_order.union_all(by_page).subquery().c))


def of_lines(reading: Reading, line_ids: Collection[int]) -> "pd.DataFrame":
    """Return as PROMISES every promise of these lines."""
    statement: Select = sa.select(*(Promise.__table__.c[name] for name in COLUMNS))
    return reading.frame(statement.where(reading.is_in(col(Promise.line_id), sorted(line_ids))))


def holding(reading: Reading, line_ids: Collection[int]) -> dict[int, Any]:  # Any: rows of Promise
    """Return the promise of each of these lines that holds: the last one."""
    rows = reading.find(Promise, "line_id", sorted(line_ids))
    return {row.line_id: row for row in sorted(rows, key=lambda row: row.number)}
