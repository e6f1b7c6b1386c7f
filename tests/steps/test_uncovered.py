"""Goods that a shop begins to count under open orders: their units wait for stock in the very transaction that says so."""

from typing import Any

import pytest

from sandbox import Switches
from tests.simulation.world import World

UNITS = "SELECT state, reason, CAST(SUM(quantity) AS INTEGER) FROM open_unit GROUP BY state, reason"
LAST_MOVE = "SELECT from_state, to_state, cause FROM transition ORDER BY id DESC LIMIT 1"


@pytest.fixture
def world(db_url: str) -> World:
    """Three of a thing that nobody counts are sold and ready."""
    made = World.make(db_url, 3, Switches(), products=0, orders=0)
    thing = {"action": "create_product", "name": "A", "sku": "A", "cents": 500, "tracking": "none"}
    happen(made, thing)
    happen(made, {"action": "place_order", "lines": [{"sku": "A", "quantity": 3}]})
    made.day()
    assert answers(made, UNITS) == [("backlog", "ready", 3)]
    return made


def answers(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def happen(world: World, *actions: dict[str, Any]) -> None:
    done = world.practice("shop", list(actions))
    assert "refused" not in str(done), done
    world.practice("clock", {"advance_seconds": 60})


def count_it(world: World, tracking: str) -> None:
    happen(world, {"action": "set_tracking", "product_id": 1, "tracking": tracking})
    happen(world, {"action": "receive", "product_id": 1, "quantity": 9})


@pytest.mark.parametrize("tracking", ["product", "variant"])
def test_units_of_goods_that_are_counted_from_now_on_wait_until_stock_was_read(world: World, tracking: str) -> None:
    count_it(world, tracking)

    world.catalog_only()
    waiting, move, broken = answers(world, UNITS), answers(world, LAST_MOVE), world.broken()
    world.day()

    assert (waiting, move, broken) == ([("backorder", "no_supply", 3)], [("backlog", "backorder", "policy")], [])
    assert answers(world, UNITS) == [("backlog", "ready", 3)]
    assert world.violations == world.broken() == []


def test_an_order_that_changes_while_its_goods_begin_to_be_counted_leaves_no_unit_ready_without_stock(
    world: World,
) -> None:
    broken = []

    def during(path: str) -> None:
        if path.endswith("/v3/customers"):  # the products have landed, the lines still point to what was not counted
            world.during = None
            happen(world, {"action": "edit_line", "order_id": 1, "line_id": 1, "quantity": 5})
            world.orders_only()
            broken.extend(world.broken())

    count_it(world, "product")
    world.during = during
    world.catalog_only()

    assert broken == world.broken() == []
    assert sorted(answers(world, UNITS)) == [("backorder", "no_supply", 3), ("new", "", 2)]


def test_goods_that_are_no_longer_counted_stay_ready(world: World) -> None:
    count_it(world, "product")
    world.day()

    happen(world, {"action": "set_tracking", "product_id": 1, "tracking": "none"})
    world.day()

    assert answers(world, UNITS) == [("backlog", "ready", 3)]
    assert world.violations == world.broken() == []
