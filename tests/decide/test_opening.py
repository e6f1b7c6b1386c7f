"""What a shelf holds by what the shop shows."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.frames import ON_HAND, READINGS, REFUNDED, UNITS_BY_ITEM, UNITS_BY_SHELF
from fillrate.decide.opening import count_stock

SECOND = {"location_id": 2, "is_default_location": False}


def count(
    shown: list[dict[str, Any]],
    open_units: int = 0,
    on_hand: dict[tuple[int, int], int] | None = None,
    in_flight: list[int] | None = None,
    recent: int = 0,
    in_kits: int = 0,
    missing: int = 0,
    twice: int = 0,
    received: int = 0,
    late: int = 0,
) -> pd.DataFrame:
    """Count readings of item 1, at location 1 unless they say otherwise; `on_hand` is by item and location."""
    base = {"item_id": 1, "location_id": 1, "backordered": None, "is_default_location": True}
    readings = pd.DataFrame([{**base, **row} for row in shown], columns=list(READINGS)).astype(READINGS)
    known = [{"item_id": item, "location_id": place, "on_hand": n} for (item, place), n in (on_hand or {}).items()]
    return count_stock(
        readings,
        pd.DataFrame([{"item_id": 1, "units": open_units}], columns=list(UNITS_BY_ITEM)),
        pd.DataFrame(known, columns=list(ON_HAND)).astype(ON_HAND),
        in_flight or [],
        pd.DataFrame([{"item_id": 1, "units": recent}], columns=list(UNITS_BY_ITEM)),
        pd.DataFrame([{"item_id": 1, "location_id": 1, "units": in_kits}]),
        pd.DataFrame([(1, missing, twice)], columns=list(REFUNDED)),
        pd.DataFrame([(1, 1, received)], columns=list(UNITS_BY_SHELF)),
        pd.DataFrame([(1, 1, late)], columns=list(UNITS_BY_SHELF)),
    )


def counted(*args: Any, **more: Any) -> list[tuple[int, int, int]]:
    """Return (location, on hand after, difference) of each shelf."""
    return [(row.location_id, row.on_hand_after, row.quantity) for row in count(*args, **more).itertuples()]


def test_a_shelf_of_ten_with_four_sold_that_the_store_shows_as_six_is_ten() -> None:
    assert count([{"shown": 6}], open_units=4).to_dict("records") == [
        {
            "item_id": 1,
            "location_id": 1,
            "on_hand_before": 0,
            "on_hand_after": 10,
            "quantity": 10,
            "deducted": 4,
            "put_back": 0,
            "overwritten": 0,
        }
    ]


def test_the_same_shelf_of_a_store_that_deducts_at_shipping_is_ten_as_well() -> None:
    assert counted([{"shown": 10}], open_units=0) == [(1, 10, 10)]


def test_units_that_the_store_itself_backordered_are_not_on_the_shelf() -> None:
    assert counted([{"shown": 0, "backordered": 2}], open_units=5) == [(1, 3, 3)]


def test_no_number_makes_a_shelf_hold_less_than_nothing() -> None:
    assert counted([{"shown": 0, "backordered": 3}], open_units=1) == [(1, 0, 0)]


@pytest.mark.parametrize(
    ("known", "why", "found"),
    [
        (5, "eight of five were sold: the number stopped at nothing, and no goods came in", [(1, 5, 0)]),
        (0, "all eight were sold without a single one there", [(1, 0, 0)]),
        (9, "one that nobody has sold is gone", [(1, 8, -1)]),
        (-2, "a shelf cannot hold less than nothing", [(1, 0, 2)]),
    ],
)
def test_a_number_at_nothing_never_shows_that_more_lies_there_than_is_known(
    known: int, why: str, found: list[tuple[int, int, int]]
) -> None:
    assert counted([{"shown": 0}], open_units=8, on_hand={(1, 1): known}) == found, why


def test_sold_units_are_taken_from_the_default_location_whatever_order_the_shelves_come_in() -> None:
    shown = [{"shown": 2, **SECOND}, {"shown": 6, "location_id": 5}]

    assert counted(shown, open_units=4) == [(2, 2, 2), (5, 10, 10)]


def test_sold_units_of_an_item_that_lies_elsewhere_are_taken_from_there() -> None:
    assert counted([{"shown": 6, **SECOND}], open_units=4) == [(2, 10, 10)]


def test_a_reading_that_the_ledger_explains_makes_no_difference() -> None:
    assert counted([{"shown": 6}], open_units=4, on_hand={(1, 1): 10}) == [(1, 10, 0)]


def test_an_item_whose_orders_changed_while_it_was_read_is_left_alone() -> None:
    assert counted([{"shown": 6}, {"shown": 9, "item_id": 2}], open_units=4, in_flight=[1]) == [(1, 9, 9)]


@pytest.mark.parametrize(
    ("shown", "why", "found"),
    [
        (10, "none of the four new units is taken off yet", []),
        (7, "another rise is goods that came in, and must not wait for a quiet minute", [(1, 11, 1)]),
        (11, "no order explains a number that is higher still", [(1, 15, 5)]),
        (5, "nor one that is lower", [(1, 9, -1)]),
    ],
)
def test_a_number_that_may_not_know_of_the_latest_orders_waits_for_the_next_reading(
    shown: int, why: str, found: list[tuple[int, int, int]]
) -> None:
    assert counted([{"shown": shown}], open_units=4, on_hand={(1, 1): 10}, recent=4) == found, why


def test_goods_received_elsewhere_are_booked_though_there_was_an_order_just_now() -> None:
    shown = [{"shown": 6}, {"shown": 5, **SECOND}]

    assert counted(shown, open_units=4, on_hand={(1, 1): 10, (1, 2): 3}, recent=4) == [(1, 10, 0), (2, 5, 2)]


def test_a_shelf_that_was_never_read_is_counted_though_there_was_an_order_just_now() -> None:
    assert counted([{"shown": 6}], open_units=4, recent=10) == [(1, 10, 10)]


@settings(max_examples=30, deadline=None)
@given(st.integers(-5, 50), st.integers(0, 20), st.one_of(st.none(), st.integers(0, 20)), st.integers(-9, 60))
def test_a_reading_counted_twice_is_counted_once(shown: int, sold: int, backordered: int | None, known: int) -> None:
    reading = [{"shown": shown, "backordered": backordered}]

    [(_, after, difference)] = counted(reading, open_units=sold, on_hand={(1, 1): known})

    by_number = max(shown + sold - (backordered or 0), 0 if shown >= 0 else -99)
    hides_some = shown == 0 and backordered is None
    assert after == (min(by_number, max(known, 0)) if hides_some else by_number) == known + difference
    assert counted(reading, open_units=sold, on_hand={(1, 1): after}) == [(1, after, 0)]


def test_parts_of_open_kits_are_in_the_number_still() -> None:
    assert counted([{"shown": 6}], open_units=4, on_hand={(1, 1): 10}) == [(1, 10, 0)]  # and 3 kits are open, whatever


@pytest.mark.parametrize(("shown", "open_units"), [(6, 4), (10, 0)], ids=["deducts at order", "deducts at shipping"])
def test_what_left_in_kits_is_not_on_the_shelf_though_the_number_says_so(shown: int, open_units: int) -> None:
    assert counted([{"shown": shown}], open_units, on_hand={(1, 1): 7}, in_kits=3) == [(1, 7, 0)]


def test_a_part_of_which_more_left_in_kits_than_the_number_says_is_gone() -> None:
    assert counted([{"shown": 2}], on_hand={(1, 1): 1}, in_kits=3) == [(1, 0, -1)]


@pytest.mark.parametrize(
    ("shown", "told", "found"),
    [
        (25, 0, (29, 4, 0)),  # nobody has put them back: two open and two refunded units are missing in the number
        (27, 0, (29, 2, 2)),  # somebody has
        (26, 0, (29, 3, 1)),
        (67, 0, (69, 2, 2)),  # and goods came in, or goods came in: the lower number holds
        (67, 42, (71, 4, 0)),  # the warehouse told of just these goods
        (67, 41, (70, 3, 1)),
        (27, 9, (31, 4, 0)),
        (23, 0, (27, 4, 0)),  # two were lost
    ],
)
def test_a_rise_shows_what_was_told_as_received_then_what_was_refunded_then_goods_that_nobody_told_of(
    shown: int, told: int, found: tuple[int, int, int]
) -> None:
    [row] = count([{"shown": shown}], 2, {(1, 1): 29}, missing=2, received=told).itertuples()

    assert (row.on_hand_after, row.deducted, row.put_back) == found


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (31, (29, -2, 0)),  # put back by hand, then restocked by the shop
        (30, (29, -1, -1)),  # one of them is taken out again
        (29, (29, 0, -2)),
        (28, (28, 0, -2)),
        (33, (31, -2, 0)),
        (1, (1, 0, -2)),
    ],
)
def test_what_a_number_counts_twice_is_on_the_shelf_once_and_falls_first(
    shown: int, found: tuple[int, int, int]
) -> None:
    [row] = count([{"shown": shown}], 0, {(1, 1): 29}, twice=2).itertuples()

    assert (row.on_hand_after, row.deducted, row.put_back) == found


def test_refunded_units_of_a_number_at_nothing_raise_no_shelf_and_wait_for_the_number() -> None:
    [row] = count([{"shown": 0}], 0, {(1, 1): 3}, missing=5).itertuples()

    assert (row.on_hand_after, row.put_back) == (3, 0)


def test_orders_that_our_own_write_went_over_are_no_goods_that_came() -> None:
    (row,) = count([{"shown": 12}], on_hand={(1, 1): 10}, late=2).itertuples()

    assert (row.quantity, row.overwritten) == (0, 2)


def test_a_rise_that_such_orders_explain_in_part_only_is_counted() -> None:
    (row,) = count([{"shown": 13}], on_hand={(1, 1): 10}, late=2).itertuples()

    assert (row.quantity, row.overwritten) == (3, 0)
