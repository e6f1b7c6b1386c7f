"""The days and the time that decisions go by."""

from datetime import datetime

from fillrate.db.database import Reading
from fillrate.db.queries.status import shop_times
from fillrate.decide.calendars import Calendar
from fillrate.steps.desk import Desk


def store_calendar(desk: Desk) -> Calendar:
    """Return the days on which the store works."""
    store = desk.settings.store
    return Calendar.of(store.zone, store.workdays, store.holidays, store.cut_off)


def newest_known_time(desk: Desk, reading: Reading) -> datetime:
    """Return the newest of the shops' own times that is saved; without one, the time here."""
    return max(shop_times(reading).values(), default=desk.outside.clock.now())
