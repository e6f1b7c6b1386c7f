"""Write down that a customer was told."""

from datetime import UTC, datetime, time

from fillrate.db.database import Writing
from fillrate.db.tables import Notice, OrderLine
from fillrate.decide.mails import DATED, Mail
from fillrate.steps.desk import Desk
from fillrate.steps.touch import touch_lines


def note_told(desk: Desk, tx: Writing, channel_id: int, key: str, mail: Mail) -> None:
    """Append a notice for each line of a mail that was accepted; the rules for delays look anew at lines that heard a day."""
    ids = tx.ids(OrderLine, channel_id, [one.line for one in mail.lines])
    zone, now = desk.settings.store.zone, desk.outside.clock.now()
    days = {
        one.line: datetime.combine(one.ship_by, time(), zone).astimezone(UTC) if one.ship_by else None
        for one in mail.lines
    }
    told = [
        {"line_id": ids[line], "mail_key": key, "kind": mail.message, "ship_by": day, "told_at": now}
        for line, day in days.items()
    ]
    tx.insert(Notice, told)
    if mail.message in DATED and desk.settings.delays.enabled:
        touch_lines(tx, ids.values())
