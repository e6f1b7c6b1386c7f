"""What other policies would make of a queue, on a case small enough to count by hand."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from fillrate.decide.allocation import Supply, allocate
from fillrate.decide.comparing import AS_SET, POLICIES, kept_aside, outcome, under
from fillrate.decide.frames import ALLOCATIONS, DEMAND, INBOUND, REACHES, RECIPES, RESERVES, SHELVES, conform
from tests.decide.reference import DAY, Row, aside, bucket, inbound, shelf


def day(number: int) -> Any:
    return DAY + timedelta(days=number)


def frame(rows: list[Row], schema: Any) -> pd.DataFrame:
    return conform(pd.DataFrame(rows, columns=list(schema)), schema)


# 5 of item 1 and 1 of item 2 lie there, 10 of item 1 come on day 4.
QUEUE = [
    bucket(1, 1, 3, 0, order_id=1, promised_at=day(1)),
    bucket(2, 1, 4, 1, order_id=2, promised_at=day(2)),
    bucket(3, 2, 1, 1, order_id=2),
    bucket(4, 1, 2, 2, order_id=3, promised_at=day(1)),
]
MARGINS = pd.Series([10, 20, 20, 30])
SHELF = [shelf(1, 5), shelf(2, 1)]
COMES = [inbound(1, 1, 10, 4)]


def compared(policy: str, queue: list[Row] = QUEUE, taken: list[Row] | None = None) -> dict[str, Any]:
    demand, held = frame(queue, DEMAND), frame(taken or [], ALLOCATIONS)
    supply = Supply(DAY, frame(COMES, INBOUND), frame([], RECIPES), frame([], REACHES), frame([], RESERVES))
    changed = under(policy, demand, MARGINS)
    result = allocate(changed, frame(SHELF, SHELVES), kept_aside(policy, changed, held), supply)
    forecasts = result.forecasts.rename(columns={"likely_at": "likely_by"})[["line_id", "likely_by"]]
    return outcome(demand, result.units, result.allocations, forecasts, DAY).iloc[0].to_dict()


@pytest.mark.parametrize(
    ("policy", "units", "lines", "orders", "days", "broken", "splits"),
    [
        ("fifo", 6, 2, 1, 2 * 4 + 2 * 4, 2, 1),  # 3 to #1, 2 of 4 to #2, none to #3
        ("oldest_promise", 6, 3, 2, 4 * 4, 1, 1),  # 3 to #1, 2 to #3, none of 4 to #2
        ("margin", 6, 2, 1, 1 * 4 + 3 * 4, 2, 1),  # 2 to #3, 3 of 4 to #2, none to #1
        (
            "ship_complete",
            3,
            1,
            1,
            (4 + 1) * 4 + 2 * 4,
            2,
            0,
        ),  # 3 to #1; #2 is held for the delivery, and so goes at once
    ],
)
def test_each_policy_fills_waits_breaks_and_splits_as_counted_by_hand(
    policy: str, units: int, lines: int, orders: int, days: int, broken: int, splits: int
) -> None:
    assert compared(policy) == pytest.approx(
        {
            "units": 10,
            "unit_rate": units / 10,
            "line_rate": lines / 4,
            "order_rate": orders / 3,
            "backorder_days": days,
            "undated_units": 0,
            "promises_broken": broken,
            "splits": splits,
        }
    )


def test_priority_serves_the_merchants_classes_first_and_then_by_time_from_anew() -> None:
    """#4 is of the best class: 2 to it, 3 to #1, who came before #2 in theirs; #2 has all of it set aside, and loses it."""
    best = [{**one, "priority": 1 if one["line_id"] == 4 else 2} for one in QUEUE]

    found = compared("priority", best, [aside(2, 1, 4)])

    assert (found["unit_rate"], found["line_rate"], found["order_rate"]) == pytest.approx((6 / 10, 3 / 4, 2 / 3))
    assert (found["backorder_days"], found["promises_broken"], found["splits"]) == (4 * 4, 1, 1)
    assert compared("priority") == compared("fifo")  # all of one class


def test_what_nothing_covers_has_no_day_and_breaks_its_promise() -> None:
    found = compared("fifo", [bucket(1, 2, 3, promised_at=day(9))])

    assert (found["undated_units"], found["backorder_days"], found["promises_broken"]) == (2, 0, 1)


@pytest.mark.parametrize("policy", POLICIES)
def test_only_as_set_keeps_what_is_set_aside_but_nobody_takes_what_is_being_picked(policy: str) -> None:
    last = {"state": "backlog", "order_id": 3}
    ready, picked = ([bucket(1, 1, 5, 0), bucket(2, 1, 5, 1, **last, reason=why)] for why in ("ready", "picking"))

    def first_has_it(queue: list[Row]) -> bool:
        return compared(policy, queue, [aside(2, 1, 5)])["backorder_days"] == 5 * 4

    demand = frame(ready, DEMAND)
    assert len(kept_aside(policy, demand, frame([aside(2, 1, 5)], ALLOCATIONS))) == (policy == AS_SET)
    assert len(kept_aside(policy, frame(picked, DEMAND), frame([aside(2, 1, 5)], ALLOCATIONS))) == 1
    assert first_has_it(ready)
