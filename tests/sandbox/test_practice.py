"""The practice endpoints: requests counted, actions done or refused, the truth told."""

import copy
import dataclasses
import json
import pickle
from typing import Any

import httpx
import pytest

from sandbox import Request, Running, Shop, ShopConfig, Switches
from sandbox.switches import CHOICES
from tests.sandbox.conftest import Asker


def test_requests_are_counted_with_their_ids_left_out(small: Asker) -> None:
    first, second = small.shop.state.orders.ids[:2]
    for path in (f"/v2/orders/{first}", f"/v2/orders/{second}", f"/v2/orders/{first}/products", "/v2/orders"):
        small.send("GET", path)
    small.send("DELETE", f"/v3/orders/{first}/metafields/7")

    assert small.practice("requests", method="GET") == {
        "DELETE /v3/orders/{id}/metafields/{id}": 1,
        "GET /v2/orders": 1,
        "GET /v2/orders/{id}": 2,
        "GET /v2/orders/{id}/products": 1,
    }


def test_writes_are_kept_with_their_bodies_and_answers(running: Running, client: httpx.Client) -> None:
    order_id = client.get("/v2/orders", params={"limit": 1}).json()[0]["id"]
    client.post(f"/v3/orders/{order_id}/metafields", json={"key": "k"})

    (write,) = httpx.get(f"{running.root}/_practice/requests", params={"bodies": 1}).json()["writes"]
    assert (write["method"], write["path"], write["status"]) == ("POST", f"/v3/orders/{order_id}/metafields", 422)
    assert json.loads(write["body"]) == {"key": "k"}
    httpx.delete(f"{running.root}/_practice/requests")
    assert httpx.get(f"{running.root}/_practice/requests").json() == {}


def test_the_truth_has_all_its_parts_or_only_some(small: Asker) -> None:
    parts = {"clock", "settings", "switches", "stock", "orders", "customers", "groups", "messages", "refused"}
    parts |= {"transactions", "purchase_orders"}
    some = small.shop.handle(Request("GET", "/_practice/state", "only=clock,stock")).json()

    assert set(small.truth()) == parts
    assert set(some) == {"clock", "stock"}
    assert small.shop.handle(Request("GET", "/_practice/state", "only=gold")).status == 400


def test_the_truth_names_every_counted_item_even_with_dirty_skus(small: Asker) -> None:
    stock = small.truth()["stock"]

    assert len(stock) == len(small.shop.state.items)
    assert any("#" in sku for sku in stock)


def test_the_truth_agrees_with_the_answers(small: Asker) -> None:
    for order in small.truth()["orders"]:
        lines: list[dict[str, Any]] = []
        page = 1
        while rows := small.get(f"/v2/orders/{order['id']}/products", page=page):
            lines, page = lines + rows, page + 1
        told = [(line["id"], line["quantity"], line["quantity_shipped"]) for line in order["lines"]]
        assert told == [(line["id"], line["quantity"], line["quantity_shipped"]) for line in lines]


def test_a_list_of_actions_goes_on_after_a_refused_one(small: Asker) -> None:
    order_id = small.shop.state.orders.ids[-1]
    told = small.practice(
        "shop",
        [
            {"action": "set_status", "order_id": 10**9, "status": 5},
            {"action": "dance"},
            "nothing",
            {"action": "set_status", "order_id": order_id, "status": 12},
        ],
    )

    assert ["refused" in outcome for outcome in told] == [True, True, True, False]
    assert small.get(f"/v2/orders/{order_id}")["status_id"] == 12
    assert len(small.truth()["refused"]) == 3


@pytest.mark.parametrize(
    "entry",
    [
        {"action": "place_order", "lines": []},
        {"action": "place_order", "lines": [{"sku": "no such thing", "quantity": 1}]},
        {"action": "place_order", "lines": [{"product_id": 77, "quantity": 0}]},
        {"action": "place_order", "lines": [{"product_id": 77, "quantity": 1}], "customer_id": 10**6},
        {"action": "place_order", "lines": [{"product_id": 77, "quantity": 1}], "status": 15},
        {"action": "set_stock", "product_id": 77, "number": -(10**10)},
        {"action": "receive", "product_id": 77, "location_id": 9, "quantity": 1},
        {"action": "set_setting", "name": "colour", "value": 1},
        {"action": "set_setting", "name": "update_stock_behavior", "value": "sometimes"},
        {"action": "delete_product"},
        {"action": "set_tracking", "product_id": 77, "tracking": "by eye"},
        {"action": "refund", "order_id": 100, "lines": [{"line_id": 1, "quantity": 10**6}]},
        {"action": "place_order", "lines": [1]},
        {"action": "place_order", "lines": [{"product_id": 77}, {"product_id": 10**6}]},
        {"action": "place_order", "lines": [{"product_id": 77, "quantity": 10**18}]},
        {"action": "place_order", "lines": [{"product_id": 77}], "source": 5},
        {"action": "create_product", "name": "Tee", "sku": "T", "variants": True},
        {"action": "create_product", "name": "Tee", "sku": "T", "variants": [{"sku": "T-S"}, {"sku": 5}]},
        {"action": "create_product", "sku": "T"},
    ],
    ids=str,
)
def test_an_action_that_makes_no_sense_is_refused_and_changes_nothing(small: Asker, entry: dict[str, Any]) -> None:
    refuses(small, entry)


@pytest.mark.parametrize(
    "entry",
    [
        {"action": "ship", "carrier": 5},
        {"action": "ship", "tracking_number": None},
        {"action": "ship", "lines": [{"quantity": 1}, {"quantity": 2}]},
        {"action": "ship", "lines": []},
        {"action": "refund", "lines": [{"quantity": 1}, {"quantity": 2}]},
        {"action": "refund", "lines": []},
        {"action": "refund", "lines": 7},
        {"action": "refund", "lines": [{"quantity": 1}], "reason": 5},
        {"action": "refund", "status": 99},
    ],
    ids=str,
)
def test_an_odd_action_on_an_order_changes_nothing(small: Asker, entry: dict[str, Any]) -> None:
    lamp = small.do("create_product", name="Lamp", sku="L-1", stock=9)["variant_ids"][0]
    order = small.do("place_order", lines=[{"variant_id": lamp, "quantity": 2}])
    parts = entry.get("lines")
    if isinstance(parts, list):
        entry = {**entry, "lines": [{"line_id": order["line_ids"][0], **part} for part in parts]}

    refuses(small, {**entry, "order_id": order["order_id"]})


def test_a_line_cannot_shrink_below_what_was_refunded_and_nothing_is_refunded_twice(small: Asker) -> None:
    lamp = small.do("create_product", name="Lamp", sku="L-1", stock=9)["variant_ids"][0]
    order = small.do("place_order", lines=[{"variant_id": lamp, "quantity": 4}])
    small.do("refund", order_id=order["order_id"])

    refuses(
        small, {"action": "edit_line", "order_id": order["order_id"], "line_id": order["line_ids"][0], "quantity": 1}
    )
    refuses(small, {"action": "refund", "order_id": order["order_id"]})


@pytest.mark.parametrize("status", [4, 5])
def test_a_closed_order_ships_only_by_force(small: Asker, status: int) -> None:
    lamp = small.do("create_product", name="Lamp", sku="L-1", stock=9)["variant_ids"][0]
    order = small.do("place_order", lines=[{"variant_id": lamp, "quantity": 2}])["order_id"]
    small.do("set_status", order_id=order, status=status)

    refuses(small, {"action": "ship", "order_id": order})
    small.do("ship", order_id=order, force=True)


def refuses(shop: Asker, entry: dict[str, Any]) -> None:
    """The action is refused, and nothing at all is different, down to the next ids."""

    def everything() -> bytes:
        return pickle.dumps(dataclasses.replace(shop.shop.state, refused=[]))

    before = everything()
    (told,) = shop.practice("shop", entry)

    assert told["refused"]
    assert everything() == before


def test_a_renamed_sku_leaves_ordered_lines_as_they_were(small: Asker) -> None:
    variant = small.do("create_product", name="Lamp", sku="OLD-1", stock=5)["variant_ids"][0]
    order = small.do("place_order", lines=[{"sku": "OLD-1", "quantity": 1}])["order_id"]
    small.do("rename_sku", variant_id=variant, to="NEW-1")

    assert small.get(f"/v2/orders/{order}/products")[0]["sku"] == "OLD-1"
    assert small.data("/v3/inventory/items", **{"sku:in": "NEW-1"})[0]["identity"]["variant_id"] == variant
    assert [row["sku"] for row in small.data("/v3/catalog/products", sku="NEW-1")] == ["NEW-1"]


def test_a_deleted_product_is_gone_everywhere_but_in_orders(small: Asker) -> None:
    made = small.do("create_product", name="Lamp", sku="OLD-1", stock=5)
    order = small.do("place_order", lines=[{"sku": "OLD-1", "quantity": 1}])["order_id"]
    small.do("delete_product", product_id=made["product_id"])

    assert small.send("GET", f"/v3/catalog/products/{made['product_id']}").status == 404
    assert small.data("/v3/inventory/items", **{"sku:in": "OLD-1"}) == []
    assert small.get(f"/v2/orders/{order}/products")[0]["sku"] == "OLD-1"
    small.do("set_status", order_id=order, status=5)


def test_a_new_product_never_takes_the_id_of_a_deleted_one(small: Asker) -> None:
    first = small.do("create_product", name="Lamp", sku="A-1")
    small.do("delete_product", product_id=first["product_id"])
    second = small.do("create_product", name="Lamp", sku="A-1")

    assert second["product_id"] > first["product_id"]
    assert second["variant_ids"][0] > first["variant_ids"][0]


def test_a_product_can_come_in_sizes(small: Asker) -> None:
    sizes = [{"sku": "T-S", "label": "S", "stock": 3}, {"sku": "T-M", "label": "M"}]
    made = small.do("create_product", name="Tee", sku="T", variants=sizes)

    row = small.get(f"/v3/catalog/products/{made['product_id']}", include="variants,options")["data"]
    assert [v["sku"] for v in row["variants"]] == ["T-S", "T-M"]
    assert [o["label"] for o in row["options"][0]["option_values"]] == ["S", "M"]
    assert (row["base_variant_id"], row["inventory_level"]) == (None, 3)


def test_tracking_can_be_switched_off_and_on(small: Asker) -> None:
    made = small.do("create_product", name="Lamp", sku="L-1", stock=5)
    shown = []
    for tracking in ("none", "variant"):
        small.do("set_tracking", product_id=made["product_id"], tracking=tracking)
        shown.append(
            [
                r["locations"][0]["total_inventory_onhand"]
                for r in small.data("/v3/inventory/items", **{"sku:in": "L-1"})
            ]
        )

    assert shown == [[], [0]]


def test_prices_and_visibility_can_be_changed(small: Asker) -> None:
    product_id = small.shop.state.products.ids[0]
    small.do("set_price", product_id=product_id, cents=1234)
    small.do("set_visible", product_id=product_id, visible=False)

    row = small.get(f"/v3/catalog/products/{product_id}")["data"]
    assert (row["price"], row["is_visible"]) == (12.34, False)


def test_an_unknown_lever_is_not_found_and_a_wrong_body_is_told(small: Asker) -> None:
    assert small.shop.handle(Request("GET", "/_practice/gold")).status == 404
    assert small.shop.handle(Request("GET", "/_practice/shop")).status == 405
    assert small.shop.handle(Request("POST", "/_practice/shop", body=b"{")).status == 400
    assert small.shop.handle(Request("POST", "/_practice/clock", body=b"{}")).status == 400


def test_a_shop_can_go_on_from_a_copy_of_its_state(small: Asker) -> None:
    twin = Asker(Shop(small.shop.config))
    order_id = small.shop.state.orders.ids[0]
    twin.shop.state = copy.deepcopy(small.shop.state)
    twin.practice("clock", {"advance_seconds": 60})
    twin.do("set_status", order_id=order_id, status=12)

    assert small.get("/v2/time")["time"] == twin.get("/v2/time")["time"] - 60
    assert twin.get(f"/v2/orders/{order_id}")["status_id"] == 12
    assert small.get(f"/v2/orders/{order_id}")["status_id"] != 12


def test_every_switch_has_its_default_among_its_choices() -> None:
    defaults = Switches().as_dict()

    assert defaults.keys() == CHOICES.keys()
    assert all(defaults[name] in choices for name, choices in CHOICES.items())


def test_switches_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown switch"):
        Shop(ShopConfig(products=1, orders=0, switches={"weather": "fine"}))
    with pytest.raises(ValueError, match="is one of"):
        Switches.of({"over_limit": "shrug"})
    with pytest.raises(ValueError, match="quota"):
        ShopConfig(quota="endless")
