"""Open orders are read again by id: once a day all of them, and after a sweep those that it missed."""

from pathlib import Path

import pytest

from sandbox import Switches
from tests.simulation.world import World, fresh

DAY_S = 86_400
OWING = {1, 3, 7, 8, 9, 11, 12}


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """A shop on the evening of its first day."""
    made = World.make(fresh(tmp_path, sqlite_template, "open"), 3, Switches())
    made.day()
    return made


def an_open_order(world: World) -> int:
    truth = world.practice("state?only=orders", method="GET")["orders"]
    return next(int(one["id"]) for one in truth if one["status_id"] in OWING and not one["archived"])


def vanish(world: World, order: int) -> None:
    """The shop has lost an order: no list shows it, and asked for it the shop says 404."""
    world.shop.state.orders.remove(order)


def requests_of_single_orders(world: World) -> int:
    return int(world.practice("requests", method="GET").get("GET /v2/orders/{id}", 0))


def open_units(world: World, order: int) -> int:
    statement = (
        "SELECT COALESCE(SUM(u.quantity), 0) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
        " JOIN sales_order o ON o.id = l.order_id WHERE o.platform_id = ?"
    )
    with world.desk() as desk, desk.db.read() as reading:
        return int(reading.connection.exec_driver_sql(statement, (str(order),)).scalar_one())


def all_open_units(world: World) -> int:
    with world.desk() as desk, desk.db.read() as reading:
        return int(reading.connection.exec_driver_sql("SELECT SUM(quantity) FROM open_unit").scalar_one())


def test_an_order_that_the_shop_says_is_gone_owes_nothing_from_the_next_day_on(world: World) -> None:
    order = an_open_order(world)
    owed = open_units(world, order)
    vanish(world, order)

    world.orders_only()
    same_day = open_units(world, order)
    world.practice("clock", {"advance_seconds": DAY_S})
    world.orders_only()

    assert owed == same_day > 0
    assert open_units(world, order) == 0
    assert world.broken() == []


def test_open_orders_are_read_again_once_a_day_and_not_in_every_run(world: World) -> None:
    vanish(world, an_open_order(world))
    world.practice("clock", {"advance_seconds": DAY_S})
    world.orders_only()
    asked = requests_of_single_orders(world)

    world.orders_only()
    world.orders_only()

    assert asked > 0
    assert requests_of_single_orders(world) == asked


def test_orders_that_sweeps_missed_are_asked_for_before_they_are_believed_gone(world: World) -> None:
    owed = all_open_units(world)
    world.practice("faults", [{"match": "GET /v2/orders", "kind": "missing_rows", "count": 5}])

    for _ in range(4):
        world.day(full=True)

    assert all_open_units(world) == owed
