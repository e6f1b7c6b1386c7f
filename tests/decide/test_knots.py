"""Lines that hang together: ship-complete orders, kits, reserves, locations of their own; and what is on its way."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.allocation import Allocated
from fillrate.decide.states import Move, check_moves
from tests.decide.reference import DAY, Row, aside, bucket, inbound, outcome, run, shelf
from tests.decide.test_allocation import by_line, standing, without_time

PROOF = settings(max_examples=25, deadline=None)
KIT = 7
RECIPES = [{"recipe_id": KIT, "item_id": 1, "per": 2}, {"recipe_id": KIT, "item_id": 2, "per": 1}]
STANDS = [("new", ""), ("new", ""), ("backlog", "ready"), ("backlog", "picking"), ("backorder", "no_supply")]
World = dict[str, Any]


@st.composite
def lines(draw: st.DrawFn, order: int, first: int) -> list[Row]:
    """An order of up to three lines under one policy; some joined the queue in two goes, some are being picked."""
    rules = {
        "order_id": order,
        "order_key": order,
        "channel_id": draw(st.integers(1, 2)),
        "priority": draw(st.sampled_from([100, 100, 5])),
        "reach_id": draw(st.sampled_from([0, 0, 1, 2])),
        "choice": draw(st.sampled_from(["rank", "rank", "most_stock", "fewest_splits"])),
        "split_limit": draw(st.sampled_from([0, 0, 1, 2])),
        "ship_complete": draw(st.booleans()),
        "hold_days": draw(st.sampled_from([0, 10])),
        "starve_days": draw(st.sampled_from([60, 60, 20])),
        "placed_at": DAY - timedelta(days=draw(st.sampled_from([0, 0, 30]))),
        "displaces": draw(st.integers(0, 4)) == 0,
        "hold": draw(st.sampled_from(["", "", "", "payment"])),
    }
    rows = []
    for line in range(first, first + draw(st.integers(1, 3))):
        more = {
            "recipe_id": draw(st.sampled_from([None, None, None, KIT])),
            "release_at": draw(st.sampled_from([None, None, None, DAY + timedelta(days=5)])),
            "promised_at": draw(st.sampled_from([None, DAY + timedelta(days=40)])),
            "horizon_days": draw(st.sampled_from([None, None, 30])),
            "by_promise": draw(st.booleans()),
            "is_preorder": draw(st.integers(0, 5)) == 0,
            "is_discontinued": draw(st.integers(0, 5)) == 0,
            "is_tracked": draw(st.integers(0, 9)) > 0,
        }
        item = draw(st.sampled_from([1, 1, 1, 2, 2, 3, None]))
        rows += [
            bucket(line, item, draw(st.integers(1, 4)), day, **rules, **more, state=state, reason=reason)
            for day in sorted(draw(st.sets(st.integers(0, 3), min_size=1, max_size=2)))
            for state, reason in draw(st.lists(st.sampled_from(STANDS), min_size=1, max_size=2, unique=True))
        ]
    return rows


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Orders, shelves at three locations, goods on their way, and what earlier runs have set aside."""
    demand = [row for order in range(1, draw(st.integers(1, 5)) + 1) for row in draw(lines(order, order * 10))]
    places = draw(st.sets(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=7))
    shelves = [
        shelf(item, draw(st.integers(-1, 6)), place, draw(st.integers(0, 3)) > 0) for item, place in sorted(places)
    ]
    coming = [
        inbound(
            key,
            draw(st.integers(1, 3)),
            draw(st.integers(1, 5)),
            draw(st.sampled_from([3, 8, 30, None])),
            location=draw(st.integers(1, 3)),
        )
        for key in range(draw(st.integers(0, 4)))
    ]
    taken = [
        aside(row["line_id"], item, draw(st.integers(1, 3)), draw(st.integers(1, 3)))
        for row in {row["line_id"]: row for row in demand}.values()
        for item in ((1, 2) if row["recipe_id"] else (row["item_id"],))
        if item and draw(st.booleans())
    ]
    return {
        "demand": demand,
        "shelves": shelves,
        "taken": taken,
        "coming": coming,
        "recipes": RECIPES,
        "reaches": [
            *({"reach_id": 1, "location_id": place, "rank": 3 - place} for place in (1, 2, 3)),
            {"reach_id": 2, "location_id": 2, "rank": 0},
        ],
        "reserves": draw(st.sampled_from([[], [], [{"item_id": 1, "channel_id": 2, "quantity": 3}]])),
    }


@PROOF
@given(worlds())
def test_no_unit_is_lost_none_promised_twice_and_every_move_is_legal(world: World) -> None:
    result = run(**world)

    assert Counter(dict(by_line(outcome(result)[1]))) == Counter(dict(by_line(standing(world["demand"]))))
    on_hand = {(row["item_id"], row["location_id"]): max(0, row["on_hand"]) for row in world["shelves"]}
    for spot, quantity in result.allocations.groupby(["item_id", "location_id"])["quantity"].sum().items():
        assert quantity <= on_hand[spot]
    there = {row["inbound_id"]: row["quantity"] for row in world["coming"]}
    for key, quantity in result.covers.groupby("inbound_id")["quantity"].sum().items():
        assert quantity <= there[key]
    check_moves(Move(*row) for row in result.moves[list(Move._fields)].itertuples(index=False))
    was = without_time(standing(world["demand"]))
    for row in result.moves.itertuples():
        was[row.line_id, row.from_state, row.from_reason] -= row.quantity
        was[row.line_id, row.to_state, row.to_reason] += row.quantity
    assert +was == without_time(outcome(result)[1])


@PROOF
@given(worlds())
def test_units_in_backlog_are_those_set_aside_and_kits_those_with_all_their_parts(world: World) -> None:
    result = run(**world)

    facts = {row["line_id"]: row for row in world["demand"]}
    backlog = result.units[result.units["state"] == "backlog"].groupby("line_id")["quantity"].sum()
    aside_ = {(row.line_id, row.item_id): 0 for row in result.allocations.itertuples()}
    for row in result.allocations.itertuples():
        aside_[row.line_id, row.item_id] += row.quantity
    for line, fact in facts.items():
        if not fact["is_tracked"]:
            continue
        parts = {1: 2, 2: 1} if fact["recipe_id"] else {fact["item_id"]: 1}
        whole = min(aside_.get((line, item), 0) // per for item, per in parts.items())
        assert backlog.get(line, 0) == whole


@PROOF
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: World, chance: Random) -> None:
    mixed = {name: chance.sample(rows, len(rows)) for name, rows in world.items()}

    for name in Allocated.__slots__:
        first, second = (getattr(run(**one), name).reset_index(drop=True) for one in (world, mixed))
        pd.testing.assert_frame_equal(first, second)


@PROOF
@given(worlds())
def test_applied_to_its_own_result_nothing_moves(world: World) -> None:
    first = run(**world)
    facts = {row["line_id"]: row for row in world["demand"]}
    after = [{**facts[row["line_id"]], **row} for row in first.units.to_dict("records")]

    again = run(**{**world, "demand": after, "taken": first.allocations.to_dict("records")})

    assert again.moves.to_dict("records") == []
    for name in ("allocations", "units", "covers", "forecasts"):
        one, other = (getattr(result, name).reset_index(drop=True) for result in (first, again))
        pd.testing.assert_frame_equal(one, other)


@PROOF
@given(worlds())
def test_served_one_by_one_plain_lines_get_what_they_get_in_columns(world: World) -> None:
    plain = {"choice": "rank", "split_limit": 0, "ship_complete": False, "recipe_id": None}
    demand = [{**row, **plain, "reach_id": 0} for row in world["demand"]]
    everywhere = [{"reach_id": 1, "location_id": place, "rank": place} for place in (1, 2, 3)]
    case = {**world, "reserves": [], "taken": []}

    columns = run(**{**case, "demand": demand})
    one_by_one = run(**{**case, "demand": [{**row, "reach_id": 1} for row in demand], "reaches": everywhere})

    for name in Allocated.__slots__:
        one, other = (getattr(result, name).reset_index(drop=True) for result in (columns, one_by_one))
        pd.testing.assert_frame_equal(one, other)
