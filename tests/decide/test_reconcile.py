"""Why a channel's number is what it is: each class on its own evidence, and never a heal without an explanation."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.decide.frames import SIGHTINGS
from fillrate.decide.reconcile import Drift, merge

QUIET: dict[str, Any] = {
    "item_id": 1,
    "has_base": True,
    "base": 10,
    "theirs": 10,
    "wanted": 10,
    "base_taken": 5,
    "taken_before": 5,
    "taken": 5,
    "base_returned": 0,
    "returned": 0,
    "may_restock": False,
    "base_parts": 0,
    "parts": 0,
    "late": 0,
    "sent": None,
    "taken_sent": 5,
    "is_sending": False,
    "held": 0,
    "odd": 0,
    "is_old": False,
}
SOLD_TWO = {"theirs": 8, "taken_before": 7, "taken": 7}
SEEN_BEFORE = {"theirs": 7, "odd": -3, "is_old": True}


def judged(review_units: int = 100, **facts: Any) -> dict[str, Any]:
    frame = pd.DataFrame([{**QUIET, **facts}]).astype(dict(SIGHTINGS))
    (row,) = merge(frame, review_units=review_units).astype(object).to_dict("records")
    return {name: None if value is pd.NA else value for name, value in row.items()}


@pytest.mark.parametrize(
    ("facts", "drift", "write"),
    [
        ({}, Drift.IN_SYNC, None),
        ({"has_base": False, "theirs": 3}, Drift.FIRST_SEEN, None),
        ({"wanted": 12}, Drift.PROPAGATE, 12),
        ({**SOLD_TWO, "wanted": 8}, Drift.IN_SYNC, None),
        (SOLD_TWO, Drift.PROPAGATE, 10),
        ({**SOLD_TWO, "taken": 9, "wanted": 6}, Drift.PROPAGATE, 6),  # the last order came after the number was read
        ({"theirs": 7}, Drift.IN_FLIGHT, None),
        ({"theirs": 7, "odd": -3}, Drift.IN_FLIGHT, None),  # seen before, but a moment ago
        ({"theirs": 7, "odd": -2, "is_old": True}, Drift.IN_FLIGHT, None),  # seen before, and moving
        (SEEN_BEFORE, Drift.EDITED, 10),
        ({**SEEN_BEFORE, "theirs": 14, "odd": 4, "wanted": 10}, Drift.EDITED, 10),
        ({**SEEN_BEFORE, "taken": 6, "taken_before": 6, "odd": -2}, Drift.UNKNOWN, 8),  # an order moved meanwhile
        ({"theirs": 12, "late": 2, "taken": 7, "taken_before": 7, "base": 12, "wanted": 10}, Drift.LATE_ORDER, 10),
        ({"theirs": 6, "parts": 4, "wanted": 6}, Drift.COMPONENT, None),
        ({"theirs": 6, "parts": 4, "wanted": 9}, Drift.COMPONENT, 9),
        ({"theirs": 20, "sent": 20, "wanted": 20}, Drift.IN_SYNC, None),  # written, and the answer was lost
        ({"theirs": 19, "sent": 20, "taken": 6, "taken_before": 6, "wanted": 19}, Drift.IN_SYNC, None),
        ({"theirs": 15, "sent": 20, "is_sending": True, "wanted": 20}, Drift.IN_FLIGHT, None),
        ({"theirs": 12, "returned": 2, "may_restock": True, "wanted": 12}, Drift.IN_SYNC, None),
        ({"theirs": 13, "returned": 2, "may_restock": True, "odd": 3, "is_old": True}, Drift.UNKNOWN, 10),
        ({"theirs": 3, "wanted": None}, Drift.IN_FLIGHT, None),
        ({"theirs": 3, "wanted": None, "odd": -7, "is_old": True}, Drift.EDITED, None),  # seen, and not ours to set
    ],
)
def test_each_difference_is_told_by_its_evidence(facts: dict[str, Any], drift: Drift, write: int | None) -> None:
    found = judged(**facts)

    assert (found["drift"], found["write"]) == (drift, write)


def test_what_was_taken_from_another_location_than_expected_is_explained() -> None:
    sold = {**QUIET, "taken": 7, "taken_before": 7}  # two units, which the channel takes from its second location
    frame = pd.DataFrame([{**sold, "wanted": 10}, {**QUIET, "theirs": 8, "wanted": 8}]).astype(dict(SIGHTINGS))

    assert merge(frame, review_units=1)["drift"].tolist() == [Drift.IN_SYNC, Drift.IN_SYNC]


def test_what_a_person_decides_shows_no_more_than_is_surely_there() -> None:
    found = judged(review_units=2, **SEEN_BEFORE)

    assert (found["waits"], found["held"], found["write"], found["settles"]) == (True, -3, None, True)


def test_a_number_that_waits_is_lowered_and_never_raised() -> None:
    assert judged(theirs=7, base=7, held=-3, wanted=9)["write"] == 6
    assert judged(theirs=7, base=7, held=-3, wanted=20)["write"] == 17
    assert judged(theirs=7, base=7, held=-3, wanted=10)["drift"] == Drift.IN_SYNC


FACTS = st.fixed_dictionaries(
    {
        "has_base": st.booleans(),
        **dict.fromkeys(("base", "theirs", "taken", "taken_before", "base_taken", "taken_sent"), st.integers(-3, 12)),
        **dict.fromkeys(("base_returned", "returned", "base_parts", "parts", "late"), st.integers(0, 3)),
        "wanted": st.none() | st.integers(0, 12),
        "sent": st.none() | st.integers(0, 12),
        **dict.fromkeys(("may_restock", "is_sending", "is_old"), st.booleans()),
        "held": st.integers(-3, 0),
        "odd": st.integers(-3, 3),
    }
)


@given(FACTS)
def test_nothing_is_written_over_what_may_still_be_on_its_way_and_nothing_beyond_what_is_ours(
    facts: dict[str, Any],
) -> None:
    found = judged(review_units=2, **facts)

    if found["drift"] in {Drift.FIRST_SEEN, Drift.IN_FLIGHT, Drift.IN_SYNC} or facts["wanted"] is None:
        assert found["write"] is None
    if found["write"] is not None:
        assert 0 <= found["write"] <= facts["wanted"]
        assert found["write"] != facts["theirs"]
    if found["waits"] and found["unexplained"] < 0:
        assert found["write"] is None or found["write"] <= max(0, facts["wanted"] + found["unexplained"])
    if found["unexplained"] == 0 and facts["has_base"]:
        assert found["drift"] in {Drift.IN_SYNC, Drift.PROPAGATE}
