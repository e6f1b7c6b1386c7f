"""Units that stand ready without stock and need some by now: their item is counted, or has become another one."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Writing
from fillrate.db.tables import Allocation, Item, KitPart, OpenUnit, OrderLine
from fillrate.decide.states import Cause, State
from fillrate.steps.kits.fit import fit
from fillrate.steps.ledger import move_to_backorder


def wait_for_stock(tx: Writing, among: sa.ColumnElement[bool], run_id: str, at: datetime) -> None:
    """Let such units of these lines wait for supply, in the transaction of the fact; a kit's units need its parts."""
    is_kit = sa.exists().where(col(KitPart.kit_id) == col(OrderLine.item_id))
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    of_kits = tx.rows(sa.select(col(OrderLine.id)).where(among, is_kit, is_open))
    fit(tx, [row.id for row in of_kits], run_id, at, kits_only=True)
    lines: Select = sa.select(col(OrderLine.id)).where(among, ~is_kit)
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
