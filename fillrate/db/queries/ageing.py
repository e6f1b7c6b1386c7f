"""Questions about what waits: how much of what age, what waits longest, and which promises are at risk.

Sums are made by the database in one statement each; lists are of the worst few.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Channel, Forecast, OpenUnit, Order, OrderLine, Promise, Transition
from fillrate.db.tables.columns import Utc

if TYPE_CHECKING:
    import pandas as pd

UNITS = OpenUnit.__table__.c
Condition = sa.ColumnElement[bool]
LATEST_MOVES = 100_000  # more than these are not looked at, however long ago they were


def by_age(reading: Reading, starts: Sequence[datetime]) -> list[Any]:  # Any: rows
    """Return state, reason, age (number of the class), units of all open units by when they joined the queue."""
    return reading.rows(aged(UNITS.queued_at, starts, sa.select(UNITS.state, UNITS.reason)))


def by_age_in_state(reading: Reading, starts: Sequence[datetime]) -> list[Any]:  # Any: rows
    """Return the same by when units of their line last came into the state and reason in which they are."""
    came = Transition.__table__.c
    last = (
        sa.select(sa.func.max(came.at))
        .where(came.line_id == UNITS.line_id, came.to_state == UNITS.state, came.to_reason == UNITS.reason)
        .scalar_subquery()
    )
    since = sa.select(UNITS.state, UNITS.reason, UNITS.quantity, last.label("since")).subquery().c
    return reading.rows(aged(since.since, starts, sa.select(since.state, since.reason), since.quantity))


def aged(
    at: Any, starts: Sequence[datetime], question: Select, quantity: Any = UNITS.quantity
) -> Select:  # Any: columns
    """Return a question about states and reasons, summed by class of age as well."""
    whens = [(at >= sa.literal(start, Utc()), number) for number, start in enumerate(starts)]
    age = sa.case(*whens, else_=len(starts)).label("age")
    state, reason = question.selected_columns[:2]
    units = sa.cast(sa.func.sum(quantity), sa.BigInteger).label("units")
    return question.add_columns(age, units).group_by(state, reason, age)


HOLDS = aliased(Promise)  # of a line's promises the last one
PROMISED, LIKELY_BY = col(HOLDS.ship_by), col(Forecast.likely_by)
BY_TIME = (UNITS.queued_at, UNITS.line_id, UNITS.state, UNITS.reason)
IS_LATE = sa.or_(LIKELY_BY.is_(None), LIKELY_BY > PROMISED)
# waits for goods, or for the rest of its order, and will leave later than promised, or nobody knows when
AT_RISK = sa.and_(
    sa.or_(UNITS.state == "backorder", UNITS.reason == "ship_complete"),
    PROMISED.is_not(None),
    col(Forecast.line_id).is_not(None),
    IS_LATE,
)
UNPROMISED = sa.and_(UNITS.state == "backorder", PROMISED.is_(None))  # waits, and its customer was never told a day


def due(until: datetime) -> Condition:
    """Return the condition that units are there, are promised for no later than that, and nobody packs them yet."""
    return sa.and_(UNITS.state == "backlog", UNITS.reason != "picking", sa.literal(until, Utc()) >= PROMISED)


def waiting(*columns: Any) -> Select:  # Any: columns
    """Return the question for open units, with the forecast of their line and the promise that holds."""
    other = aliased(Promise)
    last = sa.select(sa.func.max(other.number)).where(col(other.line_id) == UNITS.line_id).scalar_subquery()
    statement: Select = (
        sa.select(*columns)
        .select_from(OpenUnit)
        .outerjoin(Forecast, col(Forecast.line_id) == UNITS.line_id)
        .outerjoin(HOLDS, sa.and_(col(HOLDS.line_id) == UNITS.line_id, col(HOLDS.number) == last))
    )
    return statement


def oldest(reading: Reading, limit: int, reason: str | None = None) -> list[Any]:  # Any: rows as those of `told`
    """Return what has been waiting longest, of all or for one reason."""
    which = sa.true() if reason is None else UNITS.reason == reason
    first = sa.select(UNITS.line_id).where(which).order_by(*BY_TIME).limit(limit)
    return told(reading, first, which, limit)


def first_of(reading: Reading, which: Condition, limit: int, *order: Any) -> list[Any]:  # Any: columns, rows
    """Return the first few of some; see `told` for the columns."""
    first = waiting(UNITS.line_id).where(which).order_by(*order, *BY_TIME).limit(limit)
    return told(reading, first, which, limit, *order)


def told(reading: Reading, first: Select, which: Condition, limit: int, *order: Any) -> list[Any]:  # Any: as above
    """Return the open units of the lines that `first` finds, with their order; so that the others need not be looked up.

    channel, order_number, line, sku, state, reason, quantity, queued_at, promised, likely_by.
    """
    facts = (
        col(Channel.name).label("channel"),
        col(Order.platform_id).label("order_number"),
        col(OrderLine.platform_id).label("line"),
        col(OrderLine.sku),
        *(UNITS[name] for name in ("state", "reason", "quantity", "queued_at")),
        PROMISED.label("promised"),
        LIKELY_BY.label("likely_by"),
    )
    statement = (
        waiting(*facts)
        .join(OrderLine, col(OrderLine.id) == UNITS.line_id)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .where(which, reading.is_in(UNITS.line_id, sorted({row.line_id for row in reading.rows(first)})))
    )
    return reading.rows(statement.order_by(*order, *BY_TIME).limit(limit))


def total(reading: Reading, which: Condition) -> tuple[int, int]:
    """Return how many lines and units there are."""
    sums = waiting(sa.func.count(sa.distinct(UNITS.line_id)), sa.cast(sa.func.sum(UNITS.quantity), sa.BigInteger))
    lines, units = reading.rows(sums.where(which))[0]
    return int(lines), int(units or 0)


def latest_moves(reading: Reading, since: datetime) -> "pd.DataFrame":
    """Return all moves of the lines of which units moved since then, in their order; only the latest are looked at.

    line_id, quantity, from_state, from_reason, to_state, to_reason, at.
    """
    move = Transition.__table__.c
    last = reading.scalar(sa.select(sa.func.max(move.id))) or 0
    moved = sa.select(move.line_id).where(move.id > last - LATEST_MOVES, move.at >= since).distinct()
    names = ("line_id", "quantity", "from_state", "from_reason", "to_state", "to_reason", "at")
    statement: Select = sa.select(*(move[name] for name in names)).where(move.line_id.in_(moved)).order_by(move.id)
    return reading.frame(statement)
