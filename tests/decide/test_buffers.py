"""Buffers: never more than is free, none without demand, more with more of it, and the target holds by exact sums and in play."""

from itertools import product
from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.decide.buffers import RECKONED, buffers, exposed, rates

DAY = 86_400.0
MEANS = st.lists(st.floats(0.001, 6), min_size=1, max_size=4)
NO_CYCLE = np.ones(1)  # nothing is sold beyond reach
TARGETS = st.floats(0.1, 200)


def kept_back(free: int, means: list[float], per_1000: float, typed: list[int] | None = None) -> list[int]:
    """Return the buffers of one item whose channels are each expected to sell so many units within their exposure."""
    own = [RECKONED] * len(means) if typed is None else typed
    exposure = np.full(len(means), DAY)
    found = buffers(np.array([free]), np.array([means]), exposure, np.array([own]), np.array([per_1000]), NO_CYCLE)
    return [int(one) for one in found[0]]


def poisson(mean: float, n: int) -> float:
    return exp(-mean) * mean**n / factorial(n)


def sold_and_oversold(free: int, means: list[float], shown: list[int]) -> tuple[float, float]:
    """Return both expectations by going through every outcome, up to 40 shoppers a channel."""
    chances = []
    for mean, most in zip(means, shown, strict=True):
        sales: dict[int, float] = {}
        for n in range(41):
            sales[min(n, most)] = sales.get(min(n, most), 0) + poisson(mean, n)
        chances.append(sales)
    sold = over = 0.0
    for outcome in product(*(one.items() for one in chances)):
        units, chance = sum(n for n, _ in outcome), np.prod([p for _, p in outcome])
        sold += units * chance
        over += max(0, units - free) * chance
    return sold, over


@given(free=st.integers(-3, 40), means=MEANS, per_1000=TARGETS)
def test_no_channel_keeps_back_more_than_is_free_and_together_they_show_all_of_it(
    free: int, means: list[float], per_1000: float
) -> None:
    found = kept_back(free, means, per_1000)

    assert all(0 <= one <= max(free, 0) for one in found)
    assert sum(max(free, 0) - one for one in found) >= max(free, 0)


@given(free=st.integers(0, 40), channels=st.integers(1, 4), per_1000=TARGETS)
def test_nothing_is_kept_back_of_what_nobody_buys(free: int, channels: int, per_1000: float) -> None:
    assert kept_back(free, [0.0] * channels, per_1000) == [0] * channels


@settings(deadline=None)
@given(free=st.integers(0, 12), means=st.lists(st.floats(0.001, 4), min_size=2, max_size=3), per_1000=TARGETS)
def test_no_unit_is_kept_back_that_the_target_does_not_ask_for(free: int, means: list[float], per_1000: float) -> None:
    found = kept_back(free, means, per_1000)
    share = per_1000 / 1000

    sold, over = sold_and_oversold(free, means, [free - one for one in found])
    assert over <= share * sold * (1 + 1e-6) + 1e-12
    if any(found):
        hidden = [
            (sum(poisson(mean, n) for n in range(free - one + 1, 41)), c)
            for c, (mean, one) in enumerate(zip(means, found, strict=True))
            if one
        ]
        _, likeliest = max(hidden)
        sold, over = sold_and_oversold(free, means, [free - one + (c == likeliest) for c, one in enumerate(found)])
        assert over >= share * sold * (1 - 1e-6) - 1e-12, "one unit less kept back would have done"


@given(free=st.integers(0, 25), means=st.lists(st.floats(0.01, 3), min_size=2, max_size=3), per_1000=TARGETS)
def test_no_less_is_kept_back_for_a_longer_exposure_or_more_sales_and_no_more_for_a_looser_target(
    free: int, means: list[float], per_1000: float
) -> None:
    found = sum(kept_back(free, means, per_1000))

    assert sum(kept_back(free, [2 * one for one in means], per_1000)) >= found
    assert sum(kept_back(free, means, per_1000 * 2)) <= found


def test_a_longer_exposure_counts_as_more_sales() -> None:
    fast = buffers(
        np.array([9]), np.array([[4.0, 2.0]]), np.array([DAY, DAY]), np.full((1, 2), -1), np.array([5.0]), NO_CYCLE
    )
    slow = buffers(
        np.array([9]), np.array([[8.0, 4.0]]), np.array([DAY / 2] * 2), np.full((1, 2), -1), np.array([5.0]), NO_CYCLE
    )

    assert fast.tolist() == slow.tolist()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ([RECKONED, 3], [0, 3]),  # typed ones stay
        ([RECKONED, 9], [0, 4]),  # … as far as there is any
        ([2, RECKONED], [2, 0]),  # what one keeps back, others may sell
    ],
)
def test_typed_buffers_win(typed: list[int], found: list[int]) -> None:
    assert kept_back(4, [0.2, 0.1], 50, typed) == found


def test_the_fastest_keeps_back_the_last_unit_where_a_slow_one_cannot() -> None:
    """The shelf's own shop sells slowly and shows all; whoever sells fast has to leave it the last units."""
    assert kept_back(1, [0.8, 2.0], 5, [0, RECKONED]) == [0, 1]


def test_alike_items_are_treated_alike_and_each_by_its_own() -> None:
    free = np.array([3, 300, 3, 0, 3])
    rate = np.array([[1.0, 0.5], [1.0, 0.5], [1.0, 0.5], [1.0, 0.5], [0.5, 1.0]])
    found = buffers(free, rate, np.full(2, DAY), np.full((5, 2), RECKONED), np.full(5, 5.0), np.ones(5)).tolist()

    assert found[0] == found[2] == found[4][::-1]
    assert found[0][0] < found[0][1]
    assert found[1] == found[3] == [0, 0]


def test_with_hundreds_sold_within_the_exposure_the_target_holds_in_play() -> None:
    free, means = 400, [300.0, 90.0, 30.0]
    shown = np.array([free - one for one in kept_back(free, means, 5)])
    sales = np.minimum(np.random.default_rng(7).poisson(means, (200_000, 3)), shown).sum(axis=1)
    plain = np.random.default_rng(7).poisson(means, (200_000, 3)).sum(axis=1)

    assert np.maximum(sales - free, 0).sum() / sales.sum() <= 0.0053
    assert np.maximum(plain - free, 0).sum() / plain.sum() > 0.02


def test_what_was_seen_for_a_few_days_only_is_drawn_towards_the_channels_mean() -> None:
    units, prior = np.array([0, 14]), np.array([0.5, 0.5])

    new, known = rates(units, 1, prior), rates(units, 56, prior)

    assert new.tolist() == [3.5 / 8, 17.5 / 8]
    assert known[0] < 0.06
    assert abs(known[1] - 14 / 56) < 0.03


def test_what_sells_fast_misses_its_turn_more_often() -> None:
    once, turn, blocked = np.array([700.0]), np.array([600.0]), np.array([60.0])

    assert exposed(np.array([[0.0]]), once, turn, blocked).tolist() == [[700.0]]
    assert exposed(np.array([[1440.0]]), once, turn, blocked)[0, 0] == pytest.approx(700 + 600 * (np.e - 1))
