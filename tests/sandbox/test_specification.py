"""Every endpoint's real answers agree with the official specification, in types and in names."""

from typing import Any

import pytest

from sandbox.api.routes import ROUTES
from tests.sandbox.conftest import Asker, Make
from tests.sandbox.specification import (
    answer_schema,
    need_specification,
    query_parameters,
    request_schema,
    undocumented,
    violations,
)

PRODUCTS, VARIANTS = "catalog/products_catalog.v3.yml", "catalog/product-variants_catalog.v3.yml"
CATEGORIES, TREES, BRANDS = (
    "catalog/categories_catalog.v3.yml",
    "catalog/category-trees_catalog.v3.yml",
    "catalog/brands_catalog.v3.yml",
)
ORDERS2, ORDERS3, HOOKS = "orders.v2.oas2.yml", "orders.v3.yml", "webhooks.v3.yml"

# (file, path, query): every GET endpoint that is served and specified.
READS: list[tuple[str, str, dict[str, Any]]] = [
    ("store_information.v2.yml", "/v2/store", {}),
    ("store_information.v2.yml", "/v2/time", {}),
    ("settings.v3.yml", "/v3/settings/inventory", {}),
    (PRODUCTS, "/v3/catalog/products", {"include": "variants,options,images,videos,channels", "limit": 250}),
    (PRODUCTS, "/v3/catalog/products", {"limit": 250}),
    (PRODUCTS, "/v3/catalog/products/{product}", {}),
    (VARIANTS, "/v3/catalog/products/{product}/variants", {}),
    (VARIANTS, "/v3/catalog/products/{product}/variants/{variant}", {}),
    (VARIANTS, "/v3/catalog/variants", {"limit": 250}),
    (CATEGORIES, "/v3/catalog/categories", {}),
    (CATEGORIES, "/v3/catalog/categories/{category}", {}),
    (TREES, "/v3/catalog/trees", {}),
    (TREES, "/v3/catalog/trees/categories", {}),
    (TREES, "/v3/catalog/trees/{one}/categories", {}),
    (BRANDS, "/v3/catalog/brands", {}),
    (BRANDS, "/v3/catalog/brands/{brand}", {}),
    ("inventory.v3.yml", "/v3/inventory/items", {"limit": 1000}),
    ("inventory.v3.yml", "/v3/inventory/locations/{one}/items", {"limit": 1000}),
    ("locations.v3.yml", "/v3/inventory/locations", {}),
    ("customers.v3.yml", "/v3/customers", {"include": "addresses,storecredit,attributes,formfields"}),
    ("customers.v2.yml", "/v2/customer_groups", {}),
    ("customers.v2.yml", "/v2/customer_groups/{one}", {}),
    ("customers.v2.yml", "/v2/customer_groups/count", {}),
    (ORDERS2, "/v2/orders", {"limit": 250}),
    (
        ORDERS2,
        "/v2/orders",
        {"include": "consignments.line_items,fees", "consignment_structure": "object", "limit": 250},
    ),
    (ORDERS2, "/v2/orders", {"include": "consignments", "consignment_structure": "object"}),
    (ORDERS2, "/v2/orders/count", {}),
    (ORDERS2, "/v2/orders/{order}", {}),
    (ORDERS2, "/v2/orders/{order}/products", {}),
    (ORDERS2, "/v2/orders/{order}/products/{line}", {}),
    (ORDERS2, "/v2/orders/{order}/shipping_addresses", {}),
    (ORDERS2, "/v2/orders/{order}/shipping_addresses/{address}", {}),
    (ORDERS2, "/v2/orders/{order}/shipments", {}),
    (ORDERS2, "/v2/orders/{order}/shipments/{shipment}", {}),
    (ORDERS2, "/v2/orders/{order}/shipments/count", {}),
    (ORDERS2, "/v2/orders/{order}/consignments", {"include": "consignments.line_items"}),
    (ORDERS2, "/v2/order_statuses", {}),
    (ORDERS2, "/v2/order_statuses/{one}", {}),
    (ORDERS3, "/v3/orders/payment_actions/refunds", {}),
    (ORDERS3, "/v3/orders/payment_actions/refunds/{one}", {}),
    (ORDERS3, "/v3/orders/{refunded}/payment_actions/refunds", {}),
    (ORDERS3, "/v3/orders/metafields", {}),
    (ORDERS3, "/v3/orders/{noted}/metafields", {}),
    (ORDERS3, "/v3/orders/{noted}/metafields/{one}", {}),
    (HOOKS, "/v3/hooks", {}),
    (HOOKS, "/v3/hooks/{hook}", {}),
    (HOOKS, "/v3/hooks/admin", {}),
]

# Served without a schema of their own: an alias, and lists that are always empty.
WITHOUT_SCHEMA = {
    "/v2/orders/{id}/shippingaddresses",
    "/v2/orders/{id}/coupons",
    "/v2/orders/{id}/taxes",
    "/v2/orders/{id}/messages",
    "/v2/orders/{id}/fees",
}

# Where the specification contradicts itself, its own examples, or what the shop is known to do.
CONTRADICTIONS: tuple[str, ...] = (
    # Products with options have no base variant, and others no option set; the schema forgets that these can be null.
    "data/*/base_variant_id: None",
    "data/*/option_set_id: None",
    "data/base_variant_id: None",
    "data/option_set_id: None",
)

# Names that real answers have, by the specification's own examples or by the vendor's threads, and its schemas lack.
KNOWN_NAMES: set[str] = {
    # Asked for by `include=variants`, which the parameter's own description offers.
    "/data/*/variants",
    # Documented for the variants of one product, missing in the list of all.
    "/data/*/calculated_weight",
    "/data/*/gtin",
    "/data/*/image_url",
    "/data/*/mpn",
    # In the example of the list of orders, not in its schema.
    *(f"{at}/{name}" for at in ("/*", "") for name in ("credit_card_type", "custom_status")),
    # The position of a status, in the description of the endpoint.
    "/*/order",
    "/order",
    # bigcommerce/docs#960: what tells that lines were cut at fifty.
    "/*/consignments/shipping/*/__warning__",
}


def ids_of(shop: Asker) -> dict[str, int]:
    """Ids that exist, for the places in paths."""
    state = shop.shop.state
    shipped = next(o for o in state.orders if o.shipments and o.address_count == 1)
    product = next(p for p in state.products if p.has_options)
    hook = {"scope": "store/order/*", "destination": "https://shop.example/hooks/main", "headers": {"X-Our": "word"}}
    return {
        "hook": shop.send("POST", "/v3/hooks", hook).json()["data"]["id"],
        "one": 1,
        "product": product.id,
        "variant": product.variant_ids[0],
        "category": state.categories.ids[0],
        "brand": state.brands.ids[0],
        "order": shipped.id,
        "line": shipped.lines[0].id,
        "address": shipped.address_id,
        "shipment": shipped.shipments[0],
        "refunded": next(iter(state.refunds)).order_id,
        "noted": state.metafields.rows[1].order_id,
    }


def check(file: str, path: str, method: str, status: int, answer: Any) -> list[str]:
    schema = answer_schema(file, path.removeprefix("/v2").removeprefix("/v3"), method, status)
    wrong = [text for text in violations(file, schema, answer) if not text.startswith(CONTRADICTIONS)]
    return wrong + sorted(undocumented(file, schema, answer) - KNOWN_NAMES)


@pytest.mark.parametrize(("file", "path", "query"), READS, ids=lambda value: value if isinstance(value, str) else None)
def test_what_is_read_agrees_with_the_specification(make: Make, file: str, path: str, query: dict[str, Any]) -> None:
    need_specification()
    shop = make(products=60, orders=120)

    answer = shop.get(path.format(**ids_of(shop)), **query)

    assert check(file, path.replace("{one}", "{id}"), "get", 200, answer) == []


def test_every_get_endpoint_is_checked_against_the_specification(make: Make) -> None:
    from sandbox.api.routes import template_of

    ids = ids_of(make(products=60, orders=120))
    checked = {template_of(path.format(**ids))[0] for _, path, _ in READS}

    assert {path for path, methods in ROUTES.items() if "GET" in methods} == checked | WITHOUT_SCHEMA


LISTS = sorted({(file, path) for file, path, _ in READS if "{" not in path.rsplit("/", 1)[1]})


@pytest.mark.parametrize(("file", "path"), LISTS)
def test_every_documented_parameter_is_taken_and_no_other_one(make: Make, file: str, path: str) -> None:
    need_specification()
    shop = make(products=60, orders=120)
    real = path.format(**ids_of(shop))
    document_path = path.removeprefix("/v2").removeprefix("/v3").replace("{one}", "{id}")
    documented = query_parameters(file, document_path)

    statuses = {
        name: shop.send("GET", real, **{name: value}).status
        for name, value in documented.items()
        if name not in {"after", "before"}
    }
    unknown = [shop.send("GET", real, **{name: "1"}).status for name in ("colour", "date_modified:since")]

    assert {name: status for name, status in statuses.items() if status not in {200, 204}} == {}
    assert set(unknown) == {200 if path.startswith("/v2") else 422}


ERRORS: list[tuple[str, str, str, Any, int]] = [
    (ORDERS2, "/v2/orders/{missing}", "get", None, 404),
    (ORDERS2, "/v2/orders/{missing}/consignments", "get", None, 404),
    ("inventory.v3.yml", "/v3/inventory/locations/{missing}/items", "get", None, 404),
    (ORDERS3, "/v3/orders/{order}/metafields/{missing}", "get", None, 404),
    (ORDERS3, "/v3/orders/{order}/metafields/{missing}", "delete", None, 404),
    (ORDERS3, "/v3/orders/{order}/metafields", "post", {"key": "k"}, 422),
    (ORDERS3, "/v3/orders/metafields", "post", [{"key": "k"}], 422),
    (ORDERS3, "/v3/orders/metafields", "put", [{"id": 10**9}], 422),
    (ORDERS3, "/v3/orders/metafields", "delete", [10**9], 422),
    (TREES, "/v3/catalog/trees/{missing}/categories", "get", None, 404),
    (VARIANTS, "/v3/catalog/products/{missing}/variants/{missing}", "get", None, 404),
    (PRODUCTS, "/v3/catalog/products/{missing}", "get", None, 404),
    (HOOKS, "/v3/hooks/{missing}", "get", None, 404),
    (HOOKS, "/v3/hooks", "post", {"scope": "store/order/*"}, 422),
]


@pytest.mark.parametrize(("file", "path", "method", "body", "status"), ERRORS)
def test_refusals_agree_with_the_specification(
    small: Asker, file: str, path: str, method: str, body: Any, status: int
) -> None:
    need_specification()
    ids = {"missing": 999_999, "order": small.shop.state.orders.ids[0]}

    response = small.send(method.upper(), path.format(**ids), body)

    assert response.status == status
    assert check(file, path, method, status, response.json()) == []


def test_written_metafields_agree_with_the_specification(small: Asker) -> None:
    need_specification()
    order_id = small.shop.state.orders.ids[-1]
    fields = {"permission_set": "app_only", "namespace": "ours", "key": "a", "value": "1"}

    one = small.send("POST", f"/v3/orders/{order_id}/metafields", fields)
    many = small.send("POST", "/v3/orders/metafields", [{**fields, "resource_id": order_id, "key": "b"}])
    changed = small.send("PUT", "/v3/orders/metafields", [{"id": one.json()["data"]["id"], "value": "2"}])
    gone = small.send("DELETE", "/v3/orders/metafields", [one.json()["data"]["id"]])

    assert check(ORDERS3, "/v3/orders/{id}/metafields", "post", one.status, one.json()) == []
    assert check(ORDERS3, "/v3/orders/metafields", "post", many.status, many.json()) == []
    assert check(ORDERS3, "/v3/orders/metafields", "put", changed.status, changed.json()) == []
    assert check(ORDERS3, "/v3/orders/metafields", "delete", gone.status, gone.json()) == []


PERSON = {
    "first_name": "Ada",
    "last_name": "Byron",
    "street_1": "1 Mill Lane",
    "zip": "HU1",
    "country": "United States",
}
INVENTORY, SETTINGS = "inventory.v3.yml", "settings.v3.yml"
WRITES: list[tuple[str, str, str, Any, int]] = [
    (ORDERS2, "/v2/orders/{open}", "put", {"status_id": 9, "staff_notes": "call first"}, 200),
    (ORDERS2, "/v2/orders/{open}", "put", {"products": [{"id": "open_line", "quantity": 5}]}, 200),
    (ORDERS2, "/v2/orders/{open}", "put", {"products": [{"product_id": "lamp", "quantity": 1}]}, 200),
    (
        ORDERS2,
        "/v2/orders",
        "post",
        {"billing_address": PERSON, "products": [{"product_id": "lamp", "quantity": 1}]},
        200,
    ),
    (
        ORDERS2,
        "/v2/orders/{open}/shipments",
        "post",
        {
            "order_address_id": "open_address",
            "items": [{"order_product_id": "open_line", "quantity": 1}],
            "tracking_number": "T-1",
            "shipping_provider": "usps",
        },
        201,
    ),
    (ORDERS2, "/v2/orders/{order}/shipments/{shipment}", "put", {"tracking_number": "T-2", "comments": "late"}, 200),
    (PRODUCTS, "/v3/catalog/products/{lamp}", "put", {"availability": "preorder", "inventory_level": 4}, 200),
    (PRODUCTS, "/v3/catalog/products/{lamp}", "put", {"inventory_level": -1}, 207),
    (PRODUCTS, "/v3/catalog/products/{lamp}", "put", {"availability": "soon"}, 422),
    (PRODUCTS, "/v3/catalog/products/{lamp}", "put", {"categories": [10**8]}, 409),
    (PRODUCTS, "/v3/catalog/products/{missing}", "put", {"is_visible": True}, 404),
    (PRODUCTS, "/v3/catalog/products", "put", [{"id": "lamp", "availability_description": "Ships in May"}], 200),
    (PRODUCTS, "/v3/catalog/products", "put", [{"id": "lamp", "inventory_level": -1}], 207),
    (PRODUCTS, "/v3/catalog/products", "put", [{"id": "missing", "is_visible": True}], 404),
    (PRODUCTS, "/v3/catalog/products", "put", [{"id": "lamp"}] * 11, 413),
    (VARIANTS, "/v3/catalog/products/{tee}/variants/{small}", "put", {"purchasing_disabled": True}, 200),
    (VARIANTS, "/v3/catalog/products/{tee}/variants/{small}", "put", {"inventory_level": -1}, 207),
    (VARIANTS, "/v3/catalog/products/{tee}/variants/{missing}", "put", {"price": None}, 404),
    (VARIANTS, "/v3/catalog/variants", "put", [{"id": "small", "purchasing_disabled_message": "Back in May"}], 200),
    (VARIANTS, "/v3/catalog/variants", "put", [{"id": "missing", "purchasing_disabled": True}], 422),
    (
        INVENTORY,
        "/v3/inventory/adjustments/absolute",
        "put",
        {"reason": "count", "items": [{"location_id": 1, "variant_id": "small", "quantity": 3}]},
        200,
    ),
    (INVENTORY, "/v3/inventory/adjustments/absolute", "put", {"items": []}, 422),
    (
        INVENTORY,
        "/v3/inventory/adjustments/relative",
        "post",
        {"reason": "receipt", "items": [{"location_id": 1, "product_id": "lamp", "quantity": 3}]},
        200,
    ),
    (
        INVENTORY,
        "/v3/inventory/adjustments/relative",
        "post",
        {"items": [{"location_id": 1, "variant_id": "lamp_variant", "quantity": 3}]},
        422,
    ),
    (
        INVENTORY,
        "/v3/inventory/locations/{one}/items",
        "put",
        {"settings": [{"identity": {"product_id": "lamp"}, "safety_stock": 2, "is_in_stock": True}]},
        200,
    ),
    (
        INVENTORY,
        "/v3/inventory/locations/{one}/items",
        "put",
        {"settings": [{"identity": {"product_id": "lamp"}}]},
        422,
    ),
    (SETTINGS, "/v3/settings/inventory", "put", {"edit_order_stock_adjustment": False}, 200),
]
MEANT_WRONG = {404, 207, 409, 413, 422}
"""Answers to requests that are wrong on purpose."""


def with_ids(body: Any, ids: dict[str, int]) -> Any:
    """A body with the ids that its texts stand for."""
    if isinstance(body, dict):
        return {name: with_ids(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [with_ids(each, ids) for each in body]
    return ids.get(body, body) if isinstance(body, str) else body


def ids_to_write(shop: Asker) -> dict[str, int]:
    """Ids of things that may be written."""
    lamp = shop.do("create_product", name="Lamp", sku="LAMP", stock=20)
    tee = shop.do("create_product", name="Tee", sku="TEE", variants=[{"sku": "TEE-S", "stock": 5}])
    placed = shop.do("place_order", lines=[{"sku": "LAMP", "quantity": 2}])
    return {
        **ids_of(shop),
        "missing": 999_999,
        "lamp": lamp["product_id"],
        "lamp_variant": lamp["variant_ids"][0],
        "tee": tee["product_id"],
        "small": tee["variant_ids"][0],
        "open": placed["order_id"],
        "open_line": placed["line_ids"][0],
        "open_address": shop.shop.state.orders.rows[placed["order_id"]].address_id,
    }


def test_what_is_written_and_answered_agrees_with_the_specification(make: Make) -> None:
    need_specification()
    shop = make(products=60, orders=120)
    ids = ids_to_write(shop)

    for file, path, method, wanted, status in WRITES:
        body = with_ids(wanted, ids)
        response = shop.send(method.upper(), path.format(**ids), body)

        case = (method, path, wanted)
        documented = path.removeprefix("/v2").removeprefix("/v3").replace("{one}", "{id}")
        asked = request_schema(file, documented, method)
        assert response.status == status, (case, response.body)
        assert status in MEANT_WRONG or (violations(file, asked, body), undocumented(file, asked, body)) == (
            [],
            set(),
        ), case
        if response.body:
            assert check(file, path.replace("{one}", "{id}"), method, status, response.json()) == [], case
