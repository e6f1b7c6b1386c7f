"""`/v3/catalog/products`, to write: one, or ten at once. What is not sent stays; a list that is sent replaces the old one."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.api.body import amount, date, flag, integer, json_object, one_of, or_null, text, whole, wrong_fields
from sandbox.api.call import Call
from sandbox.api.catalogue_writes import batch_of, in_turn, refuse_taken_sku, with_unsaved, write_level, write_warning
from sandbox.api.paging import choose_fields
from sandbox.api.product_rows import EMPTY_PRODUCT, LISTS, CatalogueRows
from sandbox.counting import TRACKING, count_by
from sandbox.errors import Refusal, not_found
from sandbox.exchange import Response, answer
from sandbox.records import Product
from sandbox.state import State
from sandbox.times import read_moment

MOST_PRODUCTS = 10


def _ids(value: Any) -> str | None:
    fits = isinstance(value, list) and len(value) <= 1000 and all(type(each) is int for each in value)
    return None if fits else "must be an array of at most 1000 ids"


RULES = {
    "name": text(250, 1),
    "sku": text(255),
    "price": amount,
    "cost_price": amount,
    "weight": amount,
    "categories": _ids,
    "brand_id": whole(),
    "is_visible": flag,
    "is_price_hidden": flag,
    "availability": one_of("available", "disabled", "preorder"),
    "availability_description": text(255),
    "preorder_release_date": or_null(date),
    "preorder_message": text(255),
    "is_preorder_only": flag,
    "inventory_tracking": one_of(*TRACKING),
    "inventory_level": integer,
    "inventory_warning_level": whole(),
}
ATTRIBUTES = {
    "name": "name",
    "brand_id": "brand_id",
    "is_visible": "visible",
    "is_price_hidden": "price_hidden",
    "availability": "availability",
    "availability_description": "availability_text",
    "preorder_message": "preorder_message",
    "is_preorder_only": "preorder_only",
    "inventory_warning_level": "warning",
}
SCALES = {"price": ("price", 100), "cost_price": ("cost", 100), "weight": ("weight", 1000)}
NOT_KEPT = frozenset(EMPTY_PRODUCT) | {*LISTS, "variants", "description", "custom_url", "type", "brand_name"}


@dataclass(slots=True)
class Writing:
    """A product with what was sent for it, and what of that could not be saved."""

    product: Product
    sent: dict[str, Any]
    unsaved: dict[str, str] = field(default_factory=dict)


def _check(state: State, product: Product, sent: dict[str, Any]) -> Writing:
    wrong = wrong_fields(sent, RULES)
    wrong |= {name: f"{name} is not kept by the practice shop" for name in sorted(sent.keys() & NOT_KEPT)}
    if sent.get("is_price_hidden") and sent.get("availability", product.availability) != "disabled":
        wrong["is_price_hidden"] = "is_price_hidden needs the availability disabled"
    if wrong:
        raise Refusal(422, "; ".join(wrong.values()), wrong)
    _refuse_conflict(state, product, sent)
    return Writing(product, sent)


def _refuse_conflict(state: State, product: Product, sent: dict[str, Any]) -> None:
    name = sent.get("name", product.name)
    if name != product.name and any(other.name == name for other in state.products):
        raise Refusal(409, f"The product name is a duplicate: {name}", {"name": f"{name} is taken"})
    if sent.get("sku", product.sku) != product.sku:
        refuse_taken_sku(state, sent["sku"], product.id)
    unknown = [n for n in sent.get("categories", ()) if state.categories.get(n) is None]
    if unknown:
        raise Refusal(409, f"There is no category {unknown[0]}", {"categories": f"{unknown[0]} does not exist"})
    if sent.get("brand_id") and state.brands.get(sent["brand_id"]) is None:
        raise Refusal(409, f"There is no brand {sent['brand_id']}", {"brand_id": f"{sent['brand_id']} does not exist"})


def _write(state: State, writing: Writing) -> None:
    product, sent = writing.product, writing.sent
    state.products.before_change(product)
    for name, attribute in ATTRIBUTES.items():
        if name in sent:
            setattr(product, attribute, sent[name])
    for name, (attribute, scale) in SCALES.items():
        if name in sent:
            setattr(product, attribute, round(sent[name] * scale))
    if "categories" in sent:
        product.categories = tuple(sent["categories"])
    if "preorder_release_date" in sent:
        until = sent["preorder_release_date"]
        product.preorder_until = 0 if until is None else int(read_moment(until).seconds)
    if product.availability != "disabled":
        product.price_hidden = False
    if "sku" in sent:
        _write_sku(state, product, sent["sku"])
    state.products.changed(product, state.clock.now())
    _write_stock(state, writing)


def _write_sku(state: State, product: Product, sku: str) -> None:
    """The SKU of a product, which is that of its only variant as well."""
    product.sku = sku
    if not product.has_options:
        variant = state.variants.rows[product.variant_ids[0]]
        state.variants.before_change(variant)
        variant.sku = sku
        state.variants.changed(variant, state.clock.now())


def _write_stock(state: State, writing: Writing) -> None:
    """How the product is counted and, if that is as a whole, its number; otherwise that is not looked at."""
    product, sent = writing.product, writing.sent
    tracking = sent.get("inventory_tracking", product.tracking)
    if tracking != product.tracking:
        count_by(state, product, tracking)
    if product.tracking == "product":
        item = state.items.get(product.variant_ids[0])
        write_warning(state, item, sent.get("inventory_warning_level"))
        writing.unsaved = write_level(state, item, sent.get("inventory_level"))


def _true_product(state: State, product_id: Any) -> Product:
    product = state.products.get(product_id)
    if product is None:
        raise not_found(f"A product was not found with the id of {product_id}")
    return product


def update_product(call: Call, product_id: int) -> Response:
    """Change one; a 207 says that all was saved but the stock."""
    state = call.state
    writing = _check(state, _true_product(state, product_id), json_object(call))
    _write(state, writing)
    row = CatalogueRows(state, frozenset()).product(writing.product)
    return answer(*with_unsaved(choose_fields(call, [row])[0], writing.unsaved))


def update_products(call: Call) -> Response:
    """Change up to ten, each by its id."""
    state, rows = call.state, batch_of(call, MOST_PRODUCTS)
    if not all(type(row.get("id")) is int for row in rows):
        raise Refusal(422, "id is required", {"id": "id is required"})
    done = in_turn(
        state, rows, lambda row: _check(state, _true_product(state, row["id"]), row), lambda each: _write(state, each)
    )
    shown = CatalogueRows(state, frozenset())
    unsaved = {f"{n}.{name}": why for n, each in enumerate(done) for name, why in each.unsaved.items()}
    return answer(*with_unsaved(choose_fields(call, [shown.product(each.product) for each in done]), unsaved))
