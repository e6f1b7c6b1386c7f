"""Which mails are due about some orders now, beside those that wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fillrate.db.database import Reading
from fillrate.db.queries import mails as queries
from fillrate.decide.mails import Line, Mail, Order, due
from fillrate.steps.desk import Desk
from fillrate.steps.mail.since import Since


@dataclass(frozen=True, slots=True)
class Due:
    """The mails that are due, the ids of the orders that they are about by target, and older ones that wait (changes)."""

    mails: list[Mail]
    orders: dict[str, int]
    waiting: list[Any]  # Any: rows of Change


def due_mails(desk: Desk, reading: Reading, order_ids: Sequence[int], since: Since) -> Due:
    """Return what is due about these orders."""
    before = queries.of_orders(reading, order_ids)
    said: dict[int, list[Mail]] = {}
    for row in before:
        if row.state in queries.SAID or row.plan_state == "rejected":
            said.setdefault(row.order_id, []).append(mail_of(row.after))
    found = Due([], {}, [row for row in before if row.state in queries.REPLACEABLE])
    if not since:
        return found
    rows = queries.lines(reading, order_ids, min(since.values()))
    for order_id, group in groupby(rows, key=lambda row: row.order_id):
        order = order_of(group, since, desk.settings.store.zone)
        for mail in due(order, said.get(order_id, []), rules_are_on=desk.settings.delays.enabled):
            found.mails.append(mail)
            found.orders[mail.target] = order_id
    return found


def order_of(rows: Iterable[Any], since: Since, zone: ZoneInfo) -> Order:  # Any: rows of queries.lines
    """Return an order as the rules see it."""
    rows = list(rows)
    kinds = [kind for kind, start in since.items() if rows[0].placed_at > start]
    return Order(order=rows[0].order, kinds=kinds, lines=tuple(line_of(row, zone) for row in rows))


def line_of(row: Any, zone: ZoneInfo) -> Line:  # Any: a row of queries.lines
    """Return a line as the rules see it."""
    is_late = row.likely_by is None or (row.promised is not None and row.likely_by > row.promised)
    return Line(
        line=row.platform_id,
        sku=row.sku,
        name=row.name,
        open=row.open,
        shipped=row.qty_shipped,
        cancelled=row.qty_cancelled,
        waiting=row.waiting,
        ready=row.ready,
        promised=day(row.promised, zone),
        breaks=bool(row.promised is not None and row.has_forecast and is_late),
        to_do=row.to_do or "nothing",
        tell=day(row.tell, zone),
        deadline=row.deadline,
    )


def day(at: datetime | None, zone: ZoneInfo) -> date | None:
    """Return the store's day in which an instant lies."""
    return at.astimezone(zone).date() if at else None


def mail_of(after: Any) -> Mail:  # Any: JSON
    """Return a mail as it was planned."""
    return msgspec.convert(after, Mail)


def json_of(mail: Mail) -> Any:  # Any: JSON
    """Return a mail as a plan keeps it: no address, and no link that anybody could answer with."""
    return msgspec.json.decode(msgspec.json.encode(mail))
