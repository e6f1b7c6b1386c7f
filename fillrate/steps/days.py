"""The days and the time that decisions go by."""

from datetime import datetime

from fillrate.db.database import Reading
from fillrate.db.queries.status import shop_times
from fillrate.decide.calendars import Calendar
from fillrate.steps.desk import Desk, Shop


def store_calendar(desk: Desk) -> Calendar:
    """Return the days on which the store works."""
    store = desk.settings.store
    return Calendar.of(store.zone, store.workdays, store.holidays, store.cut_off)


def shop_time(desk: Desk, reading: Reading, shop: Shop) -> datetime:
    """Return the time by which what happens now counts; a practice shop's clock is its own."""
    told = shop_times(reading).get(shop.name)
    if told is not None and shop.settings.practice:
        return told
    now = desk.outside.clock.now()
    return now if told is None else max(now, told)


def time_now(desk: Desk, reading: Reading) -> datetime:
    """Return the newest of the shops' times by which what happens now counts; without a shop, the time here."""
    return max((shop_time(desk, reading, one) for one in desk.shops.values()), default=desk.outside.clock.now())


def newest_known_time(desk: Desk, reading: Reading) -> datetime:
    """Return the newest of the shops' own times that is saved; without one, the time here."""
    return max(shop_times(reading).values(), default=desk.outside.clock.now())
