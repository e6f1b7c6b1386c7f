"""Questions about lines that may be late: how they stand, what their customers were told and what they answered."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Answer, Channel, Delay, Forecast, Notice, OpenUnit, Order, OrderLine
from fillrate.db.tables.columns import Utc

if TYPE_CHECKING:
    import pandas as pd

TOLD = "date_moved"  # the mail that tells of a slip, with its question
CANCEL = "propose_cancel"
SAVED = ("rule", "to_do", "deadline", "ship_by", "why", "complete_at", "look_at")


def open_units() -> sa.ColumnElement[int]:
    """Return the question for the open units of one line; none where nothing of it is open."""
    units = sa.select(sa.func.sum(col(OpenUnit.quantity))).where(col(OpenUnit.line_id) == col(OrderLine.id))
    return sa.cast(units.correlate(OrderLine).scalar_subquery(), sa.BigInteger)


def lines(
    reading: Reading, channel_ids: Sequence[int], order_ids: Sequence[int] | None, at: datetime
) -> "pd.DataFrame":
    """Return the lines of these orders of some channels, and those whose day has come; None: all that are open.

    Each with its order, its units that are open (empty: none), its forecast, and whether and how it was judged before.
    """
    judged = sa.select(col(Delay.line_id))
    if order_ids is None:
        ids = judged.union(sa.select(col(OpenUnit.line_id)))
    else:
        of_orders = sa.select(col(OrderLine.id)).where(reading.is_in(col(OrderLine.order_id), order_ids))
        ids = judged.where(col(Delay.look_at) <= sa.literal(at, Utc())).union(of_orders)
    statement: Select = (
        sa.select(
            col(OrderLine.id).label("line_id"),
            col(OrderLine.order_id),
            col(Channel.name).label("channel"),
            *(Order.__table__.c[name] for name in ("status", "placed_at", "do_not_cancel")),
            sa.or_(col(OrderLine.hold) != "", col(Order.hold) != "").label("is_held"),
            open_units().label("open"),
            col(Forecast.line_id).is_not(None).label("has_forecast"),
            *(Forecast.__table__.c[name] for name in ("likely_by", "sure_by")),
            col(Delay.line_id).is_not(None).label("was_judged"),
            *(Delay.__table__.c[name].label(f"{name}_before") for name in SAVED),
        )
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(OrderLine.channel_id))
        .outerjoin(Forecast, col(Forecast.line_id) == col(OrderLine.id))
        .outerjoin(Delay, col(Delay.line_id) == col(OrderLine.id))
    )
    is_meant = sa.and_(col(OrderLine.id).in_(ids), col(OrderLine.channel_id).in_(channel_ids))
    return reading.frame(statement.where(is_meant).order_by(col(OrderLine.id)))


def told(reading: Reading, line_ids: Collection[int]) -> "pd.DataFrame":
    """Return as NOTICES which slips the customers of these lines were told."""
    statement: Select = sa.select(*(Notice.__table__.c[name] for name in ("line_id", "told_at", "ship_by")))
    is_meant = reading.is_in(col(Notice.line_id), sorted(line_ids))
    return reading.frame(statement.where(is_meant, col(Notice.kind) == TOLD))


def answered(reading: Reading, line_ids: Collection[int]) -> "pd.DataFrame":
    """Return as ANSWERS what the customers of these lines said."""
    statement: Select = sa.select(col(Notice.line_id), col(Answer.answered_at), col(Answer.answer))
    statement = statement.join(Answer, col(Answer.mail_key) == col(Notice.mail_key))
    return reading.frame(statement.where(reading.is_in(col(Notice.line_id), sorted(line_ids))))


def asked_to_cancel(reading: Reading) -> list[Any]:  # Any: rows
    """Return the open lines that staff is asked to cancel, by a rule or since the customer wants it; the oldest order first.

    channel, order, line, sku, units, given_up (units before), value_e4, currency, by_customer, deadline.
    """
    wanted = cancelled_by_customers().subquery()
    units, by_customer = open_units(), wanted.c.line_id.is_not(None)
    statement: Select = (
        sa.select(
            col(Channel.name).label("channel"),
            col(Order.platform_id).label("order"),
            col(Order.currency),
            col(OrderLine.platform_id).label("line"),
            col(OrderLine.sku),
            units.label("units"),
            col(OrderLine.qty_withdrawn).label("given_up"),
            (units * col(OrderLine.unit_price_e4)).label("value_e4"),
            by_customer.label("by_customer"),
            col(Delay.deadline),
        )
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(Order.channel_id))
        .outerjoin(Delay, col(Delay.line_id) == col(OrderLine.id))
        .outerjoin(wanted, wanted.c.line_id == col(OrderLine.id))
    )
    by_rule = sa.select(col(Delay.line_id)).where(col(Delay.to_do) == CANCEL)
    is_meant = col(OrderLine.id).in_(by_rule.union(sa.select(wanted.c.line_id)))
    statement = statement.where(is_meant, units.is_not(None))
    return reading.rows(statement.order_by(col(Order.placed_at), col(OrderLine.id)))


def cancelled_by_customers() -> Select:
    """Return the question for the lines whose customer's last answer was to cancel."""
    others, later = Answer.__table__.alias(), Notice.__table__.alias()
    keeps = sa.exists().where(
        later.c.line_id == col(Notice.line_id),
        others.c.mail_key == later.c.mail_key,
        others.c.answer == "keep",
        others.c.answered_at > col(Answer.answered_at),
    )
    statement: Select = sa.select(col(Notice.line_id)).join(Answer, col(Answer.mail_key) == col(Notice.mail_key))
    return statement.where(col(Answer.answer) == "cancel", ~keeps).distinct()
