"""Every endpoint's real answers agree with the official specification, in types and in names."""

from typing import Any

import pytest

from sandbox.api.routes import ROUTES
from tests.sandbox.conftest import Asker, Make
from tests.sandbox.specification import answer_schema, need_specification, query_parameters, undocumented, violations

PRODUCTS, VARIANTS = "catalog/products_catalog.v3.yml", "catalog/product-variants_catalog.v3.yml"
CATEGORIES, TREES, BRANDS = (
    "catalog/categories_catalog.v3.yml",
    "catalog/category-trees_catalog.v3.yml",
    "catalog/brands_catalog.v3.yml",
)
ORDERS2, ORDERS3 = "orders.v2.oas2.yml", "orders.v3.yml"

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
    return {
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
