"""Reads the parameters of an action and finds what they name; whatever is wrong becomes an ActionRefused."""

from collections.abc import Mapping
from typing import Any

from sandbox.records import Item, Line, Order, Product, Variant
from sandbox.state import State


class ActionRefused(Exception):
    """An action that cannot be done, with the reason."""


def refuse_action(reason: str) -> ActionRefused:
    """The refusal for a reason."""
    return ActionRefused(reason)


def whole(entry: Mapping[str, Any], name: str, default: int | None = None, *, least: int | None = None) -> int:
    """A whole number of an action."""
    value = entry.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        floor = "" if least is None else f" of at least {least}"
        raise refuse_action(f"{name} must be a whole number{floor}, not {value!r}")
    return value


def words(entry: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text of an action."""
    value = entry.get(name, default)
    if not isinstance(value, str):
        raise refuse_action(f"{name} must be a text, not {value!r}")
    return value


def find_order(state: State, entry: Mapping[str, Any]) -> Order:
    """The order that an action names."""
    order = state.orders.get(whole(entry, "order_id"))
    if order is None:
        raise refuse_action(f"there is no order {entry['order_id']}")
    return order


def find_line(order: Order, entry: Mapping[str, Any]) -> Line:
    """The line that an action names."""
    line = order.line(whole(entry, "line_id"))
    if line is None:
        raise refuse_action(f"order {order.id} has no line {entry['line_id']}")
    return line


def find_product(state: State, entry: Mapping[str, Any]) -> Product:
    """The product that an action names."""
    product = state.products.get(whole(entry, "product_id"))
    if product is None:
        raise refuse_action(f"there is no product {entry['product_id']}")
    return product


def find_variant(state: State, entry: Mapping[str, Any]) -> tuple[Product, Variant]:
    """The variant that an action names by `variant_id`, by `product_id` (its first) or by `sku`."""
    if "variant_id" in entry:
        variant = state.variants.get(whole(entry, "variant_id"))
    elif "product_id" in entry:
        variant = state.variants.get(find_product(state, entry).variant_ids[0])
    else:
        variant = _by_sku(state, words(entry, "sku"))
    product = state.products.get(variant.product_id) if variant else None
    if variant is None or product is None:
        raise refuse_action(f"nothing is sold as {dict(entry)}")
    return product, variant


def _by_sku(state: State, sku: str) -> Variant | None:
    base, _, number = sku.rpartition("#")
    if number.isdigit() and (found := state.variants.get(int(number))) is not None and found.sku == base:
        return found
    found = next((variant for variant in state.variants if variant.sku == sku), None)
    if found is not None:
        return found
    product = next((product for product in state.products if product.sku == sku), None)
    return state.variants.get(product.variant_ids[0]) if product else None


def find_item(state: State, entry: Mapping[str, Any]) -> Item:
    """The stock item that an action names."""
    product, variant = find_variant(state, entry)
    item = state.item_of(product.id, variant.id)
    if item is None:
        raise refuse_action(f"the stock of {variant.sku!r} is not tracked")
    return item
