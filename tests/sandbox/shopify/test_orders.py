"""Orders as they change, walked by the date of their last change."""

from typing import Any

import pytest

from tests.sandbox.shopify.conftest import Asker, Make

ORDERS = """query Orders($q: String!, $after: String) {
  orders(first: 4, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id name createdAt updatedAt cancelledAt closedAt displayFinancialStatus displayFulfillmentStatus test
      lineItems(first: 5) { nodes { id sku quantity currentQuantity unfulfilledQuantity variant { id } } }
      fulfillmentOrders(first: 2) { nodes { id status fulfillmentHolds { reason reasonNotes }
        lineItems(first: 5) { nodes { remainingQuantity totalQuantity } } } }
      fulfillments { status totalQuantity fulfillmentLineItems(first: 5) { nodes { quantity lineItem { sku } } } }
      refunds { createdAt refundLineItems(first: 5) { nodes { quantity restockType restocked lineItem { sku } } } } }
  }
}"""


def told(shopify: Asker, order: str) -> dict[str, Any]:
    document = ORDERS.replace("$q: String!, $after: String", "$id: ID!")
    begin, end = document.index("nodes {"), document.rindex("}\n  }")
    fields = document[begin + len("nodes {") : end]
    found: dict[str, Any] = shopify.ask(f"query One($id: ID!) {{ order(id: $id) {{ {fields} }} }}", id=order)["order"]
    return found


def quantities(order: dict[str, Any]) -> list[tuple[int, int, int]]:
    return [
        (one["quantity"], one["currentQuantity"], one["unfulfilledQuantity"]) for one in order["lineItems"]["nodes"]
    ]


def test_an_order_goes_out_in_parts(shopify: Asker) -> None:
    order = shopify.order(5)
    new = told(shopify, order)
    assert (new["displayFulfillmentStatus"], new["displayFinancialStatus"], quantities(new)) == (
        "UNFULFILLED",
        "PAID",
        [(5, 5, 5)],
    )
    assert new["fulfillmentOrders"]["nodes"][0]["status"] == "OPEN"
    line = shopify.shop.state.orders[min(shopify.shop.state.orders)].lines[0]
    shopify.do("ship", order_id=order, lines=[{"line_id": line.id, "quantity": 2}])
    part = told(shopify, order)
    assert (part["displayFulfillmentStatus"], quantities(part)) == ("PARTIALLY_FULFILLED", [(5, 5, 3)])
    assert part["fulfillmentOrders"]["nodes"][0]["status"] == "IN_PROGRESS"
    assert part["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"] == [{"remainingQuantity": 3, "totalQuantity": 5}]
    shopify.do("ship", order_id=order)
    done = told(shopify, order)
    assert (done["displayFulfillmentStatus"], quantities(done)) == ("FULFILLED", [(5, 5, 0)])
    assert [one["totalQuantity"] for one in done["fulfillments"]] == [2, 3]
    assert done["closedAt"] is not None


def test_a_refund_of_unsent_units_cancels_and_of_sent_ones_returns(shopify: Asker) -> None:
    order = shopify.order(5)
    line = next(iter(shopify.shop.state.orders.values())).lines[0]
    shopify.do("ship", order_id=order, lines=[{"line_id": line.id, "quantity": 3}])
    shopify.do("refund", order_id=order, lines=[{"line_id": line.id, "quantity": 3}])
    found = told(shopify, order)
    (refund,) = found["refunds"]
    assert sorted((one["quantity"], one["restockType"]) for one in refund["refundLineItems"]["nodes"]) == [
        (1, "RETURN"),
        (2, "CANCEL"),
    ]
    assert (found["displayFinancialStatus"], quantities(found)) == ("PARTIALLY_REFUNDED", [(5, 2, 0)])
    assert shopify.level("A-1") == {"available": 8, "committed": 0, "on_hand": 8, "damaged": 0}


def test_a_refund_without_restock_takes_units_out_of_what_is_on_hand(shopify: Asker) -> None:
    order = shopify.order(3)
    shopify.do("refund", order_id=order, restock=False)
    assert shopify.level("A-1") == {"available": 7, "committed": 0, "on_hand": 7, "damaged": 0}
    (row,) = told(shopify, order)["refunds"][0]["refundLineItems"]["nodes"]
    assert (row["restockType"], row["restocked"]) == ("NO_RESTOCK", False)


def test_an_edit_takes_units_off_and_the_line_still_says_how_many_were_ordered(shopify: Asker) -> None:
    order = shopify.order(5)
    line = next(iter(shopify.shop.state.orders.values())).lines[0]
    shopify.do("edit_line", order_id=order, line_id=line.id, quantity=2)
    assert quantities(told(shopify, order)) == [(5, 2, 2)]
    assert shopify.level("A-1")["available"] == 8
    shopify.do("edit_line", order_id=order, line_id=line.id, quantity=4)
    assert (quantities(told(shopify, order))[0][1:], shopify.level("A-1")["available"]) == ((4, 4), 6)


def test_a_cancelled_order_gives_its_units_back(shopify: Asker) -> None:
    order = shopify.order(5)
    shopify.do("cancel", order_id=order)
    found = told(shopify, order)
    assert found["cancelledAt"] is not None
    assert (found["displayFinancialStatus"], quantities(found)) == ("VOIDED", [(5, 0, 0)])
    assert found["fulfillmentOrders"]["nodes"][0]["status"] == "CANCELLED"
    assert shopify.level("A-1") == {"available": 10, "committed": 0, "on_hand": 10, "damaged": 0}


def test_a_pending_order_holds_its_units_already(shopify: Asker) -> None:
    order = shopify.order(5, status="pending")
    assert told(shopify, order)["displayFinancialStatus"] == "PENDING"
    assert shopify.level("A-1")["committed"] == 5
    shopify.do("pay", order_id=order)
    assert (told(shopify, order)["displayFinancialStatus"], shopify.level("A-1")["committed"]) == ("PAID", 5)


def test_an_order_on_hold_says_why(shopify: Asker) -> None:
    order = shopify.order(2)
    shopify.do("hold", order_id=order, notes="waits for PO-7")
    (part,) = told(shopify, order)["fulfillmentOrders"]["nodes"]
    assert (part["status"], part["fulfillmentHolds"]) == (
        "ON_HOLD",
        [{"reason": "INVENTORY_OUT_OF_STOCK", "reasonNotes": "waits for PO-7"}],
    )
    shopify.do("release", order_id=order)
    assert told(shopify, order)["fulfillmentOrders"]["nodes"][0]["status"] == "OPEN"


def test_orders_are_walked_by_their_last_change_at_or_after_a_moment(shopify: Asker) -> None:
    clock, orders = shopify.shop.state.clock, []
    for _ in range(6):
        orders.append(shopify.order(1))
        clock.set(clock.now() + 60)
    since = told(shopify, orders[1])["updatedAt"]
    page = shopify.ask(ORDERS, q=f"updated_at:>='{since}'")["orders"]
    assert [one["id"] for one in page["nodes"]] == orders[1:5]
    shopify.do("ship", order_id=orders[2])
    rest = shopify.ask(ORDERS, q=f"updated_at:>='{since}'", after=page["pageInfo"]["endCursor"])["orders"]
    assert [one["id"] for one in rest["nodes"]] == [orders[5], orders[2]]
    assert [one["id"] for one in shopify.ask(ORDERS, q=f"updated_at:>'{since}' status:closed")["orders"]["nodes"]] == [
        orders[2]
    ]


def test_old_orders_need_a_scope_of_their_own(make: Make) -> None:
    seen = {}
    for way in ("hidden", "shown"):
        shopify = make(old_orders=way)
        shopify.order(1)
        clock = shopify.shop.state.clock
        clock.set(clock.now() + 61 * 86_400)
        shopify.client.headers["X-Shopify-Access-Token"] = shopify.token()
        scopes = shopify.ask("{ currentAppInstallation { accessScopes { handle } } }")["currentAppInstallation"][
            "accessScopes"
        ]
        seen[way] = (len(shopify.ask(ORDERS, q="")["orders"]["nodes"]), {"handle": "read_all_orders"} in scopes)
    assert seen == {"hidden": (0, False), "shown": (1, True)}


def test_a_deleted_variant_leaves_its_line_behind(shopify: Asker) -> None:
    order = shopify.order(1)
    shopify.do("delete_product", sku="A-1")
    (line,) = told(shopify, order)["lineItems"]["nodes"]
    assert (line["sku"], line["variant"]) == ("A-1", None)
    assert shopify.ask("query N($id: ID!) { node(id: $id) { id } }", id=order) == {"node": {"id": order}}


@pytest.mark.parametrize("query", ["financial_status:paid", "green hoodie"])
def test_a_search_that_is_not_served_is_refused(shopify: Asker, query: str) -> None:
    (error,) = shopify.post(ORDERS, q=query).json()["errors"]
    assert "does not serve" in error["message"]
