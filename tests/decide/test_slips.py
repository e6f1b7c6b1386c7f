"""What a delivery that comes later means for promises: one proposal for each, by the lines that it decides."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fillrate.decide.calendars import Calendar
from fillrate.decide.frames import EXPECTED, PROMISED_LINES, WAITS, Schema
from fillrate.decide.slips import MoveRules, last_deliveries, proposals, slips

BERLIN = Calendar(ZoneInfo("Europe/Berlin"), frozenset(range(7)))
OFF = MoveRules()


def day(text: str | None) -> pd.Timestamp:
    """The beginning of a day of July 2026 in Berlin: "10"; none for a day that nobody knows."""
    if text is None:
        return pd.NaT  # type: ignore[return-value]
    return pd.Timestamp(BERLIN.start_of(datetime(2026, 7, int(text), tzinfo=UTC).date()))


def frame(schema: Schema, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series([row[i] for row in rows], dtype=kind) for i, (name, kind) in enumerate(schema.items())}
    )


def promised(*rows: tuple[int, str, str, int, int]) -> pd.DataFrame:
    """Lines of (line, first promise, last promise, quantity, value)."""
    return frame(PROMISED_LINES, [(line, day(first), day(last), n, value) for line, first, last, n, value in rows])


def expected(*rows: tuple[int, str | None, int | None]) -> pd.DataFrame:
    """Forecasts of (line, day, the delivery that comes last)."""
    return frame(EXPECTED, [(line, day(by), inbound) for line, by, inbound in rows])


def proposed(
    lines: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, rules: MoveRules = OFF
) -> list[dict[str, Any]]:
    found = proposals(slips(lines, before, after, BERLIN), rules).astype(object)
    return found.where(found.notna(), None).to_dict("records")  # type: ignore[return-value]


def test_a_delivery_that_slips_is_one_proposal_that_says_which_promises_break() -> None:
    """Three lines wait for delivery 5, which slips from the 10th to the 14th: one can wait, two break by 4 and 1 days."""
    lines = promised((1, "10", "10", 2, 200), (2, "13", "13", 1, 50), (3, "20", "20", 9, 900))
    before = expected((1, "10", 5), (2, "10", 5), (3, "10", 5))
    after = expected((1, "14", 5), (2, "14", 5), (3, "14", 5))

    assert proposed(lines, before, after) == [
        {
            "inbound_id": 5,
            "slips": 3,
            "breaks": 2,
            "undated": 0,
            "late_days": 4,
            "late_days_first": 4,
            "quantity": 3,
            "value_e4": 250,
            "by_itself": False,
        }
    ]
    which = slips(lines, before, after, BERLIN)
    assert which["line_id"].tolist() == [1, 2, 3]
    assert which["breaks"].tolist() == [True, True, False]
    assert which["move_to"].tolist() == [day("14"), day("14"), pd.NaT]
    assert which["late_days"].tolist() == [4, 1, pd.NA]


def test_two_deliveries_that_slip_are_two_proposals() -> None:
    lines = promised((1, "10", "10", 1, 1), (2, "10", "10", 1, 1))
    found = proposed(lines, expected((1, "10", 5), (2, "10", 6)), expected((1, "12", 5), (2, "11", 6)))

    assert [(one["inbound_id"], one["breaks"], one["late_days"]) for one in found] == [(5, 1, 2), (6, 1, 1)]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("08", "10"),  # later, but as promised
        ("12", "11"),  # earlier, though broken still: told when it slipped
        ("12", "12"),
        ("12", "08"),
        (None, None),
        (None, "10"),
    ],
)
def test_nothing_is_proposed_where_nothing_breaks_anew(was: str | None, now: str | None) -> None:
    assert proposed(promised((1, "10", "10", 1, 1)), expected((1, was, 5)), expected((1, now, 5))) == []


def test_an_earlier_forecast_is_never_a_new_promise() -> None:
    found = slips(promised((1, "10", "20", 1, 1)), expected((1, "20", 5)), expected((1, "12", 5)), BERLIN)

    assert found.empty


def test_a_day_that_nobody_knows_breaks_a_promise_and_waits_for_a_person() -> None:
    lines = promised((1, "10", "10", 1, 1), (2, "10", "10", 1, 1))
    found = proposed(lines, expected((1, "10", 5), (2, "10", 5)), expected((1, None, 5), (2, "11", 5)), MoveRules(9, 9))

    assert [(one["breaks"], one["undated"], one["late_days"], one["by_itself"]) for one in found] == [(2, 1, 1, False)]


def test_a_day_at_last_is_proposed_though_it_is_no_later_than_before() -> None:
    found = proposed(promised((1, "10", "10", 1, 1)), expected((1, None, None)), expected((1, "14", 5)))

    assert [(one["inbound_id"], one["late_days"]) for one in found] == [(5, 4)]


def test_a_line_belongs_to_the_delivery_that_comes_last() -> None:
    rows = [(1, 5, day("10")), (1, 6, day("12")), (2, 6, day("12")), (2, 5, None), (3, 7, day("12")), (3, 6, day("12"))]
    waits = frame(WAITS, [(line, inbound, at if at is not None else pd.NaT) for line, inbound, at in rows])

    found = last_deliveries(waits)
    assert list(zip(found["line_id"], found["inbound_id"], strict=True)) == [(1, 6), (2, 5), (3, 7)]


def test_a_line_whose_delivery_is_gone_belongs_to_that_one() -> None:
    found = proposed(promised((1, "10", "10", 1, 1)), expected((1, "10", 5)), expected((1, None, None)))

    assert [(one["inbound_id"], one["undated"]) for one in found] == [(5, 1)]


def test_a_slip_that_no_delivery_is_behind_is_proposed_as_well() -> None:
    found = proposed(promised((1, "10", "10", 1, 1)), expected((1, "10", None)), expected((1, "12", None)))

    assert [(one["inbound_id"], one["breaks"]) for one in found] == [(None, 1)]


def test_a_line_that_waits_no_more_or_did_not_wait_before_slips_not() -> None:
    lines = promised((1, "10", "10", 1, 1), (2, "10", "10", 1, 1))

    assert proposed(lines, expected((1, "10", 5)), expected((2, "20", 5))) == []


@pytest.mark.parametrize(
    ("rules", "by_itself"),
    [
        (MoveRules(days=3, lines=2), True),
        (MoveRules(days=2, lines=2), False),
        (MoveRules(days=3, lines=1), False),
        (MoveRules(days=3), False),
        (MoveRules(lines=2), False),
        (OFF, False),
    ],
)
def test_small_proposals_apply_by_policy(rules: MoveRules, by_itself: bool) -> None:
    """Two lines break their promise, by 3 days at most."""
    lines = promised((1, "10", "10", 1, 1), (2, "12", "12", 1, 1))
    found = proposed(lines, expected((1, "10", 5), (2, "10", 5)), expected((1, "13", 5), (2, "13", 5)), rules)

    assert [one["by_itself"] for one in found] == [by_itself]


def test_small_steps_do_not_add_up_unseen() -> None:
    """A day later than the last promise, four later than the first."""
    found = proposed(
        promised((1, "10", "13", 1, 1)), expected((1, "13", 5)), expected((1, "14", 5)), MoveRules(days=3, lines=9)
    )

    assert [(one["late_days"], one["late_days_first"], one["by_itself"]) for one in found] == [(1, 4, False)]


def test_nothing_applies_by_itself_that_nobody_switched_on() -> None:
    """Promised for the 10th, then for the 8th: the 9th is later than the last promise, not than the first."""
    found = proposed(
        promised((1, "10", "08", 1, 1)), expected((1, "08", 5)), expected((1, "09", 5)), MoveRules(days=0, lines=9)
    )

    assert [(one["late_days"], one["by_itself"]) for one in found] == [(1, False)]


def test_it_is_the_stores_day_that_counts() -> None:
    """22:30 UTC on the 10th is the 11th in Berlin."""
    lines = promised((1, "10", "10", 1, 1))
    late = frame(EXPECTED, [(1, pd.Timestamp("2026-07-10T22:30Z"), 5)])
    same_day = frame(EXPECTED, [(1, pd.Timestamp("2026-07-10T21:30Z"), 5)])

    assert len(proposed(lines, expected((1, "10", 5)), late)) == 1
    assert proposed(lines, expected((1, "09", 5)), same_day) == []


days = st.none() | st.integers(1, 28).map(str)
histories = st.lists(st.tuples(st.integers(1, 28), days, days, st.sampled_from([None, 5, 6, 7])), max_size=12)


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(histories, st.randoms(use_true_random=False))
def test_each_broken_line_is_in_one_proposal_whatever_the_order_of_rows(rows: list[Any], chance: Any) -> None:
    lines = promised(*((n, str(by), str(by), n + 1, 10 * n) for n, (by, *_) in enumerate(rows)))
    before = expected(*((n, was, inbound) for n, (_, was, _, inbound) in enumerate(rows)))
    after = expected(*((n, now, inbound) for n, (_, _, now, inbound) in enumerate(rows)))
    which = slips(lines, before, after, BERLIN)
    found = proposals(which, MoveRules(5, 2))

    broken = which[which["breaks"]]
    assert found["breaks"].sum() == len(broken)
    assert found["quantity"].sum() == broken["quantity"].sum()
    assert found["value_e4"].sum() == broken["value_e4"].sum()
    assert (found["breaks"] > 0).all()
    assert (found["slips"] >= found["breaks"]).all()
    shuffled = [one.sample(frac=1, random_state=chance.randrange(99)) for one in (lines, before, after)]
    pd.testing.assert_frame_equal(proposals(slips(*shuffled, BERLIN), MoveRules(5, 2)), found)
