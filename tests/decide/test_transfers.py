"""Which units of transfers still lie where they start."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.transfers import Count, Transfer, lying_at_start

START = (1, 1)


def at(day: float) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day)


def transfer(number: int, units: int, since: float = 0, to_come: int | None = None) -> Transfer:
    return Transfer(at(since), number, START, units, units if to_come is None else to_come)


@pytest.mark.parametrize(
    ("on_hand", "counts", "lies", "why"),
    [
        (36, [], 30, "nothing has left the shelf"),
        (6, [(1, -30)], 0, "it fell by all of them"),
        (26, [(1, -10)], 20, "by some"),
        (6, [], 6, "no more can lie there than does"),
        (0, [], 0, "nothing lies there"),
        (-3, [], 0, "nor does less"),
        (36, [(-1, -30)], 30, "what fell before was something else"),
        (36, [(1, -30), (2, 30)], 30, "the fall was a mistake"),
        (31, [(1, -30), (2, 25)], 25, "most of it was"),
        (66, [(-1, 50), (1, -30)], 0, "a rise takes back no later fall"),
    ],
)
def test_what_lies_there_is_what_the_shelf_has_not_fallen_by(
    on_hand: int, counts: list[tuple[int, int]], lies: int, why: str
) -> None:
    found = lying_at_start([transfer(7, 30)], {START: [(at(day), n) for day, n in counts]}, {START: on_hand})

    assert found.get(7, 0) == lies, why


def test_a_fall_is_of_one_transfer_only_the_first_first_also_of_one_that_has_come() -> None:
    falls: dict[tuple[int, int], list[Count]] = {START: [(at(3), -30)]}

    assert lying_at_start([transfer(1, 30), transfer(2, 30, since=1)], falls, {START: 99}) == {2: 30}
    assert lying_at_start([transfer(1, 30, to_come=0), transfer(2, 30, since=1)], falls, {START: 99}) == {2: 30}
    assert lying_at_start([transfer(1, 30), transfer(2, 30, since=1)], falls, {START: 20}) == {2: 20}
    assert lying_at_start([transfer(1, 30), transfer(2, 30, since=4)], {}, {START: 40}) == {1: 10, 2: 30}


UNITS = st.integers(0, 40)
TRANSFERS = st.lists(st.tuples(UNITS, st.integers(0, 9), UNITS), max_size=4)
COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(-40, 40)), max_size=5)


@settings(max_examples=200, deadline=None)
@given(TRANSFERS, COUNTS, st.integers(-9, 99))
def test_what_is_there_and_what_is_to_come_are_never_more_than_there_was(
    rows: list[tuple[int, int, int]], counts: list[tuple[int, int]], on_hand: int
) -> None:
    transfers = [
        transfer(n, units, since, min(units, to_come)) for n, (units, since, to_come) in enumerate(rows, start=1)
    ]
    found = lying_at_start(transfers, {START: [(at(day), n) for day, n in counts]}, {START: on_hand})

    new = {one.inbound_id: one.to_come - found.get(one.inbound_id, 0) for one in transfers}
    fell = sum(-n for _, n in counts if n < 0)
    still = sum(one.to_come for one in transfers)
    assert all(units >= 0 for units in new.values())
    assert sum(found.values()) <= max(0, on_hand)
    assert sum(new.values()) <= max(fell, 0) + max(0, still - max(0, on_hand)) + sum(
        one.quantity - one.to_come for one in transfers
    )
    assert found == lying_at_start(
        transfers[::-1], defaultdict(list) | {START: [(at(d), n) for d, n in counts][::-1]}, {START: on_hand}
    )
