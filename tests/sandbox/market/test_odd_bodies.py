"""Whatever a caller sends, a shop of the market answers it, and says no in its own words."""

import base64
import json
from typing import Any

import pytest

from sandbox.exchange import Request
from sandbox.kinds import KINDS
from sandbox.market import Goods, Market, MarketConfig
from sandbox.shopify import Shopify
from sandbox.woocommerce import WooCommerce

GOODS = [Goods("A-1", "Anchor", 10, 1500), Goods("C-1", "Cup", 1, 1, "cup"), Goods("C-2", "Cup", 1, 1, "cup")]
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2.5,
    10**30,
    "",
    "abc",
    "é",
    [],
    {},
    [None],
    [[]],
    [{}],
    [1, 2],
    {"id": None},
    {"a": {"b": [1]}},
]
FIELDS = (
    *("stock_quantity", "manage_stock", "backorders", "sku", "name", "regular_price", "status", "line_items", "amount"),
    *("api_restock", "meta_data", "customer_note", "set_paid", "update", "create", "delete", "reason", "type"),
)
ADJUST = """mutation A($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { userErrors { code } } }"""


def answered(shop: Market, method: str, path: str, body: Any, headers: dict[str, str], query: str = "") -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kept, shop.state = shop.state, shop.state.snapshot()
    status = shop.handle(Request(method, path, query, {"content-type": "application/json", **headers}, content)).status
    shop.state = kept
    return status


def test_woocommerce_writes() -> None:
    shop = WooCommerce(MarketConfig(orders=4, switches={"tls": True}), GOODS)
    head = {"authorization": "Basic " + base64.b64encode(b"ck_practice:cs_practice").decode()}
    order = min(shop.state.orders)
    product = shop.state.by_sku("A-1")[0].id
    variation = shop.state.by_sku("C-1")[0]
    paths = [
        ("PUT", f"/products/{product}"),
        ("POST", "/products"),
        ("POST", "/products/batch"),
        ("PUT", f"/products/{variation.product_id}/variations/{variation.id}"),
        ("POST", f"/products/{variation.product_id}/variations/batch"),
        ("PUT", f"/orders/{order}"),
        ("POST", "/orders"),
        ("POST", f"/orders/{order}/refunds"),
    ]
    bodies = [*ODD, *({name: odd} for name in FIELDS for odd in ODD)]
    bodies += [{"update": [{"id": product, name: odd}]} for name in FIELDS for odd in ODD]
    for method, path in paths:
        for body in bodies:
            assert answered(shop, method, f"/wp-json/wc/v3{path}", body, head) in {200, 201, 400, 404, 413, 501}, (
                path,
                body,
            )


@pytest.mark.parametrize(
    "value", ["", "0", "-1", "abc", "1.5", "9" * 20, "%00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00", "a,,b"]
)
def test_woocommerce_queries(value: str) -> None:
    shop = WooCommerce(MarketConfig(orders=4, switches={"tls": True}), GOODS)
    head = {"authorization": "Basic " + base64.b64encode(b"ck_practice:cs_practice").decode()}
    names = (
        "per_page",
        "page",
        "offset",
        "modified_after",
        "dates_are_gmt",
        "orderby",
        "order",
        "status",
        "include",
        "_fields",
    )
    for path in ("products", "orders", "variations"):
        for name in names:
            for query in (f"{name}={value}", f"{name}[]={value}&{name}[]=x"):
                assert answered(shop, "GET", f"/wp-json/wc/v3/{path}", b"", head, query) in {200, 400, 501}, query


def test_shopify_documents_and_variables() -> None:
    shop = Shopify(MarketConfig(orders=4), GOODS)
    form = b"client_id=practice-client&client_secret=shpss_practice&grant_type=client_credentials"
    token = shop.handle(Request("POST", "/admin/oauth/access_token", body=form)).json()["access_token"]
    head, path = {"x-shopify-access-token": token}, "/admin/api/2026-07/graphql.json"
    row = {"inventoryItemId": "", "locationId": "", "delta": 1, "changeFromQuantity": None}
    told = {"name": "available", "reason": "correction", "changes": [row]}
    bodies: list[Any] = [*ODD, *({"query": odd} for odd in ODD)]
    bodies += [{"query": "{ shop { name } }", name: odd} for name in ("variables", "operationName") for odd in ODD]
    for odd in [*ODD, "gid://shopify/InventoryItem/" + "9" * 30, "gid://shopify/Location/0"]:
        inputs: list[Any] = [{**told, name: odd} for name in (*told, "referenceDocumentUri")]
        inputs += [odd, *({**told, "changes": [{**row, name: odd}]} for name in row)]
        bodies += [{"query": ADJUST, "variables": {"input": one, "key": str(len(bodies))}} for one in inputs]
    for document in ("{", "{ " * 900, "subscription { a }", "query A { shop { name } } query B { shop { name } }"):
        bodies.append({"query": document})
    for body in bodies:
        assert answered(shop, "POST", path, body, head) in {200, 400}, body


@pytest.mark.parametrize("kind", KINDS.values())
def test_actions(kind: type[Market]) -> None:
    shop = kind(MarketConfig(orders=4), GOODS)
    names = (
        "order_id",
        "sku",
        "id",
        "lines",
        "quantity",
        "number",
        "location_id",
        "restock",
        "to",
        "status",
        "line_id",
    )
    for action in shop.actions():
        for name in names:
            for odd in ODD:
                entry = {"action": action, "order_id": min(shop.state.orders), "sku": "A-1", name: odd}
                assert answered(shop, "POST", "/_practice/shop", entry, {}) == 200, entry
