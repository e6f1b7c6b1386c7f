"""Weeks of shoppers on three channels of one stock: what is reckoned keeps to the target, and withholds less than one for all."""

import pytest

from bench.oversell import Scenario, Told, Way, Week, world_of

SEEDS = range(1, 4)
HOURLY = Scenario(name="a run every hour", minutes=60)
LOSSY = Scenario(name="writes lost, orders listed late", minutes=30, lost=0.1, lag_s=300)
APART = Scenario(name="the fastest channel out of reach", minutes=30, down_hours=6)


def weeks(scenario: Scenario, way: Way) -> Told:
    """Return what came of several weeks, in all."""
    found = [Week(world_of(scenario, seed, 80), scenario, way, seed).run() for seed in SEEDS]
    return Told(*(sum(getattr(one, name) for one in found) for name in Told.__slots__))


@pytest.mark.parametrize("scenario", [HOURLY, LOSSY, APART], ids=lambda one: one.name)
def test_what_is_reckoned_keeps_to_the_target_and_withholds_less_than_a_buffer_for_all(scenario: Scenario) -> None:
    reckoned, none, one = (weeks(scenario, way) for way in (Way("reckoned", target=2), Way("fixed"), Way("fixed", 1)))

    assert 1000 * none.oversold > 2 * none.sold, "there is nothing to be kept from"
    assert 1000 * reckoned.oversold <= 2 * reckoned.sold
    assert reckoned.withheld < one.withheld / 2
    assert reckoned.sold > one.sold


def test_without_any_sync_a_tenth_is_oversold_and_a_number_pushed_costs_more_requests_for_less() -> None:
    reckoned, pushed, never = (weeks(HOURLY, way) for way in (Way("reckoned", target=2), Way("pushed"), Way("never")))

    assert 10 * never.oversold > never.sold
    assert pushed.oversold > 2 * reckoned.oversold
    assert pushed.requests > 1.5 * reckoned.requests
