"""What the warehouse does now: by rank, within a day's capacity, whole where it ships complete."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.frames import RECIPES
from fillrate.decide.releasing import CAPACITY, RANK, READY, pickable, release

DAY = datetime(2026, 3, 2, tzinfo=UTC)
Row = dict[str, Any]


def ready(line: int, order: int, quantity: int, location: int = 1, **facts: Any) -> Row:
    usual = {"ship_complete": False, "begun": False, "priority": 100, "promised_at": None, "queued_at": DAY}
    keys = {"line_id": line, "order_id": order, "location_id": location, "quantity": quantity}
    return {**keys, **usual, "order_key": order, "line_key": line, **facts}


def frame(rows: list[Row]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=list(READY)).astype(
        dict.fromkeys(("promised_at", "queued_at"), "datetime64[us, UTC]")
    )
    return found.astype({name: kind for name, kind in READY.items() if "datetime" not in kind})


def day(location: int = 1, units: int | None = None, orders: int | None = None, done: int = 0, begun: int = 0) -> Row:
    return {"location_id": location, "units": units, "orders": orders, "units_done": done, "orders_done": begun}


def limits(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(CAPACITY)).astype(dict(CAPACITY))


def released(rows: list[Row], capacity: list[Row]) -> dict[tuple[int, int], int]:
    found = release(frame(rows), limits(capacity)).released
    return {(row.line_id, row.location_id): row.quantity for row in found.itertuples()}


def test_without_a_limit_all_that_is_ready_is_released() -> None:
    assert released([ready(1, 1, 2), ready(2, 1, 3, location=2)], []) == {(1, 1): 2, (2, 2): 3}


def test_class_goes_before_promise_promise_before_age_and_no_promise_comes_last() -> None:
    early, late = DAY, DAY + timedelta(days=3)
    rows = [
        ready(1, 1, 1, queued_at=early),
        ready(2, 2, 1, promised_at=late, queued_at=late),
        ready(3, 3, 1, promised_at=early, queued_at=late),
        ready(4, 4, 1, priority=1, queued_at=late),
        ready(5, 5, 1, queued_at=late),
    ]
    order = [
        next(iter(set(released(rows, [day(units=n)])) - set(released(rows, [day(units=n - 1)]))))[0]
        for n in range(1, 6)
    ]
    assert order == [4, 3, 2, 1, 5]


def test_what_was_released_today_counts() -> None:
    assert released([ready(1, 1, 2)], [day(units=3, done=2)]) == {}
    assert released([ready(1, 1, 2)], [day(units=4, done=2)]) == {(1, 1): 2}
    assert released([ready(1, 1, 2), ready(2, 2, 2)], [day(orders=2, begun=1)]) == {(1, 1): 2}


def test_more_of_an_order_that_is_on_todays_list_is_no_further_order() -> None:
    assert released([ready(1, 1, 2, begun=True)], [day(orders=1, begun=1)]) == {(1, 1): 2}


def test_an_order_that_is_on_todays_list_leaves_others_their_room() -> None:
    assert released([ready(1, 1, 2, begun=True), ready(2, 2, 1)], [day(orders=2, begun=1)]) == {(1, 1): 2, (2, 1): 1}


def test_an_order_stays_together_and_lets_smaller_work_have_the_rest_of_the_day() -> None:
    rows = [ready(1, 1, 2), ready(2, 1, 2), ready(3, 2, 1)]
    assert released(rows, [day(units=5, done=2)]) == {(3, 1): 1}
    assert released(rows, [day(units=5)]) == {(1, 1): 2, (2, 1): 2, (3, 1): 1}


def test_an_order_larger_than_a_day_goes_out_day_by_day() -> None:
    assert released([ready(1, 1, 4), ready(2, 1, 4)], [day(units=5)]) == {(1, 1): 4, (2, 1): 1}


def test_an_order_that_ships_complete_and_is_larger_than_a_day_is_told() -> None:
    found = release(frame([ready(1, 1, 6, ship_complete=True), ready(2, 2, 1)]), limits([day(units=5)]))
    assert found.released["line_id"].tolist() == [2]
    assert found.too_large == [1]


def test_an_order_that_ships_complete_waits_for_room_at_all_its_locations() -> None:
    rows = [ready(1, 1, 2, ship_complete=True), ready(2, 1, 2, location=2, ship_complete=True), ready(3, 2, 2)]
    assert released(rows, [day(1, units=4), day(2, units=2, done=1)]) == {(3, 1): 2}
    assert released(rows, [day(1, units=4), day(2, units=2)]) == {(1, 1): 2, (2, 2): 2, (3, 1): 2}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    wholes = draw(st.sets(st.integers(1, 6)))
    rows, lines = [], draw(st.integers(1, 9))
    for line in range(1, lines + 1):
        order = draw(st.integers(1, 6))
        facts = {
            "priority": draw(st.sampled_from([1, 100])),
            "promised_at": draw(st.sampled_from([None, DAY, DAY + timedelta(days=2)])),
            "queued_at": DAY + timedelta(hours=draw(st.integers(0, 3))),
            "ship_complete": order in wholes,
        }
        rows += [
            ready(line, order, draw(st.integers(1, 4)), place, **facts)
            for place in draw(st.sets(st.integers(1, 2), min_size=1))
        ]
    begun = draw(st.sets(st.tuples(st.integers(1, 6), st.integers(1, 2))))
    rows = [{**row, "begun": (row["order_id"], row["location_id"]) in begun} for row in rows]
    limit = st.one_of(st.none(), st.integers(1, 8))
    some = st.integers(0, 3)
    return rows, [day(place, draw(limit), draw(limit), draw(some), draw(some)) for place in (1, 2)]


def used(rows: list[Row], place: int) -> tuple[int, int]:
    here = [row for row in rows if row["location_id"] == place and row["quantity"]]
    return sum(row["quantity"] for row in here), len({row["order_id"] for row in here if not row["begun"]})


def rank(row: Row) -> tuple[Any, ...]:
    values = {**row, "promised_at": (row["promised_at"] is None, row["promised_at"] or DAY)}
    return tuple(values[name] for name in RANK)


def fits(rows: list[Row], more: list[Row], capacity: list[Row]) -> bool:
    for one in capacity:
        (units, orders), (extra, new) = (used(some, one["location_id"]) for some in (rows, more))
        if extra and one["units"] is not None and units + extra > max(0, one["units"] - one["units_done"]):
            return False
        if new and one["orders"] is not None and orders + new > max(0, one["orders"] - one["orders_done"]):
            return False
    return True


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_day_is_never_overfilled_wholes_stay_whole_and_nobody_is_passed_over(
    world: tuple[list[Row], list[Row]], chance: Any
) -> None:
    rows, capacity = world
    found = released(rows, capacity)
    shuffled = chance.sample(rows, len(rows))
    assert released(shuffled, chance.sample(capacity, len(capacity))) == found
    done = [{**row, "quantity": found.get((row["line_id"], row["location_id"]), 0)} for row in rows]
    assert all(0 <= new["quantity"] <= row["quantity"] for new, row in zip(done, rows, strict=True))
    assert fits([], [row for row in done if row["quantity"]], capacity)
    groups: dict[Any, list[int]] = {}
    for number in sorted(range(len(rows)), key=lambda n: rank(rows[n])):
        row = rows[number]
        groups.setdefault((row["order_id"], None if row["ship_complete"] else row["location_id"]), []).append(number)
    before: list[Row] = []
    for (_, place), numbers in groups.items():
        wanted, got = [rows[n] for n in numbers], [done[n] for n in numbers]
        if sum(row["quantity"] for row in got) < sum(row["quantity"] for row in wanted):
            if place is None:
                assert not any(row["quantity"] for row in got)  # all or nothing
            assert not fits(before, wanted, capacity)  # those of a higher rank alone leave it no room
        before += [row for row in got if row["quantity"]]


NO_KITS = pd.DataFrame(columns=list(RECIPES), dtype="int64")


def doubtful(rows: list[Row], units: int) -> dict[int, int]:
    shelf = pd.DataFrame({"item_id": [7], "location_id": [1], "units": [units]})
    found = pickable(frame(rows).assign(item_id=7), shelf, NO_KITS)
    return dict(zip(found["line_id"], found["quantity"], strict=True))


def test_of_a_doubtful_shelf_the_first_in_rank_have_what_is_surely_there() -> None:
    rows = [ready(2, 2, 2, queued_at=DAY + timedelta(hours=1)), ready(1, 1, 2), ready(3, 3, 2, location=2)]
    assert doubtful(rows, 3) == {1: 2, 2: 1, 3: 2}
    assert doubtful(rows, 0) == {3: 2}


def test_an_order_that_ships_complete_goes_nowhere_without_what_is_in_doubt() -> None:
    whole = {"ship_complete": True}
    assert doubtful([ready(1, 1, 2, **whole), ready(2, 1, 1, location=2, **whole)], 1) == {}


CUP, TEA, BOX = 1, 2, 3
BOXES = pd.DataFrame([(BOX, CUP, 1), (BOX, TEA, 2)], columns=list(RECIPES))
SHELVES = st.dictionaries(st.tuples(st.sampled_from([CUP, TEA]), st.integers(1, 2)), st.integers(0, 9))


@given(st.lists(st.tuples(st.sampled_from([CUP, TEA, BOX]), st.integers(1, 2), st.integers(1, 4)), max_size=6), SHELVES)
@settings(max_examples=40, deadline=None)
def test_kits_and_their_parts_share_what_is_surely_there_by_rank(
    wanted: list[tuple[int, int, int]], sure: dict[tuple[int, int], int]
) -> None:
    rows = frame([ready(n, n, quantity, place) for n, (_, place, quantity) in enumerate(wanted)])
    shelves = pd.DataFrame([(*shelf, n) for shelf, n in sure.items()], columns=["item_id", "location_id", "units"])
    items = pd.Series([item for item, _, _ in wanted], dtype="int64")
    found = pickable(rows.assign(item_id=items), shelves.astype("int64"), BOXES)

    got, left = dict(zip(found["line_id"], found["quantity"], strict=True)), dict(sure)
    for n, (item, place, quantity) in enumerate(wanted):
        takes = {(part, place): per for part, per in ({CUP: 1, TEA: 2} if item == BOX else {item: 1}).items()}
        most = min([quantity, *(left[shelf] // per for shelf, per in takes.items() if shelf in left)])
        assert got.get(n, 0) == most
        for shelf, per in takes.items():
            left[shelf] = left.get(shelf, 10**9) - most * per
