"""Orders that are unpaid for too long, by the clock of the shop that they were placed in."""

from pathlib import Path

from fillrate.steps.status import status
from sandbox import Switches
from tests.simulation.world import World, fresh

DAY_S = 86_400


def test_an_order_ages_by_the_clock_of_its_shop(tmp_path: Path, sqlite_template: Path) -> None:
    world = World.make(fresh(tmp_path, sqlite_template, "unpaid"), 1, Switches(), products=3, customers=2, orders=0)
    world.practice("shop", {"action": "create_product", "name": "X", "sku": "X", "cents": 1000, "stock": 9})
    world.practice("shop", {"action": "place_order", "lines": [{"sku": "X", "quantity": 1}], "status": 7})
    world.day()
    world.clock.sleep(400 * DAY_S)
    with world.desk() as desk:
        at_once = status(desk)["unpaid"]
    world.practice("clock", {"advance_seconds": 9 * DAY_S})
    world.day()
    with world.desk() as desk:
        later = status(desk)["unpaid"]

    assert at_once == []
    assert [(one["days"], one["units"]) for one in later] == [(9, 1)]
