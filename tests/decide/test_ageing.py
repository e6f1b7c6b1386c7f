"""Ages in days of the store, and stays: of alike units those that came first leave first."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.ageing import CLASSES, age, class_starts
from fillrate.decide.calendars import Calendar
from fillrate.decide.stays import finished_stays, time_in_state

BERLIN = Calendar.of(ZoneInfo("Europe/Berlin"), ["mon", "tue", "wed", "thu", "fri"], [])
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)  # two days after clocks were put forward
NAMES = ("line_id", "quantity", "from_state", "from_reason", "to_state", "to_reason", "at")


def class_of(at: datetime) -> str:
    starts = class_starts(NOON, BERLIN)
    return CLASSES[next((n for n, start in enumerate(starts) if at >= start), len(starts))]


@pytest.mark.parametrize(
    ("at", "days", "name"),
    [
        ("2026-03-31T00:00:00+02:00", 0, "0–1"),
        ("2026-03-30T00:00:00+02:00", 1, "0–1"),
        ("2026-03-29T23:59:59+02:00", 2, "2–3"),
        ("2026-03-28T00:00:00+01:00", 3, "2–3"),
        ("2026-03-27T23:59:59+01:00", 4, "4–7"),
        ("2026-03-24T00:00:00+01:00", 7, "4–7"),
        ("2026-03-23T23:59:59+01:00", 8, "8–14"),
        ("2026-03-17T00:00:00+01:00", 14, "8–14"),
        ("2026-03-16T23:59:59+01:00", 15, "15–30"),
        ("2026-03-01T00:00:00+01:00", 30, "15–30"),
        ("2026-02-28T23:59:59+01:00", 31, "31–60"),
        ("2026-01-30T00:00:00+01:00", 60, "31–60"),
        ("2026-01-29T23:59:59+01:00", 61, "over 60"),
        ("2026-04-02T00:00:00+02:00", -2, "0–1"),  # a shop's clock may be ahead
    ],
)
def test_an_age_is_counted_in_days_of_the_store(at: str, days: int, name: str) -> None:
    moment = datetime.fromisoformat(at)

    assert (age(moment, NOON, BERLIN), class_of(moment)) == (days, name)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Moves of units of a few lines, between two open states and out, never more than are there."""
    there: dict[tuple[int, str], int] = defaultdict(int)
    moves = []
    for hour in range(draw(st.integers(0, 25))):
        line = draw(st.integers(1, 3))
        start = draw(st.sampled_from([state for state in ("new", "backlog") if there[line, state]] or ["none"]))
        start = draw(st.sampled_from(["none", start]))
        end = draw(st.sampled_from({"none": ["new"], "new": ["backlog", "none"], "backlog": ["shipped"]}[start]))
        units = draw(st.integers(1, there[line, start] if start != "none" else 4))
        there[line, start] -= units
        there[line, end] += units
        reasons = {"backlog": "ready"}
        at = NOON + timedelta(hours=hour)
        moves.append((line, units, start, reasons.get(start, ""), end, reasons.get(end, ""), at))
    return moves


def one_by_one(moves: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The same, unit by unit: whoever is in a state stands in line to leave it."""
    inside: dict[tuple[int, str, str], list[datetime]] = defaultdict(list)
    stays: dict[tuple[Any, ...], int] = defaultdict(int)
    for line, units, start, reason, end, next_reason, at in moves:
        for _ in range(units):
            if start in {"new", "backlog"}:
                stays[line, start, reason, inside[line, start, reason].pop(0), at] += 1
            if end in {"new", "backlog"}:
                inside[line, end, next_reason].append(at)
    return sorted((*key, n) for key, n in stays.items())


@settings(max_examples=60, deadline=None)
@given(histories())
def test_of_alike_units_those_that_came_first_leave_first(moves: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(moves, columns=list(NAMES)).astype(
        {"at": "datetime64[us, UTC]", "line_id": "int64", "quantity": "int64"}
    )

    found = finished_stays(frame)

    rows = found[["line_id", "state", "reason", "entered_at", "left_at", "quantity"]].itertuples(index=False, name=None)
    assert sorted(rows) == one_by_one(moves)


def test_the_time_in_a_state_counts_each_unit() -> None:
    days = [(1, 9), (10, 1)]
    stays = pd.DataFrame({
        "line_id": [1, 2],
        "state": "backorder",
        "reason": "no_supply",
        "quantity": [units for _, units in days],
        "entered_at": NOON,
        "left_at": [NOON + timedelta(days=n) for n, _ in days],
    })  # fmt: skip

    assert time_in_state(stays).to_dict("records") == [
        {
            "state": "backorder",
            "reason": "no_supply",
            "units": 10,
            "median_days": 1.0,
            "most_days": 1.0,
            "mean_days": 1.9,
        }
    ]
    assert time_in_state(stays[:0]).empty
