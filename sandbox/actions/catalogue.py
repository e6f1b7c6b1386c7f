"""Actions on the catalogue: create, rename, re-price, delete, switch tracking."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.actions.reading import ActionRefused, find_product, find_variant, objects, whole, words
from sandbox.counting import TRACKING, add_items, count_by, drop_items
from sandbox.records import Option, Product, Variant
from sandbox.state import State

Entry = Mapping[str, Any]


def _change(state: State, product: Product, change: Callable[[], None]) -> None:
    state.products.before_change(product)
    change()
    state.products.changed(product, state.clock.now())


def rename_sku(state: State, entry: Entry) -> dict[str, Any]:
    """A variant gets another SKU; lines that were ordered keep the old one."""
    product, variant = find_variant(state, entry)
    new = words(entry, "to")
    state.variants.before_change(variant)
    variant.sku = new
    state.variants.changed(variant, state.clock.now())
    _change(state, product, lambda: None if product.has_options else setattr(product, "sku", new))
    item = state.item_of(product.id, variant.id)
    if item is not None:
        state.items.before_change(item)
    return {"product_id": product.id, "variant_id": variant.id}


def rename_product(state: State, entry: Entry) -> dict[str, Any]:
    """A product gets another name."""
    product, new = find_product(state, entry), words(entry, "to")
    _change(state, product, lambda: setattr(product, "name", new))
    return {"product_id": product.id}


def set_price(state: State, entry: Entry) -> dict[str, Any]:
    """A product gets another price, in cents."""
    product, cents = find_product(state, entry), whole(entry, "cents")
    _change(state, product, lambda: setattr(product, "price", cents))
    return {"product_id": product.id}


def set_visible(state: State, entry: Entry) -> dict[str, Any]:
    """A product is published or hidden."""
    product = find_product(state, entry)
    _change(state, product, lambda: setattr(product, "visible", bool(entry.get("visible", True))))
    return {"product_id": product.id}


def set_tracking(state: State, entry: Entry) -> dict[str, Any]:
    """The stock of a product is counted in another way, or not at all; newly counted things start at nothing."""
    product, tracking = find_product(state, entry), words(entry, "tracking")
    if tracking not in TRACKING:
        raise ActionRefused(f"tracking is one of {TRACKING}, not {tracking!r}")
    count_by(state, product, tracking)
    return {"product_id": product.id}


def delete_product(state: State, entry: Entry) -> dict[str, Any]:
    """A product goes, with its variants and its stock; orders keep their lines."""
    product = find_product(state, entry)
    drop_items(state, product)
    for variant_id in product.variant_ids:
        state.variants.remove(variant_id)
    state.products.remove(product.id)
    return {"product_id": product.id}


def _wanted_variants(entry: Entry) -> list[tuple[str, str, int]]:
    """SKU, label and stock of each variant of a new product."""
    parts = objects(entry, "variants") if "variants" in entry else [entry]
    return [(words(part, "sku"), words(part, "label", str(n)), whole(part, "stock", 0)) for n, part in enumerate(parts)]


def _made_variants(
    state: State, product: Product, wanted: list[tuple[str, str, int]]
) -> tuple[list[Variant], dict[int, int]]:
    """The variants of a new product and their stock."""
    made: list[Variant] = []
    on_shelf: dict[int, int] = {}
    for n, (sku, label, units) in enumerate(wanted):
        variant_id = state.fresh_id("variant", state.variants)
        options = (Option("Size", label, product.id * 2, product.id * 100 + n),) if product.has_options else ()
        sku_id = variant_id + 900 if product.has_options else None
        made.append(Variant(variant_id, product.id, sku, sku_id, None, "", options, product.modified))
        on_shelf[variant_id] = units
    return made, on_shelf


def create_product(state: State, entry: Entry) -> dict[str, Any]:
    """A new product: name, sku, cents, tracking, stock; or variants, each with sku, label and stock."""
    now = state.clock.now()
    has_options, wanted = "variants" in entry, _wanted_variants(entry)
    tracking = words(entry, "tracking", "variant" if has_options else "product")
    if tracking not in TRACKING:
        raise ActionRefused(f"tracking is one of {TRACKING}, not {tracking!r}")
    product = Product(
        id=0,
        name=words(entry, "name"),
        sku=words(entry, "sku"),
        price=whole(entry, "cents", 1000),
        cost=whole(entry, "cents", 1000) // 2,
        weight=whole(entry, "weight", 400),
        brand_id=0,
        categories=tuple(state.categories.ids[:1]),
        variant_ids=(),
        tracking=tracking,
        created=now,
        modified=now,
        kind=words(entry, "type", "physical"),
        has_options=has_options,
    )
    product.id = state.fresh_id("product", state.products)
    made, on_shelf = _made_variants(state, product, wanted)
    product.variant_ids = tuple(variant.id for variant in made)
    for variant in made:
        state.variants.add(variant)
    state.products.add(product)
    add_items(state, product, on_shelf)
    return {"product_id": product.id, "variant_ids": list(product.variant_ids)}
