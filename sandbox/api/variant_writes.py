"""Variants, to write: one, or fifty at once. A price of null means the product's."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.api.body import amount, flag, integer, json_object, or_null, text, whole, wrong_fields
from sandbox.api.call import Call
from sandbox.api.catalogue_writes import batch_of, in_turn, refuse_taken_sku, with_unsaved, write_level, write_warning
from sandbox.api.paging import choose_fields
from sandbox.api.product_rows import EMPTY_VARIANT, CatalogueRows
from sandbox.errors import Refusal, not_found, v3_error
from sandbox.exchange import Response, answer
from sandbox.records import Product, Variant
from sandbox.state import State

MOST_VARIANTS = 50
RULES = {
    "sku": text(255, 1),
    "price": or_null(amount),
    "upc": or_null(text(14)),
    "purchasing_disabled": flag,
    "purchasing_disabled_message": text(255),
    "inventory_level": or_null(integer),
    "inventory_warning_level": or_null(whole()),
    "bin_picking_number": or_null(text(255)),
}
ATTRIBUTES = {
    "purchasing_disabled": "disabled",
    "purchasing_disabled_message": "disabled_message",
    "inventory_warning_level": "warning",
    "bin_picking_number": "bin",
}
NOT_KEPT = frozenset(EMPTY_VARIANT) | {"cost_price"}


@dataclass(slots=True)
class Writing:
    """A variant of a product with what was sent for it, and what of that could not be saved."""

    product: Product
    variant: Variant
    sent: dict[str, Any]
    unsaved: dict[str, str] = field(default_factory=dict)


def _check(state: State, product: Product, variant: Variant, sent: dict[str, Any]) -> Writing:
    wrong = wrong_fields(sent, RULES)
    wrong |= {name: f"{name} is not kept by the practice shop" for name in sorted(sent.keys() & NOT_KEPT)}
    if sent.get("product_id", product.id) != product.id:
        wrong["product_id"] = f"product_id is {product.id} and cannot be changed"
    if wrong:
        raise Refusal(422, "; ".join(wrong.values()), wrong)
    sku = sent.get("sku", variant.sku)
    if sku != variant.sku:
        refuse_taken_sku(state, sku, product.id)
        siblings = (state.variants.rows[n] for n in product.variant_ids if n != variant.id)
        if any(other.sku.lower() == sku.lower() for other in siblings):
            raise Refusal(409, f"The variant sku is a duplicate: {sku}", {"sku": f"{sku} is taken"})
    return Writing(product, variant, sent)


def _write(state: State, writing: Writing) -> None:
    product, variant, sent = writing.product, writing.variant, writing.sent
    now = state.clock.now()
    state.variants.before_change(variant)
    state.products.before_change(product)
    for name, attribute in ATTRIBUTES.items():
        if name in sent:
            setattr(variant, attribute, sent[name])
    variant.upc = sent.get("upc", variant.upc) or ""
    if "price" in sent:
        variant.price = None if sent["price"] is None else round(sent["price"] * 100)
    if "sku" in sent:
        variant.sku = sent["sku"]
        product.sku = product.sku if product.has_options else variant.sku
    state.variants.changed(variant, now)
    state.products.changed(product, now)
    if product.tracking == "variant":
        item = state.items.get(variant.id)
        write_warning(state, item, sent.get("inventory_warning_level"))
        writing.unsaved = write_level(state, item, sent.get("inventory_level"))


def _show(call: Call, done: list[Writing]) -> list[dict[str, Any]]:
    rows = CatalogueRows(call.state, frozenset())
    return choose_fields(call, [rows.variant(each.variant, each.product) for each in done])


def update_variant(call: Call, product_id: int, variant_id: int) -> Response:
    """Change one; a 207 says that all was saved but the stock."""
    state = call.state
    product, variant = state.products.get(product_id), state.variants.get(variant_id)
    if product is None or variant is None or variant.product_id != product_id:
        raise not_found(f"A variant was not found with the id of {variant_id}")
    writing = _check(state, product, variant, json_object(call))
    _write(state, writing)
    return answer(*with_unsaved(_show(call, [writing])[0], writing.unsaved))


def _check_row(state: State, row: dict[str, Any]) -> Writing:
    """A row of a batch. One without an id would make a new variant; this shop makes none."""
    variant = state.variants.get(row["id"]) if type(row.get("id")) is int else None
    product = state.products.get(variant.product_id) if variant else None
    if variant is None or product is None:
        raise Refusal(422, f"A variant was not found with the id of {row.get('id')}", {"id": "does not exist"})
    writing = _check(state, product, variant, row)
    if (row.get("inventory_level") or 0) < 0:
        raise Refusal(422, "The inventory level cannot be negative", {"inventory_level": "cannot be negative"})
    return writing


def update_variants(call: Call) -> Response:
    """Change up to fifty, each by its id; the refusal of one is a list of its own."""
    state, rows = call.state, batch_of(call, MOST_VARIANTS)
    try:
        done = in_turn(state, rows, lambda row: _check_row(state, row), lambda each: _write(state, each))
    except Refusal as refusal:
        error = v3_error(refusal.status, refusal.text, refusal.errors)
        return answer({"batch_errors": [{name: error[name] for name in ("status", "type", "errors")}]}, 422)
    return answer({"data": _show(call, done), "meta": {}})
