"""Questions about mails to customers: how their orders stand, what they were told, and what waits to be sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.plans import was_rejected
from fillrate.db.tables import (
    Change,
    Channel,
    Delay,
    Forecast,
    Mark,
    OpenUnit,
    Order,
    OrderLine,
    OrderMail,
    Plan,
    Promise,
)

KIND = "mail"
REPLACEABLE = ("planned", "approved", "parked")
SAID = ("sending", "unknown", "done", "failed")  # it may have been accepted, or is not to be tried again by itself
PACKABLE = ("ready", "picking")


def lines(reading: Reading, order_ids: Sequence[int], since: datetime) -> list[Any]:  # Any: rows
    """Return the lines of those of these orders that were placed since then and of which anything may be told.

    Nothing is told of an order that was closed without work, or that the shop no longer has.
    """
    numbers = sa.select(col(Promise.line_id), sa.func.max(col(Promise.number)).label("number"))
    last = numbers.group_by(col(Promise.line_id)).subquery()
    promise, units = Promise.__table__.alias(), summed_units().subquery()
    statement: Select = (
        sa.select(
            *(OrderLine.__table__.c[name] for name in ("id", "order_id", "platform_id", "sku", "name")),
            *(OrderLine.__table__.c[f"qty_{name}"] for name in ("ordered", "shipped", "cancelled", "refunded")),
            col(Order.platform_id).label("order"),
            col(Order.placed_at),
            sa.func.coalesce(units.c.waiting, 0).label("waiting"),
            sa.func.coalesce(units.c.ready, 0).label("ready"),
            sa.func.coalesce(units.c.open, 0).label("open"),
            promise.c.ship_by.label("promised"),
            col(Forecast.line_id).is_not(None).label("has_forecast"),
            col(Forecast.likely_by),
            *(Delay.__table__.c[name] for name in ("to_do", "deadline")),
            col(Delay.ship_by).label("tell"),
        )
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .outerjoin(units, units.c.line_id == col(OrderLine.id))
        .outerjoin(last, last.c.line_id == col(OrderLine.id))
        .outerjoin(promise, sa.and_(promise.c.line_id == last.c.line_id, promise.c.number == last.c.number))
        .outerjoin(Forecast, col(Forecast.line_id) == col(OrderLine.id))
        .outerjoin(Delay, col(Delay.line_id) == col(OrderLine.id))
    )
    is_alive = sa.and_(col(Order.note) == "", col(Order.deleted_at).is_(None))
    is_meant = sa.and_(reading.is_in(col(OrderLine.order_id), order_ids), col(Order.placed_at) >= since, is_alive)
    statement = statement.where(is_meant, may_be_told(reading, order_ids))
    return reading.rows(statement.order_by(col(OrderLine.order_id), col(OrderLine.id)))


def summed_units() -> Select:
    """Return the question for the units of each line that are open, wait for supply, or can be packed."""
    units = col(OpenUnit.quantity)
    sums = {
        "open": units,
        "waiting": sa.case((col(OpenUnit.state) == "backorder", units), else_=0),
        "ready": sa.case((col(OpenUnit.reason).in_(PACKABLE), units), else_=0),
    }
    columns = [sa.cast(sa.func.sum(one), sa.BigInteger).label(name) for name, one in sums.items()]
    statement: Select = sa.select(col(OpenUnit.line_id), *columns)
    return statement.group_by(col(OpenUnit.line_id))


def may_be_told(reading: Reading, order_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition that anything of a line's order waits, has left or was cancelled, or was told before."""
    other = OrderLine.__table__.alias()
    is_news = sa.or_(
        other.c.qty_shipped > 0,
        other.c.qty_cancelled > 0,
        sa.exists().where(col(OpenUnit.line_id) == other.c.id, col(OpenUnit.state) == "backorder"),
        sa.exists().where(col(Delay.line_id) == other.c.id, col(Delay.to_do) != "nothing"),
    )
    with_news = sa.select(other.c.order_id).where(reading.is_in(other.c.order_id, order_ids), is_news)
    with_mail = sa.select(col(OrderMail.order_id)).where(reading.is_in(col(OrderMail.order_id), order_ids))
    return sa.or_(col(OrderLine.order_id).in_(with_news), col(OrderLine.order_id).in_(with_mail))


def of_orders(reading: Reading, order_ids: Sequence[int]) -> list[Any]:  # Any: rows of Change with order_id, plan_state
    """Return the mails about these orders that wait or were said, the oldest first; those of a refused plan were said too."""
    statement = (
        sa.select(*Change.__table__.c, col(OrderMail.order_id), col(Plan.state).label("plan_state"))
        .join(OrderMail, col(OrderMail.change_id) == col(Change.id))
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(
            reading.is_in(col(OrderMail.order_id), order_ids),
            sa.or_(col(Change.state).in_((*SAID, *REPLACEABLE)), was_rejected()),
        )
    )
    return reading.rows(statement.order_by(col(Change.id)))


def to_send(
    reading: Reading, channel_id: int, change_id: int | None = None
) -> list[Any]:  # Any: rows of Change, order_id
    """Return a channel's mails of approved plans that are to be sent, the oldest first; or only one of them, if it is."""
    statement = about(sa.select(*Change.__table__.c, col(OrderMail.order_id)), channel_id).where(
        col(Plan.state) == "approved", col(Change.state).in_(("approved", "parked"))
    )
    is_meant = sa.true() if change_id is None else col(Change.id) == change_id
    return reading.rows(statement.where(is_meant).order_by(col(Change.id)))


def cut_off(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows of Change
    """Return a channel's mails that were being sent when their run ended."""
    statement = about(sa.select(*Change.__table__.c), channel_id).where(col(Change.state) == "sending")
    return reading.rows(statement.order_by(col(Change.id)))


def about(statement: Select, channel_id: int) -> Select:
    """Return a question for changes with their plan and order, of the mails of one channel."""
    joined = statement.join(Plan, col(Plan.id) == col(Change.plan_id))
    joined = joined.join(OrderMail, col(OrderMail.change_id) == col(Change.id))
    return joined.where(col(Change.channel_id) == channel_id, col(Change.kind) == KIND)


def is_any_sent(reading: Reading, channel_id: int) -> bool:
    """Tell whether a mail of this channel was ever approved."""
    statement = about(sa.select(col(Change.id)), channel_id).where(col(Plan.approved_at).is_not(None))
    return reading.first(statement.limit(1)) is not None


def by_key(reading: Reading, channel: str, target: str) -> Any:  # Any: a row of Change with order_id, or None
    """Return the latest mail with this key."""
    statement = (
        sa.select(*Change.__table__.c, col(OrderMail.order_id))
        .join(Channel, col(Channel.id) == col(Change.channel_id))
        .join(OrderMail, col(OrderMail.change_id) == col(Change.id))
        .where(col(Channel.name) == channel, col(Change.kind) == KIND, col(Change.target) == target)
    )
    return reading.first(statement.order_by(col(Change.id).desc()).limit(1))


def in_state(reading: Reading, states: Sequence[str], limit: int) -> list[Any]:  # Any: rows
    """Return channel, target, state, attempts, answer, changed_at of mails in some states, the latest first."""
    names = ("target", "state", "attempts", "answer", "changed_at", "plan_id")
    statement: Select = (
        sa.select(col(Channel.name).label("channel"), *(Change.__table__.c[name] for name in names))
        .join(Channel, col(Channel.id) == col(Change.channel_id))
        .where(col(Change.kind) == KIND, col(Change.state).in_(states))
    )
    return reading.rows(statement.order_by(col(Change.changed_at).desc(), col(Change.id).desc()).limit(limit))


def recipient(reading: Reading, order_id: int) -> Any:  # Any: a row of Order
    """Return one order."""
    return reading.first(sa.select(*Order.__table__.c).where(col(Order.id) == order_id))


def newest_order(reading: Reading, channel_id: int) -> datetime | None:
    """Return when the newest order of a channel was placed."""
    found: datetime | None = reading.scalar(
        sa.select(sa.func.max(col(Order.placed_at))).where(col(Order.channel_id) == channel_id)
    )
    return found


def marks(reading: Reading, prefix: str) -> dict[str, str]:
    """Return the values of all marks whose name begins so."""
    rows = reading.rows(sa.select(*Mark.__table__.c).where(col(Mark.name).startswith(prefix, autoescape=True)))
    return {row.name: row.value for row in rows}
