"""Questions about what became of promises: every one that was given, and when units of their lines left."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.delays import cancelled_by_customers
from fillrate.db.tables import Channel, Inbound, OrderLine, Promise, Run, Shipment, Supplier, Transition

if TYPE_CHECKING:
    import pandas as pd

GIVEN_UP = ("cancel-units", "undo")  # by whose runs staff gives units up, and takes them up again


def promised() -> sa.ColumnElement[bool]:
    """Return the condition that anything was ever promised for a line."""
    return sa.exists().where(col(Promise.line_id) == col(OrderLine.id))


def given(reading: Reading) -> "pd.DataFrame":
    """Return every promise as PROMISES, with the code of the supplier whose delivery decided its day, "" for none."""
    names = ("line_id", "number", "ship_by", "given_at", "source")
    statement: Select = sa.select(
        *(Promise.__table__.c[name] for name in names), sa.func.coalesce(col(Supplier.name), "").label("supplier")
    )
    statement = statement.outerjoin(Inbound, col(Inbound.id) == col(Promise.inbound_id))
    statement = statement.outerjoin(Supplier, col(Supplier.id) == col(Inbound.supplier_id))
    return reading.frame(statement)


def lines(reading: Reading) -> "pd.DataFrame":
    """Return line_id, item_id, ordered, sku, channel of every line for which anything was promised; `ordered` as it is now."""
    statement: Select = (
        sa.select(
            col(OrderLine.id).label("line_id"),
            col(OrderLine.item_id),
            col(OrderLine.qty_ordered).label("ordered"),
            col(OrderLine.sku),
            col(Channel.name).label("channel"),
        )
        .join(Channel, col(Channel.id) == col(OrderLine.channel_id))
        .where(promised())
    )
    return reading.frame(statement)


def shipped(reading: Reading) -> "pd.DataFrame":
    """Return as EXITS what left of such lines, and what came back."""
    statement: Select = (
        sa.select(
            col(Shipment.line_id),
            col(Shipment.shipped_at).label("at"),
            sa.literal("shipped").label("kind"),
            col(Shipment.quantity),
        )
        .join(OrderLine, col(OrderLine.id) == col(Shipment.line_id))
        .where(promised())
    )
    return reading.frame(statement)


def cancelled(reading: Reading) -> "pd.DataFrame":
    """Return as EXITS what was cancelled of such lines, taken up again (negative), or edited away (with `edited`).

    Staff has withdrawn what it gave up here, unless the customer had asked for that by a link; else the customer cancelled.
    """
    move = Transition.__table__.c
    by_staff = sa.select(col(Run.id)).where(col(Run.flow).in_(GIVEN_UP))
    is_withdrawn = sa.and_(move.run_id.in_(by_staff), move.line_id.not_in(cancelled_by_customers()))
    is_back = move.from_state == "cancelled"
    columns = (
        move.line_id,
        move.at,
        sa.case((is_withdrawn, "withdrawn"), else_="cancelled").label("kind"),
        (move.to_state == "none").label("edited"),
    )
    is_out = sa.or_(move.to_state == "cancelled", sa.and_(move.to_state == "none", ~is_back))
    joined = sa.join(Transition, OrderLine, col(OrderLine.id) == move.line_id)
    out: Select = sa.select(*columns, move.quantity).select_from(joined).where(is_out, promised())
    back: Select = sa.select(*columns, (-move.quantity).label("quantity")).select_from(joined)
    back = back.where(is_back, move.to_state != "none", promised())
    import pandas as pd

    return pd.concat([reading.frame(out), reading.frame(back)], ignore_index=True)
