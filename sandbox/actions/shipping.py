"""Actions of the warehouse: ship, delete a shipment."""

from collections.abc import Mapping
from typing import Any

from sandbox import stock
from sandbox.actions.orders import change_status, send_mail, touch
from sandbox.actions.reading import ActionRefused, find_order, find_parts, whole, words
from sandbox.records import Line, Order, Shipment
from sandbox.state import State

Entry = Mapping[str, Any]
KEPT = frozenset({4, 5, 10})


def _to_ship(line: Line) -> int:
    """Units of a line that can still go into a box."""
    return 0 if line.kind == "digital" else line.quantity - line.shipped


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


def ship(state: State, entry: Entry) -> dict[str, Any]:
    """Units leave; with `"force": true` even those that no shelf has, or of an order that is closed.

    A shipment goes to one address: without `lines`, to the first that still waits for something.
    """
    order = find_order(state, entry)
    parts = find_parts(order, entry, _to_ship, "ship")
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
    state.orders.before_change(order)
    now = state.clock.now()
    sent: list[tuple[int, int, int]] = []
    for line, units in parts:
        gone = stock.on_shipped(state, order, line, units)
        sent += [(line.id, there, location) for location, there in gone]
    made = Shipment(
        id=state.fresh_id("shipment", state.shipments),
        order_id=order.id,
        created=now,
        address_id=address_id,
        carrier=carrier,
        tracking=tracking,
        items=tuple(sent),
        modified=now,
    )
    state.shipments.add(made)
    order.shipments.append(made.id)
    order.shipped_at = now
    _after_shipping(state, order)
    touch(state, order)
    return {"order_id": order.id, "shipment_id": made.id}


def _after_shipping(state: State, order: Order) -> None:
    """The shop's own mail, and its own status where it sets one."""
    send_mail(state, order, "shipment")
    if state.switches.shipment_sets_status and order.status not in KEPT:
        physical = [line for line in order.lines if line.kind != "digital"]
        done = all(line.shipped >= line.quantity for line in physical)
        change_status(state, order, 2 if done else 3)


def delete_shipment(state: State, entry: Entry) -> dict[str, Any]:
    """A shipment is undone: the goods are on the shelf again. The order keeps its status."""
    order = find_order(state, entry)
    shipment = state.shipments.get(whole(entry, "shipment_id"))
    if shipment is None or shipment.id not in order.shipments:
        raise ActionRefused(f"order {order.id} has no shipment {entry['shipment_id']}")
    state.orders.before_change(order)
    for line_id, units, location in shipment.items:
        line = order.line(line_id)
        if line is not None:
            stock.on_shipment_deleted(state, line, units, location)
    order.shipments.remove(shipment.id)
    state.shipments.remove(shipment.id)
    touch(state, order)
    return {"order_id": order.id, "shipment_id": shipment.id}
