"""The generated store: the same from the same seed, plausible, dirty where real ones are, and made fast."""

import time
from collections import Counter
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from sandbox import Shop, ShopConfig, Switches
from sandbox.clock import DAY
from sandbox.exchange import encode
from sandbox.truth import tell
from tests.sandbox.conftest import Asker

SHOP = Asker(Shop(ShopConfig(seed=11, products=400, customers=300, orders=3000)))
STATE = SHOP.shop.state


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_the_same_seed_makes_the_same_shop_to_the_byte(seed: int) -> None:
    config = ShopConfig(seed=seed, products=40, customers=20, orders=100)
    one, other = (Shop(config) for _ in range(2))

    assert encode(tell(one.state)) == encode(tell(other.state))
    paths = ("/v3/catalog/products", "/v2/orders", "/v3/customers", "/v3/inventory/items", "/v2/store")
    assert [Asker(one).send("GET", p, limit=250).body for p in paths] == [
        Asker(other).send("GET", p, limit=250).body for p in paths
    ]


def test_different_seeds_make_different_shops() -> None:
    truths = {encode(tell(Shop(ShopConfig(seed=s, products=20, customers=5, orders=20)).state)) for s in range(5)}

    assert len(truths) == 5


@pytest.mark.parametrize(
    ("products", "customers", "orders", "days"), [(0, 0, 0, 1), (1, 0, 3, 1), (5, 1, 0, 30), (3, 2, 9, 2)]
)
def test_a_shop_of_any_size_can_be_made(products: int, customers: int, orders: int, days: int) -> None:
    shop = Asker(Shop(ShopConfig(products=products, customers=customers, orders=orders, days=days)))

    assert len(shop.get("/v2/orders") or []) == (orders if products else 0)
    assert len(shop.data("/v3/catalog/products")) == products


def test_orders_fill_the_year_before_the_shop_opens() -> None:
    moments = [order.created for order in STATE.orders]

    assert moments == sorted(moments)
    assert STATE.clock.start - 365 * DAY <= moments[0] < moments[-1] < STATE.clock.start
    assert max(order.modified for order in STATE.orders) < STATE.clock.start


def test_an_order_was_last_changed_after_all_that_happened_to_it() -> None:
    for refund in STATE.refunds:
        assert STATE.orders.rows[refund.order_id].modified >= refund.created
    for shipment in STATE.shipments:
        assert STATE.orders.rows[shipment.order_id].modified >= shipment.created


@pytest.mark.parametrize("days", [1, 365, 2000])
def test_nothing_sells_before_it_was_created(days: int) -> None:
    state = Shop(ShopConfig(seed=4, products=50, customers=5, orders=300, days=days)).state

    assert all(
        state.products.rows[line.product_id].created <= order.created
        for order in state.orders
        for line in order.lines
        if line.product_id
    )
    assert min(order.created for order in state.orders) >= state.clock.start - days * DAY


@pytest.mark.parametrize("seed", range(6))
def test_most_orders_come_in_early_in_the_afternoon_of_the_store(seed: int) -> None:
    state = Shop(ShopConfig(seed=seed, products=20, customers=5, orders=2000)).state
    zone = ZoneInfo(state.profile.zone)
    hours = Counter(datetime.fromtimestamp(order.created, zone).hour for order in state.orders)

    assert {hour for hour, _ in hours.most_common(3)} <= set(range(11, 18))


def test_downloads_need_no_parcel() -> None:
    digital = [o for o in STATE.orders if o.lines and all(line.kind == "digital" for line in o.lines)]

    assert digital
    assert not {order.status for order in digital} & {2, 3, 8, 9, 11}


@pytest.mark.parametrize("seed", range(8))
def test_no_product_sells_nearly_everything(seed: int) -> None:
    state = Shop(ShopConfig(seed=seed, products=200, customers=50, orders=2000)).state
    sold = Counter(line.product_id for order in state.orders for line in order.lines)

    assert sold.most_common(1)[0][1] < sold.total() * 0.2


def test_few_products_sell_most() -> None:
    sold = Counter(line.product_id for order in STATE.orders for line in order.lines)
    best = sum(units for _, units in sold.most_common(len(STATE.products) // 5))

    assert best > sold.total() * 0.55


def test_the_season_before_christmas_is_the_strongest() -> None:
    months = Counter(time.gmtime(order.created).tm_mon for order in STATE.orders)

    assert {month for month, _ in months.most_common(2)} == {11, 12}


def test_customers_come_again_and_guests_are_many() -> None:
    orders = Counter(order.customer_id for order in STATE.orders)

    assert 0.2 < orders[0] / len(STATE.orders) < 0.36
    assert max(count for customer, count in orders.items() if customer) > 20
    assert all(
        STATE.customers.rows[order.customer_id].created <= order.created for order in STATE.orders if order.customer_id
    )


def test_every_kind_of_order_is_there() -> None:
    assert {order.status for order in STATE.orders} == set(range(15))
    assert any(order.address_count == 2 for order in STATE.orders)
    assert any(order.channel_id == 2 and order.external_order_id for order in STATE.orders)
    assert any(line.kind == "custom" and line.product_id == 0 for order in STATE.orders for line in order.lines)
    assert any(len(order.shipments) > 1 for order in STATE.orders)
    assert any(line.quantity == 0 for order in STATE.orders for line in order.lines)
    assert any(order.archived for order in STATE.orders)
    assert all(units for shipment in STATE.shipments for _, units, _ in shipment.items)
    assert all(units for refund in STATE.refunds for _, units, _ in refund.items)
    assert any(0 < line.shipped < line.quantity or order.status == 3 for order in STATE.orders for line in order.lines)


def test_a_good_part_of_the_open_lines_is_short_of_stock() -> None:
    waiting = [o for o in STATE.orders if o.status in {3, 9, 11}]
    lines = [line for order in waiting for line in order.lines if STATE.line_item(line) is not None]
    short = [line for line in lines if sum(units for _, units in line.deducted) < line.quantity]

    assert len(waiting) > 100
    assert 0.2 < len(short) / len(lines) < 0.7


def test_every_way_of_tracking_and_kind_of_product_is_there() -> None:
    assert {product.tracking for product in STATE.products} == {"none", "product", "variant"}
    assert {product.kind for product in STATE.products} == {"physical", "digital"}
    assert any(product.availability == "preorder" for product in STATE.products)
    assert any(item.variant_id is None for item in STATE.items)
    assert {location for item in STATE.items for location in item.cells} == {1, 2, 3}


@pytest.mark.parametrize("products", [20, 400])
def test_skus_are_dirty_in_every_known_way(products: int) -> None:
    skus = [v.sku for v in Shop(ShopConfig(seed=4, products=products, orders=0)).state.variants]
    twins = Counter(sku.casefold().strip() for sku in skus if sku.strip())

    assert "" in skus
    assert any(sku != sku.rstrip() for sku in skus)
    assert any(not sku.isascii() for sku in skus)
    assert any("\u200b" in sku for sku in skus)
    assert max(Counter(sku for sku in skus if sku).values()) > 1
    assert max(twins.values()) > 1


def test_most_skus_are_clean() -> None:
    counts = Counter(variant.sku for variant in STATE.variants)
    clean = [sku for sku, uses in counts.items() if uses == 1 and sku.isascii() and sku == sku.strip() and sku]

    assert len(clean) > 0.9 * len(STATE.variants)


def test_a_category_tree_has_levels() -> None:
    assert {category.depth for category in STATE.categories} >= {0, 1, 2}
    assert max(c.depth for c in Shop(ShopConfig(products=4000, orders=0)).state.categories) <= 7


def test_drawn_switches_cover_every_choice_and_repeat_by_seed() -> None:
    drawn = [Switches.draw(Random(seed)) for seed in range(60)]

    assert drawn == [Switches.draw(Random(seed)) for seed in range(60)]
    assert {switches.over_limit for switches in drawn} == {"clamp", "413", "422"}
    assert {switches.backorders for switches in drawn} == {True, False}


def test_a_small_shop_is_made_in_milliseconds() -> None:
    config = ShopConfig(products=20, customers=10, orders=40)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        Shop(config)
        times.append(time.perf_counter() - began)

    assert min(times) < 0.03


def test_five_thousand_products_and_orders_are_made_in_seconds() -> None:
    began = time.perf_counter()
    Shop(ShopConfig(products=5000, customers=2000, orders=5000))

    assert time.perf_counter() - began < 3


def test_a_page_of_250_products_with_variants_is_quick() -> None:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        SHOP.send("GET", "/v3/catalog/products", limit=250, include="variants")
        times.append(time.perf_counter() - began)

    assert min(times) < 0.03
