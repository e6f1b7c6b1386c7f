"""A planned mail as the letter that goes out: the customer's address, the words, and links to answer with."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import mails as queries
from fillrate.decide.mails import Mail, Told
from fillrate.gateway.letter import Envelope
from fillrate.links import sign
from fillrate.report.messages.facts import Facts, Line
from fillrate.settings import MailSettings
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.mail.due import day
from fillrate.steps.mail.notices import mail_key

PURPOSE = "delay"


def envelope(desk: Desk, reading: Reading, settings: MailSettings, shop: Shop, order_id: int, mail: Mail) -> Envelope:
    """Return the letter; SkipRecord says what is missing, FixSettings what is wrong with a template."""
    from fillrate.report.messages.render import render  # loads Jinja2

    order = queries.recipient(reading, order_id)
    rows = queries.lines(reading, [order_id], order.placed_at)
    facts = facts_of(desk, settings, shop, mail, order, rows)
    spoken = order.language if order.language in settings.languages else settings.language
    words = render(mail.message, facts, language=spoken, folder=settings.templates)
    key = mail_key(shop.name, mail.target)
    return Envelope(key=key, recipient=order.email, subject=words.subject, text=words.text, html=words.html)


def facts_of(
    desk: Desk, settings: MailSettings, shop: Shop, mail: Mail, order: Any, rows: Sequence[Any]
) -> Facts:  # Any: rows
    """Return what the message says."""
    zone = desk.settings.store.zone
    is_listed = {line.line for line in mail.lines}
    is_dated = mail.message in {"backordered", "date_moved"}
    others = [
        Line(
            sku=row.sku, name=row.name, quantity=row.waiting, ship_by=None if is_late(row) else day(row.promised, zone)
        )
        for row in rows
        if row.waiting and not is_dated and not (row.platform_id in is_listed and mail.message == "cancelled")
    ]
    cancelled = [row for row in rows if row.platform_id in is_listed]
    asks = mail.rule != "no_answer" and mail.deadline is not None
    links = {f"{choice}_link": link(settings, shop, mail, choice, desk) for choice in ("keep", "cancel") if asks}
    return Facts(
        store=desk.settings.store.name,
        timezone=desk.settings.store.timezone,
        order=order.platform_id,
        recipient=order.recipient,
        lines=tuple(line_of(one) for one in mail.lines),
        waiting=tuple(others),
        rule=mail.rule,
        deadline=last_moment(mail.deadline, desk) if asks and mail.deadline else None,
        is_refunded=mail.message == "cancelled" and all(row.qty_refunded >= row.qty_cancelled for row in cancelled),
        **links,
    )


def is_late(row: Any) -> bool:  # Any: a row of queries.lines
    """Tell whether a promise is known to break; its day is not told."""
    return bool(row.has_forecast and (row.likely_by is None or (row.promised and row.likely_by > row.promised)))


def line_of(one: Told) -> Line:
    """Return a line as messages show it."""
    return Line(sku=one.sku, name=one.name, quantity=one.quantity, ship_by=one.ship_by, earlier=one.earlier)


def last_moment(deadline: datetime, desk: Desk) -> datetime:
    """Return the end of the last day on which an answer is in time, as people tell it: a minute before midnight."""
    zone = desk.settings.store.zone
    return (deadline.astimezone(zone) + timedelta(days=1) - timedelta(minutes=1)).replace(tzinfo=zone)


def link(settings: MailSettings, shop: Shop, mail: Mail, choice: str, desk: Desk) -> str:
    """Return the address that gives one answer, until the end of the deadline's day."""
    assert mail.deadline is not None  # noqa: S101 - asked about by the only caller
    ends = last_moment(mail.deadline, desk) + timedelta(minutes=1)
    token = sign(settings.link_secret, PURPOSE, mail_key(shop.name, mail.target), choice, ends)
    return f"{desk.settings.receiver.public_url}/a/{token}"
