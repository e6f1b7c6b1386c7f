"""Units that stand ready without stock and need some by now: their item is counted, or has become another one."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Writing
from fillrate.db.tables import Allocation, Item, OpenUnit, OrderLine
from fillrate.decide.states import Cause, State
from fillrate.steps.ledger import move_to_backorder


def wait_for_stock(tx: Writing, among: sa.ColumnElement[bool], run_id: str, at: datetime) -> None:
    """Let such units of these lines wait for supply, in the transaction of the fact."""
    lines: Select = sa.select(col(OrderLine.id)).where(among)
    ready, aside = units_of(OpenUnit, lines, col(OpenUnit.state) == State.BACKLOG), units_of(Allocation, lines)
    short = ready.c.units - sa.func.coalesce(aside.c.units, 0)
    statement = (
        sa.select(ready.c.line_id, short.label("units"))
        .join(OrderLine, col(OrderLine.id) == ready.c.line_id)
        .outerjoin(Item, col(Item.id) == col(OrderLine.item_id))
        .outerjoin(aside, aside.c.line_id == ready.c.line_id)
        .where(short > 0, col(OrderLine.needs_stock), sa.func.coalesce(col(Item.is_tracked), sa.true()))
    )
    uncovered = {row.line_id: row.units for row in tx.rows(statement)}
    if uncovered:
        move_to_backorder(tx, uncovered, Cause.POLICY, run_id, at)


def units_of(table: type[OpenUnit | Allocation], lines: Select, *more: sa.ColumnElement[bool]) -> sa.Subquery:
    """Return the sum of units by line."""
    columns = table.__table__.c
    units = sa.cast(sa.func.sum(columns.quantity), sa.BigInteger).label("units")
    of_these = sa.select(columns.line_id, units).where(columns.line_id.in_(lines), *more)
    return of_these.group_by(columns.line_id).subquery()
