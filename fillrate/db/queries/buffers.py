"""Questions about how fast channels sell, and how long they show a number that no longer holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Change, Listing, Movement, Order, OrderLine, Plan, Run

if TYPE_CHECKING:
    import pandas as pd

NEWEST = 1000  # runs, or changes of a channel, that say how long things take


def sold(reading: Reading, items: Sequence[int], since: datetime, lately: datetime) -> "pd.DataFrame":
    """Return item_id, channel_id, units, units_lately: what was ordered of these items, cancelled or not, since then."""
    line, placed = OrderLine.__table__.c, col(Order.placed_at)
    fresh = sa.case((placed >= lately, line.qty_ordered), else_=0)
    statement: Select = (
        sa.select(
            line.item_id,
            line.channel_id,
            sa.cast(sa.func.sum(line.qty_ordered), sa.BigInteger).label("units"),
            sa.cast(sa.func.sum(fresh), sa.BigInteger).label("units_lately"),
        )
        .join(Order, col(Order.id) == line.order_id)
        .where(placed >= since, line.needs_stock, reading.is_in(line.item_id, items))
        .group_by(line.item_id, line.channel_id)
    )
    return reading.frame(statement)


def sold_in_all(reading: Reading, since: datetime) -> dict[int, tuple[int, int]]:
    """Return by channel the units of known items ordered since then, and the sum over lines of their squares."""
    line = OrderLine.__table__.c
    units, squares = (
        sa.cast(sa.func.sum(one), sa.BigInteger) for one in (line.qty_ordered, line.qty_ordered * line.qty_ordered)
    )
    statement: Select = (
        sa.select(line.channel_id, units.label("units"), squares.label("squares"))
        .join(Order, col(Order.id) == line.order_id)
        .where(col(Order.placed_at) >= since, line.needs_stock, line.item_id.is_not(None))
        .group_by(line.channel_id)
    )
    return {row.channel_id: (row.units, row.squares) for row in reading.rows(statement)}


def times_come(reading: Reading, items: Sequence[int], since: datetime) -> dict[int, int]:
    """Return by item how many times there was more of it than before, for whatever reason."""
    statement: Select = (
        sa.select(col(Movement.item_id), sa.func.count().label("times"))
        .where(
            reading.is_in(col(Movement.item_id), items), col(Movement.occurred_at) >= since, col(Movement.quantity) > 0
        )
        .group_by(col(Movement.item_id))
    )
    return {row.item_id: row.times for row in reading.rows(statement)}


def listed_items(reading: Reading) -> dict[int, int]:
    """Return by channel how many items it lists."""
    items = sa.func.count(sa.distinct(col(Listing.item_id))).label("items")
    statement: Select = sa.select(col(Listing.channel_id), items).where(col(Listing.deleted_at).is_(None))
    return {row.channel_id: row.items for row in reading.rows(statement.group_by(col(Listing.channel_id)))}


def who_lists(reading: Reading, items: Sequence[int]) -> set[tuple[int, int]]:
    """Return (item, channel) of these items and the channels that list them."""
    statement: Select = sa.select(col(Listing.item_id), col(Listing.channel_id)).where(
        col(Listing.deleted_at).is_(None), reading.is_in(col(Listing.item_id), items)
    )
    return {(row.item_id, row.channel_id) for row in reading.rows(statement.distinct())}


def runs_since(reading: Reading, flows: Sequence[str], since: datetime) -> list[Any]:  # Any: rows of Run
    """Return flow, channel, started_at, problems of the newest runs of these flows that got through, oldest first."""
    statement: Select = (
        sa.select(col(Run.flow), col(Run.channel), col(Run.started_at), col(Run.problems))
        .where(col(Run.flow).in_(flows), col(Run.started_at) >= since, col(Run.state).in_(("done", "problems")))
        .order_by(col(Run.started_at).desc())
        .limit(NEWEST)
    )
    return reading.rows(statement)[::-1]


def seconds_to_write(reading: Reading, channel_id: int, kind: str, since: datetime) -> list[float]:
    """Return how long the newest changes of a kind took from the beginning of their run; none of those that waited."""
    statement: Select = (
        sa.select(col(Change.changed_at), col(Run.started_at))
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .join(Run, col(Run.id) == col(Plan.run_id))
        .where(
            col(Change.channel_id) == channel_id,
            col(Change.kind) == kind,
            col(Change.state) == "done",
            col(Run.started_at) >= since,
            col(Plan.waits_because) == "",
        )
        .order_by(col(Change.id).desc())
        .limit(NEWEST)
    )
    return [(row.changed_at - row.started_at).total_seconds() for row in reading.rows(statement)]
