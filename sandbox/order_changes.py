"""What happens to an order, whoever does it (staff, the warehouse or the API): lines, a status, shipments, archive."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox import stock
from sandbox.generate.orders import make_line
from sandbox.records import Line, Order, Product, Shipment, Variant
from sandbox.state import State

KEPT = frozenset({4, 5, 10})
"""Statuses that a shipment does not change."""

Wanted = tuple[Product, Variant, int]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a shipment says of itself; `cost` is in ten-thousandths."""

    carrier: str = ""
    tracking: str = ""
    method: str = "Flat Rate"
    comments: str = ""
    tracking_carrier: str = ""
    link: str = ""
    cost: int = 0


def touch(state: State, order: Order) -> None:
    """Stamp an order that has changed."""
    state.orders.changed(order, state.clock.now())


def send_mail(state: State, order: Order, about: str) -> None:
    """The shop's own mail to the customer, where it sends any."""
    if state.switches.status_mails:
        state.messages.append({"order_id": order.id, "about": about, "at": state.clock.now()})


def units_by_item(state: State, wanted: Sequence[Wanted]) -> Counter[int]:
    """Units of counted goods that new lines ask for."""
    units: Counter[int] = Counter()
    for product, variant, quantity in wanted:
        item = state.item_of(product.id, variant.id) if product.kind == "physical" else None
        if item is not None:
            units[item.id] += quantity
    return units


def put_line(state: State, order: Order, line: Line) -> Line:
    """Put a line into an order; the first one that can be sent gives its order an address."""
    if line.kind != "digital" and not order.address_count:
        order.address_id, order.address_count = state.next_address_id, 1
        state.next_address_id += 1
    line.address = 0 if line.kind == "digital" else order.address_id
    order.lines.append(line)
    return line


def add_line(state: State, order: Order, wanted: Wanted) -> Line:
    """Put a new line of a product into an order."""
    return put_line(state, order, make_line(state.fresh_line_id(), *wanted))


def add_line_later(state: State, order: Order, line: Line) -> None:
    """Put a line into an order that was placed already: its stock moves as an edit's."""
    quantity, line.quantity = line.quantity, 0
    put_line(state, order, line)
    stock.on_edit(state, order, line, quantity)


def change_status(state: State, order: Order, status: int) -> None:
    """Give an order a status, with what follows for the stock and the customer's mailbox."""
    if status == order.status:
        return
    stock.on_status(state, order, status)
    order.status = status
    send_mail(state, order, f"status {status}")


def set_status(state: State, order: Order, status: int) -> None:
    """The same by hand: of an order called shipped or completed, what is left leaves the shelf."""
    if status in stock.DONE and order.status not in stock.DONE:
        for line in order.lines:
            stock.on_marked_done(state, line)
        order.shipped_at = order.shipped_at or state.clock.now()
    change_status(state, order, status)


def set_archived(state: State, order: Order, *, archived: bool) -> None:
    """Archive an order, or bring it back; the stock stays as it is."""
    state.orders.before_change(order)
    order.archived = archived
    touch(state, order)


def to_ship(line: Line) -> int:
    """Units of a line that can still go into a box."""
    return 0 if line.kind == "digital" else line.quantity - line.shipped


def ship(state: State, order: Order, parts: Sequence[tuple[Line, int]], address_id: int, parcel: Parcel) -> Shipment:
    """Send units of lines to one address, with the mail and the status that follow."""
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
        carrier=parcel.carrier,
        tracking=parcel.tracking,
        items=tuple(sent),
        modified=now,
        method=parcel.method,
        comments=parcel.comments,
        tracking_carrier=parcel.tracking_carrier,
        link=parcel.link,
        cost=parcel.cost,
    )
    state.shipments.add(made)
    order.shipments.append(made.id)
    order.shipped_at = now
    send_mail(state, order, "shipment")
    if state.switches.shipment_sets_status and order.status not in KEPT:
        done = all(to_ship(line) <= 0 for line in order.lines)
        change_status(state, order, 2 if done else 3)
    touch(state, order)
    return made


def undo_shipment(state: State, order: Order, shipment: Shipment) -> None:
    """The goods of a shipment are on the shelf again. The order keeps its status."""
    state.orders.before_change(order)
    for line_id, units, location in shipment.items:
        line = order.line(line_id)
        if line is not None:
            stock.on_shipment_deleted(state, line, units, location)
    order.shipments.remove(shipment.id)
    state.shipments.remove(shipment.id)
    touch(state, order)
