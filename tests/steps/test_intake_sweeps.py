"""What a shop shows is alive, whatever else goes wrong; what it has not for two sweeps is gone."""

from pathlib import Path
from typing import Any

import pytest

from sandbox import Switches
from tests.simulation.world import World, fresh

LISTINGS = "SELECT COUNT(*), COUNT(deleted_at) FROM listing"
ITEMS = "SELECT COUNT(*), COUNT(discontinued_at) FROM item"


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """Two things with ten on the shelf of each, four of the first sold, all of it read."""
    made = World.make(fresh(tmp_path, sqlite_template, "sweeps"), 3, Switches(), products=0, orders=0)
    for sku in ("A", "B"):
        happen(made, {"action": "create_product", "name": sku, "sku": sku, "cents": 500, "stock": 10})
    happen(made, {"action": "place_order", "lines": [{"sku": "A", "quantity": 4}]})
    made.day()
    return made


def answers(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def happen(world: World, *actions: dict[str, Any]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = world.practice("shop", list(actions))
    assert "refused" not in str(done), done
    world.practice("clock", {"advance_seconds": 60})
    return done


def sweep(world: World) -> None:
    world.day(full=True)


def test_what_changes_while_a_sweep_reads_is_not_missed_by_it(world: World) -> None:
    def during(path: str) -> None:
        if path.endswith("/v2/time"):
            world.practice("clock", {"advance_seconds": 5})
            world.practice("shop", [{"action": "rename_product", "sku": "A", "to": f"A at {world.clock.now()}"}])

    world.during = during
    for _ in range(3):
        sweep(world)
        world.rest(60)
    world.during = None

    assert answers(world, "SELECT COUNT(*), SUM(missing_sweeps), COUNT(deleted_at) FROM product") == [(2, 0, 0)]
    assert (answers(world, LISTINGS), answers(world, ITEMS)) == ([(2, 0)], [(2, 0)])


def test_two_sweeps_that_miss_something_count_only_where_it_was_not_met_in_between(world: World) -> None:
    missed = "SELECT SUM(missing_sweeps) FROM product WHERE deleted_at IS NULL"
    hidden = next(iter(world.shop.state.products))

    def a_sweep_without_it() -> None:
        world.shop.state.products.remove(hidden.id)
        sweep(world)
        world.shop.state.products.add(hidden)

    a_sweep_without_it()
    once = answers(world, missed)
    world.day()
    met = answers(world, missed)
    a_sweep_without_it()

    assert (once, met, answers(world, missed)) == ([(1,)], [(0,)], [(1,)])
