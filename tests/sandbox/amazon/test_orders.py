"""Orders of the Amazon account, and what lies in Amazon's warehouses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.amazon.stores import STORES
from tests.sandbox.amazon.conftest import ORDERS, Caller, Make

MARKETPLACE = STORES["USD"].id

LONG_AGO = "2026-01-01T00:00:00Z"
FBA = "/fba/inventory/v1/summaries"


def moment(account: Caller, seconds: int = 0) -> str:
    found = datetime.fromtimestamp(account.shop.state.clock.now(), UTC) + timedelta(seconds=seconds)
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def ids(told: Any) -> list[str]:
    return [order["orderId"] for order in told["orders"]]


def test_an_order_is_found_two_minutes_later_and_the_answer_says_until_when_it_looked(account: Caller) -> None:
    placed = account.buy("LAMP", 3)
    early = account.orders(lastUpdatedAfter=LONG_AGO)
    assert (ids(early), early["lastUpdatedBefore"]) == ([], moment(account, -120))
    account.wait(120)
    late = account.orders(lastUpdatedAfter=early["lastUpdatedBefore"])
    assert ids(late) == [placed["order_id"]]
    (item,) = late["orders"][0]["orderItems"]
    assert (item["product"]["sellerSku"], item["quantityOrdered"]) == ("LAMP", 3)
    assert item["fulfillment"] == {"quantityFulfilled": 0, "quantityUnfulfilled": 3}
    assert account.quantity("LAMP") == 7


def test_both_ends_of_the_time_belong_to_it(account: Caller) -> None:
    account.buy("LAMP")
    at = moment(account)
    account.wait(300)
    assert len(ids(account.orders(lastUpdatedAfter=at, lastUpdatedBefore=at))) == 1
    assert len(ids(account.orders(createdAfter=at, createdBefore=at))) == 1
    assert "lastUpdatedBefore" not in account.orders(createdAfter=at)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"createdAfter": LONG_AGO, "lastUpdatedAfter": LONG_AGO},
        {"createdAfter": LONG_AGO, "lastUpdatedBefore": LONG_AGO},
        {"lastUpdatedAfter": LONG_AGO, "createdBefore": LONG_AGO},
        {"lastUpdatedAfter": LONG_AGO, "lastUpdatedBefore": "2025-12-31T00:00:00Z"},
        {"lastUpdatedAfter": "yesterday"},
        {"lastUpdatedAfter": "2026-01-01"},
        {"lastUpdatedAfter": "2026-01-01T00:00:00"},
        {"lastUpdatedAfter": LONG_AGO, "maxResultsPerPage": 101},
        {"lastUpdatedAfter": LONG_AGO, "maxResultsPerPage": 0},
        {"lastUpdatedAfter": LONG_AGO, "fulfillmentStatuses": "Shipped"},
        {"lastUpdatedAfter": LONG_AGO, "fulfilledBy": "SELLER"},
        {"lastUpdatedAfter": LONG_AGO, "includedData": "ITEMS"},
        {"lastUpdatedAfter": LONG_AGO, "marketplaceIds": ",".join(f"M{n}" for n in range(51))},
        {"lastUpdatedAfter": LONG_AGO, "paginationToken": "x"},
    ],
)
def test_searches_that_cannot_be_are_refused(account: Caller, params: dict[str, Any]) -> None:
    found = account.ask("GET", ORDERS, **params)
    assert (found.status_code, found.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_an_end_must_lie_two_minutes_back(account: Caller) -> None:
    for seconds, status in ((-119, 400), (-120, 200)):
        until = moment(account, seconds)
        assert account.ask("GET", ORDERS, lastUpdatedAfter=LONG_AGO, lastUpdatedBefore=until).status_code == status


def test_a_start_later_than_that_finds_nothing_or_is_refused(make: Make) -> None:
    account = make()
    told = account.orders(lastUpdatedAfter=moment(account, -10))
    assert (ids(told), told["lastUpdatedBefore"]) == ([], moment(account, -120))
    strict = make(switches={"after_too_late": "400"})
    assert strict.ask("GET", ORDERS, lastUpdatedAfter=moment(strict, -10)).status_code == 400


def test_pages_lose_nothing_while_orders_change_and_the_other_parameters_must_stay(make: Make) -> None:
    account = make(orders=90)
    params = {"lastUpdatedAfter": "2025-01-01T00:00:00Z", "maxResultsPerPage": 20}
    page = account.orders(**params)
    expected = {order.key for order in account.shop.state.orders.values() if order.modified <= int(until(page))}
    found, changed, looked = ids(page), None, page["lastUpdatedBefore"]
    while "pagination" in page:
        changed = changed or next(order for order in account.shop.state.orders.values() if order.status == "open")
        account.do("ask_to_cancel", order_id=changed.key)
        account.wait(30)
        page = account.orders(**params, paginationToken=page["pagination"]["nextToken"])
        found += ids(page)
        assert page["lastUpdatedBefore"] == looked
    assert len(found) == len(set(found))
    assert expected - set(found) <= {changed.key if changed else ""}
    token = account.orders(**params)["pagination"]["nextToken"]
    assert (
        account.ask("GET", ORDERS, **{**params, "fulfilledBy": "AMAZON", "paginationToken": token}).status_code == 400
    )
    assert account.ask("GET", ORDERS, **{**params, "maxResultsPerPage": 5, "paginationToken": token}).status_code == 200
    account.wait(86_400)
    assert account.ask("GET", ORDERS, **params, paginationToken=token).status_code == 400


def until(page: Any) -> float:
    return datetime.fromisoformat(page["lastUpdatedBefore"]).timestamp()


def test_what_amazon_ships_is_an_order_of_its_own(account: Caller) -> None:
    lines = [{"sku": "LAMP", "quantity": 1}, {"sku": "FAR", "quantity": 2}]
    placed = account.do("place_order", lines=lines)
    account.wait(300)
    by = {"MERCHANT": "LAMP", "AMAZON": "FAR"}
    for who, sku in by.items():
        (order,) = account.orders(lastUpdatedAfter=LONG_AGO, fulfilledBy=who)["orders"]
        assert order["fulfillment"]["fulfilledBy"] == who
        assert [item["product"]["sellerSku"] for item in order["orderItems"]] == [sku]
        assert order["orderId"] in placed["order_ids"]


def test_without_asking_for_it_an_order_has_no_status(account: Caller) -> None:
    key = account.buy("LAMP")["order_id"]
    bare = account.get(f"{ORDERS}/{key}")["order"]
    assert "fulfillment" not in bare and "fulfillment" not in bare["orderItems"][0]
    full = account.get(f"{ORDERS}/{key}", includedData="FULFILLMENT,BUYER,RECIPIENT,PROCEEDS,PACKAGES")["order"]
    assert full["fulfillment"]["fulfillmentStatus"] == "UNSHIPPED"
    assert {"buyer", "recipient", "proceeds", "packages"} <= set(full)
    assert account.ask("GET", f"{ORDERS}/111-0000000-0000001").status_code == 404


def test_the_statuses_that_an_order_goes_through(account: Caller) -> None:
    placed = account.buy("LAMP", 3, status="pending")
    key, line = placed["order_id"], placed["line_ids"][0]

    def status() -> str:
        found: str = account.get(f"{ORDERS}/{key}", includedData="FULFILLMENT")["order"]["fulfillment"][
            "fulfillmentStatus"
        ]
        return found

    seen = [status()]
    account.do("set_status", order_id=key, status="PENDING_AVAILABILITY")
    seen.append(status())
    account.do("set_status", order_id=key, status=None)
    account.do("pay", order_id=key)
    seen.append(status())
    account.do("ship", order_id=key, lines=[{"line_id": line, "quantity": 1}])
    seen.append(status())
    account.do("ship", order_id=key)
    seen.append(status())
    assert seen == ["PENDING", "PENDING_AVAILABILITY", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"]
    gone = account.buy("TEE-S", 2)
    account.do("cancel", order_id=gone["order_id"])
    account.wait(300)
    (order,) = account.orders(lastUpdatedAfter=LONG_AGO, fulfillmentStatuses="CANCELLED")["orders"]
    assert order["orderItems"][0]["fulfillment"] == {"quantityFulfilled": 0, "quantityUnfulfilled": 0}
    assert order["orderItems"][0]["quantityOrdered"] == 2


def test_a_pending_order_has_no_price_and_nobodys_name(account: Caller) -> None:
    key = account.buy("LAMP", status="pending")["order_id"]
    order = account.get(f"{ORDERS}/{key}", includedData="BUYER,RECIPIENT,PROCEEDS")["order"]
    assert not {"buyer", "recipient", "proceeds"} & set(order)
    assert "price" not in order["orderItems"][0]["product"]


def test_whether_a_pending_order_lowers_the_quantity_is_a_switch(make: Make) -> None:
    for holds, left in ((True, 7), (False, 10)):
        account = make(switches={"pending_holds": holds})
        account.buy("LAMP", 3, status="pending")
        assert account.quantity("LAMP") == left


def test_whether_a_cancelled_order_gives_its_units_back_is_a_switch(make: Make) -> None:
    for back, left in ((True, 10), (False, 7)):
        account = make(switches={"cancel_restocks": back})
        account.do("cancel", order_id=account.buy("LAMP", 3)["order_id"])
        assert account.quantity("LAMP") == left


def test_what_lies_at_amazons_is_read_with_its_details(account: Caller) -> None:
    params = {"granularityType": "Marketplace", "granularityId": MARKETPLACE, "marketplaceIds": MARKETPLACE}
    account.buy("FAR", 2)
    account.do("send_to_amazon", sku="FAR", quantity=20)
    plain = account.get(FBA, **params)["payload"]["inventorySummaries"]
    assert [one["sellerSku"] for one in plain] == ["FAR"] and "inventoryDetails" not in plain[0]
    (full,) = account.get(FBA, **params, details="true", sellerSkus="FAR,LAMP")["payload"]["inventorySummaries"]
    details = full["inventoryDetails"]
    assert (details["fulfillableQuantity"], details["inboundShippedQuantity"]) == (4, 20)
    assert (details["reservedQuantity"]["pendingCustomerOrderQuantity"], full["totalQuantity"]) == (2, 26)
    account.wait(60)
    since = moment(account, -30)
    assert account.get(FBA, **params, startDateTime=since)["payload"]["inventorySummaries"] == []
    account.do("send_to_amazon", sku="FAR", arrived=True)
    (moved,) = account.get(FBA, **params, startDateTime=since, details="true")["payload"]["inventorySummaries"]
    assert moved["inventoryDetails"]["fulfillableQuantity"] == 24


def test_summaries_are_asked_for_as_they_must_be(account: Caller) -> None:
    good = {"granularityType": "Marketplace", "granularityId": MARKETPLACE, "marketplaceIds": MARKETPLACE}
    wrong: list[dict[str, Any]] = [
        {"marketplaceIds": f"{MARKETPLACE},A1"},
        {"granularityType": "Store"},
        {"sellerSkus": ",".join(f"S{n}" for n in range(51))},
        {"startDateTime": "2020-01-01T00:00:00Z"},
        {"nextToken": "x"},
    ]
    for one in wrong:
        account.wait(1)
        assert account.ask("GET", FBA, **{**good, **one}).status_code == 400


def test_the_next_page_is_there_for_30_seconds(make: Make) -> None:
    from sandbox.market import Goods

    account = make([Goods(f"S-{n:03d}", "Thing", 5, 1000) for n in range(400)])
    params = {"granularityType": "Marketplace", "granularityId": MARKETPLACE, "marketplaceIds": MARKETPLACE}
    page = account.get(FBA, **params)
    assert len(page["payload"]["inventorySummaries"]) == 50
    token = page["pagination"]["nextToken"]
    account.wait(29)
    second = account.get(FBA, **params, nextToken=token)
    assert second["payload"]["inventorySummaries"][0] != page["payload"]["inventorySummaries"][0]
    account.wait(1)
    assert account.ask("GET", FBA, **params, nextToken=token).status_code == 400


def test_the_same_seed_makes_the_same_account(make: Make) -> None:
    one, two = (make(orders=40).orders(createdAfter="2025-01-01T00:00:00Z") for _ in range(2))
    assert ids(one) == ids(two) != []


def test_no_order_of_the_past_has_two_shippers(make: Make) -> None:
    from sandbox.market import Goods

    account = make([Goods(f"S-{n}", "Thing", 5, 1000) for n in range(12)], orders=60)
    places = [{line.location_id for line in order.lines} for order in account.shop.state.orders.values()]
    assert {len(one) for one in places} == {1}
    assert len(set().union(*places)) == 2
