"""Orders as callers see them: formats, filters, what comes below an order."""

import re
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from sandbox import Shop, ShopConfig
from sandbox.generate.profile import make_profile
from tests.sandbox.conftest import Asker, Make

SHOP = Asker(Shop(ShopConfig(seed=5, products=60, customers=30, orders=180)))
ORDERS: list[dict[str, Any]] = SHOP.get("/v2/orders", limit=250)
MONEY = re.compile(r"-?\d+\.\d{4}")
RFC_2822 = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000")


def lines_of(shop: Asker, order_id: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    page = 1
    while rows := shop.get(f"/v2/orders/{order_id}/products", page=page, limit=50):
        lines += rows
        page += 1
    return lines


def test_orders_are_a_bare_list_by_id() -> None:
    ids = [order["id"] for order in ORDERS]

    assert ids == sorted(ids)
    assert len(ids) == 180


def test_money_is_text_with_four_decimals() -> None:
    for order in ORDERS:
        assert all(MONEY.fullmatch(order[name]) for name in ("total_inc_tax", "subtotal_ex_tax", "refunded_amount"))
    assert {order["refunded_amount"] for order in ORDERS} == {"0.0000"}


def test_dates_are_rfc_2822_in_utc_and_empty_when_unset() -> None:
    assert all(RFC_2822.fullmatch(order["date_modified"]) for order in ORDERS)
    assert "" in {order["date_shipped"] for order in ORDERS}


def test_an_order_adds_up() -> None:
    for order in ORDERS[:40]:
        lines = lines_of(SHOP, order["id"])
        assert sum(line["quantity"] for line in lines) == order["items_total"]
        assert sum(line["quantity_shipped"] for line in lines) == order["items_shipped"]
        assert sum(Decimal(line["total_ex_tax"]) for line in lines) == Decimal(order["subtotal_ex_tax"])


def test_an_empty_list_is_a_204_without_a_body() -> None:
    response = SHOP.send("GET", "/v2/orders", min_id=10**9)

    assert (response.status, response.body) == (204, b"")


def test_an_unknown_order_is_a_404_in_the_shape_of_v2() -> None:
    response = SHOP.send("GET", "/v2/orders/999999")

    assert response.status == 404
    assert response.json()[0]["status"] == 404


def test_a_walk_by_id_holds_every_order_once() -> None:
    seen = [0]
    while rows := SHOP.get("/v2/orders", min_id=seen[-1] + 1, limit=37, sort="id:asc"):
        seen += [order["id"] for order in rows]
    assert seen[1:] == [order["id"] for order in ORDERS]


@pytest.mark.parametrize(
    "name", ["status_id", "customer_id", "channel_id", "payment_method", "cart_id", "external_order_id"]
)
def test_a_filter_keeps_exactly_what_equals(name: str) -> None:
    wanted = ORDERS[-3][name] if name != "external_order_id" else next(o[name] for o in ORDERS if o[name])

    found = SHOP.get("/v2/orders", limit=250, **{name: wanted})

    assert found == [order for order in ORDERS if order[name] == wanted]


def test_totals_can_be_bounded() -> None:
    found = SHOP.get("/v2/orders", limit=250, min_total="50.00", max_total="120.00")

    assert found == [order for order in ORDERS if 50 <= Decimal(order["total_inc_tax"]) <= 120]


@pytest.mark.parametrize("form", [str, lambda text: parsedate_to_datetime(text).isoformat()], ids=["rfc2822", "iso"])
def test_changes_since_a_moment_are_found_in_either_form(form: Any) -> None:
    by_change = sorted(ORDERS, key=lambda order: parsedate_to_datetime(order["date_modified"]))
    since = by_change[-20]["date_modified"]

    found = SHOP.get("/v2/orders", limit=250, min_date_modified=form(since), sort="date_modified:asc")

    assert [order["id"] for order in found] == [order["id"] for order in by_change[-20:]]


def test_an_offset_that_was_not_encoded_is_refused() -> None:
    from sandbox import Request

    token = {"X-Auth-Token": SHOP.shop.config.token}
    query = "min_date_modified=2026-01-01T00:00:00+00:00"
    response = SHOP.shop.handle(Request("GET", "/stores/practice/v2/orders", query, token))

    assert response.status == 400


@pytest.mark.parametrize("sort", ["id", "customer_id", "date_created", "date_modified", "status_id", "channel_id"])
def test_sorting_down_is_possible_for_each_documented_field(sort: str) -> None:
    rows = SHOP.get("/v2/orders", limit=250, sort=f"{sort}:desc")
    values = [parsedate_to_datetime(row[sort]) if "date" in sort else row[sort] for row in rows]

    assert values == sorted(values, reverse=True)
    assert len(rows) == len(ORDERS)


def test_the_count_tells_all_statuses() -> None:
    counted = SHOP.get("/v2/orders/count")

    assert counted["count"] == len(ORDERS)
    assert {row["id"]: row["count"] for row in counted["statuses"] if row["count"]} == {
        status: sum(order["status_id"] == status for order in ORDERS) for status in {o["status_id"] for o in ORDERS}
    }


def test_included_lines_are_the_same_lines_without_dimensions() -> None:
    small = next(order for order in ORDERS if order["shipping_address_count"] == 1 and not order["order_is_digital"])
    params = {"include": "consignments.line_items", "consignment_structure": "object"}

    consignments = SHOP.get(f"/v2/orders/{small['id']}", **params)["consignments"]
    inside = [line for part in (*consignments["shipping"], *consignments["downloads"]) for line in part["line_items"]]

    lines = lines_of(SHOP, small["id"])
    assert sorted(line["id"] for line in inside) == sorted(line["id"] for line in lines)
    assert all("width" not in line for line in inside)
    assert all("width" in line for line in lines)


def test_included_lines_stop_at_fifty_with_a_warning() -> None:
    large = next(order for order in SHOP.shop.state.orders if len(order.lines) > 50)
    params = {"include": "consignments.line_items", "consignment_structure": "object"}

    parts = SHOP.get(f"/v2/orders/{large.id}", **params)["consignments"]["shipping"]

    cut = [part for part in parts if "__warning__" in part]
    assert [len(part["line_items"]) for part in cut] == [50]
    assert len(lines_of(SHOP, large.id)) == len(large.lines)


def test_an_order_of_downloads_gets_an_address_with_its_first_physical_line(small: Asker) -> None:
    book = small.do("create_product", name="Book", sku="B-1", tracking="none", type="digital")["product_id"]
    lamp = small.do("create_product", name="Lamp", sku="L-1", stock=9)["product_id"]
    order = small.do("place_order", lines=[{"product_id": book}])["order_id"]
    before = small.send("GET", f"/v2/orders/{order}/shipping_addresses").status
    small.do("add_line", order_id=order, product_id=lamp)
    small.do("add_line", order_id=order, product_id=lamp)
    other = small.do("place_order", lines=[{"product_id": lamp}])["order_id"]

    (address,) = small.get(f"/v2/orders/{order}/shipping_addresses")
    (foreign,) = small.get(f"/v2/orders/{other}/shipping_addresses")
    parts = small.get(f"/v2/orders/{order}/consignments", include="consignments.line_items")
    assert before == 204
    assert [line["order_address_id"] for line in lines_of(small, order)] == [0, address["id"], address["id"]]
    assert [len(part["line_items"]) for part in (*parts["shipping"], *parts["downloads"])] == [2, 1]
    assert foreign["id"] != address["id"]


def test_without_the_structure_parameter_consignments_have_their_legacy_shape() -> None:
    assert isinstance(SHOP.get(f"/v2/orders/{ORDERS[0]['id']}", include="consignments")["consignments"], list)
    assert set(ORDERS[0]["consignments"]) == {"url", "resource"}


def test_a_shipment_goes_to_one_address() -> None:
    shop = Asker(Shop(ShopConfig(seed=5, products=60, customers=30, orders=2000)))
    order = next(
        order
        for order in shop.shop.state.orders
        if order.address_count == 2 and order.status == 11 and not order.shipments
    )
    physical = [line for line in order.lines if line.kind != "digital"]
    all_of_it = [{"line_id": line.id, "quantity": line.quantity} for line in physical]
    (told,) = shop.practice("shop", {"action": "ship", "order_id": order.id, "lines": all_of_it, "force": True})
    for _ in range(2):
        shop.do("ship", order_id=order.id, force=True)

    shipments = shop.get(f"/v2/orders/{order.id}/shipments")
    assert "more than one address" in told["refused"]
    assert [shipment["order_address_id"] for shipment in shipments] == [order.address_id, order.address_id + 1]
    addresses = {line.id: line.address for line in physical}
    for shipment in shipments:
        assert {addresses[item["order_product_id"]] for item in shipment["items"]} == {shipment["order_address_id"]}
    assert all(line.shipped == line.quantity for line in physical)


def test_a_custom_line_cannot_be_removed() -> None:
    shop = Asker(Shop(ShopConfig(seed=5, products=60, customers=30, orders=2000)))
    order, line = next(
        (order, line)
        for order in shop.shop.state.orders
        for line in order.lines
        if line.kind == "custom" and not line.shipped and not line.refunded
    )
    (told,) = shop.practice("shop", {"action": "remove_line", "order_id": order.id, "line_id": line.id})

    assert "custom product" in told["refused"]
    assert line.quantity == 1


def test_shipments_carry_what_lines_say_has_shipped() -> None:
    for order in ORDERS:
        sent: dict[int, int] = {}
        for shipment in SHOP.get(f"/v2/orders/{order['id']}/shipments") or []:
            for item in shipment["items"]:
                sent[item["order_product_id"]] = sent.get(item["order_product_id"], 0) + item["quantity"]
        shipped = {line["id"]: line["quantity_shipped"] for line in lines_of(SHOP, order["id"])}
        assert sent == {line_id: units for line_id, units in shipped.items() if units}


def test_refunds_carry_what_lines_say_was_refunded() -> None:
    refunds = SHOP.data("/v3/orders/payment_actions/refunds", limit=250)
    assert refunds
    for refund in refunds:
        lines = {line["id"]: line for line in lines_of(SHOP, refund["order_id"])}
        assert all(lines[item["item_id"]]["quantity_refunded"] == item["quantity"] for item in refund["items"])


def test_a_refund_gives_back_what_the_line_cost_with_its_tax(make: Make) -> None:
    shop = make(seed=next(s for s in range(99) if make_profile(s, "pro").tax_rate == 1900))
    lamp = shop.do("create_product", name="Lamp", sku="L-1", cents=2000, stock=9)["product_id"]
    order = shop.do("place_order", lines=[{"product_id": lamp}])["order_id"]
    refund_id = shop.do("refund", order_id=order)["refund_id"]

    refund = shop.get(f"/v3/orders/payment_actions/refunds/{refund_id}")["data"]
    assert [line["refund_amount"] for line in lines_of(shop, order)] == ["23.8000"]
    assert (refund["total_amount"], refund["total_tax"]) == (23.8, 3.8)
    assert refund["items"][0]["requested_amount"] == "23.80"


def test_refunds_are_found_by_order_and_by_moment_including_its_own_second() -> None:
    first, *_, last = SHOP.data("/v3/orders/payment_actions/refunds", limit=250)

    assert first in SHOP.data("/v3/orders/payment_actions/refunds", **{"order_id:in": first["order_id"]})
    assert last in SHOP.data(
        "/v3/orders/payment_actions/refunds", **{"created:min": last["created"], "created:max": last["created"]}
    )


@pytest.mark.parametrize(("listed", "fewer"), [(True, 0), (False, 1)])
def test_whether_archived_orders_stay_in_the_list_is_a_switch(make: Make, listed: bool, fewer: int) -> None:
    shop = make(switches={"archived_orders_listed": listed})
    before = shop.get("/v2/orders", limit=250)
    order_id = before[3]["id"]
    shop.do("archive_order", order_id=order_id)

    assert len(shop.get("/v2/orders", limit=250)) == len(before) - fewer
    assert shop.get(f"/v2/orders/{order_id}")["is_deleted"] is True


def test_all_fifteen_statuses_are_told() -> None:
    assert {row["id"] for row in SHOP.get("/v2/order_statuses")} == set(range(15))
