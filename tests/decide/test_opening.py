"""What a shelf holds by what the shop shows."""

from typing import Any

import pandas as pd

from fillrate.decide.frames import ON_HAND, READINGS, UNITS_BY_ITEM
from fillrate.decide.opening import count_stock


def counted(
    shown: list[dict[str, Any]],
    open_units: int = 0,
    on_hand: dict[tuple[int, int], int] | None = None,
    in_flight: list[int] | None = None,
    recent: int = 0,
) -> list[tuple[int, int, int]]:
    """Return (location, on hand after, difference) of each shelf of item 1."""
    base = {"item_id": 1, "location_id": 1, "backordered": None, "is_default_location": True}
    readings = pd.DataFrame([{**base, **row} for row in shown], columns=list(READINGS)).astype(READINGS)
    known = [{"item_id": i, "location_id": place, "on_hand": n} for (i, place), n in (on_hand or {}).items()]
    result = count_stock(
        readings,
        pd.DataFrame([{"item_id": 1, "units": open_units}], columns=list(UNITS_BY_ITEM)),
        pd.DataFrame(known, columns=list(ON_HAND)).astype(ON_HAND),
        in_flight or [],
        pd.DataFrame([{"item_id": 1, "units": recent}], columns=list(UNITS_BY_ITEM)),
    )
    return [(row.location_id, row.on_hand_after, row.quantity) for row in result.itertuples()]


def test_a_shelf_of_ten_with_four_sold_that_the_store_shows_as_six_is_ten() -> None:
    assert counted([{"shown": 6}], open_units=4) == [(1, 10, 10)]


def test_the_same_shelf_of_a_store_that_deducts_at_shipping_is_ten_as_well() -> None:
    assert counted([{"shown": 10}], open_units=0) == [(1, 10, 10)]


def test_units_that_the_store_itself_backordered_are_not_on_the_shelf() -> None:
    assert counted([{"shown": 0, "backordered": 2}], open_units=5) == [(1, 3, 3)]


def test_sold_units_are_taken_from_the_default_location() -> None:
    shown = [{"shown": 6}, {"shown": 2, "location_id": 2, "is_default_location": False}]

    assert counted(shown, open_units=4) == [(1, 10, 10), (2, 2, 2)]


def test_sold_units_of_an_item_that_lies_elsewhere_are_taken_from_there() -> None:
    assert counted([{"shown": 6, "location_id": 2, "is_default_location": False}], open_units=4) == [(2, 10, 10)]


def test_a_reading_that_the_ledger_explains_makes_no_difference() -> None:
    assert counted([{"shown": 6}], open_units=4, on_hand={(1, 1): 10}) == [(1, 10, 0)]


def test_an_item_whose_orders_changed_while_it_was_read_is_left_alone() -> None:
    assert counted([{"shown": 6}], open_units=4, on_hand={(1, 1): 9}, in_flight=[1]) == []


def test_a_number_that_does_not_know_of_the_latest_order_yet_is_left_alone() -> None:
    assert counted([{"shown": 10}], open_units=4, on_hand={(1, 1): 10}, recent=4) == []


def test_another_difference_is_booked_though_there_was_an_order_just_now() -> None:
    assert counted([{"shown": 5}], open_units=4, on_hand={(1, 1): 10}, recent=4) == [(1, 9, -1)]
