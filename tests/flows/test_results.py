"""What a run of several channels says at its end, in one result and one exit code."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from deployments.cli.run import exit_code
from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.db.queries import plans
from fillrate.gateway.outside import Outside
from fillrate.settings import DatabaseSettings, Settings
from fillrate.steps.allocate import allocate
from fillrate.steps.apply import apply_changes
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.plan import approve
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.sync import sync_catalog
from sandbox import Shop, ShopConfig
from tasks.coat import Work, result
from tests.practice_clock import PracticeClock
from tests.simulation.wire import InProcess

Result = dict[str, Any]
MERCHANTS = ("careful", "trusting")


@pytest.fixture
def shops() -> dict[str, Shop]:
    """A shop of which the first plan waits for a person, and a practice shop of which nothing does."""
    settings = {"update_stock_behavior": "order_completed_or_shipped"}
    size = {"products": 12, "customers": 6, "orders": 25, "days": 60}
    return {
        name: Shop(ShopConfig(seed=seed, settings=settings, store_hash=name, **size))
        for seed, name in zip((21, 13), MERCHANTS, strict=True)
    }


@pytest.fixture
def desk(sqlite_url: str, shops: dict[str, Shop]) -> Iterator[Desk]:
    """A merchant who has read both."""
    channels = tuple(
        BigCommerceSettings(
            name=name,
            kind="bigcommerce",
            base_url=f"http://127.0.0.1/stores/{name}",
            practice=name == "trusting",
            token=shop.config.token,
        )
        for name, shop in shops.items()
    )
    settings = Settings(database=DatabaseSettings(url=sqlite_url), channel=channels)
    wires = {name: InProcess(shop) for name, shop in shops.items()}
    with open_desk(settings, Outside(PracticeClock()), wires) as opened:
        for shop in opened.shops.values():
            sync_catalog(opened, shop, RunLog(f"c-{shop.name}", "sync-catalog", shop.name), Asked())
            read_stock_into_ledger(opened, shop, RunLog(f"s-{shop.name}", "reconcile-inventory", shop.name))
        yield opened


def allocated(desk: Desk, number: int, names: Sequence[str] = MERCHANTS, *, dry: bool = False) -> Result:
    """Do what the flow does for these channels."""
    log = RunLog(f"a-{number}", "allocate-orders", "all", is_dry=dry)
    with recorded(desk, log):
        allocate(desk, log, [desk.shop(name) for name in names], None)
        for name in names:
            apply_changes(desk, desk.shop(name), log)
    return result(Work(desk, log, MERCHANTS))


def waiting(desk: Desk) -> list[str]:
    with desk.db.read() as reading:
        return plans.waiting(reading, "allocate-orders", [shop.id for shop in desk.shops.values()])


def test_the_plan_that_waits_is_told_whatever_else_was_written(desk: Desk) -> None:
    first, later = allocated(desk, 1), allocated(desk, 2)

    [waits] = waiting(desk)
    assert first["counts"]["changes_done"] > 0
    for told in (first, later):
        assert told["plan"]["id"] == waits
        assert (told["plan"]["waiting"], exit_code(told)) == (told["plan"]["changes"], 3)


def test_a_dry_run_tells_what_it_shows(desk: Desk) -> None:
    allocated(desk, 1, ("careful",))
    [waits] = waiting(desk)

    told = allocated(desk, 2, dry=True)

    assert told["plan"]["id"] != waits
    assert (told["plan"]["waiting"], exit_code(told)) == (0, 0)


def test_what_a_shop_refused_is_told_whichever_plan_is_named(desk: Desk, shops: dict[str, Shop]) -> None:
    allocated(desk, 1)
    approve(desk, waiting(desk)[0], None, "Ann")
    shops["careful"].faults.set([{"match": "POST /v3/orders/metafields", "kind": "423"}])

    told = allocated(desk, 2)

    assert (told["counts"]["changes_failed"] > 0, exit_code(told)) == (True, 4)
