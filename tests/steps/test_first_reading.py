"""A shelf of 10 with 4 sold and unshipped: whatever the shop shows, 10 are on hand and 4 are owed."""

from typing import Any

import pytest

from fillrate.steps.allocate import allocate
from fillrate.steps.runs import RunLog
from sandbox import Switches
from tests.simulation.world import World

ON_HAND = "SELECT SUM(s.on_hand) FROM stock s JOIN item i ON i.id = s.item_id WHERE i.sku = 'TEN'"
UNITS = (
    "SELECT u.state, u.quantity FROM open_unit u JOIN order_line l ON l.id = u.line_id"
    " JOIN item i ON i.id = l.item_id WHERE i.sku = 'TEN'"
)


def answers(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def a_shelf_of_ten_with_four_sold(world: World) -> int:
    """Returns what the shop shows for it."""
    [made] = world.practice(
        "shop", {"action": "create_product", "name": "Ten", "sku": "TEN", "cents": 500, "stock": 10}
    )
    line = {"variant_id": made["variant_ids"][0], "quantity": 4}
    world.practice("shop", {"action": "place_order", "lines": [line]})
    world.practice("clock", {"advance_seconds": 3600})
    return int(world.practice("state?only=stock", method="GET")["stock"]["TEN"]["1"]["shown"])


@pytest.mark.parametrize(("mode", "shown"), [("order_placed", 6), ("order_completed_or_shipped", 10)])
def test_a_shelf_of_ten_with_four_sold_is_ten_on_hand_and_four_in_backlog(db_url: str, mode: str, shown: int) -> None:
    world = World.make(db_url, 4, Switches(), settings={"update_stock_behavior": mode})

    assert a_shelf_of_ten_with_four_sold(world) == shown
    world.day()

    assert answers(world, ON_HAND) == [(10,)]
    assert answers(world, UNITS) == [("backlog", 4)]
    writes = world.practice("requests?bodies=1", method="GET")["writes"]
    assert [one for one in writes if "metafields" not in one["path"]] == []
    assert world.violations == world.broken() == []


def test_before_stock_was_read_nobody_says_what_waits(db_url: str) -> None:
    world = World.make(db_url, 4, Switches())
    a_shelf_of_ten_with_four_sold(world)
    world.catalog_only()
    world.orders_only()

    with world.desk() as desk:
        log = RunLog("early", "allocate-orders", "main")
        allocate(desk, log, [desk.shop("main")], None)

    assert answers(world, UNITS) == [("new", 4)]
    assert log.plans == []
    [problem] = log.problems
    assert (problem.where, problem.next) == ("main", "Run: fillrate run reconcile-inventory")
    world.day()
    assert answers(world, UNITS) == [("backlog", 4)]
