"""Refunded units that lie on the shelf and that the shop's number leaves out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.refunded import Refunded, put_back, sums


def test_the_oldest_line_is_put_back_first_and_what_is_counted_twice_falls_first() -> None:
    lines = [Refunded(8, 1, 2, 0), Refunded(7, 1, 3, 1), Refunded(9, 1, 0, 2), Refunded(5, 2, 4, 0)]

    assert sums(lines) == {1: (4, 2), 2: (4, 0)}
    assert put_back(lines, {1: 3}) == {7: 3, 8: 1}
    assert put_back(lines, {1: -1, 2: 4}) == {9: 1, 5: 4}
    assert put_back(lines, {}) == {}


LINES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6)


@settings(max_examples=100, deadline=None)
@given(LINES, st.integers(-20, 20))
def test_what_the_number_shows_is_spread_over_the_lines_and_none_has_more_than_it_misses(
    rows: list[tuple[int, int]], wish: int
) -> None:
    lines = [Refunded(n, 1, *row) for n, row in enumerate(rows)]
    missing, twice = sums(lines).get(1, (0, 0))
    units = max(-twice, min(missing, wish))

    now = put_back(lines, {1: units})

    after = [one._replace(put_back=now.get(one.line_id, one.put_back)) for one in lines]
    assert sum(one.put_back for one in after) == sum(one.put_back for one in lines) + units
    assert sums(after).get(1, (0, 0)) == ((missing - units, twice) if units > 0 else (missing, twice + units))
