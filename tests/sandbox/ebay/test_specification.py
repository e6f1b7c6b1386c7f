"""What the eBay account takes and says agrees with eBay's own specification, in types and in names."""

from typing import Any

from tests.sandbox.ebay.conftest import SOLD, STOCK, Make, row
from tests.sandbox.official import answer_complaints, need, query_names, request_complaints

INVENTORY, ORDERS = "../ebay/sell_inventory_v1_oas3.json", "../ebay/sell_fulfillment_v1_oas3.json"
LIMITS = "../ebay/developer_analytics_v1_beta_oas3.json"


def test_everything_that_is_read(make: Make) -> None:
    need(INVENTORY)
    account = make(orders=60, locations=2)
    offer = account.offer("LAMP")["offerId"]
    order_id = account.buy("LAMP", 2)["order_id"]
    account.do("request_cancel", order_id=order_id)
    account.do("cancel", order_id=order_id)
    shipped = next(one["orderId"] for one in account.orders() if one["fulfillmentHrefs"])
    reads: list[tuple[str, str, str, dict[str, Any]]] = [
        (INVENTORY, "/inventory_item", f"{STOCK}/inventory_item", {"limit": 2, "offset": 1}),
        (INVENTORY, "/inventory_item/{sku}", f"{STOCK}/inventory_item/LAMP", {}),
        (INVENTORY, "/offer", f"{STOCK}/offer", {"sku": "TEE-S"}),
        (INVENTORY, "/offer/{offerId}", f"{STOCK}/offer/{offer}", {}),
        (INVENTORY, "/location", f"{STOCK}/location", {"limit": 1}),
        (ORDERS, "/order", f"{SOLD}/order", {"limit": 30, "offset": 30}),
        (ORDERS, "/order/{orderId}", f"{SOLD}/order/{order_id}", {}),
        (ORDERS, "/order/{orderId}/shipping_fulfillment", f"{SOLD}/order/{shipped}/shipping_fulfillment", {}),
        (LIMITS, "/rate_limit/", "/developer/analytics/v1_beta/rate_limit/", {}),
    ]
    for file, documented, path, params in reads:
        assert answer_complaints(file, documented, "get", 200, account.get(path, **params)) == [], path
        assert set(params) <= query_names(file, documented)


def test_everything_that_is_written(make: Make) -> None:
    need(INVENTORY)
    account = make()
    line = account.order(account.buy("LAMP", 2)["order_id"])
    offers = [{"offerId": account.offer("LAMP")["offerId"], "availableQuantity": 3}]
    item = {"availability": {"shipToLocationAvailability": {"quantity": 5}}, "product": {"title": "Lamp"}}
    package = {"lineItems": [{"lineItemId": line["lineItems"][0]["lineItemId"], "quantity": 1}]}
    rows = {"requests": [row("LAMP", 4, offers=offers), row("gone", 1)]}
    skus = {"requests": [{"sku": "LAMP"}, {"sku": "gone"}]}
    writes: list[tuple[str, str, str, str, Any, int]] = [
        (INVENTORY, "/bulk_update_price_quantity", f"{STOCK}/bulk_update_price_quantity", "post", rows, 207),
        (INVENTORY, "/bulk_get_inventory_item", f"{STOCK}/bulk_get_inventory_item", "post", skus, 207),
        (INVENTORY, "/inventory_item/{sku}", f"{STOCK}/inventory_item/NEW", "put", item, 201),
        (
            ORDERS,
            "/order/{orderId}/shipping_fulfillment",
            f"{SOLD}/order/{line['orderId']}/shipping_fulfillment",
            "post",
            package,
            201,
        ),
    ]
    for file, documented, path, method, body, status in writes:
        found = account.http.request(method, path, json=body, headers={"Content-Language": "en-US"})
        assert found.status_code == status, found.text
        assert request_complaints(file, documented, method, body) == [], path
        # Of a 207 the specification has no schema: its rows are those of a 200.
        told = 200 if status == 207 else status
        assert answer_complaints(file, documented, method, told, found.json()) == [], path
