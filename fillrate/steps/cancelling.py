"""What staff is asked to cancel, in one list. Nothing is cancelled by itself.

By the rules for delays, since the customer wants it, since it is unpaid for too long, or since a person gave it up here and the
shop still shows it.
"""

from collections.abc import Collection, Iterator
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import status as queries
from fillrate.db.queries.delays import asked_to_cancel as late_lines
from fillrate.report.money import money
from fillrate.report.texts import text
from fillrate.steps.correcting.cancelled_units import to_cancel
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk

Json = dict[str, Any]  # Any: plain values


def asked_to_cancel(desk: Desk, reading: Reading) -> list[Json]:
    """Return the lines: order, line, sku, units, value, by (customer, rule, unpaid or given_up), why, deadline, next (step)."""
    late = list(late_or_unwanted(reading))
    return [*late, *unpaid(desk, reading, {one["line"] for one in late}), *given_up(desk, reading)]


def late_or_unwanted(reading: Reading) -> Iterator[Json]:
    """Yield what customers want cancelled, and what the rules for delays do."""
    for row in late_lines(reading):
        by = "customer" if row.by_customer else "rule"
        until = None if row.by_customer or row.deadline is None else row.deadline.isoformat()
        command = f"fillrate cancel-units line {row.channel}:{row.line} {row.given_up + row.units} --reason TEXT"
        yield told(row, by, text("cancel_by", by), text("cancel_next", by, command=command), until)


def unpaid(desk: Desk, reading: Reading, but: Collection[str]) -> Iterator[Json]:
    """Yield what is unpaid for longer than the policy allows, by the clock of its shop; without the lines of `but`."""
    times, newest = queries.shop_times(reading), time_now(desk, reading)
    for row in queries.unpaid(reading):
        age = (times.get(row.channel, newest) - row.placed_at).days
        if age > desk.settings.policy.for_(channel=row.channel).unpaid_days and f"{row.channel}:{row.line}" not in but:
            yield told(row, "unpaid", text("cancel_by", "unpaid", days=age), text("cancel_next", "unpaid"))


def given_up(desk: Desk, reading: Reading) -> Iterator[Json]:
    """Yield what a person gave up here, and the shop still shows as wanted."""
    for row in to_cancel(desk, reading):
        why = (
            text("cancel_by", "given_up", who=row.who, reason=row.reason) if row.who else text("cancel_by", "somebody")
        )
        yield told(row, "given_up", why, text("cancel_next", "given_up"))


def told(row: Any, by: str, why: str, to_do: str, deadline: str | None = None) -> Json:  # Any: a row with its channel
    """Return one line of the list."""
    return {
        "order": f"{row.channel}:{row.order}",
        "line": f"{row.channel}:{row.line}",
        "sku": row.sku,
        "units": row.units,
        "value": money(row.value_e4, row.currency),
        "by": by,
        "why": why,
        "deadline": deadline,
        "next": to_do,
    }
