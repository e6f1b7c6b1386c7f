"""Write down that a customer was told; a day that he is told is promised to him."""

from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.promises import holding
from fillrate.db.tables import Channel, Notice, OrderLine
from fillrate.decide.mails import DATED
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk
from fillrate.steps.mail.due import mail_of
from fillrate.steps.promised import give
from fillrate.steps.touch import touch_lines


def note_told(desk: Desk, tx: Writing, change: Any, run_id: str) -> None:  # Any: a row of Change
    """Append a notice for each line of a mail that was accepted; the rules for delays look anew at lines that heard a day.

    Where they wanted another day told than the promise that holds, that day is a promise from now on.
    """
    mail = mail_of(change.after)
    channel = channel_name(tx, change.channel_id)
    ids, now = tx.ids(OrderLine, change.channel_id, [one.line for one in mail.lines]), now_of(desk, tx, channel)
    days = {ids[one.line]: start_of(desk, one.ship_by) for one in mail.lines}
    told = {"mail_key": mail_key(channel, change.target), "kind": mail.message, "told_at": now}
    tx.insert(Notice, [{"line_id": line, **told, "ship_by": day} for line, day in days.items()])
    held = holding(tx, days)
    fresh = {line: day for line, day in days.items() if day and (line not in held or held[line].ship_by != day)}
    give(tx, fresh, source="slip", given_at=now, plan_id=change.plan_id, run_id=run_id)
    if mail.message in DATED and desk.settings.delays.enabled:
        touch_lines(tx, ids.values())


def mail_key(channel: str, target: str) -> str:
    """Return the name of a mail among all of the merchant's."""
    return f"{channel}:{target}"


def channel_name(reading: Reading, channel_id: int) -> str:
    """Return the name of a channel."""
    return str(reading.scalar(sa.select(col(Channel.name)).where(col(Channel.id) == channel_id)))


def start_of(desk: Desk, day: Any) -> datetime | None:  # Any: a date, or None
    """Return the beginning of a day of the store."""
    return datetime.combine(day, time(), desk.settings.store.zone).astimezone(UTC) if day else None


def now_of(desk: Desk, reading: Reading, channel: str) -> datetime:
    """Return the time that delays are judged by: ours, but a practice shop's own, which may be another."""
    return shop_time(desk, reading, desk.shop(channel)) if channel in desk.shops else desk.outside.clock.now()
