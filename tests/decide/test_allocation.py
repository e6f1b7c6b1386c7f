"""Laying stock along the queue, against a slow and plain telling of the same rules."""

from collections import Counter
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.allocation import Allocated
from fillrate.decide.states import Move, State, check_moves
from tests.decide.reference import Row, Units, aside, bucket, outcome, run, shelf
from tests.decide.telling import told

Case = tuple[list[Row], list[Row], list[Row]]
PROOF = settings(max_examples=60, deadline=None)
STANDS = [("new", ""), ("backlog", "ready"), ("backlog", "picking"), ("backlog", "payment"), ("backorder", "no_supply")]


@st.composite
def shelves(draw: st.DrawFn) -> list[Row]:
    """Two items at up to three locations: less than nothing on hand, locations out of use, equal ranks."""
    places = draw(st.sets(st.tuples(st.integers(1, 2), st.integers(1, 3)), max_size=6))
    return [
        shelf(item, draw(st.integers(-2, 9)), location, draw(st.booleans()), draw(st.integers(0, 1)))
        for item, location in sorted(places)
    ]


@st.composite
def lines(draw: st.DrawFn, line: int) -> list[Row]:
    """One line: some tranches, each with units in one or two states; several lines share a SKU, or an order."""
    more = {
        "priority": draw(st.sampled_from([100, 100, 5])),
        "order_key": draw(st.integers(1, 3)),
        "hold": draw(st.sampled_from(["", "", "payment", "review", "hold"])),
        "needs_stock": draw(st.integers(0, 5)) > 0,
        "is_tracked": draw(st.integers(0, 5)) > 0,
        "is_preorder": draw(st.booleans()),
        "is_discontinued": draw(st.booleans()),
    }
    item = draw(st.sampled_from([1, 1, 2, None]))
    return [
        bucket(line, item, draw(st.integers(1, 5)), day, **more, state=state, reason=reason)
        for day in sorted(draw(st.sets(st.integers(0, 3), min_size=1, max_size=2)))
        for state, reason in draw(st.lists(st.sampled_from(STANDS), min_size=1, max_size=2, unique=True))
    ]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Anything that the tables may hold, also what no run of ours would have left there."""
    demand = [row for line in range(1, draw(st.integers(1, 6)) + 1) for row in draw(lines(line))]
    held = {row["line_id"]: row["item_id"] for row in demand if row["item_id"] and draw(st.booleans())}
    spots = [
        (line, item, location)
        for line, item in held.items()
        for location in draw(st.sets(st.integers(1, 3), max_size=2))
    ]
    strays = draw(st.sets(st.tuples(st.integers(1, 7), st.integers(1, 2), st.just(4)), max_size=1))
    taken = [aside(line, item, draw(st.integers(1, 4)), location) for line, item, location in [*spots, *strays]]
    return demand, draw(shelves()), taken


@PROOF
@given(cases())
def test_columns_say_the_same_as_the_plain_telling(case: Case) -> None:
    world = dict(zip(("demand", "shelves", "taken"), case, strict=True))

    plain = told({**world, "coming": [], "recipes": [], "reaches": [], "reserves": []})

    assert outcome(run(*case)) == (plain["laid"], plain["units"])


@PROOF
@given(cases())
def test_no_unit_is_lost_or_doubled_and_none_is_promised_twice(case: Case) -> None:
    demand, stock, _ = case

    laid, units = outcome(run(*case))

    assert Counter(dict(by_line(units))) == Counter(dict(by_line(standing(demand))))
    on_hand = {(row["item_id"], row["location_id"]): max(0, row["on_hand"]) for row in stock}
    promised: Counter[tuple[int, int]] = Counter()
    for (_, *spot), quantity in laid.items():
        promised[tuple(spot)] += quantity  # type: ignore[index]
    assert all(quantity <= on_hand[spot] for spot, quantity in promised.items())


@PROOF
@given(cases())
def test_the_moves_lead_from_what_was_to_what_is_and_are_the_fewest(case: Case) -> None:
    result = run(*case)

    was, now = without_time(standing(case[0])), without_time(outcome(result)[1])
    check_moves(Move(*row) for row in result.moves[list(Move._fields)].itertuples(index=False))
    for row in result.moves.itertuples():
        was[row.line_id, row.from_state, row.from_reason] -= row.quantity
        was[row.line_id, row.to_state, row.to_reason] += row.quantity
    assert +was == now
    assert result.moves["quantity"].sum() == (standing(case[0]) - outcome(result)[1]).total()


@PROOF
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(case: Case, chance: Random) -> None:
    first, second = run(*case), run(*(chance.sample(rows, len(rows)) for rows in case))  # type: ignore[arg-type]

    for name in Allocated.__slots__:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


@PROOF
@given(cases())
def test_applied_to_its_own_result_nothing_moves(case: Case) -> None:
    first = run(*case)
    facts = {row["line_id"]: row for row in case[0]}
    after = [{**facts[row["line_id"]], **row} for row in first.units.to_dict("records")]

    again = run(after, case[1], first.allocations.to_dict("records"))

    assert again.moves.empty
    pd.testing.assert_frame_equal(again.allocations, first.allocations)
    pd.testing.assert_frame_equal(again.units, first.units)


def standing(demand: list[Row]) -> Units:
    return Counter({(r["line_id"], r["queued_at"], r["state"], r["reason"]): r["quantity"] for r in demand})


def without_time(units: Units) -> Counter[tuple[int, str, str]]:
    sums: Counter[tuple[int, str, str]] = Counter()
    for (line, _, state, reason), quantity in units.items():
        sums[line, state, reason] += quantity
    return sums


def by_line(units: Units) -> list[tuple[int, int]]:
    sums: Counter[int] = Counter()
    for (line, *_), quantity in units.items():
        sums[line] += quantity
    return sorted(sums.items())


def units_of(demand: list[Row], stock: list[Row], taken: list[Row] | None = None) -> dict[Any, int]:
    return dict(without_time(outcome(run(demand, stock, taken or []))[1]))


def test_the_first_in_the_queue_is_served_first() -> None:
    assert units_of([bucket(1, 1, 4, day=2), bucket(2, 1, 4, day=1)], [shelf(1, 6)]) == {
        (2, "backlog", "ready"): 4,
        (1, "backlog", "ready"): 2,
        (1, "backorder", "no_supply"): 2,
    }


@pytest.mark.parametrize(
    "first",
    [
        {"priority": 1, "placed_at": pd.Timestamp("2026-03-09", tz="UTC")},
        {"placed_at": pd.Timestamp("2026-02-28", tz="UTC"), "order_key": 9},
        {"order_key": 0, "line_key": 9},
        {"order_key": 1, "line_key": 0},
    ],
)
def test_class_then_time_then_ids_make_the_queue_so_that_there_are_no_ties(first: Row) -> None:
    found = units_of([bucket(1, 1, 1), bucket(2, 1, 1, **{"order_key": 1, **first})], [shelf(1, 1)])

    assert found == {(2, "backlog", "ready"): 1, (1, "backorder", "no_supply"): 1}


def test_the_same_sku_on_two_lines_of_an_order_shares_one_shelf() -> None:
    demand = [bucket(line, 1, 3, order_key=7) for line in (1, 2)]

    assert units_of(demand, [shelf(1, 4)]) == {
        (1, "backlog", "ready"): 3,
        (2, "backlog", "ready"): 1,
        (2, "backorder", "no_supply"): 2,
    }


def test_units_that_an_edit_added_queue_behind_orders_placed_before_it() -> None:
    demand = [bucket(1, 1, 2, day=0), bucket(1, 1, 2, day=5), bucket(2, 1, 2, day=3)]

    assert units_of(demand, [shelf(1, 4)]) == {
        (1, "backlog", "ready"): 2,
        (2, "backlog", "ready"): 2,
        (1, "backorder", "no_supply"): 2,
    }


def test_what_is_set_aside_stays_so_when_somebody_with_priority_comes() -> None:
    found = units_of([bucket(1, 1, 3), bucket(2, 1, 3, priority=1)], [shelf(1, 3)], [aside(1, 1, 3)])

    assert found == {(1, "backlog", "ready"): 3, (2, "backorder", "no_supply"): 3}


def test_lost_stock_is_taken_from_the_end_of_the_queue() -> None:
    demand = [bucket(n, 1, 2, day=n, state="backlog", reason="ready") for n in (1, 2)]

    result = run(demand, [shelf(1, 3)], [aside(2, 1, 2), aside(1, 1, 2)])

    assert outcome(result)[0] == {(1, 1, 1): 2, (2, 1, 1): 1}
    assert [(m.line_id, m.quantity, m.cause) for m in result.moves.itertuples()] == [(2, 1, "stock_lost")]


def test_units_that_an_edit_added_lose_lost_stock_before_orders_placed_before_it() -> None:
    ready = {"state": "backlog", "reason": "ready"}
    demand = [bucket(1, 1, 2, day=0, **ready), bucket(1, 1, 2, day=5, **ready), bucket(2, 1, 2, day=3, **ready)]
    taken = [aside(1, 1, 3), aside(1, 1, 1, location=2), aside(2, 1, 2)]

    result = run(demand, [shelf(1, 3), shelf(1, 1, location=2)], taken)

    assert outcome(result)[0] == {(1, 1, 1): 1, (1, 1, 2): 1, (2, 1, 1): 2}
    assert [(m.line_id, m.quantity, m.cause) for m in result.moves.itertuples()] == [(1, 2, "stock_lost")]


def test_less_than_nothing_on_hand_serves_nobody() -> None:
    found = units_of([bucket(1, 1, 2, state="backlog", reason="ready")], [shelf(1, -3)], [aside(1, 1, 2)])

    assert found == {(1, "backorder", "no_supply"): 2}


def test_a_line_that_shrank_gives_its_units_to_the_next() -> None:
    demand = [bucket(1, 1, 1, state="backlog", reason="ready"), bucket(2, 1, 2, state="backorder", reason="no_supply")]

    result = run(demand, [shelf(1, 3)], [aside(1, 1, 3)])

    assert outcome(result)[0] == {(1, 1, 1): 1, (2, 1, 1): 2}
    assert [(m.line_id, m.quantity, m.cause) for m in result.moves.itertuples()] == [(2, 2, "stock_arrived")]


def test_a_line_that_shrank_gives_up_the_shelf_that_it_would_be_given_last() -> None:
    stock = [shelf(1, 5, location=1, rank=1), shelf(1, 5, location=2, rank=0)]

    result = run([bucket(1, 1, 3)], stock, [aside(1, 1, 2, location=1), aside(1, 1, 2, location=2)])

    assert outcome(result)[0] == {(1, 1, 2): 2, (1, 1, 1): 1}


def test_locations_are_drawn_on_by_their_rank() -> None:
    result = run([bucket(1, 1, 5)], [shelf(1, 3, location=1, rank=1), shelf(1, 3, location=2, rank=0)], [])

    assert outcome(result)[0] == {(1, 1, 2): 3, (1, 1, 1): 2}


def test_stock_set_aside_for_another_item_than_the_line_s_own_is_given_back() -> None:
    result = run([bucket(1, 2, 1)], [shelf(1, 5), shelf(2, 0)], [aside(1, 1, 1)])

    assert result.allocations.empty


@pytest.mark.parametrize("hold", ["review", "payment", "hold"])
def test_an_order_that_is_held_back_has_its_stock_and_waits_until_it_is_let_go(hold: str) -> None:
    held = run([bucket(1, 1, 2, hold=hold, state="backlog", reason="ready")], [shelf(1, 5)], [aside(1, 1, 2)])
    freed = run([bucket(1, 1, 2, state="backlog", reason=hold)], [shelf(1, 5)], [aside(1, 1, 2)])

    columns = ["from_reason", "to_reason", "cause"]
    assert held.moves[columns].to_numpy().tolist() == [["ready", hold, "hold"]]
    assert freed.moves[columns].to_numpy().tolist() == [[hold, "ready", "release"]]


def test_units_being_picked_stay_so_and_are_the_last_to_lose_their_stock() -> None:
    demand = [bucket(1, 1, n, state="backlog", reason=why) for n, why in ((2, "picking"), (3, "ready"))]

    assert units_of(demand, [shelf(1, 2)], [aside(1, 1, 5)]) == {
        (1, "backlog", "picking"): 2,
        (1, "backorder", "no_supply"): 3,
    }


def test_what_needs_no_stock_goes_straight_to_backlog() -> None:
    result = run([bucket(1, None, 2, needs_stock=False), bucket(2, 1, 1, is_tracked=False)], [shelf(1, 9)], [])

    assert outcome(result)[0] == {}
    assert without_time(outcome(result)[1]) == {(1, "backlog", "ready"): 2, (2, "backlog", "ready"): 1}


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"is_preorder": True, "is_discontinued": True}, "preorder"),
        ({"is_discontinued": True}, "withheld"),
        ({"item_id": 2, "is_discontinued": True}, "discontinued"),
        ({"item_id": 2}, "no_supply"),
        ({"item_id": None}, "no_supply"),
    ],
)
def test_of_several_reasons_to_wait_the_first_is_told(facts: Row, why: str) -> None:
    stock = [shelf(1, 5, usable=False), shelf(2, 0, usable=False)]

    assert units_of([{**bucket(1, 1, 1), **facts}], stock) == {(1, "backorder", why): 1}


def test_what_was_set_aside_where_nobody_picks_any_more_is_given_up_for_a_shelf_in_use() -> None:
    demand = [bucket(1, 1, 2, state="backlog", reason="ready"), bucket(2, 1, 1, day=1)]
    shut, open_place = shelf(1, 5, location=2, usable=False), shelf(1, 1)

    result = run(demand, [shut, open_place], [aside(1, 1, 2, location=2)])

    assert outcome(result)[0] == {(1, 1, 1): 1}
    assert without_time(outcome(result)[1]) == {
        (1, "backlog", "ready"): 1,
        (1, "backorder", "withheld"): 1,
        (2, "backorder", "withheld"): 1,
    }


def test_a_reason_that_changes_while_units_wait_is_a_move_by_policy() -> None:
    result = run([bucket(1, 1, 2, is_preorder=True, state="backorder", reason="no_supply")], [], [])

    assert result.moves[["to_reason", "cause"]].to_numpy().tolist() == [["preorder", "policy"]]


def test_nothing_owed_is_no_trouble() -> None:
    result = run([], [shelf(1, 5)], [aside(1, 1, 2)])

    assert all(getattr(result, name).empty for name in Allocated.__slots__)


@pytest.mark.parametrize(("state", "reason"), [("backlog", "no_supply"), (State.SHIPPED, ""), ("lost", "ready")])
def test_units_that_cannot_be_where_they_are_said_to_be_stop_the_run(state: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"units of line 4 cannot be in '{state}' for '{reason}'"):
        run([bucket(3, 1, 1), bucket(4, 1, 1, state=str(state), reason=reason)], [], [])
