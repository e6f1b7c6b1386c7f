"""Whatever stands in a field of Shopify's rows, the page is read: a bad row costs only itself."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fillrate.channels.parsing import build_all
from fillrate.channels.shopify import bulk
from fillrate.channels.shopify.catalog import PRODUCTS, product
from fillrate.channels.shopify.order_rows import order
from fillrate.channels.shopify.orders import ORDERS
from fillrate.channels.shopify.refunds import refund_of, refunding
from fillrate.channels.shopify.stock import ITEMS, stock_item
from tests.channels.woocommerce.test_hostile import is_told, spoiled

MORE: dict[str, Any] = {"hasNextPage": False, "endCursor": None}
MONEY: dict[str, Any] = {"shopMoney": {"amount": "15.00"}}
VARIANT: dict[str, Any] = {
    "id": "gid://shopify/ProductVariant/8", "sku": "A-1", "price": "15.00", "availableForSale": True,
    "selectedOptions": [{"name": "Title", "value": "Default Title"}],
    "inventoryItem": {"tracked": True, "requiresShipping": True, "unitCost": None},
}  # fmt: skip
PRODUCT: dict[str, Any] = {
    "id": "gid://shopify/Product/7", "title": "Anchor", "status": "ACTIVE", "createdAt": "2026-01-02T03:04:05Z",
    "updatedAt": "2026-01-02T03:04:05Z", "variants": {"nodes": [VARIANT], "pageInfo": MORE},
}  # fmt: skip
LINE: dict[str, Any] = {
    "id": "gid://shopify/LineItem/5", "sku": "A-1", "name": "Anchor", "quantity": 3, "currentQuantity": 2,
    "unfulfilledQuantity": 1, "requiresShipping": True, "variant": {"id": "gid://shopify/ProductVariant/8"},
    "product": {"id": "gid://shopify/Product/7"}, "discountedUnitPriceAfterAllDiscountsSet": MONEY,
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/9", "createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z",
    "cancelledAt": None, "closedAt": None, "displayFinancialStatus": "PAID", "test": False, "sourceName": "web",
    "email": "a@example.com", "customerLocale": "en-US", "currencyCode": "USD", "totalPriceSet": MONEY,
    "customer": {"id": "gid://shopify/Customer/1"}, "shippingAddress": {"countryCodeV2": "US"},
    "refunds": [{"id": "gid://shopify/Refund/11"}], "lineItems": {"nodes": [LINE], "pageInfo": MORE},
}  # fmt: skip
REFUND: dict[str, Any] = {
    "id": "gid://shopify/Refund/11", "createdAt": "2026-01-02T03:04:05Z", "note": None, "totalRefundedSet": MONEY,
    "refundLineItems": {
        "nodes": [
            {"quantity": 1, "restockType": "RETURN", "lineItem": {"id": LINE["id"]}, "subtotalSet": MONEY},
        ],
        "pageInfo": MORE,
    },
}  # fmt: skip
LEVEL: dict[str, Any] = {
    "location": {"id": "gid://shopify/Location/1"}, "quantities": [{"name": "available", "quantity": 4}],
}  # fmt: skip
ITEM: dict[str, Any] = {
    "id": "gid://shopify/InventoryItem/6", "sku": "A-1", "tracked": True,
    "variants": {"nodes": [{"id": VARIANT["id"], "product": {"id": PRODUCT["id"]}}]},
    "inventoryLevels": {"nodes": [LEVEL], "pageInfo": MORE},
}  # fmt: skip


def named(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a row with another number."""
    return {**row, "id": f"{row['id'].rpartition('/')[0]}/{number}"}


def page(*rows: Any) -> bytes:
    return json.dumps({"data": {"page": {"nodes": rows, "pageInfo": MORE}}}).encode("utf-8", "surrogatepass")


def within(row: dict[str, Any], name: str, inner: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose list of that name holds another row."""
    return {**row, name: {"nodes": [inner], "pageInfo": MORE}}


@given(spoiled(PRODUCT) | spoiled(VARIANT).map(lambda one: within(PRODUCT, "variants", one)))
@settings(max_examples=200, deadline=None)
def test_products(row: dict[str, Any]) -> None:
    _, batch = PRODUCTS._page("t", page(row, named(PRODUCT, 4)))

    records, bad = build_all(batch.rows, lambda one: product(one, ()))

    assert "4" in {one.platform_id for one in records}
    assert all(is_told(one) for one in records)
    assert all(one.reason for one in (*bad, *batch.rejects))


@given(spoiled(ORDER) | spoiled(LINE).map(lambda one: within(ORDER, "lineItems", one)), spoiled(REFUND))
@settings(max_examples=200, deadline=None)
def test_orders_and_what_was_given_back_of_them(row: dict[str, Any], refund: dict[str, Any]) -> None:
    _, batch = ORDERS._page("t", page(row, named(ORDER, 4)))
    _, given_back = refunding(json.dumps({"data": {"owner": {"refunds": [refund]}}}).encode("utf-8", "surrogatepass"))

    records, bad = build_all(batch.rows, lambda one: order(one, given_back if one.id != 4 else None))
    refunds, unreadable = build_all(given_back.rows, refund_of("9"))

    assert "4" in {one.platform_id for one in records}
    assert all(is_told(one) for one in (*records, *refunds))
    lines = [line for one in records for line in one.lines]
    assert all(0 <= one.quantity_shipped + one.quantity_refunded <= one.quantity for one in lines)
    assert all(one.reason for one in (*bad, *unreadable, *batch.rejects, *given_back.rejects))


@given(spoiled(ITEM) | spoiled(LEVEL).map(lambda one: within(ITEM, "inventoryLevels", one)))
@settings(max_examples=200, deadline=None)
def test_stock(row: dict[str, Any]) -> None:
    good = {**ITEM, "variants": {"nodes": [named(ITEM["variants"]["nodes"][0], 4)]}}
    _, batch = ITEMS._page("t", page(row, good))

    records, bad = build_all(batch.rows, lambda one: stock_item(one, ""))

    assert "4" in {one.platform_id for one in records}
    assert all(is_told(one) for one in records)
    assert all(one.reason for one in (*bad, *batch.rejects))


@given(
    st.lists(
        st.binary(max_size=60)
        | spoiled({"id": "gid://shopify/Product/7", "__parentId": None}).map(json.dumps).map(str.encode)
    )
)
def test_lines_of_a_file_are_rows_or_the_file_is_refused(lines: list[bytes]) -> None:
    from fillrate.errors import BadAnswer

    try:
        rows = bulk.grown(lines)
    except BadAnswer:
        return
    assert sum(1 + len(one.parts) for one in rows) <= len(lines)
