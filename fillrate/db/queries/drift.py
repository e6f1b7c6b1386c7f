"""Questions about differences that reconciliations found: what they are worth, what waits, what came again."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Channel, DriftFound, Item, Listing, Product

if TYPE_CHECKING:
    import pandas as pd

WAITS = "waits"
PRICE = (
    sa.select(sa.func.coalesce(sa.func.max(sa.func.coalesce(col(Listing.price_e4), col(Product.price_e4))), 0))
    .join(Product, col(Product.id) == col(Listing.product_id))
    .where(col(Listing.channel_id) == col(DriftFound.channel_id), col(Listing.item_id) == col(DriftFound.item_id))
    .correlate(DriftFound)
    .scalar_subquery()
)
KNOWN: tuple[Any, ...] = (
    *(
        DriftFound.__table__.c[name]
        for name in ("id", "channel_id", "target", "item_id", "location_id", "drift", "evidence", "outcome")
    ),
    *(DriftFound.__table__.c[name] for name in ("base", "theirs", "wanted", "times", "found_at", "seen_at")),
    (col(DriftFound.unexplained) * col(DriftFound.times)).label("units"),
    col(Channel.name).label("channel"),
    col(Item.sku),
    col(Item.name),
    sa.cast(PRICE, sa.BigInteger).label("price_e4"),
)


def told() -> Select:
    """Return the question for findings with channel, sku, name, price_e4 (the dearest listing's) and all their units."""
    question: Select = (
        sa.select(*KNOWN)
        .join(Channel, col(Channel.id) == col(DriftFound.channel_id))
        .join(Item, col(Item.id) == col(DriftFound.item_id))
    )
    return question.order_by(col(DriftFound.id))


def found_since(reading: Reading, since: datetime, items: Sequence[int] | None = None) -> "pd.DataFrame":
    """Return what was found, or seen again, since then; of some items only where they are named."""
    question = told().where(col(DriftFound.seen_at) >= since)
    return reading.frame(question if items is None else question.where(reading.is_in(col(DriftFound.item_id), items)))


def waiting(reading: Reading, items: Sequence[int] | None = None) -> list[Any]:  # Any: rows of `told`
    """Return what waits for a person, the oldest first."""
    question = told().where(col(DriftFound.outcome) == WAITS, col(DriftFound.settled_at).is_(None))
    return reading.rows(question if items is None else question.where(reading.is_in(col(DriftFound.item_id), items)))


def numbered(reading: Reading, ids: Sequence[int]) -> list[Any]:  # Any: rows of `told`
    """Return the findings with these numbers."""
    return reading.rows(told().where(reading.is_in(col(DriftFound.id), ids)))


def open_of(reading: Reading, item_id: int) -> list[Any]:  # Any: rows of `told`
    """Return what was found of an item and is not settled."""
    return reading.rows(told().where(col(DriftFound.item_id) == item_id, col(DriftFound.settled_at).is_(None)))
