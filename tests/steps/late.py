"""A merchant whose deliveries come late: the days that pass, what his customers read and answer, and what is asked of staff."""

import json
import re
from datetime import date, datetime
from typing import Any

from fillrate.settings import DelaySettings, PromiseSettings
from fillrate.steps.answers import keep_answer
from fillrate.steps.status import status
from tests.steps.post import Merchant, text_of

DAY_S = 86_400
LINK = re.compile(r"https://answers\.example\.com/a/(\S+)")
ON = DelaySettings(enabled=True)


def judged(one: Merchant, delays: DelaySettings = ON, promises: PromiseSettings | None = None) -> Merchant:
    """The same merchant under these rules."""
    one.close()
    one.world.delays = delays
    one.world.promises = promises or one.world.promises
    return one


def on(one: Merchant, day: date) -> None:
    """Let the days pass until that one, and do its work."""
    one.pass_time((day - one.today).days * DAY_S)
    one.work()


def delay(one: Merchant, order: int) -> tuple[Any, ...]:
    """What is to be done about the only line of an order, why, and until which day."""
    rows = one.rows(
        "SELECT d.to_do, d.why, d.rule, d.deadline FROM delay d JOIN order_line l ON l.id = d.line_id"
        f" JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = '{order}'"
    )
    return (*rows[0][:3], day_of(rows[0][3])) if rows else ()


def day_of(value: Any) -> date | None:
    """The day of a time of the tables, on either engine."""
    return None if value is None else (value if isinstance(value, datetime) else datetime.fromisoformat(value)).date()


def promises(one: Merchant, order: int) -> list[tuple[date | None, str]]:
    """Every day that was promised for an order's only line, and by what."""
    rows = one.rows(
        "SELECT p.ship_by, p.source FROM promise p JOIN order_line l ON l.id = p.line_id"
        f" JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = '{order}' ORDER BY p.number"
    )
    return [(day_of(day), source) for day, source in rows]


def answer(one: Merchant, choice: str, mail: int = -1) -> str:
    """Follow a link of a mail; returns the page that is shown."""
    keep, cancel = LINK.findall(text_of(one.office.taken[mail]))[:2]
    with one.desk() as desk:
        return keep_answer(desk, keep if choice == "keep" else cancel).page


def asked(one: Merchant) -> list[tuple[str, int, str, str]]:
    """What staff is asked to cancel: order, units, value, by whom."""
    with one.desk() as desk:
        found = status(desk)["asked_to_cancel"]
    return [(row["order"], row["units"], row["value"], row["by"]) for row in found]


def proposals(one: Merchant) -> list[tuple[str, str]]:
    """The plans that would move promises and wait for a person: id, and what they say."""
    with one.desk() as desk:
        return [(row["plan"], row["what"]) for row in status(desk)["glance"]["proposals"]]


def moves(one: Merchant) -> list[tuple[Any, ...]]:
    """Every move of a promise that was planned: target, before, after, state."""
    rows = one.rows("SELECT target, before, after, state FROM change WHERE kind = 'promise' ORDER BY id")
    return [(target, plain(before), plain(after), state) for target, before, after, state in rows]


def plain(value: Any) -> Any:
    """A JSON text of the tables, on either engine."""
    return json.loads(value) if isinstance(value, str) and value.startswith(('"', "null")) else value
