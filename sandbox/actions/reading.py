"""Reads the parameters of an action and finds what they name; whatever is wrong becomes an ActionRefused."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.records import Item, Line, Order, Product, Variant
from sandbox.state import State

MOST = 2_147_483_647
"""The largest number that the shop holds anywhere."""


class ActionRefused(Exception):
    """An action that cannot be done, with the reason."""


def whole(entry: Mapping[str, Any], name: str, default: int | None = None, *, least: int = 0) -> int:
    """A whole number of an action."""
    value = entry.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise ActionRefused(f"{name} must be a whole number from {least} to {MOST}, not {value!r}")
    return value


def words(entry: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text of an action."""
    value = entry.get(name, default)
    if not isinstance(value, str):
        raise ActionRefused(f"{name} must be a text, not {value!r}")
    return value


def objects(entry: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects of an action, with at least one."""
    value = entry.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(part, dict) for part in value):
        raise ActionRefused(f"{name} must be a list of objects with at least one, not {value!r}")
    return value


def find_order(state: State, entry: Mapping[str, Any]) -> Order:
    """The order that an action names."""
    order = state.orders.get(whole(entry, "order_id"))
    if order is None:
        raise ActionRefused(f"there is no order {entry['order_id']}")
    return order


def find_line(order: Order, entry: Mapping[str, Any]) -> Line:
    """The line that an action names."""
    line = order.line(whole(entry, "line_id"))
    if line is None:
        raise ActionRefused(f"order {order.id} has no line {entry['line_id']}")
    return line


def find_parts(
    order: Order, entry: Mapping[str, Any], left: Callable[[Line], int], what: str
) -> list[tuple[Line, int]]:
    """Units by line: what `lines` names, each line added up, or all that is left of every line. Never nothing."""
    if "lines" not in entry:
        parts = [(line, left(line)) for line in order.lines if left(line) > 0]
        if not parts:
            raise ActionRefused(f"order {order.id} has nothing left to {what}")
        return parts
    wanted: dict[int, int] = {}
    for part in objects(entry, "lines"):
        line = find_line(order, part)
        wanted[line.id] = wanted.get(line.id, 0) + whole(part, "quantity", least=1)
    parts = [(line, wanted[line.id]) for line in order.lines if line.id in wanted]
    for line, units in parts:
        if units > left(line):
            raise ActionRefused(f"line {line.id} has only {left(line)} units left to {what}, not {units}")
    return parts


def find_product(state: State, entry: Mapping[str, Any]) -> Product:
    """The product that an action names."""
    product = state.products.get(whole(entry, "product_id"))
    if product is None:
        raise ActionRefused(f"there is no product {entry['product_id']}")
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
        raise ActionRefused(f"nothing is sold as {dict(entry)}")
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
        raise ActionRefused(f"the stock of {variant.sku!r} is not tracked")
    return item
