"""What becomes of orders in the tables, whatever their shop does with them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox import Switches
from tests.simulation.world import World, fresh

SHELF = "SELECT on_hand, allocated FROM stock"
UNITS = "SELECT state, SUM(quantity) FROM open_unit GROUP BY state"


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """A shop without goods or orders that lowers its numbers at order."""
    settings = {"update_stock_behavior": "order_placed"}
    url = fresh(tmp_path, sqlite_template, "orders")
    return World.make(url, 3, Switches(), products=0, orders=0, settings=settings)


def answers(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def happen(world: World, *actions: dict[str, Any]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = world.practice("shop", list(actions))
    assert "refused" not in str(done), done
    world.practice("clock", {"advance_seconds": 60})
    return done


def sold(world: World, *quantities: int) -> Sequence[dict[str, Any]]:
    """Ten of one thing on the shelf, and an order for each quantity."""
    [thing] = happen(world, {"action": "create_product", "name": "Thing", "sku": "T", "cents": 500, "stock": 10})
    lines = [{"variant_id": thing["variant_ids"][0], "quantity": quantity} for quantity in quantities]
    return happen(world, *({"action": "place_order", "lines": [line]} for line in lines))


def test_what_left_without_a_shipment_is_not_owed_again_when_some_of_it_is_refunded(world: World) -> None:
    [order] = sold(world, 3)
    world.day()
    happen(world, {"action": "set_status", "order_id": order["order_id"], "status": 10})
    world.day()
    back = {"line_id": order["line_ids"][0], "quantity": 1}
    happen(world, {"action": "refund", "order_id": order["order_id"], "lines": [back], "status": 14})

    world.day()

    assert (answers(world, SHELF), answers(world, UNITS)) == ([(7, 0)], [])
    assert world.violations == world.broken() == []
