"""Orders written through the API: only what is sent changes, and a status brings along all that it brings."""

from typing import Any

import pytest

from tests.sandbox.conftest import Asker, Make
from tests.sandbox.test_stock import AT_SHIPPING, broken, numbers, place, stocked

PEOPLE = {
    "first_name": "Ada",
    "last_name": "Byron",
    "street_1": "1 Mill Lane",
    "zip": "HU1",
    "email": "ada@example.com",
}


@pytest.fixture
def shop(web: Make) -> Asker:
    return web()


def put(shop: Asker, order_id: int, **fields: Any) -> dict[str, Any]:
    response = shop.send("PUT", f"/v2/orders/{order_id}", fields)
    assert response.status == 200, response.body
    return dict(response.json())


def refused(shop: Asker, method: str, path: str, body: Any) -> tuple[int, str]:
    """The refusal of a write, which must have changed nothing."""
    before = shop.truth()
    response = shop.send(method, path, body)
    assert shop.truth() == before
    return response.status, response.json()[0]["message"]


def lines_of(shop: Asker, order_id: int) -> list[dict[str, Any]]:
    return list(shop.get(f"/v2/orders/{order_id}/products"))


def test_only_what_is_sent_changes_and_the_date_of_change_moves(shop: Asker) -> None:
    order_id = place(shop, stocked(shop), 2)["order_id"]
    before = shop.get(f"/v2/orders/{order_id}")
    shop.practice("clock", {"advance_seconds": 60})

    told = put(shop, order_id, staff_notes="call first", customer_message="by May", external_order_id="X-1")

    after = shop.get(f"/v2/orders/{order_id}")
    assert told == after
    assert {name: after[name] for name in after if after[name] != before[name]} == {
        "staff_notes": "call first",
        "customer_message": "by May",
        "external_order_id": "X-1",
        "date_modified": after["date_modified"],
    }


def test_a_write_tells_the_new_order_though_reads_are_late(web: Make) -> None:
    shop = web(read_lag_requests=2)
    order_id = shop.shop.state.orders.ids[0]

    told = put(shop, order_id, staff_notes="call first")["staff_notes"]

    assert told == "call first"
    assert [shop.get(f"/v2/orders/{order_id}")["staff_notes"] == told for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("status", [2, 10])
def test_an_order_called_shipped_has_a_date_of_shipment_and_its_goods_have_left(shop: Asker, status: int) -> None:
    order_id = place(shop, stocked(shop), 4)["order_id"]

    told = put(shop, order_id, status_id=status)

    assert (told["status_id"], told["date_shipped"]) == (status, told["date_modified"])
    assert numbers(shop) == (6, 6)


@pytest.mark.parametrize("status", [4, 5])
@pytest.mark.parametrize(("restocks", "shown"), [(True, 10), (False, 6)])
def test_cancelling_restocks_only_if_the_setting_says_so(web: Make, status: int, restocks: bool, shown: int) -> None:
    shop = web(settings={"refund_order_stock_adjustment": restocks})
    order_id = place(shop, stocked(shop), 4)["order_id"]

    put(shop, order_id, status_id=status)

    assert numbers(shop) == (10, shown)


def test_partly_refunded_never_restocks(shop: Asker) -> None:
    order_id = place(shop, stocked(shop), 4)["order_id"]

    put(shop, order_id, status_id=14)

    assert numbers(shop) == (10, 6)


def test_a_shop_that_deducts_at_shipping_does_so_when_the_status_says_shipped(web: Make) -> None:
    shop = web(settings=AT_SHIPPING)
    order_id = place(shop, stocked(shop), 4)["order_id"]
    placed = numbers(shop)

    put(shop, order_id, status_id=2)

    assert (placed, numbers(shop)) == ((10, 10), (6, 6))


@pytest.mark.parametrize(("mails", "about"), [(True, ["status 9"]), (False, [])])
def test_a_new_status_sends_a_mail_where_the_shop_sends_any(web: Make, mails: bool, about: list[str]) -> None:
    shop = web(switches={"status_mails": mails})
    order_id = place(shop, stocked(shop), 1)["order_id"]

    put(shop, order_id, status_id=9)
    put(shop, order_id, status_id=9, staff_notes="no news")

    assert [mail["about"] for mail in shop.truth()["messages"]] == about


@pytest.mark.parametrize(("adjusts", "shown"), [(True, [3, 8, 10]), (False, [6, 6, 6])])
def test_edited_lines_move_stock_only_if_the_setting_says_so(web: Make, adjusts: bool, shown: list[int]) -> None:
    shop = web(settings={"edit_order_stock_adjustment": adjusts})
    order = place(shop, stocked(shop), 4)
    seen = []
    for quantity in (7, 2, 0):
        put(shop, order["order_id"], products=[{"id": order["line_ids"][0], "quantity": quantity}])
        seen.append(numbers(shop)[1])

    assert seen == shown
    assert [line["quantity"] for line in lines_of(shop, order["order_id"])] == [0]


def test_a_line_without_an_id_is_added(shop: Asker) -> None:
    variant = stocked(shop)
    order_id = place(shop, variant, 1)["order_id"]
    product_id = shop.shop.state.variants.rows[variant].product_id

    custom = {"name": "Engraving", "quantity": 1, "price_ex_tax": 4.5, "price_inc_tax": "4.5"}
    put(shop, order_id, products=[{"product_id": product_id, "quantity": 3}, custom])

    added = lines_of(shop, order_id)[1:]
    assert [(line["product_id"], line["quantity"]) for line in added] == [(product_id, 3), (0, 1)]
    assert (added[1]["name"], added[1]["price_ex_tax"]) == ("Engraving", "4.5000")
    assert numbers(shop) == (10, 6)


@pytest.mark.parametrize("way", ["variant_id", "product_options"])
def test_a_product_in_sizes_is_added_by_variant_or_by_its_options(shop: Asker, way: str) -> None:
    sizes = [{"sku": "T-S", "stock": 5}, {"sku": "T-M", "stock": 5}]
    tee = shop.do("create_product", name="Tee", sku="T", variants=sizes)
    order_id = place(shop, stocked(shop), 1)["order_id"]
    medium = shop.get(f"/v3/catalog/products/{tee['product_id']}/variants/{tee['variant_ids'][1]}")["data"]
    value = medium["option_values"][0]
    named = {
        "variant_id": medium["id"],
        "product_options": [{"id": value["option_id"], "value": str(value["id"])}],
    }

    put(shop, order_id, products=[{"product_id": tee["product_id"], "quantity": 1, way: named[way]}])

    assert lines_of(shop, order_id)[1]["sku"] == "T-M"
    unnamed = {"products": [{"product_id": tee["product_id"], "quantity": 1}]}
    assert refused(shop, "PUT", f"/v2/orders/{order_id}", unnamed)[0] == 400


def test_an_edited_line_loses_its_share_of_the_discount_and_the_others_keep_theirs(shop: Asker) -> None:
    for sku, cents in (("L", 3000), ("M", 1000)):
        shop.do("create_product", name=sku, sku=sku, cents=cents, stock=9)
    order = shop.do("place_order", lines=[{"sku": "L"}, {"sku": "M"}])
    shop.shop.state.orders.rows[order["order_id"]].discount = 400

    put(shop, order["order_id"], products=[{"id": order["line_ids"][0], "quantity": 2}])
    once = shop.get(f"/v2/orders/{order['order_id']}")["discount_amount"]
    put(shop, order["order_id"], products=[{"id": order["line_ids"][0], "quantity": 3}])

    twice = shop.get(f"/v2/orders/{order['order_id']}")["discount_amount"]
    put(shop, order["order_id"], products=[{"id": order["line_ids"][1], "quantity": 1}])

    assert (once, twice) == ("1.0000", "1.0000")
    assert shop.get(f"/v2/orders/{order['order_id']}")["discount_amount"] == "0.0000"


def test_a_line_takes_another_name_and_price(shop: Asker) -> None:
    order = place(shop, stocked(shop), 1)
    fields = {"id": order["line_ids"][0], "name": "Lamp, chipped", "price_ex_tax": "7.1234", "price_inc_tax": 8}

    put(shop, order["order_id"], products=[fields])

    line = lines_of(shop, order["order_id"])[0]
    assert (line["name"], line["price_ex_tax"], line["quantity"]) == ("Lamp, chipped", "7.1234", 1)


WRONG: list[dict[str, Any]] = [
    {"status_id": 15},
    {"status_id": "2"},
    {"staff_notes": "x" * 65_536},
    {"customer_id": 10**6},
    {"channel_id": 99},
    {"external_merchant_id": "again"},
    {"fees": []},
    {"products": []},
    {"products": [{"id": 10**9, "quantity": 1}]},
    {"products": [{"id": "line", "quantity": -1}]},
    {"products": [{"id": "line", "quantity": 1}]},
    {"products": [{"id": "line", "price_ex_tax": 3}]},
    {"products": [{"id": "line", "product_id": 1}]},
    {"products": [{"id": "line", "quantity": 9}, {"product_id": 10**9, "quantity": 1}]},
    {"products": [{"name": "Engraving", "quantity": 1}]},
    {"status_id": 5, "products": [{"id": "line", "wrapping_id": 1}]},
]


@pytest.mark.parametrize("body", WRONG, ids=lambda body: str(body)[:60])
def test_a_write_that_makes_no_sense_is_refused_whole(shop: Asker, body: dict[str, Any]) -> None:
    order = place(shop, stocked(shop), 4)
    line = {"line_id": order["line_ids"][0], "quantity": 2}
    shop.do("ship", order_id=order["order_id"], lines=[line])
    if "products" in body:
        rows = [{**row, "id": order["line_ids"][0]} if row.get("id") == "line" else row for row in body["products"]]
        body = {**body, "products": rows}

    assert refused(shop, "PUT", f"/v2/orders/{order['order_id']}", body)[0] == 400


def test_a_custom_line_cannot_be_removed(shop: Asker) -> None:
    order_id = place(shop, stocked(shop), 1)["order_id"]
    put(shop, order_id, products=[{"name": "Engraving", "quantity": 1, "price_ex_tax": 1, "price_inc_tax": 1}])

    line = lines_of(shop, order_id)[1]["id"]
    assert refused(shop, "PUT", f"/v2/orders/{order_id}", {"products": [{"id": line, "quantity": 0}]})[0] == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_order_is_not_found(shop: Asker, method: str) -> None:
    assert shop.send(method, "/v2/orders/999999", {"status_id": 5}).status == 404


@pytest.mark.parametrize("listed", [True, False])
def test_a_deleted_order_is_only_archived(web: Make, listed: bool) -> None:
    shop = web(switches={"archived_orders_listed": listed})
    order_id = place(shop, stocked(shop), 4)["order_id"]

    assert shop.send("DELETE", f"/v2/orders/{order_id}").status == 204

    assert shop.get(f"/v2/orders/{order_id}")["is_deleted"] is True
    assert (order_id in [row["id"] for row in shop.get("/v2/orders", limit=250)]) is listed
    assert numbers(shop) == (10, 6)


def created(shop: Asker, **fields: Any) -> dict[str, Any]:
    response = shop.send("POST", "/v2/orders", {"billing_address": PEOPLE, **fields})
    assert response.status in {200, 201}, response.body
    return dict(response.json())


@pytest.mark.parametrize("status", ["200", "201"])
def test_an_order_made_through_the_api_takes_stock_and_sends_no_mail(web: Make, status: str) -> None:
    shop = web(switches={"created_status": status})
    variant = stocked(shop)
    product_id = shop.shop.state.variants.rows[variant].product_id
    body = {
        "billing_address": PEOPLE,
        "external_order_id": "A-1",
        "external_merchant_id": "M-1",
        "products": [{"product_id": product_id, "quantity": 3}],
    }

    response = shop.send("POST", "/v2/orders", body)

    order = response.json()
    assert response.status == int(status)
    assert (order["status_id"], order["order_source"], order["external_merchant_id"]) == (1, "external", "M-1")
    assert [row["id"] for row in shop.get("/v2/orders", external_order_id="A-1")] == [order["id"]]
    assert numbers(shop) == (10, 7)
    assert shop.truth()["messages"] == []
    assert broken(shop.shop) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"products": [{"product_id": 1}]},
        {"billing_address": PEOPLE},
        {"billing_address": {}, "products": [{"product_id": 1}]},
    ],
)
def test_an_order_without_an_address_or_products_is_refused(shop: Asker, body: dict[str, Any]) -> None:
    assert refused(shop, "POST", "/v2/orders", body)[0] == 400


@pytest.mark.parametrize(("adjusts", "status", "shown"), [(False, 11, 7), (False, 9, 5), (True, 11, 5)])
def test_whether_edits_of_an_order_made_ready_move_stock_is_a_switch(
    web: Make, adjusts: bool, status: int, shown: int
) -> None:
    shop = web(switches={"ready_orders_adjust": adjusts})
    product_id = shop.shop.state.variants.rows[stocked(shop)].product_id
    order = created(shop, status_id=status, products=[{"product_id": product_id, "quantity": 3}])

    put(shop, order["id"], products=[{"id": lines_of(shop, order["id"])[0]["id"], "quantity": 5}])

    assert numbers(shop) == (10, shown)


def out_of_stock(response: Any) -> list[tuple[int, int, int]]:
    """(location, available, for backorder) of a 409."""
    assert response.status == 409
    errors = response.json()[0]["details"]["errors"]
    assert {error["type"] for error in errors} == {"OutOfStock"}
    names = ("location_id", "available_quantity", "available_quantity_for_backorder")
    return [tuple(error[name] for name in names) for error in errors]


def backordering(web: Make, units: int, limit: int) -> tuple[Asker, int, int]:
    """A shop with native backorders, a variant of its own with a second location, and its product."""
    shop = web(switches={"backorders": True, "ready_orders_adjust": True})
    variant = stocked(shop, units, limit)
    shop.do("receive", variant_id=variant, location_id=2, quantity=1)
    return shop, variant, shop.shop.state.variants.rows[variant].product_id


def test_a_new_order_beyond_the_backorder_limit_is_a_409_that_names_what_is_left(web: Make) -> None:
    shop, variant, product_id = backordering(web, 2, 5)
    body = {"billing_address": PEOPLE, "status_id": 11, "products": [{"product_id": product_id, "quantity": 9}]}
    before = shop.truth()

    response = shop.send("POST", "/v2/orders", body)

    assert out_of_stock(response) == [(1, 2, 5), (2, 1, 0)]
    assert response.json()[0]["details"]["errors"][0]["variant_id"] == variant
    assert shop.truth() == before
    body["products"] = [{"product_id": product_id, "quantity": 8}]
    assert lines_of(shop, created(shop, **body)["id"])[0]["quantity_backordered"] == 5


def test_an_edit_beyond_the_backorder_limit_is_a_409_and_changes_nothing(web: Make) -> None:
    shop, variant, product_id = backordering(web, 2, 5)
    order = place(shop, variant, 4)
    before = shop.truth()
    edits = [{"id": order["line_ids"][0], "quantity": 7}, {"product_id": product_id, "quantity": 2}]

    response = shop.send("PUT", f"/v2/orders/{order['order_id']}", {"status_id": 9, "products": edits})

    assert out_of_stock(response) == [(1, 0, 4), (2, 0, 0)]
    assert shop.truth() == before
    edits[0]["quantity"] = 2
    put(shop, order["order_id"], products=edits)
    assert broken(shop.shop) == []


@pytest.mark.parametrize(("checks", "status"), [(True, 409), (False, 200)])
def test_whether_an_order_that_comes_back_is_refused_beyond_the_limit_is_a_switch(
    web: Make, checks: bool, status: int
) -> None:
    shop = web(switches={"backorders": True, "reopening_checks_stock": checks})
    variant = stocked(shop, 2, 5)
    order_id = place(shop, variant, 6, status=5)["order_id"]
    place(shop, variant, 4)

    response = shop.send("PUT", f"/v2/orders/{order_id}", {"status_id": 11})

    assert response.status == status
    assert status == 200 or out_of_stock(response) == [(1, 0, 3)]
    assert shop.get(f"/v2/orders/{order_id}")["status_id"] == (11 if status == 200 else 5)
    put(shop, order_id, status_id=6)


def test_without_native_backorders_more_than_there_is_can_be_ordered(shop: Asker) -> None:
    product_id = shop.shop.state.variants.rows[stocked(shop, 2)].product_id

    created(shop, status_id=11, products=[{"product_id": product_id, "quantity": 9}])

    assert numbers(shop) == (2, 0)
