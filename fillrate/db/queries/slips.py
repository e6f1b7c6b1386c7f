"""Questions about deliveries that slip: what lines waited for before, what is proposed and decided, and what it is about."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.delays import open_units
from fillrate.db.queries.plans import is_unsettled, was_rejected
from fillrate.db.tables import Change, Inbound, OpenUnit, Order, OrderLine, Plan

if TYPE_CHECKING:
    import pandas as pd

KIND = "promise"


def decided(reading: Reading, channel_id: int, targets: Collection[str]) -> list[Any]:  # Any: rows of Change
    """Return the moves of these lines' promises that a person refused, and those to no day that a person has seen.

    The latest last.
    """
    statement: Select = (
        sa.select(*Change.__table__.c)
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(
            col(Change.channel_id) == channel_id,
            col(Change.kind) == KIND,
            reading.is_in(col(Change.target), sorted(targets)),
            sa.or_(was_rejected(), sa.and_(col(Change.state) == "done", col(Change.after).is_(None))),
        )
    )
    return reading.rows(statement.order_by(col(Change.id)))


def open_lines(reading: Reading, line_ids: Collection[int]) -> set[int]:
    """Return those of these lines of which anything is open."""
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    statement = sa.select(col(OrderLine.id)).where(reading.is_in(col(OrderLine.id), sorted(line_ids)), is_open)
    return {row.id for row in reading.rows(statement)}


def facts(reading: Reading, line_ids: Collection[int]) -> "pd.DataFrame":
    """Return line_id, channel_id, platform_id, open, unit_price_e4, currency of these lines."""
    statement: Select = sa.select(
        col(OrderLine.id).label("line_id"),
        *(OrderLine.__table__.c[name] for name in ("channel_id", "platform_id", "unit_price_e4")),
        sa.func.coalesce(open_units(), 0).label("open"),
        col(Order.currency),
    ).join(Order, col(Order.id) == col(OrderLine.order_id))
    return reading.frame(statement.where(reading.is_in(col(OrderLine.id), sorted(line_ids))))


def proposed(reading: Reading, channel_id: int, order_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return the moves that wait for a person, of lines of these orders: id, plan_id, target, before, after, line_id, and
    whether anything is open of the line.
    """
    line = sa.func.substr(col(Change.target), len("line:") + 1)
    statement: Select = (
        sa.select(
            *(Change.__table__.c[name] for name in ("id", "plan_id", "target", "before", "after")),
            col(OrderLine.id).label("line_id"),
            sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id)).label("is_open"),
        )
        .join(
            OrderLine, sa.and_(col(OrderLine.platform_id) == line, col(OrderLine.channel_id) == col(Change.channel_id))
        )
        .where(
            col(Change.channel_id) == channel_id,
            col(Change.kind) == KIND,
            is_unsettled(),
            col(Change.state) == "planned",
            reading.is_in(col(OrderLine.order_id), order_ids),
        )
    )
    return reading.rows(statement)


def waiting(reading: Reading) -> list[Any]:  # Any: rows
    """Return the plans that would move promises and wait for a person, the oldest first: id, what (in words), lines."""
    statement: Select = (
        sa.select(col(Plan.id), col(Plan.waits_because).label("what"), sa.func.count().label("lines"))
        .join(Change, col(Change.plan_id) == col(Plan.id))
        .where(col(Plan.state) == "waiting", col(Change.kind) == KIND, is_unsettled(), col(Change.state) == "planned")
        .group_by(col(Plan.id), col(Plan.waits_because), col(Plan.created_at))
    )
    return reading.rows(statement.order_by(col(Plan.created_at), col(Plan.id)))


def deliveries(reading: Reading, inbound_ids: Collection[int]) -> dict[int, str]:
    """Return what to call each of these lines on their way: its reference and its SKU."""
    rows = reading.find(Inbound, "id", sorted(inbound_ids), "id", "reference", "sku")
    return {row.id: f"{row.reference} ({row.sku})" if row.sku else row.reference for row in rows}
