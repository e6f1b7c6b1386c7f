"""Shipments written through the API: partly, never more than is open, with their tracking."""

from typing import Any

import pytest

from tests.sandbox.conftest import Asker, Make
from tests.sandbox.test_order_writes import refused
from tests.sandbox.test_stock import AT_SHIPPING, numbers, place, stocked


@pytest.fixture
def shop(web: Make) -> Asker:
    return web()


def parcel(shop: Asker, order: dict[str, Any], units: int, **fields: Any) -> dict[str, Any]:
    address = shop.get(f"/v2/orders/{order['order_id']}/shipping_addresses")[0]["id"]
    items = [{"order_product_id": order["line_ids"][0], "quantity": units}]
    return {"order_address_id": address, "items": items, **fields}


def post(shop: Asker, order: dict[str, Any], units: int, **fields: Any) -> dict[str, Any]:
    response = shop.send("POST", f"/v2/orders/{order['order_id']}/shipments", parcel(shop, order, units, **fields))
    assert response.status == 201, response.body
    return dict(response.json())


@pytest.mark.parametrize(("sets", "statuses"), [(True, [3, 2]), (False, [11, 11])])
def test_an_order_ships_in_parts(web: Make, sets: bool, statuses: list[int]) -> None:
    shop = web(switches={"shipment_sets_status": sets})
    order = place(shop, stocked(shop), 4)
    seen = []
    for units in (1, 3):
        post(shop, order, units)
        told = shop.get(f"/v2/orders/{order['order_id']}")
        seen.append((told["status_id"], told["items_shipped"]))

    assert seen == [(statuses[0], 1), (statuses[1], 4)]
    assert shop.get(f"/v2/orders/{order['order_id']}/shipments/count") == {"count": 2}
    assert numbers(shop) == (6, 6)


def test_a_shipment_keeps_how_it_travels_and_sends_a_mail(shop: Asker) -> None:
    order = place(shop, stocked(shop), 2)
    fields = {
        "tracking_number": "T" * 50,
        "tracking_link": "https://t.example/1",
        "tracking_carrier": "dhl",
        "shipping_provider": "carrier_7",
        "shipping_method": "Overnight",
        "comments": "fragile",
        "merchant_shipping_cost": "3.5000",
    }

    made = post(shop, order, 1, **fields)

    kept = shop.get(f"/v2/orders/{order['order_id']}/shipments/{made['id']}")
    assert kept == made
    assert {name: made[name] for name in fields} == fields
    assert made["items"] == [{**made["items"][0], "order_product_id": order["line_ids"][0], "quantity": 1}]
    assert "shipment" in [mail["about"] for mail in shop.truth()["messages"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"order_address_id": None},
        {"order_address_id": 10**8},
        {"items": []},
        {"items": [{"order_product_id": 10**8, "quantity": 1}]},
        {"items": [{"quantity": 1}]},
        {"tracking_number": "T" * 51},
        {"tracking_link": "h" * 501},
        {"shipping_provider": "pigeon"},
    ],
    ids=str,
)
def test_a_shipment_that_makes_no_sense_is_refused(shop: Asker, fields: dict[str, Any]) -> None:
    order = place(shop, stocked(shop), 4)
    body = {**parcel(shop, order, 1), **fields}

    assert refused(shop, "POST", f"/v2/orders/{order['order_id']}/shipments", body)[0] == 400


@pytest.mark.parametrize("missing", ["order_address_id", "items"])
def test_a_shipment_needs_an_address_and_items(shop: Asker, missing: str) -> None:
    order = place(shop, stocked(shop), 4)
    body = parcel(shop, order, 1)
    del body[missing]

    assert refused(shop, "POST", f"/v2/orders/{order['order_id']}/shipments", body) == (
        400,
        f"The field '{missing}' is required",
    )


def test_more_than_is_open_cannot_be_shipped_nor_a_cancelled_order(shop: Asker) -> None:
    order = place(shop, stocked(shop), 4)
    path = f"/v2/orders/{order['order_id']}/shipments"
    post(shop, order, 3)
    body = parcel(shop, order, 1)
    twice = {**body, "items": body["items"] * 2}

    assert "1 of product" in refused(shop, "POST", path, twice)[1]
    shop.do("set_status", order_id=order["order_id"], status=5)
    assert refused(shop, "POST", path, body)[0] == 400


def test_the_lines_of_one_shipment_go_to_one_address(shop: Asker) -> None:
    stocked(shop)
    told = shop.do("place_order", lines=[{"sku": "TEST-1"}, {"sku": "TEST-1"}])
    order = shop.shop.state.orders.rows[told["order_id"]]
    order.address_count, order.lines[1].address = 2, order.address_id + 1
    items = [{"order_product_id": line_id, "quantity": 1} for line_id in told["line_ids"]]
    body = {"order_address_id": order.address_id, "items": items}

    status, message = refused(shop, "POST", f"/v2/orders/{order.id}/shipments", body)

    assert (status, "another address" in message) == (400, True)


def test_how_a_shipment_travels_can_be_corrected_but_not_what_it_holds(shop: Asker) -> None:
    order = place(shop, stocked(shop), 4)
    made = post(shop, order, 1, tracking_number="T-1", comments="as it was")
    path = f"/v2/orders/{order['order_id']}/shipments/{made['id']}"

    told = shop.send("PUT", path, {"tracking_number": "T-2", "items": [{"quantity": 4}]})

    assert told.status == 200
    assert shop.get(path) == {**made, "tracking_number": "T-2"}


def test_a_deleted_shipment_leaves_the_order_shipped_and_the_number_as_it_was(shop: Asker) -> None:
    order = place(shop, stocked(shop), 4)
    made = post(shop, order, 4)
    path = f"/v2/orders/{order['order_id']}/shipments"

    assert shop.send("DELETE", f"{path}/{made['id']}").status == 204

    assert shop.get(f"/v2/orders/{order['order_id']}")["status_id"] == 2
    assert shop.send("GET", path).status == 204
    assert numbers(shop) == (10, 6)
    assert shop.send("DELETE", f"{path}/{made['id']}").status == 404


def test_all_shipments_of_an_order_can_be_deleted_at_once(shop: Asker) -> None:
    order = place(shop, stocked(shop), 4)
    for units in (1, 2):
        post(shop, order, units)

    assert shop.send("DELETE", f"/v2/orders/{order['order_id']}/shipments").status == 204

    assert shop.get(f"/v2/orders/{order['order_id']}/shipments/count") == {"count": 0}
    assert numbers(shop) == (10, 6)


@pytest.mark.parametrize(("way", "shown"), [("units", 9), ("status", 10)])
def test_a_shop_that_deducts_at_shipping_deducts_the_part_that_left_or_waits_for_the_status(
    web: Make, way: str, shown: int
) -> None:
    shop = web(settings=AT_SHIPPING, switches={"shipped_deducts": way})

    post(shop, place(shop, stocked(shop), 4), 1)

    assert numbers(shop) == (9, shown)
