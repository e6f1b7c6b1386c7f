"""Orders that are unpaid for too long, by the clock of the shop that they were placed in."""

from pathlib import Path

import sqlalchemy as sa

from fillrate.steps.glance import glance
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
        at_once = status(desk)["asked_to_cancel"]
    world.practice("clock", {"advance_seconds": 9 * DAY_S})
    world.day()
    with world.desk() as desk:
        later = status(desk)["asked_to_cancel"]
        with desk.db.read() as reading:
            at_a_glance = glance(desk, reading, 20)["asked_to_cancel"]
        with desk.db.write("word") as tx:  # once a customer wants it cancelled, it stands there for that
            tx.execute(
                sa.text(
                    "INSERT INTO delay (line_id, rule, to_do, why) SELECT id, '', 'propose_cancel', '' FROM order_line"
                )
            )
        [twice_wanted] = status(desk)["asked_to_cancel"]

    assert at_once == []
    assert at_a_glance == {"lines": 1, "units": 1, "worst": later}
    assert [(one["by"], one["sku"], one["units"], one["why"], one["next"]) for one in later] == [
        ("unpaid", "X", 1, "unpaid for 9 days", "cancel it in the shop, or chase the payment")
    ]
    assert twice_wanted["by"] == "rule"
