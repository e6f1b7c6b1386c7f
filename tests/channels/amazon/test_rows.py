"""Whatever Amazon, or what stands between, puts into its fields: one bad row costs itself only."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.amazon import feeds, listings, orders, reports
from fillrate.channels.amazon.order_rows import order
from fillrate.channels.amazon.records import product, stock_item
from fillrate.channels.amazon.updates import ANSWER, outcome_after
from fillrate.channels.parsing import build_all
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Reply
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Order, Reject

ORDER: dict[str, Any] = {
    "orderId": "111-0000001-0000001",
    "createdTime": "2026-02-01T10:00:00Z",
    "lastUpdatedTime": "2026-02-01T10:00:00Z",
    "salesChannel": {"channelName": "AMAZON"},
    "buyer": {"buyerEmail": "x@marketplace.example"},
    "recipient": {"deliveryAddress": {"name": "Ann", "countryCode": "US", "stateOrRegion": "CA", "postalCode": "9"}},
    "proceeds": {"grandTotal": {"amount": "20.00", "currencyCode": "USD"}},
    "fulfillment": {
        "fulfillmentStatus": "UNSHIPPED",
        "fulfilledBy": "MERCHANT",
        "shipByWindow": {"latestDateTime": "2026-02-05T07:00:00Z"},
    },
    "orderItems": [
        {
            "orderItemId": "1",
            "quantityOrdered": 3,
            "product": {"sellerSku": "A", "title": "T", "price": {"unitPrice": {"amount": "6", "currencyCode": "USD"}}},
            "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 3},
        }
    ],
}
LISTING: dict[str, Any] = {
    "sku": "A",
    "summaries": [{"marketplaceId": "M", "productType": "LAMP", "itemName": "T", "status": ["BUYABLE"]}],
    "fulfillmentAvailability": [{"fulfillmentChannelCode": "DEFAULT", "quantity": 3}],
    "offers": [{"marketplaceId": "M", "offerType": "B2C", "price": {"amount": "5", "currencyCode": "USD"}}],
}
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
    batch = orders.decode_page(
        json.dumps({"orders": [{**ORDER, "orderId": "good"}, spoilt(ORDER, path, junk)]}).encode()
    )

    built, bad = build_all(batch.rows, lambda row: order(row, "USD"))

    assert "good" in {one.platform_id for one in built}
    assert all(one.reason for one in (*bad, *batch.rejects))


@given(st.sampled_from(paths(LISTING)), JUNK)
def test_a_listing_with_a_hostile_field_costs_only_itself(path: tuple[Any, ...], junk: Any) -> None:
    body = {"numberOfResults": 2, "items": [{**LISTING, "sku": "good"}, spoilt(LISTING, path, junk)]}
    batch = listings.decode_page(json.dumps(body).encode())

    for built, _ in (build_all(batch.rows, product), build_all(batch.rows, lambda row: stock_item(row, {}))):
        assert "good" in {one.platform_id for one in built}


@given(st.binary(max_size=60))
def test_what_is_no_page_is_malformed(body: bytes) -> None:
    for decode in (orders.decode_page, orders.decode_one, listings.decode_page):
        with pytest.raises(Malformed):
            decode(body)


@given(st.binary(max_size=200), st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=5))
def test_hostile_reports_never_crash(tail: bytes, rows: list[list[str]]) -> None:
    head = "\t".join(("item-name", *reports.NEEDED)).encode()
    body = head + b"\n" + "\n".join("\t".join(row) for row in rows).encode("utf-8", "replace") + b"\n" + tail

    for one in reports.rows_of(body, "M"):
        assert one.reason if isinstance(one, Reject) else one.id


@given(JUNK, JUNK)
def test_an_answer_to_a_patch_never_says_done(status: Any, issues: Any) -> None:
    try:
        answer = ANSWER.decode(json.dumps({"status": status, "issues": issues}).encode())
    except msgspec.DecodeError:
        return
    assert outcome_after(Reply("", 200, answer)).state in {"unknown", "refused"}


@given(st.binary(max_size=100))
def test_a_report_of_a_feed_that_cannot_be_read_leaves_all_in_doubt(body: bytes) -> None:
    outcomes = feeds.told_by(body, [feeds.Item("A", "LAMP", 3)], "7")
    assert set(outcomes) == {"A"}
    assert outcomes["A"].state == "unknown"


def test_what_amazon_says_is_wrong_is_told_in_one_sentence() -> None:
    body = {
        "status": "INVALID",
        "issues": [
            {"code": "1", "message": "'quantity' is too large.", "severity": "ERROR", "categories": []},
            {"code": "2", "message": "Look at the image.", "severity": "WARNING", "categories": []},
            {"code": "3", "message": "", "severity": "ERROR", "categories": []},
        ],
    }

    outcome = outcome_after(Reply("", 200, ANSWER.decode(json.dumps(body))))

    assert (outcome.state, outcome.answer) == ("refused", "Amazon refused it (INVALID): 'quantity' is too large; 3.")


def test_a_report_names_what_both_ship_in_two_rows_and_bad_rows_with_their_number() -> None:
    rows = [
        "item-name\tseller-sku\tprice\tquantity\tfulfillment-channel\tstatus",
        'A "lamp"\tL\t9.99\t4\tDEFAULT\tActive',
        "A lamp\tL\t9.99\t\tAMAZON_NA\tActive",
        "No number\tN\t\t\tDEFAULT\tInactive",
        "Bad\tB\t1\tmany\tDEFAULT\tActive",
        "Nameless\t\t1\t1\tDEFAULT\tActive",
    ]

    found = list(reports.rows_of("\r\n".join(rows).encode(), "M"))

    bad = [(one.platform_id, one.reason) for one in found if isinstance(one, Reject)]
    assert bad == [
        ("B", "row 5 of the report: quantity is no number of units"),
        ("", "row 6 of the report: seller-sku is missing"),
    ]
    lamp, same, none = (one for one in found if not isinstance(one, Reject))
    both = reports.joined(lamp, same)
    levels = stock_item(both, {"L": 7}).levels
    assert [(one.location_platform_id, one.target, one.shown) for one in levels] == [
        ("DEFAULT", "L", 4),
        ("FBA", "", 7),
    ]
    assert [one.shown for one in stock_item(none, {}).levels] == [0]
    assert (product(both).name, product(both).price_e4) == ('A "lamp"', 99_900)


@pytest.mark.parametrize("body", [b"", b"sku\tquantity\nA\t1", b"<html></html>"])
def test_what_is_no_report_is_no_empty_shop(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        list(reports.rows_of(body, "M"))


def read(row: dict[str, Any]) -> Order:
    [one] = orders.decode_page(json.dumps({"orders": [row]}).encode()).rows
    return order(one, "EUR")


def test_units_of_a_line_that_neither_left_nor_are_to_leave_were_cancelled() -> None:
    item = {**ORDER["orderItems"][0], "fulfillment": {"quantityFulfilled": 1, "quantityUnfulfilled": 1}}

    [line] = read({**ORDER, "orderItems": [item]}).lines

    assert (line.quantity, line.quantity_shipped) == (2, 1)


def test_a_pending_order_without_amounts_is_in_the_stores_currency() -> None:
    row = {key: value for key, value in ORDER.items() if key not in {"proceeds", "buyer", "recipient"}}
    item = {**ORDER["orderItems"][0], "product": {"sellerSku": "A"}}

    made = read({**row, "orderItems": [item], "fulfillment": {"fulfillmentStatus": "PENDING"}})

    assert (made.currency, made.total_e4, made.destination, made.recipient) == ("EUR", 0, "", "")


def test_a_listing_that_nobody_ships_yet_is_not_counted() -> None:
    [row] = listings.decode_page(json.dumps({"numberOfResults": 1, "items": [{"sku": "A"}]}).encode()).rows

    assert product(row).tracking == "none"
