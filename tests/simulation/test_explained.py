"""After every day of a shop the explained units of each line are the units owed, each in one state for one reason and cause."""

import random
from pathlib import Path

import pytest

from fillrate.settings import LocationSettings
from tests.simulation.explained import owed_in_truth, wrongly_explained
from tests.simulation.happenings import SCARCE, much_happens, something_is_scarce
from tests.simulation.test_supply_days import DAY_S, policy, something_comes, told_by_the_supplier
from tests.simulation.world import World, fresh


def days(seed: int, number: int, folder: Path, template: Path) -> None:
    """Live through some days of a shop, and explain all of it after each."""
    chance = random.Random(seed)
    world = World.make(fresh(folder, template, "days"), seed)
    something_is_scarce(world)
    world.policy = policy(chance)
    world.locations = (LocationSettings(channel="main", code="BC-LOCATION-1", near=("US",)),)
    goods = {"action": "order_goods", "lines": [{"sku": SCARCE, "quantity": 3}], "expected": "2026-07-10"}
    for day in range(number):
        world.practice("shop", [goods])
        told_by_the_supplier(world, folder, day)
        world.day()
        assert wrongly_explained(world, owed_in_truth(world)) == [], f"after day {day}"
        for _ in range(2):
            something_comes(world, chance)
        if day == 1:
            much_happens(world)
        world.practice("clock", {"advance_seconds": DAY_S})
        world.clock.sleep(DAY_S)


def test_the_explained_units_are_the_units_owed(tmp_path: Path, sqlite_template: Path) -> None:
    days(76, 4, tmp_path, sqlite_template)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 230))
def test_the_explained_units_are_the_units_owed_in_many_shops(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    days(seed, 8, tmp_path, sqlite_template)
