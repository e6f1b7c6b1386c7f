"""How late a supplier really is, by hand counts, and when what is on its way comes."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.calendars import Calendar
from fillrate.decide.lateness import NOBODY, arrivals, lateness_of, lead_times_of

TODAY = date(2026, 6, 1)
EVERY_DAY = {NOBODY: Calendar(ZoneInfo("UTC"), frozenset(range(7)))}


def told(*rows: tuple[int, str, str, str]) -> pd.DataFrame:
    """Rows of (supplier, reference, received on, told for)."""
    frame = pd.DataFrame(rows, columns=["supplier_id", "reference", "received_on", "told_for"])
    moments = dict.fromkeys(("received_on", "told_for"), "datetime64[us]")
    return frame.astype({"supplier_id": "int64", "reference": "str", **moments})


def late(supplier: int, *days: int, received: str = "2026-06-01", name: str = "PO") -> list[tuple[int, str, str, str]]:
    """Deliveries received on a day, so many days late each."""
    on = pd.Timestamp(received)
    return [(supplier, f"{name}{n}", received, f"{on - pd.Timedelta(days=one):%Y-%m-%d}") for n, one in enumerate(days)]


def found(rows: list[tuple[int, str, str, str]], default: int = 7) -> dict[int, tuple[int, float, float]]:
    """Deliveries, median and 90th percentile by supplier."""
    frame = lateness_of(told(*rows), TODAY, default)
    return {
        int(row.supplier_id): (int(row.deliveries), round(row.median_days, 6), round(row.sure_days, 6))
        for row in frame.itertuples()
    }


def test_the_median_and_the_ninth_of_ten() -> None:
    assert found(late(1, 0, 1, 1, 2, 3, 4, 5, 6, 9, 30))[1] == (10, 3.0, 9.0)


def test_who_delivers_early_is_late_by_less_than_nothing() -> None:
    assert found(late(1, -3, -2, -2, -2, 0, 1))[1] == (6, -2.0, 1.0)


def test_every_date_that_was_told_of_a_delivery_is_an_observation() -> None:
    """Told for the 10th, slipped to the 20th, came on the 21st: 11 days late, and 1 day; told twice, it counts once."""
    rows = [
        (1, "PO", "2026-05-21", "2026-05-10"),
        (1, "PO", "2026-05-21", "2026-05-20"),
        (1, "PO", "2026-05-21", "2026-05-20"),
    ]

    assert found(rows)[1] == (1, 1.0, 11.0)


def test_one_reference_received_on_two_days_is_two_deliveries() -> None:
    rows = [(1, "PO", "2026-05-21", "2026-05-20"), (1, "PO", "2026-05-25", "2026-05-20")]

    assert found(rows)[NOBODY] == (2, 5.0, 5.0)  # the younger one weighs a little more


def test_only_the_last_twenty_deliveries_count() -> None:
    old = [(1, f"OLD{n}", "2026-01-02", "2025-12-03") for n in range(30)]

    assert found(old + late(1, *[2] * 20))[1] == (20, 2.0, 2.0)


def test_a_delivery_counts_half_for_each_year_of_its_age() -> None:
    """Three deliveries 10 days late two years ago weigh 3/4; against one now the younger wins, against half of it not."""
    old = late(1, 10, 10, 10, received="2024-06-01", name="OLD")
    now = late(1, 0)
    year_ago = late(1, 0, received="2025-06-01")

    assert found(old + now)[NOBODY][1] == 0.0
    assert found(old + year_ago)[NOBODY][1] == 10.0


def test_few_deliveries_are_blended_with_all_suppliers() -> None:
    """Of 10 deliveries 8 are on the day and 2 are 8 days late. Supplier 2 knows two, n/(n+5) = 2/7 of his own."""
    rows = late(1, *[0] * 8) + late(2, 8, 8)

    assert found(rows)[NOBODY] == (10, 0.0, 8.0)
    assert found(rows)[1] == (8, 0.0, 0.0)
    assert found(rows)[2] == (2, round(2 / 7 * 8, 6), 8.0)


def test_five_deliveries_speak_for_themselves() -> None:
    assert found(late(1, *[0] * 20) + late(2, 4, 4, 4, 4, 4))[2] == (5, 4.0, 4.0)


def test_lines_of_no_named_supplier_count_for_all_of_them_only() -> None:
    assert found(late(NOBODY, 3, 3)) == {NOBODY: (2, 3.0, 3.0)}


def test_without_any_delivery_the_settings_say_how_late() -> None:
    assert found([], default=7) == {NOBODY: (0, 0.0, 7.0)}


def come(
    expected: str | None, as_of: str, supplier: int = 1, calendars: dict[int, Calendar] | None = None
) -> tuple[Any, Any]:
    """When a line comes of a supplier who is 1 day late in the median, 4 at the 90th percentile."""
    lateness = lateness_of(told(*late(1, 0, 1, 1, 1, 4, name="A"), *late(3, 0, 0, 0, 0, 0)), TODAY, 7)
    at = pd.to_datetime(pd.Series([expected]), utc=True).astype("datetime64[us, UTC]")
    rows = pd.DataFrame({"inbound_id": [5], "supplier_id": [supplier], "expected_at": at})
    row = arrivals(rows, lateness, datetime.fromisoformat(as_of).replace(tzinfo=UTC), calendars or EVERY_DAY).iloc[0]
    assert row["inbound_id"] == 5
    return tuple(None if pd.isna(one) else f"{one:%Y-%m-%d}" for one in (row["likely_at"], row["sure_at"]))


def test_it_comes_as_late_as_its_supplier_is() -> None:
    assert come("2026-06-10T09:00", "2026-06-01T12:00") == ("2026-06-11", "2026-06-14")


def test_a_supplier_of_whom_nothing_is_known_is_as_late_as_all_of_them() -> None:
    assert come("2026-06-10", "2026-06-01", supplier=9) == ("2026-06-10", "2026-06-11")


def test_it_comes_on_a_day_on_which_its_supplier_delivers() -> None:
    calendars = {**EVERY_DAY, 1: Calendar.of(ZoneInfo("UTC"), ["mon", "thu"], [date(2026, 6, 11)])}

    assert come("2026-06-10", "2026-06-01", calendars=calendars) == ("2026-06-15", "2026-06-15")


def test_a_likely_day_that_is_over_becomes_today() -> None:
    assert come("2026-06-10", "2026-06-12T15:00") == ("2026-06-12", "2026-06-14")
    assert come("2026-06-10", "2026-06-14T23:00") == ("2026-06-14", "2026-06-14")


def test_a_delivery_later_than_its_sure_day_may_come_on_any_day() -> None:
    assert come("2026-06-10", "2026-06-15T00:00") == (None, None)


def test_a_line_without_a_date_may_come_on_any_day() -> None:
    assert come(None, "2026-06-01") == (None, None)


def test_no_line_no_arrival() -> None:
    empty = pd.DataFrame({"inbound_id": [], "supplier_id": [], "expected_at": []})
    empty = empty.astype({"inbound_id": "int64", "supplier_id": "int64", "expected_at": "datetime64[us, UTC]"})

    assert arrivals(empty, lateness_of(told(), TODAY, 7), datetime(2026, 6, 1, tzinfo=UTC), EVERY_DAY).empty


@pytest.mark.parametrize(
    ("days", "learnt"),
    [
        ((21, 20, 22, 21, 35), (5, 21.0, 35.0)),
        ((21, 20, 22, 21), None),  # too few
        ((3, 3, 3, 4, 4, 5, 5, 5, 6, 40), (10, 4.0, 6.0)),  # the tenth of ten is beyond nine of ten
        ((0, 0, 0, 0, 0), (5, 0.0, 0.0)),
    ],
)
def test_a_lead_time_is_learnt_from_five_deliveries_on(
    days: tuple[int, ...], learnt: tuple[int, float, float] | None
) -> None:
    others = [*late(2, *[60] * 20), *late(NOBODY, *[90] * 20, name="Z")]
    frame = lead_times_of(told(*late(1, *days, name="A"), *others), TODAY)
    found = {row.supplier_id: (row.deliveries, row.median_days, row.sure_days) for row in frame.itertuples()}

    assert found == {2: (20, 60.0, 60.0)} | ({1: learnt} if learnt else {})


@given(days=st.lists(st.integers(0, 60), min_size=5, max_size=20))
def test_what_comes_by_a_learnt_lead_time_comes_as_the_deliveries_did(days: list[int]) -> None:
    """Half of them came by the likely day, nine of ten by the sure one, and no day earlier would do."""
    learnt = lead_times_of(told(*late(1, *days)), TODAY)
    ordered = datetime(2026, 5, 31, tzinfo=UTC)
    rows = pd.DataFrame({"inbound_id": [1], "supplier_id": [1], "expected_at": [ordered]})
    rows["expected_at"] = rows["expected_at"].astype("datetime64[us, UTC]")
    [come] = arrivals(rows, learnt, ordered, EVERY_DAY).itertuples()

    for at, tenths in ((come.likely_at, 5), (come.sure_at, 9)):
        took = (at - ordered).days
        assert 10 * sum(day <= took for day in days) >= tenths * len(days)
        assert 10 * sum(day < took for day in days) < tenths * len(days)
