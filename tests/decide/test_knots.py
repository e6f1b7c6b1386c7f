"""Lines that hang together: ship-complete orders, kits, reserves, locations of their own; and what is on its way."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.allocation import Allocated
from fillrate.decide.states import Move, check_moves
from tests.decide.reference import DAY, Row, aside, bucket, inbound, outcome, run, shelf
from tests.decide.telling import said, told
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
def test_columns_and_serving_say_the_same_as_the_plain_telling(world: World) -> None:
    assert said(run(**world)) == told(world)


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

    one, other = run(**world), run(**mixed)

    for name in Allocated.__slots__:
        first, second = (getattr(result, name).reset_index(drop=True) for result in (one, other))
        pd.testing.assert_frame_equal(first, second)


@PROOF
@given(worlds())
def test_applied_to_its_own_result_nothing_moves(world: World) -> None:
    first = run(**world)

    again = run(**after(world, first))

    assert again.moves.to_dict("records") == []
    for name in ("allocations", "units", "covers", "forecasts"):
        one, other = (getattr(result, name).reset_index(drop=True) for result in (first, again))
        pd.testing.assert_frame_equal(one, other)


def after(world: World, result: Allocated) -> World:
    """The same world with the result saved."""
    facts = {row["line_id"]: row for row in world["demand"]}
    demand = [{**facts[row["line_id"]], **row} for row in result.units.to_dict("records")]
    return {**world, "demand": demand, "taken": result.allocations.to_dict("records")}


@PROOF
@given(worlds())
def test_a_cancelled_order_moves_others_only_by_goods_that_it_had_and_nobody_is_worse_off(world: World) -> None:
    world = after(world, run(**world))
    was = run(**world)

    for order in {row["order_id"] for row in world["demand"]}:
        left = without(world, order)
        now = run(**left)

        lines = {row["line_id"] for row in left["demand"]}
        nobody_else_loses(world, order, was, left, now, lines)


@PROOF
@given(worlds())
def test_an_order_made_smaller_moves_others_only_by_goods_that_it_had_and_nobody_is_worse_off(world: World) -> None:
    world = after(world, run(**world))
    was = run(**world)

    for order in {row["order_id"] for row in world["demand"] if not row["ship_complete"]}:
        left = smaller(world, order)
        now = run(**left)

        others = {row["line_id"] for row in left["demand"] if row["order_id"] != order}
        nobody_else_loses(world, order, was, left, now, others)


def nobody_else_loses(world: World, order: int, was: Allocated, left: World, now: Allocated, others: set[int]) -> None:
    """Whatever an order gives up: who moves hangs on goods that it had, has no less for it, and waits no longer."""
    moved = {line for line in others if standing_of(was, line) != standing_of(now, line)}
    assert moved <= hanging_on(world, order, was, moved)
    for line in moved - pushed_out(left, now):
        assert in_backlog(now, line) >= in_backlog(was, line)
        if line not in not_yet(left):
            assert waits_until(now, line) <= waits_until(was, line)


def smaller(world: World, order: int) -> World:
    """Each line of an order has lost a unit to an edit: of those that joined last, one without stock if there is any."""
    last: dict[int, Row] = {}
    for row in world["demand"]:
        one = last.setdefault(row["line_id"], row)
        if row["order_id"] == order and edit_order(row) > edit_order(one):
            last[row["line_id"]] = row
    cut = [row for row in last.values() if row["order_id"] == order]
    demand = [{**row, "quantity": row["quantity"] - (row in cut)} for row in world["demand"]]
    return {**world, "demand": [row for row in demand if row["quantity"]]}


def edit_order(row: Row) -> tuple[Any, bool, bool]:
    """What an edit takes away first is greatest."""
    return row["queued_at"], row["state"] != "backlog", row["reason"] != "picking"


def without(world: World, order: int) -> World:
    demand = [row for row in world["demand"] if row["order_id"] != order]
    lines = {row["line_id"] for row in demand}
    return {**world, "demand": demand, "taken": [row for row in world["taken"] if row["line_id"] in lines]}


def not_yet(world: World) -> set[int]:
    """Lines that may have to wait for their day, or for the rest of their order: till then others may take what lies there."""
    why = ("release_at", "horizon_days", "ship_complete")
    return {row["line_id"] for row in world["demand"] if any(row[name] not in {None, False} for name in why)}


def pushed_out(world: World, result: Allocated) -> set[int]:
    """Lines that gave way to a better class that displaces: with one order less, what they have may be enough for it."""
    demand = world["demand"]
    lost = set(result.moves.loc[result.moves["cause"] == "displaced", "line_id"])
    takers = [row["priority"] for row in demand if row["displaces"]]
    return {row["line_id"] for row in demand if row["line_id"] in lost and row["priority"] > min(takers)}


def hanging_on(world: World, order: int, result: Allocated, moved: set[int]) -> set[int]:
    """Which of the lines that moved draw on goods that the order had or waited for, or on what another such one let go.

    What lies there is there for whoever waits for his day, as long as nobody wants it who may have it before.
    """
    parts = {line["line_id"]: {1, 2} if line["recipe_id"] else {line["item_id"]} for line in world["demand"]}
    orders = {row["line_id"]: row["order_id"] for row in world["demand"]}
    goods = {
        row.item_id
        for frame in (result.allocations, result.covers)
        for row in frame.itertuples()
        if orders[row.line_id] == order
    }
    awaited = {item for line in not_yet(world) for item in parts[line]}
    goods |= {item for row in world["demand"] if row["order_id"] == order for item in parts[row["line_id"]]} & awaited
    reached: set[int] = set()
    while more := {line for line in moved - reached if parts[line] & goods}:
        reached |= more
        together = {orders[line] for line in more}
        goods |= {item for line, own in orders.items() if own in together for item in parts[line]}
    return reached


def standing_of(result: Allocated, line: int) -> list[Any]:
    frames = (result.units, result.allocations, result.covers, result.forecasts)
    return [frame[frame["line_id"] == line].to_dict("records") for frame in frames]


def in_backlog(result: Allocated, line: int) -> int:
    units = result.units
    return int(units.loc[(units["line_id"] == line) & (units["state"] == "backlog"), "quantity"].sum())


def waits_until(result: Allocated, line: int) -> tuple[int, pd.Timestamp]:
    """How many units nothing covers, and when the last of the others is there."""
    row = result.forecasts[result.forecasts["line_id"] == line]
    if row.empty:
        return 0, pd.Timestamp.min.tz_localize("UTC")
    day = row["likely_at"].iloc[0]
    return int(row["uncovered"].iloc[0]), pd.Timestamp.max.tz_localize("UTC") if pd.isna(day) else day


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


PICKING: Row = {"state": "backlog", "reason": "picking"}
READY: Row = {"state": "backlog", "reason": "ready"}
VIP: Row = {"priority": 5, "displaces": True}


def test_an_order_that_is_held_back_is_not_being_picked_and_may_be_passed_over() -> None:
    demand = [bucket(1, 1, 3, **PICKING, ship_complete=True, hold="payment"), bucket(2, 1, 1, day=1)]

    result = run(demand, [shelf(1, 1)], [aside(1, 1, 1)])

    assert result.allocations.to_dict("records") == [aside(2, 1, 1)]


def test_an_order_that_ships_complete_is_not_served_in_part_where_the_rest_is_out_of_reach() -> None:
    near = [{"reach_id": 2, "location_id": 2, "rank": 0}]
    rules = {"order_id": 1, "order_key": 1, "ship_complete": True, "reach_id": 2}

    result = run([bucket(1, 1, 1, **rules), bucket(2, 2, 1, **rules)], [shelf(1, 1, 2), shelf(2, 1, 3)], reaches=near)

    assert result.allocations.empty


def test_an_order_that_ships_complete_is_not_served_in_part_where_the_rest_is_reserved() -> None:
    rules = {"order_id": 1, "order_key": 1, "ship_complete": True}
    reserves = [{"item_id": 2, "channel_id": 2, "quantity": 1}]

    result = run([bucket(1, 1, 1, **rules), bucket(2, 2, 1, **rules)], [shelf(1, 1), shelf(2, 1)], reserves=reserves)

    assert result.allocations.empty


def test_goods_that_a_kit_takes_today_are_not_promised_to_those_who_wait_for_their_release() -> None:
    demand = [bucket(1, 1, 2, day=1, release_at=DAY + timedelta(days=5)), bucket(2, 9, 1, recipe_id=KIT)]

    result = run(demand, [shelf(1, 2), shelf(2, 1)], recipes=RECIPES)

    assert result.forecasts[["line_id", "uncovered"]].to_numpy().tolist() == [[1, 2]]
    assert result.forecasts["likely_at"].isna().all()


def displaced(vip: list[Row], *, shelves: list[Row] | None = None, **more: Any) -> list[tuple[int, int]]:
    """Who has how much, where two lines of the standard class had all."""
    demand = [bucket(n, 1, 2, day=n, **READY) for n in (1, 2)]
    taken = [aside(1, 1, 2), aside(2, 1, 2)]
    result = run([*demand, *vip], shelves or [shelf(1, 4)], taken, **more)
    return list(zip(result.allocations["line_id"], result.allocations["quantity"], strict=True))


def test_a_better_class_displaces_the_end_of_the_queue() -> None:
    assert displaced([bucket(3, 1, 3, day=9, **VIP)]) == [(1, 1), (3, 3)]
    assert displaced([bucket(3, 1, 3, day=9, **{**VIP, "displaces": False})]) == [(1, 2), (2, 2)]
    assert displaced([bucket(3, 1, 3, day=9, **{**VIP, "priority": 100})]) == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    "why",
    [
        {"release_at": DAY + timedelta(days=5)},
        {"promised_at": DAY + timedelta(days=40), "horizon_days": 30},
        {"recipe_id": KIT},
        {"reach_id": 2},
        {"quantity": 5, "ship_complete": True},
    ],
)
def test_nobody_is_displaced_for_one_who_cannot_use_it(why: Row) -> None:
    near = [{"reach_id": 2, "location_id": 2, "rank": 0}]
    waiting = bucket(4, 1, 1, day=0)

    found = displaced([{**bucket(3, 1, 1, **VIP), **why}, waiting], recipes=RECIPES, reaches=near)

    assert found == [(1, 2), (2, 2)]


def test_a_class_in_between_displaces_the_worse_and_is_displaced_by_the_better_in_one_run() -> None:
    middle = {**READY, "priority": 50, "displaces": True}
    demand = [bucket(1, 1, 1, **READY), bucket(2, 1, 1, **middle), bucket(3, 1, 2, **VIP)]

    result = run(demand, [shelf(1, 2)], [aside(1, 1, 1), aside(2, 1, 1)])

    assert list(result.allocations["line_id"]) == [3]


def test_what_is_being_picked_is_not_displaced() -> None:
    demand = [bucket(1, 1, 1, **PICKING), bucket(2, 1, 1, **VIP)]

    assert list(run(demand, [shelf(1, 1)], [aside(1, 1, 1)]).allocations["line_id"]) == [1]


def test_a_reserve_is_what_its_channel_does_not_have_yet() -> None:
    reserves = [{"item_id": 1, "channel_id": 2, "quantity": 3}]
    demand = [bucket(1, 1, 2, channel_id=2, **READY), bucket(2, 1, 4)]

    result = run(demand, [shelf(1, 5)], [aside(1, 1, 2)], reserves=reserves)

    assert result.allocations["quantity"].tolist() == [2, 2]
    assert outcome(result)[1][2, DAY, "backorder", "withheld"] == 2


@pytest.mark.parametrize(
    ("day", "facts", "units"),
    [
        (14, {}, 1),
        (15, {}, 0),
        (None, {}, 0),
        (15, {"placed_at": DAY - timedelta(days=61)}, 1),
        (15, {"placed_at": DAY - timedelta(days=60)}, 0),
        (15, PICKING, 1),
    ],
)
def test_an_order_that_ships_complete_holds_what_is_there_if_it_is_worth_waiting_for_the_rest(
    day: int | None, facts: Row, units: int
) -> None:
    demand = [bucket(1, 1, 2, **{**READY, "ship_complete": True, **facts})]

    result = run(demand, [shelf(1, 1)], [aside(1, 1, 1)], [inbound(5, 1, 1, day)])

    assert result.allocations["quantity"].sum() == units


def test_a_kit_under_a_split_limit_is_drawn_from_where_all_its_parts_lie() -> None:
    recipe = [{"recipe_id": KIT, "item_id": item, "per": 1} for item in (1, 2)]
    kit = bucket(1, None, 1, recipe_id=KIT, split_limit=1, choice="most_stock", hold_days=0)

    result = run([kit], [shelf(1, 1, 1), shelf(2, 1, 1), shelf(1, 6, 3)], recipes=recipe)

    assert result.allocations.to_dict("records") == [aside(1, 1, 1, 1), aside(1, 2, 1, 1)]


def test_a_split_limit_and_most_stock_choose_the_locations() -> None:
    shelves = [shelf(1, 1, 1), shelf(1, 3, 2)]

    limited = run([bucket(1, 1, 3, split_limit=1)], shelves)
    most = run([bucket(1, 1, 2, choice="most_stock")], shelves)

    assert limited.allocations.to_dict("records") == [aside(1, 1, 1)]
    assert most.allocations.to_dict("records") == [aside(1, 1, 2, location=2)]


@pytest.mark.parametrize("why", [{"release_at": DAY + timedelta(days=5)}, {"horizon_days": 30}])
def test_what_is_released_or_promised_for_later_takes_nothing_today(why: Row) -> None:
    later = {"promised_at": DAY + timedelta(days=40), **why}

    result = run([bucket(1, 1, 1, **later), bucket(2, 1, 1, day=1)], [shelf(1, 2)], coming=[inbound(5, 1, 1, 3)])

    assert result.allocations["line_id"].tolist() == [2]
    assert result.forecasts["likely_at"].tolist() == [why.get("release_at") or DAY + timedelta(days=10)]


def test_a_whole_order_is_not_complete_by_goods_that_only_another_line_of_it_may_have() -> None:
    order = {"order_id": 1, "order_key": 1, "ship_complete": True}
    later = bucket(1, 1, 2, **order, release_at=DAY + pd.Timedelta(days=5))
    result = run([later, bucket(2, 1, 1, **order)], [shelf(1, 2)])

    assert result.allocations.empty
    assert set(result.units["state"]) == {"backorder"}


def test_a_kit_leaves_when_its_last_part_comes_though_others_may_use_the_rest_meanwhile() -> None:
    demand = [bucket(1, 9, 2, recipe_id=KIT, hold_days=0)]

    result = run(demand, [shelf(1, 1), shelf(2, 5)], coming=[inbound(1, 1, 3, 30)], recipes=RECIPES)

    assert result.allocations.empty
    assert result.units[["reason", "quantity"]].to_numpy().tolist() == [["awaiting_inbound", 2]]
    assert result.forecasts[["likely_at", "uncovered"]].to_numpy().tolist() == [[DAY + timedelta(days=30), 0]]


def test_what_two_kits_lack_is_not_found_twice_on_the_shelf() -> None:
    demand = [bucket(line, 9, 1, day=line, order_id=line, recipe_id=KIT, hold_days=0) for line in (1, 2)]

    result = run(demand, [shelf(2, 1)], coming=[inbound(1, 1, 4, 30)], recipes=RECIPES)

    assert result.forecasts[["line_id", "uncovered"]].to_numpy().tolist() == [[1, 0], [2, 1]]


def test_the_delivery_that_is_likely_first_is_waited_for_first_however_late_it_may_be() -> None:
    result = run(
        [bucket(1, 1, 1), bucket(2, 1, 1, day=1)],
        [shelf(1, 0)],
        coming=[inbound(8, 1, 1, 3, sure=20), inbound(7, 1, 1, 5, sure=1)],
    )

    assert dict(result.covers[["line_id", "inbound_id"]].itertuples(index=False)) == {1: 8, 2: 7}


def test_nobody_displaces_one_of_the_own_class() -> None:
    demand = [
        bucket(1, 1, 1, priority=5, state="backlog", reason="ready", day=2),
        bucket(2, 1, 2, priority=5, day=1, displaces=True),
        bucket(3, 1, 1, state="backlog", reason="ready"),
    ]

    result = run(demand, [shelf(1, 2)], [aside(1, 1, 1), aside(3, 1, 1)])

    assert result.allocations.to_dict("records") == [aside(1, 1, 1), aside(2, 1, 1)]


def test_a_kit_takes_no_more_of_a_part_than_it_lacks_and_gives_the_spare_back_from_the_shelf_drawn_on_last() -> None:
    recipe = [{"recipe_id": KIT, "item_id": item, "per": 1} for item in (1, 2)]
    kits = bucket(1, None, 2, recipe_id=KIT, hold_days=0)
    shelves = [shelf(1, 3, 1), shelf(1, 3, 2)]
    parts = [aside(1, 1, 1, 1), aside(1, 1, 1, 2), aside(1, 2, 1)]

    with_both = run([kits], [*shelves, shelf(2, 2)], parts, recipes=recipe)
    with_one = run([kits], [*shelves, shelf(2, 1)], parts, recipes=recipe)

    assert with_both.allocations.groupby("item_id")["quantity"].sum().to_dict() == {1: 2, 2: 2}
    assert with_one.allocations.to_dict("records") == [aside(1, 1, 1, 1), aside(1, 2, 1)]
