"""Plans on their way to a shop: what may go out, what a person decides, and what becomes of what is in doubt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fillrate.errors import FillrateError, FixSettings
from fillrate.steps.intake.windows import Asked
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog, recorded
from sandbox import Shop, Switches
from tests.simulation.history import notes
from tests.simulation.world import STORY, World, fresh

SHORT = {"products": 0, "customers": 2, "orders": 0}
READING = ("sync-catalog", "sync-orders", "reconcile-inventory")


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """A shop with three of a thing and an order of five, read but not allocated."""
    made = World.make(fresh(tmp_path, sqlite_template, "applying"), 1, Switches(backorders=True), **SHORT)
    product = act(made, "create_product", name="X", sku="X", cents=1000, stock=3)
    order_of(made, product["product_id"], 5)
    for flow in READING:
        run(made, flow)
    return made


def act(world: World, action: str, **more: Any) -> dict[str, Any]:
    [done] = world.practice("shop", {"action": action, **more})
    assert "refused" not in done, done
    return dict(done)


def order_of(world: World, product_id: int, quantity: int) -> int:
    return int(act(world, "place_order", lines=[{"product_id": product_id, "quantity": quantity}])["order_id"])


def run(world: World, flow: str, *, dry: bool = False) -> RunLog:
    log = RunLog(f"{flow}-{world.runs}", flow, "main", is_dry=dry)
    with world.desk() as desk, recorded(desk, log):
        STORY[flow](desk, log, Asked())
    return log


def test_nothing_is_written_to_another_store_than_the_one_that_was_read(world: World) -> None:
    theirs = replace(world.shop.config, seed=9, products=3, orders=5, store_hash="elsewhere")
    world.shop = Shop(theirs)

    with pytest.raises(FixSettings, match="now answers as another store"):
        run(world, "allocate-orders")

    assert notes(world) == []
    assert world.practice("requests?bodies=1", method="GET")["writes"] == []


def test_the_stock_of_another_store_is_not_even_looked_at(world: World) -> None:
    world.shop = Shop(replace(world.shop.config, store_hash="elsewhere"))

    with pytest.raises(FixSettings, match="now answers as another store"):
        run(world, "reconcile-inventory")

    assert "GET /v3/inventory/locations" not in world.practice("requests", method="GET")


def test_what_a_run_counts_by_itself_is_nobodys_choice(world: World) -> None:
    act(world, "create_product", name="Y", sku="Y", cents=1000, stock=5)
    run(world, "sync-catalog")
    [plan] = run(world, "reconcile-inventory", dry=True).plans

    with world.desk() as desk:
        for decide in (lambda: approve(desk, plan, None, "Ann"), lambda: reject(desk, plan, "Ann")):
            with pytest.raises(FillrateError, match="only counts in Fillrate's own ledger"):
                decide()

    assert run(world, "allocate-orders").state == "done"
    assert len(notes(world)) == 1
