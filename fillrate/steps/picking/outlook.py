"""When the backlog is worked off at the present rate."""

from fillrate.db.database import Reading
from fillrate.db.queries import picks as queries
from fillrate.decide.working_off import WorkedOff, first_day, worked_off
from fillrate.report.picks import worked_off_in_words
from fillrate.steps.days import store_calendar, time_now
from fillrate.steps.desk import Desk


def outlook(desk: Desk, reading: Reading) -> WorkedOff:
    """Return when what is ready or being packed is done, as of the newest time that a shop told."""
    now = time_now(desk, reading)
    calendar = store_calendar(desk)
    today = calendar.day_of(now)
    gone = int(queries.in_hand(reading)["gone"].sum())  # it has left; the shop does not show it yet
    first = queries.shipments_known_since(reading)
    shipments = queries.shipments_since(reading, calendar.start_of(first_day(calendar, today)))
    since = None if first is None else calendar.day_of(first)
    return worked_off(queries.work_left(reading) - gone, shipments, calendar, today, since)


def worked_off_sentence(desk: Desk, reading: Reading) -> str:
    """Return the same in a sentence."""
    return worked_off_in_words(outlook(desk, reading))
