"""How both queues stand at a glance: by age and reason, what waits longest, which promises are at risk, and what is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import ageing as queries
from fillrate.db.queries import slips as slip_queries
from fillrate.decide.ageing import CLASSES, age, class_starts
from fillrate.decide.calendars import Calendar
from fillrate.steps.cancelling import asked_to_cancel
from fillrate.steps.days import store_calendar, time_now
from fillrate.steps.desk import Desk

Json = dict[str, Any]
DUE_WORKDAYS = 3
STAYS_DAYS = 30
OPEN = ("backlog", "backorder", "new")


def glance(desk: Desk, reading: Reading, shown: int) -> Json:
    """Return all of it as plain values, of each list the `shown` worst; times are ISO text in UTC."""
    at, calendar = time_now(desk, reading), store_calendar(desk)
    ages = by_age(queries.by_age(reading, class_starts(at, calendar)))
    due = queries.due(calendar.start_of(calendar.add_working_days(calendar.day_of(at), DUE_WORKDAYS)))
    return {
        "as_of": at.isoformat(),
        "units": {state: sum(row["units"] for row in ages if row["state"] == state) for state in OPEN},
        "ages": ages,
        "longest": [told(row, at, calendar) for row in queries.oldest(reading, shown)],
        "at_risk": part(reading, queries.AT_RISK, shown, at, calendar, queries.PROMISED),
        "due_soon": part(reading, due, shown, at, calendar, queries.PROMISED),
        "unpromised": part(reading, queries.UNPROMISED, shown, at, calendar),
        "proposals": [{"plan": row.id, "what": row.what, "lines": row.lines} for row in slip_queries.waiting(reading)],
        "asked_to_cancel": cancels(asked_to_cancel(desk, reading), shown),
    }


def longest(desk: Desk, reading: Reading, shown: int, reason: str) -> Json:
    """Return what has been waiting longest for one reason."""
    at = time_now(desk, reading)
    rows = queries.oldest(reading, shown, reason)
    return {"as_of": at.isoformat(), "reason": reason, "longest": [told(row, at, store_calendar(desk)) for row in rows]}


def part(
    reading: Reading, which: queries.Condition, shown: int, at: datetime, calendar: Calendar, *order: Any
) -> Json:  # Any: columns
    """Return how many lines and units there are, and the worst of them."""
    lines, units = queries.total(reading, which)
    rows = queries.first_of(reading, which, shown, *order) if lines and shown else []
    return {"lines": lines, "units": units, "worst": [told(row, at, calendar) for row in rows]}


def cancels(rows: Sequence[Json], shown: int) -> Json:
    """Return how many lines and units staff is asked to cancel, and the oldest of them."""
    return {"lines": len(rows), "units": sum(row["units"] for row in rows), "worst": rows[:shown]}


def told(row: Any, at: datetime, calendar: Calendar) -> Json:  # Any: a row of queries.first_of
    """Return open units with their order as plain values."""
    names = ("line", "sku", "state", "reason", "quantity")
    times = {name: getattr(row, name) for name in ("queued_at", "promised", "likely_by")}
    return {
        "order": f"{row.channel}:{row.order_number}",
        **{name: getattr(row, name) for name in names},
        "days": age(row.queued_at, at, calendar),
        **{name: None if value is None else value.isoformat() for name, value in times.items()},
    }


def by_age(rows: Sequence[Any]) -> list[Json]:  # Any: rows of queries.by_age
    """Return state, reason, units, and units of each class of age."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        found.setdefault((row.state, row.reason), [0] * len(CLASSES))[row.age] += row.units
    order = sorted(found, key=lambda stand: (OPEN.index(stand[0]), stand[1]))
    return [{"state": key[0], "reason": key[1], "units": sum(found[key]), "ages": found[key]} for key in order]


def time_spent(desk: Desk, reading: Reading) -> Json:
    """Return how long open units have been in their state, and how long those stayed that left it lately."""
    from fillrate.decide.stays import finished_stays, time_in_state

    at, calendar = time_now(desk, reading), store_calendar(desk)
    since = at - timedelta(days=STAYS_DAYS)
    stays = finished_stays(queries.latest_moves(reading, since))
    stays = stays[stays["left_at"] >= since]
    return {
        "in_state": by_age(queries.by_age_in_state(reading, class_starts(at, calendar))),
        "stays_days": STAYS_DAYS,
        "stays": [days(row) for row in time_in_state(stays).to_dict("records")],
    }


def days(row: Mapping[Any, Any]) -> Json:  # Any: plain values
    """Return a row with its days cut to tenths."""
    return {str(name): round(value, 1) if isinstance(value, float) else value for name, value in row.items()}
