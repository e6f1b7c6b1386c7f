"""What a customer answers by a link in a mail: the page to show, and the one answer that is kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import answers as queries
from fillrate.db.queries import mails as mail_queries
from fillrate.db.tables import Answer, OrderLine
from fillrate.links import Answer as Word
from fillrate.links import BadLink, verify
from fillrate.report.texts import text
from fillrate.steps.correcting.holds import CUSTOMER, HOLD
from fillrate.steps.correcting.word import Said, Scene, take
from fillrate.steps.desk import Desk
from fillrate.steps.mail.due import mail_of
from fillrate.steps.mail.letters import PURPOSE
from fillrate.steps.mail.notices import note_told, now_of
from fillrate.steps.plan import end_changes, settle_plans
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_lines

Page = Literal["ask", "kept", "answered", "over", "expired", "bad"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a question is about: open units of one line, and the day that the customer was told."""

    name: str
    sku: str
    quantity: int
    ship_by: date | None


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What to show to who opens a link.

    ask: the question once more; kept: this very answer was stored now; answered: there is an answer already, which is
    `choice`; over: nothing of it is open any more; expired; bad: no link of ours. Only the first four tell of the order.
    """

    page: Page
    choice: str = ""  # keep or cancel
    order: str = ""
    lines: tuple[Line, ...] = ()
    expires_at: datetime | None = None


def look(desk: Desk, token: str) -> Look:
    """Return what to show for a link; nothing is changed, since mail scanners open links."""
    word = word_of(desk, token)
    if isinstance(word, Look):
        return word
    with desk.db.read() as reading:
        return seen(desk, reading, word)


def keep_answer(desk: Desk, token: str) -> Look:
    """Store the answer of a link if it is the first one to its question, and return what to show."""
    word = word_of(desk, token)
    if isinstance(word, Look):
        return word
    with desk.db.write("answer.kept", lock=True) as tx:
        shown = seen(desk, tx, word)
        if shown.page != "ask":
            return shown
        settle_doubt(desk, tx, word.subject)
        at = now_of(desk, tx, word.subject.partition(":")[0])
        row = {"question": word.question, "mail_key": word.subject, "answer": word.choice, "answered_at": at}
        tx.insert(Answer, [row])
        lines = queries.asked_lines(tx, word.subject)
        touch_lines(tx, lines)
        heed(desk, tx, word, lines)
    return msgspec.structs.replace(shown, page="kept")


def heed(desk: Desk, tx: Writing, word: Word, lines: Sequence[int]) -> None:
    """Hold back what a customer wants cancelled, so that nobody picks it meanwhile, and let go what he waits for after all."""
    channel = word.subject.partition(":")[0]
    is_over = word.choice == "cancel"
    before, after = ("", CUSTOMER) if is_over else (CUSTOMER, "")
    rows = tx.find(OrderLine, "id", lines, "platform_id", hold=before) if channel in desk.shops else []
    wanted = {f"line:{row.platform_id}": after for row in rows}
    log = RunLog(desk.outside.new_id(), "hold" if is_over else "release", channel)
    if wanted:
        why = text("promise", "answered_cancel" if is_over else "answered_keep")
        take(Scene(desk, tx, log, desk.shop(channel), Said(text("promise", "customer"), why)), HOLD, wanted)


def word_of(desk: Desk, token: str) -> Word | Look:
    """Return what a valid token says, or what to show instead."""
    settings = desk.settings.mail
    try:
        word = verify(settings.link_secrets if settings else (), token)
    except BadLink:
        return Look(page="bad")
    return word if word.purpose == PURPOSE and word.choice in {"keep", "cancel"} else Look(page="bad")


def seen(desk: Desk, reading: Reading, word: Word) -> Look:
    """Return what to show for a link of ours as things stand."""
    if word.is_over(now_of(desk, reading, word.subject.partition(":")[0])):
        return Look(page="expired")
    row = change_of(reading, word.subject)
    if row is None:
        return Look(page="bad")
    mail = mail_of(row.after)
    open_units = queries.open_units(reading, row.order_id)
    lines = tuple(
        Line(name=one.name, sku=one.sku, quantity=open_units[one.line], ship_by=one.ship_by)
        for one in mail.lines
        if open_units.get(one.line)
    )
    earlier = queries.answer(reading, word.question)
    page: Page = "answered" if earlier else "ask" if lines else "over"
    choice = earlier.answer if earlier else word.choice
    return Look(page=page, choice=choice, order=mail.order, lines=lines, expires_at=word.expires_at)


def change_of(reading: Reading, key: str) -> Any:  # Any: a row of Change with order_id, or None
    """Return the mail that asked."""
    channel, _, target = key.partition(":")
    return mail_queries.by_key(reading, channel, target)


def settle_doubt(desk: Desk, tx: Writing, key: str) -> None:
    """Note that a mail has arrived of which nobody knew it: its customer answers it."""
    row = change_of(tx, key)
    if row.state in {"sending", "unknown"}:
        note_told(desk, tx, row, "answer", is_late=True)
        end_changes(desk, tx, [row.id], "done", "Its customer has answered it.")
        settle_plans(tx, [row.plan_id])
