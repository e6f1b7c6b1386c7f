"""When a backlog is worked off at the present rate."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from fillrate.decide.calendars import DAY, Calendar

DAYS = 20  # working days that the rate is taken from


class WorkedOff(NamedTuple):
    """Units to pick or pack, how many left in the last working days, how many days those were, and the day it is done."""

    units: int
    shipped: int
    days: int
    done_on: date | None  # None: at this rate never


def first_day(calendar: Calendar, today: date, days: int = DAYS) -> date:
    """Return the first of the last so many working days before today."""
    day = today
    while days:
        day -= DAY
        days -= calendar.is_working(day)
    return day


def worked_off(
    units: int, shipments: Sequence[tuple[datetime, int]], calendar: Calendar, today: date, since: date | None
) -> WorkedOff:
    """Return when so many units are worked off, by what was shipped (at, units) on the last working days before today.

    `since` is the day since which all that leaves is known: a shorter history counts only its own days.
    """
    start = first_day(calendar, today)
    if since is not None and since > start:
        start = min(since, today)
    shipped = sum(quantity for at, quantity in shipments if start <= calendar.day_of(at) < today)
    days = sum(calendar.is_working(start + DAY * n) for n in range((today - start).days))
    if units <= 0:
        return WorkedOff(0, shipped, days, today)
    if shipped <= 0 or not days:
        return WorkedOff(units, max(0, shipped), days, None)
    needed = -(-units * days // shipped)
    return WorkedOff(units, shipped, days, calendar.add_working_days(today, needed - 1))
