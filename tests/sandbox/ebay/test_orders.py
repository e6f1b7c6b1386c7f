"""Orders of the eBay account: filters, pages, cancellations, shipping."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.ebay.conftest import SOLD, Caller, Make, errors, row


def moment(account: Caller, seconds: int = 0) -> str:
    found = datetime.fromtimestamp(account.shop.state.clock.now(), UTC) + timedelta(seconds=seconds)
    return found.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def ids(orders: list[dict[str, Any]]) -> list[str]:
    return [order["orderId"] for order in orders]


def test_a_sale_lowers_both_quantities_and_is_told_as_a_paid_order(account: Caller) -> None:
    placed = account.buy("LAMP", 3)
    (order,) = account.orders()
    assert order["orderId"] == placed["order_id"]
    assert (order["orderPaymentStatus"], order["orderFulfillmentStatus"]) == ("PAID", "NOT_STARTED")
    (line,) = order["lineItems"]
    assert (line["sku"], line["quantity"], line["lineItemCost"]["value"]) == ("LAMP", 3, "75.00")
    assert account.total("LAMP") == 7


def test_modified_orders_are_found_from_a_moment_on_that_moment_included(account: Caller) -> None:
    first, second = account.buy("LAMP"), account.buy("CUP/1 é")
    account.wait(600)
    account.do("ship", order_id=first["order_id"])
    (changed,) = account.orders(f"lastmodifieddate:[{moment(account, -60)}..]")
    assert changed["orderId"] == first["order_id"]
    assert ids(account.orders(f"lastmodifieddate:[{changed['lastModifiedDate']}..]")) == [first["order_id"]]
    before = f"lastmodifieddate:[{moment(account, -9000)}..{moment(account, -300)}]"
    assert ids(account.orders(before)) == [second["order_id"]]


def test_beside_a_creation_date_the_modification_date_is_silently_ignored(account: Caller) -> None:
    first = account.buy("LAMP")
    account.wait(600)
    account.buy("LAMP")
    account.do("ship", order_id=first["order_id"])
    both = f"creationdate:[{moment(account, -60)}..],lastmodifieddate:[{moment(account, -9000)}..]"
    assert first["order_id"] not in ids(account.orders(both))


def test_only_two_pairs_of_statuses_can_be_asked_for(account: Caller) -> None:
    order = account.do("place_order", lines=[{"sku": "LAMP", "quantity": 2}])
    waiting = "orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"
    done = "orderfulfillmentstatus:{FULFILLED|IN_PROGRESS}"
    assert (ids(account.orders(waiting)), ids(account.orders(done))) == ([order["order_id"]], [])
    account.do("ship", order_id=order["order_id"], lines=[{"line_id": order["line_ids"][0], "quantity": 1}])
    assert account.orders(waiting)[0]["orderFulfillmentStatus"] == "IN_PROGRESS"
    account.do("ship", order_id=order["order_id"])
    assert (ids(account.orders(waiting)), ids(account.orders(done))) == ([], [order["order_id"]])
    for wrong in ("{NOT_STARTED}", "{FULFILLED|NOT_STARTED}", "FULFILLED"):
        found = account.http.get(f"{SOLD}/order", params={"filter": f"orderfulfillmentstatus:{wrong}"})
        assert (found.status_code, errors(found)) == (400, [30800])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("lastmodified:[2026-01-01T00:00:00.000Z..]", 30700),
        ("lastmodifieddate:[2026-01-01..]", 30810),
        ("lastmodifieddate:[2026-01-01T00:00:00Z..]", 30810),
        ("lastmodifieddate:[2026-01-01T00:00:00.000+01:00..]", 30810),
        ("lastmodifieddate:[2026-13-01T00:00:00.000Z..]", 30810),
        ("lastmodifieddate:[..2026-01-01T00:00:00.000Z]", 30820),
        ("lastmodifieddate:[2020-01-01T00:00:00.000Z..]", 30830),
        ("lastmodifieddate:[2026-01-02T00:00:00.000Z..2026-01-01T00:00:00.000Z]", 30840),
        ("lastmodifieddate:[2031-01-01T00:00:00.000Z..]", 30850),
        ("lastmodifieddate", 30800),
    ],
)
def test_filters_that_cannot_be_are_refused(account: Caller, text: str, error: int) -> None:
    found = account.http.get(f"{SOLD}/order", params={"filter": text})
    assert (found.status_code, errors(found)) == (400, [error])


@pytest.mark.parametrize(
    "raw", ["lastmodifieddate:[2026-01-01T00:00:00.000Z..]", "orderfulfillmentstatus:%7BFULFILLED|IN_PROGRESS%7D"]
)
def test_brackets_and_bars_must_be_percent_encoded(account: Caller, raw: str) -> None:
    from sandbox import Request

    headers = {"Authorization": account.http.headers["Authorization"]}
    path = f"{account.shop.prefix}{SOLD}/order"
    found = account.shop.handle(Request("GET", path, f"filter={raw}", headers))
    assert (found.status, found.content_type) == (400, "text/html; charset=UTF-8")


def test_without_a_filter_it_is_what_was_created_in_90_days(account: Caller) -> None:
    account.buy("LAMP")
    account.wait(91 * 86_400)
    account.token()
    assert account.orders() == []
    assert len(account.orders(f"creationdate:[{moment(account, -95 * 86_400)}..]")) == 1


def test_pages_are_rows_and_shift_as_the_switch_says(make: Make) -> None:
    for way in ("oldest_first", "newest_first"):
        account = make(orders=70, switches={"orders_sorted": way})
        page = account.get(f"{SOLD}/order", limit=30)
        assert (page["total"], page["limit"], page["offset"]) == (70, 30, 0)
        found = page["orders"]
        while "next" in page:
            page = account.http.get(page["next"]).json()
            found += page["orders"]
        dates = [order["creationDate"] for order in found]
        assert len({*ids(found)}) == 70
        assert dates == sorted(dates, reverse=way == "newest_first")
    assert len(account.orders()) == 50
    for params, error in (({"limit": 201}, 31100), ({"limit": 0}, 31100), ({"offset": -1}, 31000)):
        refused = account.http.get(f"{SOLD}/order", params=params)
        assert (refused.status_code, errors(refused)) == (400, [error])


def test_orders_by_id_put_every_other_parameter_aside(make: Make) -> None:
    account = make(orders=60)
    wanted = ids(account.orders())[:3]
    assert ids(account.orders("nonsense", orderIds=",".join(wanted), limit=1)) == wanted
    many = account.http.get(f"{SOLD}/order", params={"orderIds": ",".join(f"1-{n}" for n in range(51))})
    assert errors(many) == [30900]


def test_requests_to_cancel_are_in_the_order_alone_never_in_the_list(account: Caller) -> None:
    order_id = account.buy("LAMP", 3)["order_id"]
    before = account.order(order_id)["lastModifiedDate"]
    account.wait(60)
    account.do("request_cancel", order_id=order_id)
    (listed,) = account.orders()
    assert listed["cancelStatus"] == {"cancelState": "IN_PROGRESS", "cancelRequests": []}
    assert listed["lastModifiedDate"] > before
    (asked,) = account.order(order_id)["cancelStatus"]["cancelRequests"]
    assert (asked["cancelInitiator"], asked["cancelRequestState"]) == ("Buyer", "REQUESTED")
    account.do("answer_cancel", order_id=order_id, accept=False)
    assert account.order(order_id)["cancelStatus"]["cancelState"] == "NONE_REQUESTED"
    account.do("request_cancel", order_id=order_id)
    account.do("answer_cancel", order_id=order_id)
    cancelled = account.order(order_id)
    assert cancelled["cancelStatus"]["cancelState"] == "CANCELED"
    assert [one["cancelRequestState"] for one in cancelled["cancelStatus"]["cancelRequests"]] == [
        "REJECTED",
        "COMPLETED",
    ]
    assert (cancelled["orderPaymentStatus"], cancelled["orderFulfillmentStatus"]) == ("FULLY_REFUNDED", "NOT_STARTED")
    assert account.total("LAMP") == 10


def test_whether_a_cancelled_order_gives_its_units_back_is_a_switch(make: Make) -> None:
    account = make(switches={"cancel_restocks": False})
    account.do("cancel", order_id=account.buy("LAMP", 3)["order_id"])
    assert account.total("LAMP") == 7


def test_an_order_is_cancelled_as_a_whole_or_not(account: Caller) -> None:
    order = account.buy("LAMP", 3)
    line = order["line_ids"][0]
    assert "as a whole" in account.refused(
        "cancel", order_id=order["order_id"], lines=[{"line_id": line, "quantity": 1}]
    )
    account.do("refund", order_id=order["order_id"], lines=[{"line_id": line, "quantity": 1}])
    found = account.order(order["order_id"])
    assert found["orderPaymentStatus"] == "PARTIALLY_REFUNDED"
    assert found["lineItems"][0]["refunds"][0]["amount"]["value"] == "25.00"
    assert found["lineItems"][0]["quantity"] == 3


def test_an_order_that_is_not_paid_holds_nothing_yet(account: Caller) -> None:
    order = account.do("place_order", lines=[{"sku": "LAMP", "quantity": 3}], status="pending")
    assert account.order(order["order_id"])["orderPaymentStatus"] == "PENDING"
    assert account.total("LAMP") == 10
    account.do("pay", order_id=order["order_id"])
    assert (account.order(order["order_id"])["orderPaymentStatus"], account.total("LAMP")) == ("PAID", 7)


def test_what_has_shipped_is_told_with_its_tracking_number_as_its_id(account: Caller) -> None:
    order_id = account.buy("LAMP", 3)["order_id"]
    place = f"{SOLD}/order/{order_id}/shipping_fulfillment"
    line = account.order(order_id)["lineItems"][0]["lineItemId"]
    told = {
        "lineItems": [{"lineItemId": line, "quantity": 2}],
        "shippingCarrierCode": "USPS",
        "trackingNumber": "9400111",
    }
    made = account.http.post(place, json=told)
    assert (made.status_code, made.headers["Location"].rpartition("/")[2]) == (201, "9400111")
    assert account.order(order_id)["orderFulfillmentStatus"] == "IN_PROGRESS"
    assert account.http.post(place, json={"lineItems": [{"lineItemId": line, "quantity": 2}]}).status_code == 400
    assert account.http.post(place, json={}).status_code == 201
    assert account.order(order_id)["orderFulfillmentStatus"] == "FULFILLED"
    assert account.total("LAMP") == 7
    first, second = account.get(place)["fulfillments"]
    assert (first["fulfillmentId"], first["lineItems"]) == ("9400111", [{"lineItemId": line, "quantity": 2}])
    assert "shipmentTrackingNumber" not in second


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"trackingNumber": "1"}, 32300),
        ({"trackingNumber": "1 2", "shippingCarrierCode": "USPS"}, 32300),
        ({"lineItems": [{"lineItemId": "1"}]}, 32200),
        ({"lineItems": []}, 32600),
        ({"shippedDate": "yesterday"}, 32500),
    ],
)
def test_shipments_that_cannot_be_are_refused(account: Caller, body: dict[str, Any], error: int) -> None:
    order_id = account.buy("LAMP")["order_id"]
    found = account.http.post(f"{SOLD}/order/{order_id}/shipping_fulfillment", json=body)
    assert (found.status_code, errors(found)) == (400, [error])


def test_a_cancelled_order_is_not_shipped(account: Caller) -> None:
    order_id = account.buy("LAMP")["order_id"]
    account.do("cancel", order_id=order_id)
    assert account.http.post(f"{SOLD}/order/{order_id}/shipping_fulfillment", json={}).status_code == 409


def test_an_account_sells_on_the_site_of_its_money(make: Make) -> None:
    account = make(currency="GBP")
    account.buy("LAMP")
    (line,) = account.orders()[0]["lineItems"]
    assert (line["listingMarketplaceId"], line["lineItemCost"]) == ("EBAY_GB", {"value": "25.00", "currency": "GBP"})
    offer = account.offer("LAMP")
    assert (offer["marketplaceId"], offer["pricingSummary"]["price"]["currency"]) == ("EBAY_GB", "GBP")
    dollars = {"value": "9.00", "currency": "USD"}
    told = account.update({"offers": [{"offerId": offer["offerId"], "price": dollars}]}).json()["responses"]
    assert told[0]["statusCode"] == 400


def test_an_order_that_there_is_not(account: Caller) -> None:
    found = account.http.get(f"{SOLD}/order/11-22222-33333")
    assert (found.status_code, errors(found)) == (404, [32100])


def test_a_sale_between_a_read_and_a_write_is_lost_without_a_word(account: Caller) -> None:
    assert account.total("LAMP") == 10
    account.buy("LAMP", 4)
    account.update(row("LAMP", 10))
    assert account.total("LAMP") == 10
