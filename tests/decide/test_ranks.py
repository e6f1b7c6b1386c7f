"""The queue that people are told is the one that the allocation serves: of n units, the first n who are told get them."""

from datetime import timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.allocation import Supply
from fillrate.decide.frames import DEMAND, INBOUND, REACHES, RECIPES, RESERVES, SHELVES
from fillrate.decide.ranks import RULES, SAME, ranks, rule_between
from fillrate.decide.tranches import QUEUE
from tests.decide.reference import DAY, Row, aside, bucket, run, shelf

PROOF = settings(max_examples=40, deadline=None)
ITEM, OTHER = 1, 2
NOTHING = Supply(DAY, *(pd.DataFrame(columns=list(schema)) for schema in (INBOUND, RECIPES, REACHES, RESERVES)))


def queue_of(demand: list[Row], shelves: list[Row]) -> pd.DataFrame:
    return ranks(pd.DataFrame(demand, columns=list(DEMAND)), pd.DataFrame(shelves, columns=list(SHELVES)), NOTHING)


@st.composite
def lines(draw: st.DrawFn) -> list[Row]:
    """Lines of one item that differ in all that a place may depend on, some of them edited later."""
    found = []
    for line in range(1, draw(st.integers(1, 7)) + 1):
        more = {
            "priority": draw(st.sampled_from([100, 100, 5])),
            "by_promise": draw(st.booleans()),
            "promised_at": draw(st.sampled_from([None, DAY, DAY + timedelta(days=9)])),
            "placed_at": DAY + timedelta(days=draw(st.integers(0, 1))),
            "order_id": (order := draw(st.integers(1, 4))),
            "order_key": 9 - order,
            "line_key": 9 - line,
        }
        for day in sorted(draw(st.sets(st.integers(0, 2), min_size=1, max_size=2))):
            found.append(bucket(line, ITEM, draw(st.integers(1, 3)), day, **more))
    return found


def settled(demand: list[Row], on_hand: int) -> tuple[list[Row], list[Row]]:
    """The same lines after an allocation of so many units, and what it has set aside."""
    found = run(demand, [shelf(ITEM, on_hand)], [])
    facts = {(row["line_id"], row["queued_at"]): row for row in demand}
    after = [
        {
            **facts[one.line_id, one.queued_at.to_pydatetime()],
            "state": one.state,
            "reason": one.reason,
            "quantity": one.quantity,
        }
        for one in found.units.itertuples()
    ]
    return after, [aside(one.line_id, ITEM, one.quantity) for one in found.allocations.itertuples()]


def in_turn(found: pd.DataFrame, free: int) -> dict[tuple[int, Any], int]:
    """Who has stock if so much of it is given to those who have it, then to those who wait, each as they are told."""
    gets: dict[tuple[int, Any], int] = {}
    for name in ("has", "waits"):
        for row in found.itertuples():
            units = min(free, getattr(row, name))
            free -= units
            gets[row.line_id, row.queued_at] = gets.get((row.line_id, row.queued_at), 0) + units
    return {key: units for key, units in gets.items() if units}


@PROOF
@given(lines(), st.integers(0, 12), st.integers(0, 24))
def test_of_n_units_the_first_who_are_told_get_them(demand: list[Row], before: int, now: int) -> None:
    demand, taken = settled(demand, before)

    result = run(demand, [shelf(ITEM, now)], taken)

    backlog = result.units[result.units["state"] == "backlog"]
    got = {(row.line_id, row.queued_at): row.quantity for row in backlog.itertuples()}
    assert got == in_turn(queue_of(demand, [shelf(ITEM, now)]), now)


@PROOF
@given(lines(), st.lists(st.booleans(), min_size=7, max_size=7), st.integers(0, 9), st.integers(0, 2))
def test_who_gets_less_than_he_wants_stands_behind_all_who_get_any(
    demand: list[Row], wholes: list[bool], on_hand: int, others: int
) -> None:
    demand = [{**row, "ship_complete": wholes[row["order_id"]]} for row in demand]
    late = [bucket(20 + n, OTHER, 1, 5, order_id=n, order_key=9 - n, ship_complete=wholes[n]) for n in (1, 2)]
    stock = [shelf(ITEM, on_hand), shelf(OTHER, others)]

    result = run([*demand, *late], stock, [])
    found = queue_of([*demand, *late], stock)

    backlog = result.units[result.units["state"] == "backlog"]
    got = {(row.line_id, row.queued_at): row.quantity for row in backlog.itertuples()}
    queue = [(row, got.get((row.line_id, row.queued_at), 0)) for row in found.itertuples() if row.item_id == ITEM]
    short = next(
        (n for n, (row, units) in enumerate(queue) if units < row.waits and not wholes[row.order_id]), len(queue)
    )
    assert [row.line_id for row, units in queue[short + 1 :] if units] == []


def test_an_order_that_ships_complete_stands_where_its_last_unit_stands() -> None:
    whole = {"order_id": 1, "order_key": 1, "ship_complete": True}
    demand = [bucket(1, ITEM, 1, 0, **whole), bucket(2, OTHER, 1, 5, **whole), bucket(3, ITEM, 1, 2, order_id=2)]

    found = queue_of(demand, [shelf(ITEM, 1), shelf(OTHER, 1)])

    assert found.loc[found["item_id"] == ITEM, "line_id"].tolist() == [3, 1]


def test_the_first_key_that_differs_is_the_rule() -> None:
    same = tuple(range(len(QUEUE)))

    assert [rule_between(same, (*same[:n], 99, *same[n + 1 :])) for n in range(len(QUEUE))] == list(RULES)
    assert rule_between(same, same) == SAME


def test_what_needs_no_stock_stands_in_no_queue_and_what_is_not_released_is_held_back() -> None:
    demand = [
        bucket(1, ITEM, 1, needs_stock=False),
        bucket(2, None, 1),
        bucket(3, ITEM, 1, is_preorder=True, release_at=DAY + timedelta(days=300)),
        bucket(4, ITEM, 2),
    ]

    found = queue_of(demand, [shelf(ITEM, 1)])

    assert found[["line_id", "held_back", "waits"]].to_numpy().tolist() == [[3, True, 1], [4, False, 2]]
