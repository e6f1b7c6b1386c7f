"""When a backlog is worked off, by what was shipped on the last working days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fillrate.decide.calendars import Calendar
from fillrate.decide.working_off import WorkedOff, first_day, worked_off

WEEK = Calendar(ZoneInfo("UTC"), frozenset(range(5)), frozenset({date(2026, 3, 6)}))
MONDAY = date(2026, 3, 30)
LONG_AGO = date(2020, 1, 1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_the_rate_is_of_the_last_twenty_working_days_without_today() -> None:
    assert first_day(WEEK, MONDAY) == date(2026, 2, 27)  # a holiday lies between
    shipments = [(at(MONDAY - timedelta(days=3)), 40), (at(MONDAY), 500), (at(date(2026, 2, 26)), 500)]
    assert worked_off(5, shipments, WEEK, MONDAY, LONG_AGO) == WorkedOff(5, 40, 20, date(2026, 4, 1))


def test_what_is_done_today_ends_today_and_weekends_are_free() -> None:
    shipments = [(at(MONDAY - timedelta(days=3)), 20)]
    assert worked_off(1, shipments, WEEK, MONDAY, LONG_AGO).done_on == MONDAY
    assert worked_off(6, shipments, WEEK, MONDAY, LONG_AGO).done_on == date(2026, 4, 6)


def test_a_short_history_counts_its_own_days_only() -> None:
    shipments = [(at(MONDAY - timedelta(days=3)), 20)]
    assert worked_off(20, shipments, WEEK, MONDAY, MONDAY - timedelta(days=3)) == WorkedOff(20, 20, 1, MONDAY)


def test_without_shipments_nobody_can_say() -> None:
    assert worked_off(6, [], WEEK, MONDAY, None).done_on is None
    assert worked_off(6, [(at(MONDAY - timedelta(days=3)), -2)], WEEK, MONDAY, LONG_AGO) == WorkedOff(6, 0, 20, None)
    assert worked_off(0, [], WEEK, MONDAY, None).done_on == MONDAY
