"""The store, its clock and settings, customers and groups, inventory, and who may ask at all."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox import Request, Shop, ShopConfig
from tests.sandbox.conftest import Asker, Make

SHOP = Asker(Shop(ShopConfig(seed=7, products=40, customers=70, orders=60)))


def test_the_clock_stands_still_until_it_is_moved(make: Make) -> None:
    shop = make()
    before = shop.get("/v2/time")["time"]

    assert shop.get("/v2/time")["time"] == before
    shop.practice("clock", {"advance_seconds": 90})
    assert shop.get("/v2/time")["time"] == before + 90
    assert shop.practice("clock", {"set": "2031-02-03T04:05:06Z"})["now"] == "2031-02-03T04:05:06Z"


@pytest.mark.parametrize("path", ["/v2/store", "/v3/catalog/products", "/v3/inventory/items"])
@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": "wrong"}])
def test_without_the_right_token_nothing_is_told(path: str, headers: dict[str, str]) -> None:
    response = SHOP.shop.handle(Request("GET", f"/stores/practice{path}", headers=headers))

    assert response.status == 401
    assert isinstance(response.json(), list) == path.startswith("/v2")


def test_another_store_is_forbidden_and_an_unknown_path_is_not_found() -> None:
    token = {"X-Auth-Token": SHOP.shop.config.token}

    assert SHOP.shop.handle(Request("GET", "/stores/other/v2/store", headers=token)).status == 403
    assert SHOP.shop.handle(Request("GET", "/nowhere", headers=token)).status == 404
    assert SHOP.send("GET", "/v2/nothing").json()[0]["status"] == 404
    assert SHOP.send("GET", "/v3/nothing").json()["status"] == 404


def test_a_method_that_a_path_does_not_take_is_a_405() -> None:
    assert SHOP.send("PATCH", "/v3/catalog/products").status == 405
    assert SHOP.send("DELETE", "/v2/store").status == 405


def test_a_channel_has_null_for_what_it_inherits(make: Make) -> None:
    shop = make()
    shop.do("set_setting", name="edit_order_stock_adjustment", value=False, channel_id=2)

    own = shop.get("/v3/settings/inventory", channel_id=2)["data"]

    assert own["edit_order_stock_adjustment"] is False
    assert own["update_stock_behavior"] is None
    assert shop.get("/v3/settings/inventory")["data"]["edit_order_stock_adjustment"] is True


@pytest.mark.parametrize("limit", [1, 7, 50, 250])
def test_customers_can_be_walked_by_cursor(limit: int) -> None:
    ids: list[int] = []
    after: dict[str, Any] = {}
    while True:
        body = SHOP.get("/v3/customers", limit=limit, **after)
        ids += [row["id"] for row in body["data"]]
        cursor = body["meta"]["cursor_pagination"]
        if "next" not in cursor["links"]:
            break
        after = {"after": cursor["end_cursor"]}

    assert ids == SHOP.shop.state.customers.ids


def test_a_cursor_walks_back_as_well() -> None:
    second = SHOP.get("/v3/customers", limit=10, page=2)
    first = SHOP.get("/v3/customers", limit=10, before=second["meta"]["cursor_pagination"]["start_cursor"])

    assert [row["id"] for row in first["data"]] == list(range(1, 11))


def test_the_links_of_a_cursor_keep_the_filters() -> None:
    groups = {"customer_group_id:in": "1,2,3"}
    wanted = [row["id"] for row in SHOP.data("/v3/customers", limit=250, **groups)]
    ids: list[int] = []
    query = urlencode({**groups, "limit": 2, "include": "storecredit"})
    while True:
        token = {"X-Auth-Token": SHOP.shop.config.token}
        body = SHOP.shop.handle(Request("GET", "/stores/practice/v3/customers", query, token)).json()
        ids += [row["id"] for row in body["data"]]
        assert all("store_credit_amounts" in row for row in body["data"])
        links = body["meta"]["cursor_pagination"]["links"]
        if "next" not in links:
            break
        query = links["next"].removeprefix("?")

    assert ids == wanted
    assert len(ids) > 4


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_cursor_whose_row_is_gone_still_leads_on(small: Asker, direction: str) -> None:
    order = small.shop.state.orders.ids[0]
    note = {"permission_set": "app_only", "namespace": "ours", "value": "v"}
    base = f"/v3/orders/{order}/metafields"
    made = [small.send("POST", base, {**note, "key": str(n)}).json()["data"]["id"] for n in range(6)]
    made = made if direction == "asc" else made[::-1]
    walk = {"limit": 2, "namespace": "ours", "direction": direction}
    cursor = small.get(base, **walk)["meta"]["cursor_pagination"]
    small.send("DELETE", f"{base}/{made[1]}")

    assert [row["id"] for row in small.data(base, after=cursor["end_cursor"], **walk)] == made[2:4]
    assert [row["id"] for row in small.data(base, before=cursor["end_cursor"], **walk)] == made[:1]


def test_a_broken_cursor_is_refused() -> None:
    assert SHOP.send("GET", "/v3/customers", after="not a cursor").status == 422


def test_customers_are_found_by_mail_name_and_group() -> None:
    everybody = SHOP.data("/v3/customers", limit=250)
    one = everybody[12]

    assert SHOP.data("/v3/customers", **{"email:in": one["email"]}) == [one]
    assert one in SHOP.data("/v3/customers", limit=250, **{"name:like": one["last_name"][1:4]})
    grouped = SHOP.data("/v3/customers", limit=250, **{"customer_group_id:in": "1,2,3"})
    assert grouped == [row for row in everybody if row["customer_group_id"]]


def test_customers_can_be_sorted_by_change() -> None:
    stamps = [row["date_modified"] for row in SHOP.data("/v3/customers", limit=250, sort="date_modified:asc")]

    assert stamps == sorted(stamps)


@pytest.mark.parametrize(("zone", "seen"), [("utc", True), ("store", False)])
def test_the_zone_of_a_filter_without_offset_is_a_switch(make: Make, zone: str, seen: bool) -> None:
    shop = make(seed=2, customers=5, switches={"zoneless_filters": zone})
    assert shop.get("/v2/store")["timezone"]["raw_offset"] < 0
    newest = max(row["date_modified"] for row in shop.data("/v3/customers"))

    found = shop.data("/v3/customers", **{"date_modified:min": newest.removesuffix("Z")})

    assert bool(found) is seen


def test_groups_have_bare_dates() -> None:
    groups = SHOP.get("/v2/customer_groups")

    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", group["date_created"]) for group in groups)
    assert SHOP.send("GET", "/v2/customer_groups", name="Nobody").status == 204


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"name:like": "sale"}, ["Wholesale"]),
        ({"name": "VIP"}, ["VIP"]),
        ({"is_default": "true"}, None),
        ({"is_default": "false", "limit": 2}, ["Wholesale", "VIP"]),
        ({"is_group_for_guests": "true"}, None),
        ({"date_created:max": "2001-01-01T00:00:00"}, None),
        ({"date_modified:min": "2001-01-01T00:00:00", "page": 2, "limit": 2}, ["Staff"]),
    ],
    ids=str,
)
def test_groups_are_filtered(params: dict[str, Any], names: list[str] | None) -> None:
    found = SHOP.get("/v2/customer_groups", **params)

    assert (found and [group["name"] for group in found]) == names


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"storefront_visibility": "false"}, 0),
        ({"managed_by_external_source": "false"}, 3),
        ({"is_default": "true"}, 1),
        ({"location_id:in": "2,3"}, 2),
        ({"type_id:in": "VIRTUAL"}, 0),
    ],
    ids=str,
)
def test_locations_are_filtered(params: dict[str, Any], count: int) -> None:
    assert len(SHOP.data("/v3/inventory/locations", **params)) == count


def test_every_counted_item_is_in_the_inventory_once() -> None:
    ids: list[tuple[Any, Any]] = []
    page = 1
    while rows := SHOP.data("/v3/inventory/items", limit=33, page=page):
        ids += [(row["identity"]["product_id"], row["identity"].get("variant_id")) for row in rows]
        page += 1

    assert len(ids) == len(set(ids)) == len(SHOP.shop.state.items)


def test_to_sell_is_on_hand_without_the_safety_stock() -> None:
    for item in SHOP.data("/v3/inventory/items", limit=1000):
        for place in item["locations"]:
            assert place["available_to_sell"] == place["total_inventory_onhand"] - place["settings"]["safety_stock"]
            assert "qty_backordered" not in place


def test_items_at_a_location_agree_with_the_list_of_all() -> None:
    everywhere = {
        row["identity"]["sku"]: place["total_inventory_onhand"]
        for row in SHOP.data("/v3/inventory/items", limit=1000, **{"location_id:in": 2})
        for place in row["locations"]
    }
    here = {
        r["identity"]["sku"]: r["total_inventory_onhand"]
        for r in SHOP.data("/v3/inventory/locations/2/items", limit=1000)
    }

    assert everywhere == here != {}


def test_items_are_found_by_sku_product_and_variant() -> None:
    one = next(row for row in SHOP.data("/v3/inventory/items", limit=1000) if row["identity"].get("sku_id"))

    for name in ("sku", "variant_id"):
        assert SHOP.data("/v3/inventory/items", **{f"{name}:in": one["identity"][name]}) == [one]
    assert one in SHOP.data("/v3/inventory/items", **{"product_id:in": one["identity"]["product_id"]})


def test_untracked_and_digital_products_are_not_in_the_inventory() -> None:
    listed = {row["identity"]["product_id"] for row in SHOP.data("/v3/inventory/items", limit=1000)}
    untracked = {product.id for product in SHOP.shop.state.products if product.tracking == "none"}

    assert untracked
    assert not listed & untracked


def test_inventory_errors_are_problem_documents() -> None:
    response = SHOP.send("GET", "/v3/inventory/locations/99/items")

    assert (response.status, response.content_type) == (404, "application/problem+json")
