"""`/v3/catalog/products` and `/v3/catalog/variants`: lists with their many filters, and single ones."""

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.api.call import Call
from sandbox.api.filters import RANGE, Field, Listing, as_bool, find, find_sorted, read_listing
from sandbox.api.paging import choose_fields, paged
from sandbox.api.product_rows import CatalogueRows, availability_of, product_level
from sandbox.errors import Refusal, not_found
from sandbox.exchange import Response, answer
from sandbox.records import Product
from sandbox.state import State
from sandbox.table import Table
from sandbox.times import read_moment

INCLUDES = frozenset(
    {"bulk_pricing_rules", "channels", "custom_fields", "images", "modifiers", "options", "parent_relations"}
    | {"primary_image", "reviews", "variants", "videos"}
)
SMALL_PAGE = 10


def _keyword(_: State, product: Product) -> str:
    return f"{product.name} {product.sku}"


def _is_low(state: State, product: Product) -> bool:
    return product.tracking != "none" and product_level(state, product) <= 5


def _is_out(state: State, product: Product) -> bool:
    return product.tracking != "none" and product_level(state, product) == 0


NEVER = float("nan")  # neither before nor after anything


def _ids(table: Table[Any], attribute: str, wanted: Iterable[Any]) -> set[int] | None:
    return None if table.late else table.ids_by(attribute, wanted)


def _seconds(text: str) -> float:
    return read_moment(text).seconds


PRODUCT_FIELDS: dict[str, Field] = {
    "name": Field(lambda _, p: p.name),
    "sku": Field(lambda _, p: p.sku, str, frozenset({"", "in"}), lambda state, skus: _ids(state.products, "sku", skus)),
    "mpn": Field(lambda _, __: ""),
    "upc": Field(lambda _, __: ""),
    "price": Field(lambda _, p: p.price / 100, float),
    "weight": Field(lambda _, p: p.weight / 1000, float),
    "condition": Field(lambda _, __: "new"),
    "brand_id": Field(lambda _, p: p.brand_id, int),
    "is_visible": Field(lambda _, p: p.visible, as_bool),
    "is_featured": Field(lambda _, __: False, as_bool),
    "is_free_shipping": Field(lambda _, __: False, as_bool),
    "inventory_level": Field(product_level, int, RANGE | {"", "in", "not_in"}),
    "inventory_low": Field(_is_low, as_bool),
    "out_of_stock": Field(_is_out, as_bool),
    "total_sold": Field(lambda _, p: p.total_sold, int),
    "type": Field(lambda _, p: p.kind),
    "availability": Field(availability_of),
    "date_last_imported": Field(lambda _, __: NEVER, _seconds, frozenset({"", "min", "max", "not"})),
    "categories": Field(lambda _, p: p.categories, lambda text: (int(text),)),
}
PRODUCT_SORTS = {
    "name": lambda _, p: p.name,
    "sku": lambda _, p: p.sku,
    "price": lambda _, p: p.price,
    "calculated_price": lambda _, p: p.price,
    "date_modified": lambda _, p: (p.modified, p.id),
    "date_last_imported": lambda _, p: p.id,
    "inventory_level": product_level,
    "is_visible": lambda _, p: p.visible,
    "total_sold": lambda _, p: p.total_sold,
}
PRODUCTS = Listing(
    fields=PRODUCT_FIELDS,
    sorts=PRODUCT_SORTS,
    controls=frozenset({"keyword", "keyword_context", "categories:in", "channel_id:in"}),
    dates={"date_modified": "modified"},
    append_time=True,
)
VARIANTS = Listing(
    fields={
        "sku": Field(lambda _, v: v.sku, ids=lambda state, skus: _ids(state.variants, "sku", skus)),
        "upc": Field(lambda _, v: v.upc),
        "product_id": Field(
            lambda _, v: v.product_id,
            int,
            frozenset({"in"}),
            lambda state, ids: _ids(state.variants, "product_id", ids),
        ),
    },
    id_ops=frozenset({""}),
)


def _included(call: Call) -> frozenset[str]:
    include = frozenset(call.csv("include") or ())
    if not include <= INCLUDES:
        raise Refusal(422, "The include parameter is not valid.", {"include": "unknown sub-resource"})
    return include


def list_products(call: Call) -> Response:
    """A page of products; with options or modifiers a page holds ten at most."""
    include = _included(call)
    query = read_listing(call, PRODUCTS)
    in_all, channels, keyword = call.numbers("categories:in"), call.numbers("channel_id:in"), call.params.get("keyword")
    if in_all is not None:
        query.tests.append(lambda p: in_all <= set(p.categories))
    if channels is not None and 1 not in channels:
        query.ids = set()
    if keyword is not None:
        query.tests.append(lambda p: keyword.lower() in _keyword(call.state, p).lower())
    view = call.state.products.read()
    ids = find_sorted(call, PRODUCTS, view, query)
    rows = CatalogueRows(call.state, include)

    def show(chosen: Sequence[int]) -> list[Any]:
        return [rows.product(product) for product in view.rows(chosen)]

    if include & {"options", "modifiers"}:
        limit = min(call.number("limit") or SMALL_PAGE, SMALL_PAGE)
        call = Call(call.state, call.method, call.path, {**call.params, "limit": str(limit)}, shift=call.shift)
    return paged(call, ids, show, 250)


def get_product(call: Call, product_id: int) -> Response:
    """One product."""
    rows = CatalogueRows(call.state, _included(call))
    product = call.state.products.read().get(product_id)
    if product is None:
        raise not_found(f"A product was not found with the id of {product_id}")
    return answer({"data": choose_fields(call, [rows.product(product)])[0], "meta": {}})


def _variant_page(call: Call, query_ids: set[int] | None) -> Response:
    query = read_listing(call, VARIANTS)
    if query_ids is not None:
        query.ids = query_ids if query.ids is None else query.ids & query_ids
    view, products = call.state.variants.read(), call.state.products.read()
    rows = CatalogueRows(call.state, frozenset())
    ids = find(view, query)

    def show(chosen: Sequence[int]) -> list[Any]:
        pairs = ((variant, products.get(variant.product_id)) for variant in view.rows(chosen))
        return [rows.variant(variant, product) for variant, product in pairs if product is not None]

    return paged(call, ids, show, None)


def list_variants(call: Call) -> Response:
    """A page of all variants."""
    return _variant_page(call, None)


def list_product_variants(call: Call, product_id: int) -> Response:
    """A page of the variants of one product."""
    product = call.state.products.read().get(product_id)
    if product is None:
        raise not_found(f"A product was not found with the id of {product_id}")
    return _variant_page(call, set(product.variant_ids))


def get_variant(call: Call, product_id: int, variant_id: int) -> Response:
    """One variant."""
    product = call.state.products.read().get(product_id)
    variant = call.state.variants.read().get(variant_id)
    if product is None or variant is None or variant.product_id != product_id:
        raise not_found(f"A variant was not found with the id of {variant_id}")
    rows = CatalogueRows(call.state, frozenset())
    return answer({"data": choose_fields(call, [rows.variant(variant, product)])[0], "meta": {}})
