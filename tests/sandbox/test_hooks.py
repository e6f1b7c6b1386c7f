"""The practice shop tells whoever has registered what happened: over HTTP, signed, and again where that fails."""

import base64
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Shop, ShopConfig, Switches, serve
from tests.sandbox.conftest import Asker
from tests.sandbox.ear import Ear, listening

RETRIES = (60, 180, 300, 600, 900, 1800, 3600, 7200, 21_600, 50_400, 86_400)


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as found:
        yield found


def shop_of(**config: Any) -> Asker:
    size = {"seed": 1, "products": 20, "customers": 10, "orders": 40, "hooks_to_loopback": True}
    asker = Asker(Shop(ShopConfig(**{**size, **config})))
    asker.shop.courier.by_hand = True
    return asker


def register(shop: Asker, scope: str, destination: str, **more: Any) -> dict[str, Any]:
    answer = shop.send("POST", "/v3/hooks", {"scope": scope, "destination": destination, **more})
    assert answer.status == 200, answer.body
    return dict(answer.json()["data"])


def wait(shop: Asker, seconds: int) -> int:
    """Let time pass; returns how many letters were tried then."""
    shop.practice("clock", {"advance_seconds": seconds})
    return shop.shop.courier.carry()


def counts(shop: Asker) -> Counter[str]:
    return Counter(shop.practice("hooks", method="GET")["counts"])


def counted(shop: Asker) -> Any:
    """A variant whose stock is counted by variant."""
    return next(
        variant
        for variant in shop.shop.state.variants
        if shop.shop.state.products.rows[variant.product_id].tracking == "variant" and variant.sku_id is not None
    )


def test_an_order_is_told_of_as_it_is_placed_changed_shipped_and_refunded(ear: Ear) -> None:
    shop = shop_of()
    for scope in ("store/order/*", "store/shipment/*"):
        register(shop, scope, ear.url)
    variant = counted(shop)
    shop.do("set_stock", variant_id=variant.id, number=9)
    placed = shop.do("place_order", lines=[{"variant_id": variant.id, "quantity": 2}])
    order, line = placed["order_id"], placed["line_ids"][0]
    shop.do("receive", variant_id=variant.id, quantity=9)
    sent = shop.do("ship", order_id=order, lines=[{"line_id": line, "quantity": 1}])
    back = shop.do("refund", order_id=order, lines=[{"line_id": line, "quantity": 1}], status=3)
    shop.do("archive_order", order_id=order)
    shop.shop.courier.carry()

    told = {one["scope"]: one["data"] for one in ear.said()}
    assert told["store/order/created"] == {"type": "order", "id": order}
    change = {"previous_status_id": 11, "new_status_id": 3}
    assert told["store/order/statusUpdated"] == {"type": "order", "id": order, "status": change}
    assert told["store/shipment/created"] == {"type": "shipment", "id": sent["shipment_id"], "orderId": order}
    refund = {"refund_id": back["refund_id"]}
    assert told["store/order/refund/created"] == {"type": "order", "id": order, "refund": refund}
    assert told["store/order/archived"] == {"type": "order", "id": order}


def test_goods_and_customers_are_told_of_with_ids_only(ear: Ear) -> None:
    shop = shop_of()
    for scope in ("store/product/*", "store/sku/*", "store/customer/*"):
        register(shop, scope, ear.url)
    variant = counted(shop)
    made = shop.do("create_product", name="Mug", sku="MUG", stock=3)
    shop.do("rename_product", product_id=made["product_id"], to="Cup")
    shop.do("delete_product", product_id=made["product_id"])
    shop.do("rename_sku", variant_id=variant.id, to="NEW")
    shop.do("edit_customer", customer_id=3, company="Ada & Co")
    shop.shop.courier.carry()

    mug = [one["scope"] for one in ear.said() if one["data"]["id"] == made["product_id"]]
    assert mug == ["store/product/created", "store/product/updated", "store/product/deleted"]
    told = {one["scope"]: one["data"] for one in ear.said()}
    goods = {"product_id": variant.product_id, "variant_id": variant.id}
    assert told["store/sku/updated"] == {"type": "sku", "id": variant.sku_id, "sku": goods}
    assert told["store/customer/updated"] == {"type": "customer", "id": 3}


def test_stock_is_told_of_in_all_and_by_location_and_says_whether_an_order_moved_it(ear: Ear) -> None:
    shop = shop_of()
    scopes = ("store/sku/inventory/updated", "store/sku/inventory/order/updated")
    for scope in (*scopes, "store/channel/*/inventory/product/stock_changed"):
        register(shop, scope, ear.url)
    variant = counted(shop)
    shop.do("set_stock", variant_id=variant.id, number=50)
    shop.shop.courier.carry()
    by_hand, where = ear.said()[1], ear.said()[0]
    level = sum(cell.shown for cell in shop.shop.state.items.rows[variant.id].cells.values())
    numbers = {"product_id": variant.product_id, "method": "absolute", "value": level, "variant_id": variant.id}
    assert (by_hand["scope"], by_hand["data"]["inventory"]) == (scopes[0], numbers)
    assert where["data"] == {"variant_id": variant.id, "product_id": variant.product_id, "location_id": 1}

    shop.do("place_order", lines=[{"variant_id": variant.id, "quantity": 2}])
    shop.shop.courier.carry()

    by_order = ear.said()[-1]
    assert by_order["scope"] == scopes[1]
    assert (by_order["data"]["inventory"]["method"], by_order["data"]["inventory"]["value"]) == ("relative", -2)


def test_a_write_by_the_api_is_told_of_too(ear: Ear) -> None:
    shop = shop_of()
    register(shop, "store/order/statusUpdated", ear.url)
    order = next(one for one in shop.shop.state.orders if one.status == 11)
    shop.send("PUT", f"/v2/orders/{order.id}", {"status_id": 9})
    shop.shop.courier.carry()
    assert ear.said()[0]["data"]["id"] == order.id


def test_letters_are_signed_by_standard_webhooks_and_carry_what_was_registered(ear: Ear) -> None:
    shop = shop_of()
    register(shop, "store/customer/updated", ear.url, headers={"X-Our-Word": "swordfish"})
    shop.do("edit_customer", customer_id=3, company="Ada & Co")
    shop.shop.courier.carry()

    headers, body = ear.heard[0]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = shop.shop.config.client_secret.encode()
    proof = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 30
    assert headers["x-our-word"] == "swordfish"
    assert (ear.said()[0]["producer"], ear.said()[0]["store_id"]) == ("stores/practice", "1025646")


def test_a_real_shop_serves_its_hooks_by_itself(ear: Ear) -> None:
    with serve(Shop(ShopConfig(products=5, customers=4, orders=3, hooks_to_loopback=True))) as running:
        shop = Asker(running.shop)
        register(shop, "store/customer/*", ear.url)
        shop.do("edit_customer", customer_id=3, company="Ada & Co")
        end = time.monotonic() + 10
        while not ear.heard:
            assert time.monotonic() < end
            time.sleep(0.02)
    assert ear.scopes() == ["store/customer/updated"]


def test_what_is_not_taken_is_sent_again_by_the_schedule_under_the_same_id_and_then_its_hook_is_off(ear: Ear) -> None:
    shop = shop_of(hook_clock="shop")
    hook = register(shop, "store/customer/updated", ear.url)
    shop.send("PUT", "/v3/hooks/admin", {"emails": ["ops@shop.example"]})
    ear.status = 503
    shop.do("edit_customer", customer_id=3, company="Ada & Co")
    assert shop.shop.courier.carry() == 1
    for seconds in RETRIES:
        assert wait(shop, seconds - 1) == 0
        assert wait(shop, 1) == 1

    assert len({headers["webhook-id"] for headers, _ in ear.heard}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in ear.heard}) == len(ear.heard) == 12
    assert shop.get(f"/v3/hooks/{hook['id']}")["data"]["is_active"] is False
    [mail] = shop.practice("hooks", method="GET")["mails"]
    assert (mail["about"], mail["to"]) == (f"hook {hook['id']} was deactivated", ["ops@shop.example"])

    ear.status = 200
    shop.send("PUT", f"/v3/hooks/{hook['id']}", {"is_active": True})
    shop.do("edit_customer", customer_id=3, company="Ada, again")
    assert shop.shop.courier.carry() == 1
    assert counts(shop)["delivered"] == 1


def test_a_retry_may_carry_the_signature_of_the_first_time(ear: Ear) -> None:
    shop = shop_of(hook_clock="shop", switches=Switches(hook_retries_signed="once"))
    register(shop, "store/customer/updated", ear.url)
    ear.status = 500
    shop.do("edit_customer", customer_id=3, company="Ada & Co")
    shop.shop.courier.carry()
    wait(shop, 60)
    assert len({headers["webhook-signature"] for headers, _ in ear.heard}) == 1
    assert len(ear.heard) == 2


def test_a_domain_that_takes_too_little_is_left_alone_for_three_minutes(ear: Ear) -> None:
    shop = shop_of()
    register(shop, "store/customer/updated", ear.url)
    ear.status = 500
    for n in range(100):
        shop.do("edit_customer", customer_id=3, company=f"Ada {n}")
    assert shop.shop.courier.carry() == 100
    [blocked] = shop.get("/v3/hooks/admin")["data"]["blocked_domains"]
    assert blocked["time_left"] == 180

    shop.do("edit_customer", customer_id=4, company="Grace")
    ear.status = 200
    assert shop.shop.courier.carry() == 0
    assert wait(shop, 60) == 0  # what came due meanwhile is put off once more
    for _ in range(4):
        wait(shop, 600)
    assert counts(shop)["delivered"] == 101


def test_a_hook_without_events_for_ninety_days_is_off(ear: Ear) -> None:
    shop = shop_of()
    hook = register(shop, "store/customer/updated", ear.url)
    wait(shop, 90 * 86_400 - 1)
    assert shop.get(f"/v3/hooks/{hook['id']}")["data"]["is_active"] is True
    wait(shop, 1)
    assert shop.get("/v3/hooks", is_active="false")["data"][0]["id"] == hook["id"]
    shop.do("edit_customer", customer_id=3, company="Ada & Co")
    assert shop.shop.courier.carry() == 0


def test_exceptions_are_told_to_another_destination(ear: Ear) -> None:
    shop = shop_of()
    with listening() as other:
        register(shop, "store/customer/updated", ear.url)
        register(shop, "store/hook/deliveryException", other.url)
        ear.status = 500
        shop.do("edit_customer", customer_id=3, company="Ada & Co")
        shop.shop.courier.carry()
        assert [one["data"]["code"] for one in other.said()] == [90_001]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scope": "store/order/*"}, "destination"),
        ({"destination": "https://shop.example/h"}, "scope"),
        ({"scope": "store/order/eaten", "destination": "https://shop.example/h"}, "scope"),
        ({"scope": "store/order/*", "destination": "http://shop.example/h"}, "destination"),
        ({"scope": "store/order/*", "destination": "https://shop.example:8443/h"}, "destination"),
        ({"scope": "store/order/*", "destination": "https://shop.example/h", "headers": {"a": 1}}, "headers"),
        ({"scope": "store/order/*", "destination": "https://shop.example/h", "is_active": "yes"}, "is_active"),
    ],
)
def test_what_is_no_hook_is_refused_by_the_field(body: dict[str, Any], field: str) -> None:
    answer = shop_of().send("POST", "/v3/hooks", body)
    assert (answer.status, list(answer.json()["errors"])) == (422, [field])


def test_a_real_shop_speaks_to_no_machine_of_its_own(ear: Ear) -> None:
    shop = shop_of(hooks_to_loopback=False)
    assert shop.send("POST", "/v3/hooks", {"scope": "store/order/*", "destination": ear.url}).status == 422


def test_a_scope_has_one_hook_for_a_destination_and_ten_in_all(ear: Ear) -> None:
    shop = shop_of()
    register(shop, "store/order/*", "https://shop.example/0")
    again = {"scope": "store/order/*", "destination": "https://shop.example/0"}
    assert shop.send("POST", "/v3/hooks", again).status == 422
    hooks = [register(shop, "store/order/*", f"https://shop.example/{n}") for n in range(1, 10)]
    assert shop.send("POST", "/v3/hooks", {**again, "destination": "https://shop.example/10"}).status == 422
    gone = shop.send("DELETE", f"/v3/hooks/{hooks[0]['id']}")
    assert (gone.status, gone.json()["data"]["id"]) == (200, hooks[0]["id"])
    register(shop, "store/order/*", "https://shop.example/10")


def test_events_come_in_any_order_if_told_so(ear: Ear) -> None:
    shop = shop_of()
    register(shop, "store/customer/updated", ear.url)
    shop.practice("hooks", {"shuffle": True})
    for n in range(1, 10):
        shop.do("edit_customer", customer_id=n, company="Ada & Co")
    shop.shop.courier.carry()
    ids = [one["data"]["id"] for one in ear.said()]
    assert sorted(ids) == list(range(1, 10))
    assert ids != sorted(ids)


def test_events_get_lost_come_twice_and_late_as_told(ear: Ear) -> None:
    shop = shop_of()
    register(shop, "store/customer/updated", ear.url)
    shop.practice("hooks", {"lose": 0.2, "twice": 0.2, "late": 0.3, "late_seconds": 900})
    for n in range(100):
        shop.do("edit_customer", customer_id=n % 9 + 1, company=f"Company {n}")
    at_once = shop.shop.courier.carry()
    wait(shop, 900)

    found = counts(shop)
    assert found["events"] == 100
    assert len(ear.heard) == 100 - found["lost"] + found["twice"]
    assert 0 < found["lost"] < 40
    assert 0 < found["twice"] < 40
    assert 0 < at_once < len(ear.heard)
    with pytest.raises(AssertionError, match="shares from 0 to 1"):
        shop.practice("hooks", {"lose": 2})


def test_a_hook_may_begin_a_minute_after_it_was_registered(ear: Ear) -> None:
    shop = shop_of(switches=Switches(hooks_begin="after_a_minute"))
    register(shop, "store/customer/updated", ear.url)
    shop.do("edit_customer", customer_id=3, company="Ada & Co")
    wait(shop, 60)
    shop.do("edit_customer", customer_id=3, company="Ada, again")
    assert shop.shop.courier.carry() == 1
