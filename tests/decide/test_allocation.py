"""Laying stock along the queue, against a slow and plain telling of the same rules."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.allocation import Allocated, allocate
from fillrate.decide.frames import ALLOCATIONS, DEMAND, SHELVES
from fillrate.decide.states import LEGAL, State

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def bucket(line: int, item: int | None, quantity: int, day: int = 0, **more: Any) -> dict[str, Any]:
    row = {
        "line_id": line,
        "item_id": item,
        "state": "new",
        "reason": "",
        "queued_at": DAY + timedelta(days=day),
        "placed_at": DAY,
        "quantity": quantity,
        "needs_stock": True,
        "is_tracked": True,
        "is_preorder": False,
        "is_discontinued": False,
        "hold": "",
        "priority": 100,
        "order_key": line,
        "line_key": line,
    }
    return {**row, **more}


def shelf(item: int, on_hand: int, location: int = 1, usable: bool = True) -> dict[str, Any]:
    return {"item_id": item, "location_id": location, "on_hand": on_hand, "location_rank": location, "usable": usable}


def run(
    demand: list[dict[str, Any]], shelves: list[dict[str, Any]], taken: list[dict[str, Any]] | None = None
) -> Allocated:
    frame = pd.DataFrame(demand, columns=list(DEMAND))
    return allocate(
        frame, pd.DataFrame(shelves, columns=list(SHELVES)), pd.DataFrame(taken or [], columns=list(ALLOCATIONS))
    )


def units_of(result: Allocated) -> dict[tuple[int, str, str], int]:
    sums: dict[tuple[int, str, str], int] = defaultdict(int)
    for row in result.units.itertuples():
        sums[row.line_id, row.state, row.reason] += row.quantity
    return dict(sums)


def plain_truth(
    demand: list[dict[str, Any]], shelves: list[dict[str, Any]], taken: list[dict[str, Any]]
) -> tuple[dict, dict]:
    """The rules told one unit at a time: what is set aside for each line and shelf, and units in backlog by bucket."""
    queue = sorted(demand, key=lambda r: (r["priority"], r["queued_at"], r["placed_at"], r["order_key"], r["line_key"]))
    free = {(s["item_id"], s["location_id"]): max(0, s["on_hand"]) for s in shelves}
    want = defaultdict(int)
    first = {}
    for place, row in enumerate(queue):
        if row["needs_stock"] and row["is_tracked"] and row["item_id"] is not None:
            want[row["line_id"]] += row["quantity"]
            first.setdefault(row["line_id"], (place, row["item_id"]))
    got: dict[tuple[int, int, int], int] = defaultdict(int)
    for old in sorted(taken, key=lambda t: (first.get(t["line_id"], (10**9, None))[0], t["location_id"])):
        line, spot = old["line_id"], (old["item_id"], old["location_id"])
        if first.get(line, (0, None))[1] != old["item_id"]:
            continue
        units = min(old["quantity"], want[line])
        want[line] -= units
        units = min(units, free.get(spot, 0))
        if units:
            free[spot] -= units
            got[line, *spot] += units
    kept = defaultdict(int)
    for (line, _, _), units in got.items():
        kept[line] += units
    ranked = sorted(shelves, key=lambda s: (s["location_rank"], s["location_id"]))
    for row in queue:
        if not (row["needs_stock"] and row["is_tracked"] and row["item_id"] is not None):
            continue
        already = min(kept[row["line_id"]], row["quantity"])
        kept[row["line_id"]] -= already
        short = row["quantity"] - already
        for place in ranked:
            spot = (place["item_id"], place["location_id"])
            if place["item_id"] == row["item_id"] and place["usable"]:
                units = min(short, free[spot])
                free[spot] -= units
                short -= units
                if units:
                    got[row["line_id"], *spot] += units
    return {key: n for key, n in got.items() if n}, first


@st.composite
def cases(draw: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    shelves = [
        shelf(item, draw(st.integers(-2, 9)), location, usable=draw(st.booleans()) or location == 1)
        for item in (1, 2)
        for location in (1, 2)
    ]
    demand, taken = [], []
    for line in range(1, draw(st.integers(1, 7)) + 1):
        item = draw(st.sampled_from([1, 1, 2, None]))
        more = {
            "priority": draw(st.sampled_from([100, 100, 5])),
            "order_key": draw(st.integers(1, 3)),
            "hold": draw(st.sampled_from(["", "", "payment", "review"])),
            "needs_stock": draw(st.integers(0, 5)) > 0,
            "is_preorder": draw(st.booleans()),
        }
        for day in sorted(draw(st.sets(st.integers(0, 3), min_size=1, max_size=2))):
            demand.append(bucket(line, item, draw(st.integers(1, 5)), day, **more))
        if item is not None and draw(st.booleans()):
            for location in sorted(draw(st.sets(st.sampled_from([1, 2]), min_size=1))):
                old = {"line_id": line, "item_id": item, "location_id": location, "quantity": draw(st.integers(1, 4))}
                taken.append(old)
    return demand, shelves, taken


@settings(max_examples=300, deadline=None)
@given(cases())
def test_columns_say_the_same_as_the_plain_telling(case: Any) -> None:
    demand, shelves, taken = case

    result = run(demand, shelves, taken)

    expected, _ = plain_truth(demand, shelves, taken)
    assert {(r.line_id, r.item_id, r.location_id): r.quantity for r in result.allocations.itertuples()} == expected


@settings(max_examples=150, deadline=None)
@given(cases(), st.randoms())
def test_no_unit_is_lost_or_doubled_and_nothing_is_promised_twice(case: Any, chance: Any) -> None:
    demand, shelves, taken = case
    mixed = [chance.sample(part, len(part)) for part in (demand, shelves, taken)]

    result, shuffled = run(demand, shelves, taken), run(*mixed)

    wanted: dict[int, int] = defaultdict(int)
    for row in demand:
        wanted[row["line_id"]] += row["quantity"]
    assert result.units.groupby("line_id")["quantity"].sum().to_dict() == wanted
    stock = {(s["item_id"], s["location_id"]): max(0, s["on_hand"]) for s in shelves}
    laid = result.allocations.groupby(["item_id", "location_id"])["quantity"].sum().to_dict()
    assert all(quantity <= stock[spot] for spot, quantity in laid.items())
    assert all(m.cause in LEGAL[State(m.from_state), State(m.to_state)] for m in result.moves.itertuples())
    assert units_of(result) == units_of(shuffled)
    pd.testing.assert_frame_equal(result.allocations, shuffled.allocations)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_applied_to_its_own_result_nothing_moves(case: Any) -> None:
    demand, shelves, taken = case
    first = run(demand, shelves, taken)
    facts = {row["line_id"]: row for row in demand}
    after = [
        {
            **facts[row.line_id],
            "state": row.state,
            "reason": row.reason,
            "queued_at": row.queued_at,
            "quantity": row.quantity,
        }
        for row in first.units.itertuples()
    ]

    again = run(after, shelves, first.allocations.to_dict("records"))

    assert again.moves.empty
    pd.testing.assert_frame_equal(again.allocations, first.allocations)


def test_the_first_in_the_queue_is_served_first() -> None:
    result = run([bucket(1, 1, 4, day=2), bucket(2, 1, 4, day=1)], [shelf(1, 6)])

    assert units_of(result) == {
        (2, "backlog", "ready"): 4,
        (1, "backlog", "ready"): 2,
        (1, "backorder", "no_supply"): 2,
    }


def test_what_is_set_aside_stays_so_when_somebody_with_priority_comes() -> None:
    taken = [{"line_id": 1, "item_id": 1, "location_id": 1, "quantity": 3}]
    result = run([bucket(1, 1, 3), bucket(2, 1, 3, priority=1)], [shelf(1, 3)], taken)

    assert units_of(result) == {(1, "backlog", "ready"): 3, (2, "backorder", "no_supply"): 3}


def test_lost_stock_is_taken_from_the_end_of_the_queue() -> None:
    taken = [{"line_id": n, "item_id": 1, "location_id": 1, "quantity": 2} for n in (1, 2)]
    demand = [bucket(n, 1, 2, day=n, state="backlog", reason="ready") for n in (1, 2)]

    result = run(demand, [shelf(1, 3)], taken)

    assert units_of(result) == {
        (1, "backlog", "ready"): 2,
        (2, "backlog", "ready"): 1,
        (2, "backorder", "no_supply"): 1,
    }
    assert [(m.line_id, m.quantity, m.cause) for m in result.moves.itertuples()] == [(2, 1, "stock_lost")]


def test_an_unpaid_order_has_its_stock_but_waits_for_the_payment() -> None:
    result = run([bucket(1, 1, 2, hold="payment")], [shelf(1, 5)])

    assert units_of(result) == {(1, "backlog", "payment"): 2}


def test_what_needs_no_stock_goes_straight_to_backlog() -> None:
    result = run([bucket(1, None, 2, needs_stock=False), bucket(2, 1, 1, is_tracked=False)], [])

    assert units_of(result) == {(1, "backlog", "ready"): 2, (2, "backlog", "ready"): 1}
    assert result.allocations.empty


def test_stock_at_a_closed_location_is_withheld() -> None:
    result = run([bucket(1, 1, 2)], [shelf(1, 5, usable=False)])

    assert units_of(result) == {(1, "backorder", "withheld"): 2}


def test_nothing_owed_is_no_trouble() -> None:
    result = run([], [shelf(1, 5)])

    assert result.allocations.empty and result.units.empty and result.moves.empty
