"""An order of one shop that a tool has copied into the other is owed once, whichever of the two is read first."""

import json
from typing import Any

import pytest

from fillrate.channels.bigcommerce import BigCommerceSettings
from sandbox import Shop, ShopConfig, Switches
from tests.steps.test_many_channels import UNITS, Merchant

ON_HAND = (
    "SELECT i.sku, s.on_hand FROM stock s JOIN item i ON i.id = s.item_id JOIN location l ON l.id = s.location_id"
    " JOIN channel c ON c.id = l.channel_id WHERE c.name = :channel"
)
NOTES = "SELECT o.note FROM sales_order o JOIN channel c ON c.id = o.channel_id WHERE c.name = :channel ORDER BY o.id"


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_url", marks=[pytest.mark.postgres, pytest.mark.slow])])
def merchant(request: pytest.FixtureRequest) -> Merchant:
    """A hub and a marketplace of one merchant, which sell ten of the same thing, and lower their numbers at order."""
    sizes = {"products": 0, "orders": 0, "switches": Switches(), "settings": {"update_stock_behavior": "order_placed"}}
    shops = {name: Shop(ShopConfig(seed=5, store_hash=name, **sizes)) for name in ("hub", "market")}
    made = Merchant(str(request.getfixturevalue(request.param)), shops, mirrors={"hub": {"2:api": "market"}})
    for name in shops:
        happen(made, name, "create_product", name="Thing", sku="T", cents=500, stock=10)
    made.read()
    return made


def happen(merchant: Merchant, shop: str, action: str, **wish: Any) -> int:
    """Let one thing happen; returns the order, where it is about one."""
    merchant.practice(shop, "clock", b'{"advance_seconds": 600}')
    body = json.dumps([{"action": action, **wish}]).encode()
    merchant.practice(shop, "shop", body)
    orders = merchant.shops[shop].state.orders.ids
    return int(orders[-1]) if orders else 0


def sold(merchant: Merchant) -> tuple[int, int]:
    """Four are sold on the marketplace, and a tool copies that order into the hub; returns both orders."""
    lines = [{"sku": "T", "quantity": 4}]
    original = happen(merchant, "market", "place_order", lines=lines)
    copied = {"channel_id": 2, "source": "api", "external_order_id": str(original)}
    return original, happen(merchant, "hub", "place_order", lines=lines, **copied)


@pytest.mark.parametrize("first", ["hub", pytest.param("market", marks=pytest.mark.slow)])
def test_an_order_and_its_copy_are_owed_once(merchant: Merchant, first: str) -> None:
    original, _ = sold(merchant)
    merchant.read(first)
    merchant.read()
    merchant.read()
    merchant.allocate()

    assert (merchant.rows(UNITS, "hub"), merchant.rows(UNITS, "market")) == (
        [],
        [(str(original), "backlog", "ready", 4)],
    )
    assert merchant.rows(NOTES, "hub") == [(f"owed as market:{original}, of which it is a copy",)]
    assert merchant.rows(ON_HAND, "hub") == [("T", 10)]  # its number, 6, and the 4 that it took off for the copy


@pytest.mark.parametrize(
    "mirrors",
    [
        {"2": "market"},
        pytest.param({":api": "market"}, marks=pytest.mark.slow),
        pytest.param({"2:api": "market", "2": "else", ":api": "else"}, marks=pytest.mark.slow),
    ],
)
def test_a_source_may_be_named_by_either_half_and_the_number_of_the_copy_counts(
    merchant: Merchant, mirrors: dict[str, str]
) -> None:
    merchant.mirrors = {"hub": mirrors}
    original, _ = sold(merchant)
    for name in ("hub", "market", "hub"):  # noted at sight of the original
        merchant.read(name)
    merchant.allocate()

    assert (merchant.rows(UNITS, "hub"), merchant.rows(NOTES, "hub")) == (
        [],
        [(f"owed as market:{original}, of which it is a copy",)],
    )
    assert merchant.rows(ON_HAND, "hub") == [("T", 10)]


@pytest.mark.parametrize(
    ("source", "owes"),
    [
        ("2:amazon", "exact"),
        ("2:ebay", "by_id"),
        ("3:amazon", "by_source"),
        ("3:ebay", None),
        ("22:x", None),
        ("2:", "by_id"),
    ],
)
def test_the_most_exact_key_decides(source: str, owes: str | None) -> None:
    mirrors = {":amazon": "by_source", "2": "by_id", "2:amazon": "exact"}
    hub = BigCommerceSettings(
        name="hub", kind="bigcommerce", base_url="http://127.0.0.1/stores/hub", token="t", mirrors=mirrors
    )

    assert hub.original(source) == owes


def test_a_copy_whose_original_is_not_known_yet_is_owed_like_any_order(merchant: Merchant) -> None:
    _, copied = sold(merchant)
    merchant.read("hub")
    merchant.allocate()
    assert merchant.rows(UNITS, "hub") == [(str(copied), "backlog", "ready", 4)]


@pytest.mark.slow
def test_a_copy_that_is_shipped_leaves_the_shelf_of_the_hub(merchant: Merchant) -> None:
    _, copied = sold(merchant)
    merchant.read()
    merchant.read()
    happen(merchant, "hub", "ship", order_id=copied)
    for _ in range(2):
        merchant.read()
    merchant.allocate()

    assert merchant.rows(ON_HAND, "hub") == [("T", 6)]
    assert merchant.rows(UNITS, "hub") == []
