"""Questions about what customers answered."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.mails import summed_units
from fillrate.db.tables import Answer, Notice, OrderLine


def answer(reading: Reading, question: str) -> Any:  # Any: a row of Answer, or None
    """Return what was answered to a question."""
    return reading.first(sa.select(*Answer.__table__.c).where(col(Answer.question) == question))


def open_units(reading: Reading, order_id: int) -> dict[str, int]:
    """Return the open units of each line of an order that has any, by the shop's own id."""
    units = summed_units().subquery()
    statement: Select = sa.select(col(OrderLine.platform_id), units.c.open).join(
        units, units.c.line_id == col(OrderLine.id)
    )
    return {row.platform_id: row.open for row in reading.rows(statement.where(col(OrderLine.order_id) == order_id))}


def asked_lines(reading: Reading, mail_key: str) -> list[int]:
    """Return the ids of the lines that a mail was about."""
    statement = sa.select(col(Notice.line_id)).where(col(Notice.mail_key) == mail_key)
    return [row.line_id for row in reading.rows(statement)]
