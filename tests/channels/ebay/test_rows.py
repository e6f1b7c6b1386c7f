"""Whatever eBay, or what stands between, puts into its fields: one bad row costs itself only."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.ebay.items import CATALOGUE, product, stock_item
from fillrate.channels.ebay.order_rows import Requests, Shipments, order
from fillrate.channels.ebay.orders import ORDERS
from fillrate.channels.ebay.pages import question_of
from fillrate.channels.ebay.updates import ANSWER, Item, outcome_of
from fillrate.channels.parsing import build_all
from fillrate.gateway.http import Reply
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Order

ORDER = {
    "orderId": "12-34567-89012",
    "creationDate": "2026-02-01T10:00:00.000Z",
    "lastModifiedDate": "2026-02-01T10:00:00.000Z",
    "orderFulfillmentStatus": "NOT_STARTED",
    "orderPaymentStatus": "PAID",
    "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
    "pricingSummary": {"total": {"value": "20.00", "currency": "USD"}},
    "buyer": {"username": "b"},
    "fulfillmentStartInstructions": [{"shippingStep": {"shipTo": {"fullName": "Ann"}}}],
    "lineItems": [
        {
            "lineItemId": "1",
            "sku": "A",
            "quantity": 3,
            "lineItemFulfillmentStatus": "NOT_STARTED",
            "lineItemCost": {"value": "20.00", "currency": "USD"},
            "lineItemFulfillmentInstructions": {"shipByDate": "2026-02-05T07:00:00.000Z"},
        }
    ],
}
ITEM = {"sku": "A", "product": {"title": "T"}, "availability": {"shipToLocationAvailability": {"quantity": 3}}}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["9" * 400, "1e999", "\x00", "\ud800", "2026-13-01T00:00:00Z", -(2**70)]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [one for key, part in inner for one in paths(part, (*at, key))]


def spoilt(row: dict[str, Any], path: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    made = json.loads(json.dumps(row))
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = junk
    return dict(made)


@given(st.sampled_from(paths(ORDER)), JUNK)
def test_an_order_with_a_hostile_field_costs_only_itself(path: tuple[Any, ...], junk: Any) -> None:
    good = {**ORDER, "orderId": "good"}
    batch = ORDERS.decode(json.dumps({"orders": [good, spoilt(ORDER, path, junk)], "total": 2}).encode())

    built, bad = build_all(batch.rows, lambda row: order(row, None, None))

    assert "good" in {one.platform_id for one in built}
    assert len(built) + len(bad) + len(batch.rejects) in {1, 2}  # one only where the junk is the other one's id
    assert all(one.reason for one in (*bad, *batch.rejects))


@given(st.sampled_from(paths(ITEM)), JUNK)
def test_an_item_with_a_hostile_field_costs_only_itself(path: tuple[Any, ...], junk: Any) -> None:
    body = {"inventoryItems": [{**ITEM, "sku": "good"}, spoilt(ITEM, path, junk)], "total": 2}
    batch = CATALOGUE.decode(json.dumps(body).encode())

    for build in (product, stock_item):
        built, _ = build_all(batch.rows, build)
        assert "good" in {one.platform_id for one in built}


@given(st.binary(max_size=60))
def test_what_is_no_page_is_malformed(body: bytes) -> None:
    for pages in (ORDERS, CATALOGUE):
        try:
            pages.decode(body)
        except Malformed:
            continue
        raise AssertionError(body)


@given(JUNK, JUNK)
def test_an_answer_to_an_update_never_says_done(sku: Any, status: Any) -> None:
    try:
        answer = ANSWER.decode(json.dumps({"responses": [{"sku": sku, "statusCode": status}]}).encode())
    except msgspec.DecodeError:
        return
    assert outcome_of(Item("A", 3, ()), Reply("", 200, answer)).state in {"unknown", "refused"}


def test_only_the_question_of_a_link_counts() -> None:
    assert question_of("https://elsewhere.example/x?limit=2&offset=4") == {"limit": "2", "offset": "4"}
    assert question_of("/sell/x?limit=2") == {"limit": "2"}
    assert question_of(None) is None
    assert question_of("https://api.ebay.com/x") is None


def read(row: dict[str, Any], shipped: Shipments | None = None, asked: Requests | None = None) -> Order:
    [one] = ORDERS.decode(json.dumps({"orders": [row], "total": 1}).encode()).rows
    return order(one, shipped, asked)


def test_an_order_that_ebay_ships_owes_nothing_from_our_shelves() -> None:
    assert read({**ORDER, "program": {"fulfillmentProgram": {"fulfilledBy": "EBAY"}}}).status == "FULFILLED_BY_EBAY"


@pytest.mark.parametrize(
    ("back", "units"), [(["20.00"], 3), (["12.00", "8.00"], 3), (["40.00"], 3), (["5.00"], 0), (["6.67"], 0), ([], 0)]
)
def test_money_for_a_whole_line_means_its_units_and_any_other_amount_none(back: list[str], units: int) -> None:
    refunds = [{"amount": {"value": one, "currency": "USD"}} for one in back]
    line = {**ORDER["lineItems"][0], "refunds": refunds}  # type: ignore[index]

    assert read({**ORDER, "lineItems": [line]}).lines[0].quantity_refunded == units


@pytest.mark.parametrize(("back", "units"), [("7.00", 1), ("14.00", 2), ("7.50", 0)])
def test_money_for_so_many_units_of_a_line_means_so_many(back: str, units: int) -> None:
    line = {
        **ORDER["lineItems"][0],  # type: ignore[index]
        "lineItemCost": {"value": "21.00", "currency": "USD"},
        "refunds": [{"amount": {"value": back, "currency": "USD"}}],
    }

    assert read({**ORDER, "lineItems": [line]}).lines[0].quantity_refunded == units


def test_a_line_from_an_older_listing_is_called_by_its_item_number() -> None:
    line = {**ORDER["lineItems"][0], "sku": None, "legacyItemId": "110", "legacyVariationId": "7"}  # type: ignore[index]

    [made] = read({**ORDER, "lineItems": [line]}).lines

    assert (made.product_platform_id, made.variant_platform_id, made.sku) == ("110", "7", "")
