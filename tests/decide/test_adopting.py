"""The numbers that a shelf gets when it is taken over from another app: read back they say what lies there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.adopting import beyond_left, is_explained, numbers
from tests.decide.test_opening import count

UNITS = st.integers(0, 50)


@settings(deadline=None, max_examples=60)
@given(on_hand=UNITS, taken_off=UNITS, has_counter=st.booleans())
def test_the_first_reading_of_what_was_written_finds_what_lies_there(
    on_hand: int, taken_off: int, has_counter: bool
) -> None:
    value = numbers(on_hand, taken_off)
    told = {"shown": value.number, "backordered": value.beyond if has_counter else None}
    [row] = count([told], taken_off, in_kits=0 if has_counter else value.beyond).to_dict("records")

    assert row["on_hand_after"] == on_hand
    assert value.number == max(0, on_hand - taken_off)
    assert 0 in value


@settings(deadline=None, max_examples=60)
@given(on_hand=UNITS, taken_off=UNITS, come=UNITS, shipped=UNITS)
def test_what_comes_in_and_ships_afterwards_is_counted_once(
    on_hand: int, taken_off: int, come: int, shipped: int
) -> None:
    left = min(shipped, taken_off, on_hand + come)
    value = numbers(on_hand, taken_off)
    beyond = beyond_left(value.beyond, value.number + come, taken_off - left)
    known = {(1, 1): on_hand}
    [row] = count([{"shown": value.number + come}], taken_off - left, on_hand=known, in_kits=beyond).to_dict("records")

    assert beyond == value.beyond
    assert row["on_hand_after"] == on_hand + come - left


def test_units_that_are_cancelled_before_they_came_hide_nothing_any_more() -> None:
    assert beyond_left(5, shown=0, taken_off=0) == 0
    assert beyond_left(5, shown=0, taken_off=2) == 2
    assert beyond_left(5, shown=3, taken_off=2) == 5


def test_a_number_that_orders_moved_is_explained_and_another_is_not() -> None:
    assert is_explained(-4, -4, newly_owed=3)
    assert is_explained(-4, -7, newly_owed=3)
    assert not is_explained(-4, -5, newly_owed=3)
    assert not is_explained(-4, 9, newly_owed=0)
