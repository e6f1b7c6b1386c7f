"""When something leaves: working days, holidays and the cut-off, in zones whose clocks jump."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.calendars import Calendar

BERLIN, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")
WEEK = ("mon", "tue", "wed", "thu", "fri")
SHOP = Calendar.of(BERLIN, WEEK, [date(2026, 12, 25)], "14:00")


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),  # a Monday
        (date(2026, 3, 7), 0, date(2026, 3, 9)),  # a Saturday
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # over a weekend
        (date(2026, 3, 7), 1, date(2026, 3, 10)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # over Christmas and a weekend
        (date(2026, 12, 25), 0, date(2026, 12, 28)),
        (date(2026, 3, 2), 10, date(2026, 3, 16)),
    ],
)
def test_working_days_are_counted_over_days_off(day: date, days: int, expected: date) -> None:
    assert SHOP.add_working_days(day, days) == expected


@pytest.mark.parametrize(
    ("ready_at", "handling_days", "expected"),
    [
        ("2026-03-02 13:59", 1, "2026-03-03"),
        ("2026-03-02 14:00", 1, "2026-03-03"),  # the cut-off itself is in time
        ("2026-03-02 14:01", 1, "2026-03-04"),
        ("2026-03-02 13:59", 0, "2026-03-02"),
        ("2026-03-06 14:01", 0, "2026-03-09"),  # Friday afternoon is Monday
        ("2026-03-07 09:00", 1, "2026-03-10"),  # Saturday, before or after the cut-off, is Monday
        ("2026-03-07 18:00", 1, "2026-03-10"),
        ("2026-12-24 15:00", 1, "2026-12-29"),
        ("2026-03-27 13:30", 1, "2026-03-30"),  # summer time begins in between
        ("2026-10-23 14:30", 1, "2026-10-27"),  # and ends
    ],
)
def test_what_is_ready_at_an_instant_ships_by_a_day(ready_at: str, handling_days: int, expected: str) -> None:
    instant = datetime.fromisoformat(ready_at).replace(tzinfo=BERLIN).astimezone(UTC)

    assert SHOP.ship_by(instant, handling_days) == date.fromisoformat(expected)


def test_an_hour_that_comes_twice_does_not_count_back() -> None:
    """At 03:00 the clock goes back to 02:00: 02:40 comes before 02:20, and both are after a cut-off at 02:10."""
    night = Calendar(BERLIN, frozenset(range(7)), cut_off=time(2, 10))
    first = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)  # 02:40 summer time
    second = datetime(2026, 10, 25, 1, 5, tzinfo=UTC)  # 02:05 winter time

    assert first.astimezone(BERLIN).time() > second.astimezone(BERLIN).time()
    assert night.ship_by(first, 0) == night.ship_by(second, 0) == date(2026, 10, 26)


def test_a_day_whose_midnight_does_not_exist_begins_at_one() -> None:
    day = date(2026, 3, 8)
    havana = Calendar(HAVANA, frozenset(range(7)))

    assert havana.start_of(day).astimezone(HAVANA).hour == 1
    assert havana.day_of(havana.start_of(day)) == day
    assert havana.day_of(havana.start_of(day) - timedelta(seconds=1)) == day - timedelta(days=1)


def test_a_calendar_needs_a_working_day() -> None:
    with pytest.raises(ValueError, match="without a working day"):
        Calendar(BERLIN, frozenset())


days = st.dates(date(2024, 1, 1), date(2034, 12, 31))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - aware by timezones
calendars = st.builds(
    Calendar,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]).map(
        ZoneInfo
    ),
    workdays=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(days, max_size=8),
    cut_off=st.none() | st.times(),
)


@given(calendars, instants, st.timedeltas(timedelta(), timedelta(days=9)), st.integers(0, 12))
def test_nothing_ships_on_a_day_off_nor_does_what_is_ready_later_ship_earlier(
    calendar: Calendar, ready_at: datetime, more: timedelta, handling: int
) -> None:
    by = calendar.ship_by(ready_at, handling)

    assert calendar.is_working(by)
    assert by >= calendar.day_of(ready_at)
    assert calendar.ship_by(ready_at + more, handling) >= by
    assert calendar.ship_by(ready_at, handling + 1) > by


@given(calendars, days)
def test_a_day_begins_where_it_says(calendar: Calendar, day: date) -> None:
    assert calendar.day_of(calendar.start_of(day)) == day
    assert calendar.day_of(calendar.start_of(day) - timedelta(microseconds=1)) < day


@given(calendars, days, st.integers(0, 9))
def test_so_many_working_days_lie_in_between(calendar: Calendar, day: date, number: int) -> None:
    first, last = calendar.add_working_days(day, 0), calendar.add_working_days(day, number)

    between = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    assert sum(calendar.is_working(one) for one in between) == number
