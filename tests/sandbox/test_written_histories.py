"""Whatever is written through the API, in whatever order, the shelf, the number and the orders agree."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Shop, ShopConfig, Switches
from sandbox.actions import run_actions
from sandbox.adjustments import settle_all
from tests.sandbox.conftest import Asker
from tests.sandbox.test_order_writes import PEOPLE
from tests.sandbox.test_stock import broken, drawn_settings, random_action

Write = tuple[str, str, Any]


def of_orders(shop: Shop, chance: Random) -> list[Write]:
    """Writes of one of the latest orders, and of a new one."""
    order = shop.state.orders.rows[chance.choice(shop.state.orders.ids[-12:])]
    line = chance.choice(order.lines)
    path, units = f"/v2/orders/{order.id}", chance.randint(0, 30)
    new = {"product_id": chance.choice(shop.state.products.ids), "quantity": chance.randint(1, 9)}
    parcel = {
        "order_address_id": line.address,
        "items": [{"order_product_id": line.id, "quantity": chance.randint(1, 4)}],
    }
    return [
        ("PUT", path, {"status_id": chance.randint(0, 14)}),
        ("PUT", path, {"products": [{"id": line.id, "quantity": units}]}),
        ("PUT", path, {"products": [{"id": line.id, "quantity": units}, new], "status_id": chance.choice([5, 9, 11])}),
        ("DELETE", path, None),
        (
            "POST",
            "/v2/orders",
            {"billing_address": PEOPLE, "status_id": chance.choice([1, 11]), "products": [new, new]},
        ),
        ("POST", f"{path}/shipments", parcel),
        ("DELETE", f"{path}/shipments/{(order.shipments or [0])[-1]}", None),
    ]


def of_stock(shop: Shop, chance: Random) -> list[Write]:
    """Writes of numbers, settings and products."""
    product = shop.state.products.rows[chance.choice(shop.state.products.ids)]
    key = (
        {"product_id": product.id}
        if product.tracking == "product"
        else {"variant_id": chance.choice(product.variant_ids)}
    )
    row = {"location_id": chance.randint(1, 3), **key, "quantity": chance.randint(0, 20)}
    moved = {**row, "quantity": chance.randint(-5, 9), "qty_backordered": chance.randint(-2, 3)}
    chosen = {
        "inventory_tracking": chance.choice(["none", "product", "variant"]),
        "inventory_level": chance.randint(-1, 9),
    }
    limit = {"identity": key, "safety_stock": chance.randint(0, 4), "backorder_limit": chance.randint(0, 20)}
    return [
        (
            "PUT",
            "/v3/inventory/adjustments/absolute",
            {"items": [{**row, "qty_backordered": chance.randint(0, 5)}, row]},
        ),
        ("POST", "/v3/inventory/adjustments/relative", {"items": [chance.choice([moved, {**row, "quantity": -2}])]}),
        ("PUT", "/v3/inventory/locations/1/items", {"settings": [limit]}),
        ("PUT", f"/v3/catalog/products/{product.id}", chosen),
    ]


@given(seed=st.integers(0, 5000))
@settings(max_examples=25, deadline=None)
def test_whatever_is_written_the_shelf_the_number_and_the_orders_agree(seed: int) -> None:
    chance = Random(seed)
    chosen = drawn_settings(chance)
    shop = Shop(ShopConfig(seed=seed, products=8, customers=3, orders=20, switches=Switches.draw(chance), **chosen))
    asker, answered = Asker(shop), set()

    for _ in range(60):
        if chance.random() < 0.3:
            run_actions(shop.state, random_action(shop, chance))
        else:
            method, path, body = chance.choice(chance.choice([of_orders, of_stock])(shop, chance))
            answered.add(status := asker.send(method, path, body).status)
            assert status < 500, (method, path, body)
        assert broken(shop) == []
    settle_all(shop.state)

    assert broken(shop) == []
    assert min(answered) < 300
