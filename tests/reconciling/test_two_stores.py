"""Two BigCommerce stores of one merchant share one stock: the first holds it, the second shows what may still be sold."""

from pathlib import Path

import pytest

from fillrate.settings import Policy, PolicySettings
from sandbox import Shop, ShopConfig, Switches
from tests.reconciling.merchant import Merchant
from tests.simulation.world import fresh

SIZE = {"seed": 5, "products": 8, "customers": 4, "days": 30}


@pytest.fixture
def merchant(tmp_path: Path, sqlite_template: Path) -> Merchant:
    """The same goods in both stores, read, allocated and reconciled until nothing changes any more."""
    switches = Switches(backorders=True)
    shops = {
        "hub": Shop(ShopConfig(store_hash="hub", orders=10, switches=switches, **SIZE)),
        "outlet": Shop(ShopConfig(store_hash="outlet", orders=0, switches=switches, **SIZE)),
    }
    freely = PolicySettings(default=Policy(wait_above_share=1))
    made = Merchant(fresh(tmp_path, sqlite_template, "two"), shops, freely)
    made.sync()
    made.reconcile()
    made.allocate()
    for _ in range(3):
        made.reconcile()
    return made


def sellable(merchant: Merchant) -> dict[str, int]:
    """Return what may be sold of each SKU: on hand in the hub's stores, less all that is owed to anybody."""
    owed = dict(
        merchant.rows(
            "SELECT i.sku, sum(u.quantity) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
            " JOIN item i ON i.id = l.item_id WHERE l.needs_stock GROUP BY 1"
        )
    )
    held = {
        sku: sum(max(0, place["on_hand"] - place["safety_stock"]) for place in places.values())
        for sku, places in merchant.stock("hub").items()
    }
    return {sku: max(0, units - owed.get(sku, 0)) for sku, units in held.items()}


def goods(merchant: Merchant) -> str:
    """Return the SKU of which most may be sold."""
    numbers = merchant.numbers("outlet")
    return max(numbers, key=lambda sku: numbers[sku])


def test_the_second_store_shows_what_may_be_sold(merchant: Merchant) -> None:
    may_be_sold = sellable(merchant)

    assert {sku: may_be_sold[sku] for sku in merchant.numbers("outlet")} == merchant.numbers("outlet")


def test_a_second_run_writes_nothing(merchant: Merchant) -> None:
    before = merchant.rows("SELECT count(*) FROM change")

    log = merchant.reconcile()

    assert log.plans == []
    assert merchant.rows("SELECT count(*) FROM change") == before
    assert log.counts["numbers_looked_at"] == 0


def test_a_sale_in_the_first_store_lowers_the_second(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])
    merchant.pass_time(120)

    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == had - 2


def test_a_sale_in_the_second_store_is_no_drift_and_is_owed_once(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    merchant.act("outlet", action="place_order", lines=[{"sku": sku, "quantity": 3}])
    merchant.pass_time(120)

    log = merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == had - 3
    assert (log.plans, merchant.drift()) == ([], [])
    assert sellable(merchant)[sku] == had - 3


def test_a_number_changed_by_hand_is_told_and_put_right(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    merchant.act("outlet", action="set_stock", sku=sku, number=had - 4)
    merchant.pass_time(120)

    merchant.reconcile()
    assert merchant.numbers("outlet")[sku] == had - 4, "an order that explains it may still come"
    merchant.pass_time(120)
    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == had
    assert [row[2:] for row in merchant.drift()] == [("in_flight", -4, "watched"), ("edited", -4, "healed")]


def test_a_large_change_waits_for_a_person_and_the_units_count_as_absent(merchant: Merchant) -> None:
    sku = goods(merchant)
    had = merchant.numbers("outlet")[sku]
    assert had > 25
    merchant.act("outlet", action="set_stock", sku=sku, number=had - 25)
    for _ in range(2):
        merchant.pass_time(120)
        merchant.reconcile()
    merchant.act("hub", action="place_order", lines=[{"sku": sku, "quantity": 2}])
    merchant.pass_time(120)
    merchant.reconcile()

    assert merchant.numbers("outlet")[sku] == max(0, had - 25 - 2)
    assert [row[2:] for row in merchant.drift()] == [("in_flight", -25, "watched"), ("edited", -25, "waits")]
