"""Write down that a customer was told; a day that he is told is promised to him."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.mails import KIND
from fillrate.db.queries.promises import holding
from fillrate.db.tables import Change, Channel, Notice, OrderLine, Plan
from fillrate.decide.mails import DATED
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk
from fillrate.steps.mail.due import mail_of
from fillrate.steps.promised import give
from fillrate.steps.touch import touch_lines

AN_INSTANT = timedelta(seconds=1)


def note_told(desk: Desk, tx: Writing, change: Any, run_id: str, *, is_late: bool = False) -> None:
    """Append a notice for each line of a mail that was accepted; the rules for delays look anew at lines that heard a day.

    Where they wanted another day told than the promise that holds, that day is a promise from now on. `is_late`: nobody
    knew until now that it was accepted, so what was promised or told since then came after it.
    """
    mail = mail_of(change.after)
    channel = channel_name(tx, change.channel_id)
    ids, now = tx.ids(OrderLine, change.channel_id, [one.line for one in mail.lines]), now_of(desk, tx, channel)
    days = {ids[one.line]: start_of(desk, one.ship_by) for one in mail.lines}
    told_at = min([now, *(row.told_at - AN_INSTANT for row in told_after(tx, change, days))]) if is_late else now
    told = {"mail_key": mail_key(channel, change.target), "kind": mail.message, "told_at": told_at}
    tx.insert(Notice, [{"line_id": line, **told, "ship_by": day} for line, day in days.items()])
    held = holding(tx, days)
    over = promised_since(tx, held.values(), change.changed_at) if is_late else set()
    fresh = {line: day for line, day in days.items() if day and (line not in held or held[line].ship_by != day)}
    fresh = {line: day for line, day in fresh.items() if line not in over}
    give(tx, fresh, source="slip", given_at=now, plan_id=change.plan_id, run_id=run_id)
    if mail.message in DATED and desk.settings.delays.enabled:
        touch_lines(tx, ids.values())


def told_after(reading: Reading, change: Any, line_ids: Collection[int]) -> list[Any]:  # Any: rows of Change and Notice
    """Return the notices of these lines by mails that were planned after one."""
    notices = {row.mail_key.partition(":")[2]: row for row in reading.find(Notice, "line_id", sorted(line_ids))}
    names = {"channel_id": change.channel_id, "kind": KIND}
    return [
        notices[row.target]
        for row in reading.find(Change, "target", sorted(notices), "id", "target", **names)
        if row.id > change.id
    ]


def promised_since(reading: Reading, held: Iterable[Any], at: datetime) -> set[int]:  # Any: rows of Promise
    """Return the lines whose promise that holds comes from a plan that was let through after that time."""
    plans = {row.line_id: row.plan_id for row in held if row.plan_id}
    rows = reading.find(Plan, "id", sorted(set(plans.values())), "id", "approved_at")
    late = {row.id for row in rows if row.approved_at is not None and row.approved_at > at}
    return {line for line, plan in plans.items() if plan in late}


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
