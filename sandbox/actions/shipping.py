"""Actions of the warehouse: ship, delete a shipment."""

from collections.abc import Mapping
from typing import Any

from sandbox import stock
from sandbox.actions.reading import ActionRefused, find_order, find_parts, whole, words
from sandbox.order_changes import Parcel, ship, to_ship, undo_shipment
from sandbox.records import Line
from sandbox.state import State

Entry = Mapping[str, Any]


def _check_shelves(state: State, parts: list[tuple[Line, int]]) -> None:
    """What is not on a shelf cannot be put in a box."""
    wanted: dict[int, int] = {}
    for line, units in parts:
        item = state.line_item(line)
        if item is not None:
            wanted[item.id] = wanted.get(item.id, 0) + max(units - stock.units_in(line.gone), 0)
    for item_id, units in wanted.items():
        there = sum(max(cell.shelf, 0) for cell in state.items.rows[item_id].cells.values())
        if units > there:
            raise ActionRefused(f"item {item_id} has {there} units on its shelves, not {units}")


def ship_parts(state: State, entry: Entry) -> dict[str, Any]:
    """Units leave; with `"force": true` even those that no shelf has, or of an order that is closed.

    A shipment goes to one address: without `lines`, to the first that still waits for something.
    """
    order = find_order(state, entry)
    parts = find_parts(order, entry, to_ship, "ship")
    address_id = parts[0][0].address
    if any(line.address != address_id for line, _ in parts):
        if "lines" in entry:
            raise ActionRefused(f"the lines of order {order.id} go to more than one address, and a shipment to one")
        parts = [(line, units) for line, units in parts if line.address == address_id]
    carrier = words(entry, "carrier", "ups")
    tracking = words(entry, "tracking_number", f"1Z{order.id:08d}{len(order.shipments)}")
    if not entry.get("force"):
        if order.status in stock.CLOSING:
            raise ActionRefused(f"order {order.id} is cancelled or refunded")
        _check_shelves(state, parts)
    made = ship(state, order, parts, address_id, Parcel(carrier, tracking))
    return {"order_id": order.id, "shipment_id": made.id}


def delete_shipment(state: State, entry: Entry) -> dict[str, Any]:
    """A shipment is undone: the goods are on the shelf again. The order keeps its status."""
    order = find_order(state, entry)
    shipment = state.shipments.get(whole(entry, "shipment_id"))
    if shipment is None or shipment.id not in order.shipments:
        raise ActionRefused(f"order {order.id} has no shipment {entry['shipment_id']}")
    undo_shipment(state, order, shipment)
    return {"order_id": order.id, "shipment_id": shipment.id}
