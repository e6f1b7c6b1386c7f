"""In what the stock of a product is counted: as a whole, by variant, or not at all."""

from collections.abc import Mapping

from sandbox import stock
from sandbox.records import DEFAULT_LOCATION, Cell, Item, Product
from sandbox.state import State

TRACKING = ("none", "product", "variant")


def drop_items(state: State, product: Product) -> None:
    """Count a product no more."""
    for variant_id in product.variant_ids:
        if variant_id in state.items.rows:
            state.items.remove(variant_id)


def add_items(state: State, product: Product, on_shelf: Mapping[int, int]) -> None:
    """Begin to count a product, with units at the default location by variant."""
    by_product = product.tracking == "product"
    ids = product.variant_ids[:1] if by_product else product.variant_ids
    for variant_id in ids if product.tracking != "none" else ():
        units = on_shelf.get(variant_id, 0)
        shown = None if by_product and product.has_options else variant_id
        cells = {DEFAULT_LOCATION: Cell(units, units)}
        state.items.add(Item(variant_id, product.id, shown, by_product, cells, state.clock.now()))


def count_by(state: State, product: Product, tracking: str) -> None:
    """Count a product in another way, or not at all; newly counted things start at nothing."""
    drop_items(state, product)
    state.products.before_change(product)
    product.tracking = tracking
    state.products.changed(product, state.clock.now())
    add_items(state, product, {})
    stock.count_anew(state, product.id)
