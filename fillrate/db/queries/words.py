"""Questions about what people said of orders, lines and deliveries."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Change, Plan


def words(
    reading: Reading, channel_id: int, flows: Sequence[str], targets: Collection[str]
) -> list[Any]:  # Any: rows of Change with `who` and `at`
    """Return the words that were booked on these targets by these flows, the oldest first."""
    statement: Select = (
        sa.select(*Change.__table__.c, col(Plan.approved_by).label("who"), col(Plan.approved_at).label("at"))
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(
            col(Change.channel_id) == channel_id,
            reading.is_in(col(Change.target), sorted(targets)),
            col(Change.state) == "done",
            col(Plan.flow).in_(flows),
        )
    )
    return reading.rows(statement.order_by(col(Change.id)))
