"""What a shop shows is alive, whatever else goes wrong; what it has not for two sweeps is gone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox import Switches
from tests.simulation.world import World, fresh

SHELVES = "SELECT SUM(on_hand), SUM(allocated) FROM stock"
LISTINGS = "SELECT COUNT(*), COUNT(deleted_at) FROM listing"
ITEMS = "SELECT COUNT(*), COUNT(discontinued_at) FROM item"
UNREADABLE = {"match": "GET /v3/catalog/products*", "kind": "bad_record", "position": 0}


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


def with_faults(world: World, step: Callable[[], object], *faults: dict[str, Any]) -> None:
    world.practice("faults", list(faults))
    step()
    world.practice("faults", method="DELETE")


def sweep(world: World) -> None:
    world.day(full=True)


@pytest.mark.parametrize(("field", "how"), [("price", "null"), ("id", "null")])
def test_a_product_that_cannot_be_read_keeps_its_listing_and_its_stock(world: World, field: str, how: str) -> None:
    for _ in range(3):
        with_faults(world, lambda: sweep(world), {**UNREADABLE, "field": field, "how": how})

    assert (answers(world, LISTINGS), answers(world, ITEMS)) == ([(2, 0)], [(2, 0)])
    assert answers(world, SHELVES) == [(20, 4)]
    assert world.violations == world.broken() == []


def test_a_listing_that_was_thought_gone_is_alive_once_its_product_is_read_though_nothing_changed(world: World) -> None:
    with world.desk() as desk, desk.db.write("test.gone") as tx:
        tx.connection.exec_driver_sql("UPDATE listing SET deleted_at = '2026-01-01T00:00:00.000000+00:00'")
        tx.connection.exec_driver_sql("UPDATE item SET discontinued_at = '2026-01-01T00:00:00.000000+00:00'")

    sweep(world)

    assert (answers(world, LISTINGS), answers(world, ITEMS)) == ([(2, 0)], [(2, 0)])


def test_a_variant_that_is_missing_from_a_product_that_was_read_whole_is_gone_after_two_sweeps(world: World) -> None:
    variants = [{"sku": "S", "label": "small", "stock": 5}, {"sku": "L", "label": "large", "stock": 5}]
    [made] = happen(world, {"action": "create_product", "name": "C", "sku": "C", "cents": 500, "variants": variants})
    world.day()
    world.shop.state.variants.remove(made["variant_ids"][0])

    seen = []
    for _ in range(2):
        with_faults(world, lambda: sweep(world), {**UNREADABLE, "field": "price", "how": "null"})
        seen += answers(world, LISTINGS)

    assert seen == [(4, 0), (4, 1)]


def test_what_changes_while_a_sweep_reads_is_not_missed_by_it(world: World) -> None:
    names = iter("CDEFGHIJKLMNOPQRSTUVWXYZ" * 2)
    product = next(iter(world.shop.state.products)).id

    def during(path: str) -> None:
        if path.endswith("/v2/time"):
            world.practice("clock", {"advance_seconds": 5})
            happen(world, {"action": "rename_product", "product_id": product, "to": next(names)})

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
