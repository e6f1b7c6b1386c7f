"""Actions on goods that were ordered of a supplier: order, move the day, deliver less, receive, call off."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sandbox import stock
from sandbox.actions.reading import MOST, ActionRefused, find_item, objects, whole, words
from sandbox.api.inventory import identity
from sandbox.generate.inbound import FIRST_NUMBER
from sandbox.records import DEFAULT_LOCATION, PurchaseLine, PurchaseOrder
from sandbox.state import State
from sandbox.times import day

Entry = Mapping[str, Any]


def _day(entry: Entry, name: str, default: str | None = None) -> str:
    text = words(entry, name, default)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ActionRefused(f"{name} must be a date such as 2026-03-01, not {text!r}") from error


def _order(state: State, entry: Entry) -> PurchaseOrder:
    reference = words(entry, "reference")
    if reference not in state.purchase_orders:
        raise ActionRefused(f"there is no purchase order {reference!r}")
    return state.purchase_orders[reference]


def _line(order: PurchaseOrder, entry: Entry) -> PurchaseLine:
    """The line that an action names; the only one needs no name."""
    if "line" not in entry and len(order.lines) > 1:
        raise ActionRefused(f"{order.reference} has lines 1 to {len(order.lines)}; say which")
    number = whole(entry, "line", 1)
    line = next((line for line in order.lines if line.number == number), None)
    if line is None:
        raise ActionRefused(f"{order.reference} has no line {number}")
    return line


def _open_lines(order: PurchaseOrder, entry: Entry) -> list[PurchaseLine]:
    """The line that an action names, or all of them, as far as they are open."""
    lines = [_line(order, entry)] if "line" in entry else order.lines
    found = [line for line in lines if line.status == "open"]
    if not found:
        raise ActionRefused(f"nothing of {order.reference} is open")
    return found


def _told(order: PurchaseOrder, lines: list[PurchaseLine]) -> dict[str, Any]:
    return {"reference": order.reference, "lines": [line.number for line in lines]}


def order_goods(state: State, entry: Entry) -> dict[str, Any]:
    """The merchant orders goods; `expected` holds for all lines that have no day of their own."""
    reference = words(entry, "reference", f"PO-{FIRST_NUMBER + len(state.purchase_orders)}")
    if not reference or reference in state.purchase_orders:
        raise ActionRefused(f"the purchase order {reference!r} is there already")
    lines: list[PurchaseLine] = []
    for number, part in enumerate(objects(entry, "lines"), start=1):
        item, location = find_item(state, part), whole(part, "location_id", DEFAULT_LOCATION)
        if location not in state.locations:
            raise ActionRefused(f"there is no location {location}")
        sku, units = str(identity(state, item)["sku"]), whole(part, "quantity", least=1)
        expected = _day({**entry, **part}, "expected")
        lines.append(PurchaseLine(number, item.id, sku, location, units, expected))
    made = PurchaseOrder(reference, words(entry, "supplier", "Harbour Trading"), day(state.clock.now()), lines)
    state.purchase_orders[reference] = made
    return _told(made, lines)


def slip(state: State, entry: Entry) -> dict[str, Any]:
    """The supplier names another day, later or earlier, for one line or for all that are open."""
    order = _order(state, entry)
    lines, to = _open_lines(order, entry), _day(entry, "to")
    for line in lines:
        line.expected = to
    return _told(order, lines)


def cut(state: State, entry: Entry) -> dict[str, Any]:
    """The supplier will deliver only so many in all; what has come already cannot be cut."""
    order = _order(state, entry)
    (line,) = _open_lines(order, {**entry, "line": _line(order, entry).number})
    units = whole(entry, "quantity")
    if units < line.received or units >= line.quantity:
        raise ActionRefused(f"line {line.number} can be cut to {line.received} up to {line.quantity - 1}, not {units}")
    line.quantity = units
    if units == line.received:
        line.status = "closed" if units else "cancelled"
    return _told(order, [line])


def cancel_goods(state: State, entry: Entry) -> dict[str, Any]:
    """What is open of one line or of all does not come any more."""
    order = _order(state, entry)
    lines = _open_lines(order, entry)
    for line in lines:
        line.status = "cancelled"
    return _told(order, lines)


def receive_ordered(state: State, entry: Entry) -> dict[str, Any]:
    """Ordered goods arrive, in parts or too many; a quantity below 0 corrects what was received before."""
    order = _order(state, entry)
    line = _line(order, entry)
    units, book = whole(entry, "quantity", least=-line.received), bool(entry.get("book", True))
    item = state.items.get(line.item_id)
    if item is None:
        raise ActionRefused(f"the stock of {line.sku!r} is not tracked any more")
    if not units or line.received + units > MOST:
        raise ActionRefused(f"quantity must be from {-line.received} to {MOST - line.received} and not 0")
    if units < 0 and line.location_id not in item.cells:
        raise ActionRefused(f"item {item.id} is not stocked at location {line.location_id} any more")
    if units > 0:
        stock.receive(state, item, line.location_id, units, book=book)
    else:
        stock.take_back(state, item, line.location_id, -units, book=book)
    line.received += units
    line.received_on = day(state.clock.now()) if line.received else ""
    if line.status != "cancelled":
        line.status = "closed" if line.received >= line.quantity else "open"
    return {**_told(order, [line]), "received": line.received, "status": line.status}
