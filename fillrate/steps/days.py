"""The days and the time that decisions go by."""

from datetime import datetime

from fillrate.db.database import Reading
from fillrate.db.queries.status import shop_times
from fillrate.decide.calendars import Calendar
from fillrate.errors import FixSettings
from fillrate.steps.desk import Desk, Shop


def store_calendar(desk: Desk) -> Calendar:
    """Return the days on which the store works."""
    store = desk.settings.store
    return Calendar.of(store.zone, store.workdays, store.holidays, store.cut_off)


def location_calendar(desk: Desk, channel: str, code: str) -> Calendar:
    """Return the days on which a location works: the store's, unless its settings name its own."""
    store = desk.settings.store
    own = next((one for one in desk.settings.location if (one.channel, one.code) == (channel, code)), None)
    workdays = store.workdays if own is None or own.workdays is None else own.workdays
    holidays = store.holidays if own is None or own.holidays is None else own.holidays
    return Calendar.of(store.zone, workdays, holidays, store.cut_off)


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


def refuse_past(desk: Desk, reading: Reading, as_of: datetime | None) -> None:
    """Refuse to book anything as of a day that is over: what was promised then could never be taken back."""
    newest, calendar = max(shop_times(reading).values(), default=None), store_calendar(desk)
    if as_of is not None and newest is not None and calendar.day_of(as_of) < calendar.day_of(newest):
        what = f"{calendar.day_of(as_of)} is over: the shops are at {calendar.day_of(newest)}."
        raise FixSettings(what, next="Leave --as-of out, or add --dry-run to see what would have been.")
