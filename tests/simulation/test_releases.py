"""Days of a warehouse that is told what to pick, and tells what it did, while everything happens in the shop.

After each day the invariants hold, nothing would move, no day is overfilled, and units being packed are just those that
pick lines stand for.
"""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from fillrate.errors import Conflict
from fillrate.settings import LocationSettings
from fillrate.steps.picking import told
from tests.simulation.happenings import much_happens, something_is_scarce
from tests.simulation.test_supply_days import DAY_S, policy, something_comes
from tests.simulation.world import World, fresh
from tests.steps.releasing import answers, backlog, is_sound, lists, released

DAYS = 6
LIMIT = 7


def the_warehouse_works(world: World, chance: random.Random) -> None:
    """Of each list something is shipped, not found, taken, or the list is taken back."""
    for one in lists(world):
        left = [line for line in one["lines"] if line["to_do"]]
        if one["state"] not in {"open", "taken"} or not left:
            continue
        line = chance.choice(left)
        some = [told.Told(line["id"], chance.randint(1, line["to_do"]))]
        kind = chance.choice(["ship", "ship", "short", "undo", "take", "nothing"])
        part = chance.choice(["", *(one["sku"] for one in line["parts"])]) if line["parts"] else ""
        with world.desk() as desk:
            if kind == "undo":
                with suppress(Conflict):  # some of it has left
                    told.undo(desk, one["id"])
            elif kind != "nothing":
                with desk.db.write("told", lock=True) as tx:
                    if kind == "ship":
                        told.shipped(desk, tx, one["id"], some, "")
                    elif kind == "short":
                        told.short(desk, tx, one["id"], [some[0]._replace(part=part)])
                    elif one["state"] == "open":
                        told.take(desk, tx, one["id"])


@pytest.mark.slow  # tests/steps/test_release.py has one of each thing
@pytest.mark.parametrize("seed", range(200, 230))
def test_whatever_shop_and_warehouse_do_each_unit_is_picked_once(
    seed: int, tmp_path: Path, sqlite_template: Path
) -> None:
    chance = random.Random(seed)
    world = World.make(fresh(tmp_path, sqlite_template, "releases"), seed)
    something_is_scarce(world)
    world.policy = policy(chance)
    world.locations = (LocationSettings(channel="main", code="BC-LOCATION-1", capacity_units=LIMIT),)
    picked = 0
    for number in range(DAYS):
        world.looks = number == DAYS - 1  # whether an allocation of everything would move anything
        world.day()
        picked += released(world).counts["units_released"]
        assert released(world).counts["units_released"] == 0
        the_warehouse_works(world, chance)
        if number == 1:
            much_happens(world)
        something_comes(world, chance)
        world.day()
        is_sound(world, with_shops=False)
        full = "SELECT SUM(quantity - removed) FROM pick_line p JOIN pick_list l ON l.id = p.list_id GROUP BY location_id, day"
        assert all(units <= LIMIT for (units,) in answers(world, full))
        assert set(backlog(world)) <= {"ready", "picking", "capacity", "payment", "review", "ship_complete"}
        world.practice("clock", {"advance_seconds": DAY_S})
        world.clock.sleep(DAY_S)
    assert picked
