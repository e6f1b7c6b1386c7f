"""What happened, as the events that a shop tells: found by comparing what was touched with what it was before.

Nobody who changes a record has to think of hooks: tables remember what is about to change, once anybody has registered.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.hooks.letters import queue_event
from sandbox.hooks.scopes import STOCK_CHANGED, STOCK_SETTINGS
from sandbox.records import Cell, Item
from sandbox.state import State
from sandbox.table import Table

Event = tuple[str, dict[str, Any]]
"""A scope and its `data`."""

NO_CELL = Cell(0, 0)


def watch(state: State) -> None:
    """Remember from now on what changes."""
    tables: dict[str, Table[Any]] = {
        "orders": state.orders,
        "refunds": state.refunds,
        "shipments": state.shipments,
        "products": state.products,
        "variants": state.variants,
        "items": state.items,
        "customers": state.customers,
        "metafields": state.metafields,
    }
    for name, table in tables.items():
        table.watch = _noting(state, name)


def _noting(state: State, name: str) -> Callable[[int, Any], None]:
    """What a table calls right before a change of one of its records."""
    clone: Callable[[Any], Any] = copy.deepcopy if name == "items" else copy.copy

    def note(row_id: int, row: Any) -> None:
        touched = state.hooks.touched
        if (name, row_id) not in touched:
            touched[name, row_id] = clone(row)

    return note


def announce(state: State) -> None:
    """Tell of everything that was touched since the last time."""
    if not state.hooks.touched:
        return
    touched, state.hooks.touched = state.hooks.touched, {}
    for scope, data in events_of(state, touched):
        queue_event(state, scope, data)


def events_of(state: State, touched: dict[tuple[str, int], Any]) -> Iterator[Event]:
    """The events of a list of touched records."""
    ordered = _goods_of_orders(state, touched)
    for (table, row_id), was in touched.items():
        row = getattr(state, table).get(row_id)
        if was is None and row is None:
            continue
        if table == "items":
            yield from _stock(state, was, row, by_order=row is not None and row.product_id in ordered)
        else:
            yield from MAKERS[table](state, was, row)


def _goods_of_orders(state: State, touched: dict[tuple[str, int], Any]) -> set[int]:
    """Products of the orders that were touched: their stock moved by an order, and not by hand."""
    orders = [state.orders.get(row_id) for table, row_id in touched if table == "orders"]
    return {line.product_id for order in orders if order is not None for line in order.lines}


def _how(was: Any, row: Any) -> str:
    return "created" if was is None else "deleted" if row is None else "updated"


def _order(state: State, was: Any, row: Any) -> Iterator[Event]:
    """Nothing is told of an order that vanishes."""
    if row is None:
        return
    data = {"type": "order", "id": row.id}
    yield f"store/order/{_how(was, row)}", data
    if was is None:
        return
    if was.status != row.status:
        change = {"previous_status_id": was.status, "new_status_id": row.status}
        yield "store/order/statusUpdated", data | ({"status": change} if state.switches.hook_tells_status else {})
    if row.archived and not was.archived:
        yield "store/order/archived", data


def _refund(_: State, was: Any, row: Any) -> Iterator[Event]:
    if was is None:
        yield "store/order/refund/created", {"type": "order", "id": row.order_id, "refund": {"refund_id": row.id}}


def _shipment(_: State, was: Any, row: Any) -> Iterator[Event]:
    one = row or was
    yield f"store/shipment/{_how(was, row)}", {"type": "shipment", "id": one.id, "orderId": one.order_id}


def _product(_: State, was: Any, row: Any) -> Iterator[Event]:
    yield f"store/product/{_how(was, row)}", {"type": "product", "id": (row or was).id}


def _variant(_: State, was: Any, row: Any) -> Iterator[Event]:
    """The only variant of a product without options is no SKU of its own: its product has changed."""
    one = row or was
    if one.sku_id is not None:
        data = {"type": "sku", "id": one.sku_id, "sku": {"product_id": one.product_id, "variant_id": one.id}}
        yield f"store/sku/{_how(was, row)}", data
    elif was is not None and row is not None:
        yield "store/product/updated", {"type": "product", "id": one.product_id}


def _customer(_: State, was: Any, row: Any) -> Iterator[Event]:
    yield f"store/customer/{_how(was, row)}", {"type": "customer", "id": (row or was).id}


def _metafield(_: State, was: Any, row: Any) -> Iterator[Event]:
    one = row or was
    data = {"type": "metafield", "metafield_id": one.id, "resource_id": str(one.order_id)}
    yield f"store/order/metafield/{_how(was, row)}", data


MAKERS: dict[str, Callable[[State, Any, Any], Iterator[Event]]] = {
    "orders": _order,
    "refunds": _refund,
    "shipments": _shipment,
    "products": _product,
    "variants": _variant,
    "customers": _customer,
    "metafields": _metafield,
}


def _stock(state: State, was: Item | None, row: Item | None, *, by_order: bool) -> Iterator[Event]:
    """Stock that moved, by location and in all; a new way of counting is told as a change of its product."""
    if was is None or row is None:
        return
    places = sorted({*was.cells, *row.cells})
    pairs = {one: (was.cells.get(one, NO_CELL), row.cells.get(one, NO_CELL)) for one in places}
    moved = [one for one in places if _numbers(pairs[one][0]) != _numbers(pairs[one][1])]
    variant_id = row.variant_id or state.products.rows[row.product_id].variant_ids[0]
    for one in places:
        where = {"variant_id": variant_id, "product_id": row.product_id, "location_id": one}
        if one in moved:
            yield STOCK_CHANGED, where
        if _settings(pairs[one][0]) != _settings(pairs[one][1]):
            yield STOCK_SETTINGS, where
    if moved:
        change = sum(now.shown - before.shown for before, now in pairs.values())
        yield from _level(state, row, change, by_order=by_order)


def _numbers(cell: Cell) -> tuple[int, int]:
    return cell.shown, cell.backordered


def _settings(cell: Cell) -> tuple[object, ...]:
    return cell.safety, cell.backorder_limit, cell.warning, cell.bin, cell.in_stock, cell.message_id


def _level(state: State, item: Item, change: int, *, by_order: bool) -> Iterator[Event]:
    """The older events about stock, which know of no location."""
    level = sum(cell.shown for cell in item.cells.values())
    tells_change = by_order or state.switches.hook_stock_value == "change"
    told = {
        "product_id": item.product_id,
        "method": "relative" if by_order else "absolute",
        "value": change if tells_change else level,
    }
    what = "order/updated" if by_order else "updated"
    variant = None if item.by_product else state.variants.get(item.variant_id or item.id)
    if variant is None or variant.sku_id is None:
        data = {"type": "product", "id": item.product_id, "inventory": told}
        yield f"store/product/inventory/{what}", data
    else:
        data = {"type": "sku", "id": variant.sku_id, "inventory": {**told, "variant_id": variant.id}}
        yield f"store/sku/inventory/{what}", data
    yield "store/product/updated", {"type": "product", "id": item.product_id}
