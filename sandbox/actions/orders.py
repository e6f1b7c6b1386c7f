"""Actions on orders: place, edit, set a status, refund, archive."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sandbox import stock
from sandbox.actions.reading import (
    ActionRefused,
    find_line,
    find_order,
    find_parts,
    find_variant,
    objects,
    whole,
    words,
)
from sandbox.api.statuses import STATUSES
from sandbox.generate.orders import make_line
from sandbox.money import make_refund
from sandbox.records import Line, Order, Product, Variant
from sandbox.state import State

Entry = Mapping[str, Any]


def touch(state: State, order: Order) -> None:
    """Stamp an order that has changed."""
    state.orders.changed(order, state.clock.now())


def send_mail(state: State, order: Order, about: str) -> None:
    """The shop's own mail to the customer, where it sends any."""
    if state.switches.status_mails:
        state.messages.append({"order_id": order.id, "about": about, "at": state.clock.now()})


Wanted = tuple[Product, Variant, int]


def _wanted(state: State, entry: Entry) -> Wanted:
    """What a new line shall hold."""
    return (*find_variant(state, entry), whole(entry, "quantity", 1, least=1))


def _add_line(state: State, order: Order, wanted: Wanted) -> Line:
    """A new line; the first physical one gives its order an address."""
    product, variant, quantity = wanted
    line = make_line(state.fresh_line_id(), product, variant, quantity)
    if line.kind == "physical":
        if not order.address_count:
            order.address_id, order.address_count = state.next_address_id, 1
            state.next_address_id += 1
        line.address = order.address_id
    order.lines.append(line)
    return line


def _status(entry: Entry, default: int | None = None) -> int:
    status = whole(entry, "status", default)
    if status not in STATUSES:
        raise ActionRefused(f"there is no status {status}")
    return status


def _by_item(state: State, wanted: list[Wanted]) -> Counter[int]:
    """Units of counted goods that new lines ask for."""
    units: Counter[int] = Counter()
    for product, variant, quantity in wanted:
        item = state.item_of(product.id, variant.id) if product.kind == "physical" else None
        if item is not None:
            units[item.id] += quantity
    return units


def _refuse_beyond_limit(state: State, order: Order, units: Counter[int]) -> None:
    """The 409 of an order write: more than there is and may be backordered."""
    for lack in stock.beyond_limit(state, order, units):
        raise ActionRefused(
            f"out of stock: {lack.asked} units of item {lack.item_id} asked, available_quantity {lack.available}, "
            f"available_quantity_for_backorder {lack.for_backorder}"
        )


def place_order(state: State, entry: Entry) -> dict[str, Any]:
    """A customer orders."""
    wanted = [_wanted(state, line) for line in objects(entry, "lines")]
    customer_id, now = whole(entry, "customer_id", 0), state.clock.now()
    customer = state.customers.get(customer_id)
    if customer_id and customer is None:
        raise ActionRefused(f"there is no customer {customer_id}")
    order = Order(
        id=0,
        customer_id=customer_id,
        person=customer.person if customer else 0,
        country=customer.country if customer else "",
        created=now,
        modified=now,
        status=_status(entry, 11),
        lines=[],
        address_id=0,
        address_count=0,
        channel_id=whole(entry, "channel_id", 1, least=1),
        source=words(entry, "source", "www"),
        external_order_id=words(entry, "external_order_id", ""),
    )
    _refuse_beyond_limit(state, order, _by_item(state, wanted))
    order.id = state.fresh_id("order", state.orders)
    order.person = order.person or 2_000_000 + order.id
    for line in wanted:
        _add_line(state, order, line)
    state.orders.add(order)
    stock.on_placed(state, order)
    return {"order_id": order.id, "line_ids": [line.id for line in order.lines]}


def edit_line(state: State, entry: Entry) -> dict[str, Any]:
    """Staff change the quantity of a line; 0 leaves a line of nothing, as the real shop does."""
    order = find_order(state, entry)
    line, quantity = find_line(order, entry), whole(entry, "quantity")
    if quantity < max(line.shipped, line.refunded):
        raise ActionRefused(f"{line.shipped} units of line {line.id} have shipped, {line.refunded} were refunded")
    if quantity == 0 and line.kind == "custom":
        raise ActionRefused(f"line {line.id} is a custom product and cannot be removed")
    item = state.line_item(line)
    if item is not None and quantity > line.quantity:
        _refuse_beyond_limit(state, order, Counter({item.id: quantity - line.quantity}))
    state.orders.before_change(order)
    stock.on_edit(state, order, line, quantity)
    touch(state, order)
    return {"order_id": order.id, "line_id": line.id}


def remove_line(state: State, entry: Entry) -> dict[str, Any]:
    """Staff take a line out: its quantity becomes 0."""
    return edit_line(state, {**entry, "quantity": 0})


def add_line(state: State, entry: Entry) -> dict[str, Any]:
    """Staff add a line."""
    order = find_order(state, entry)
    wanted = _wanted(state, entry)
    _refuse_beyond_limit(state, order, _by_item(state, [wanted]))
    state.orders.before_change(order)
    line = _add_line(state, order, wanted)
    quantity, line.quantity = line.quantity, 0
    stock.on_edit(state, order, line, quantity)
    touch(state, order)
    return {"order_id": order.id, "line_id": line.id}


def change_status(state: State, order: Order, status: int) -> None:
    """Give an order a status, with what follows for the stock and the customer's mailbox."""
    if status == order.status:
        return
    stock.on_status(state, order, status)
    order.status = status
    send_mail(state, order, f"status {status}")


def set_status(state: State, entry: Entry) -> dict[str, Any]:
    """Staff set a status."""
    order, status = find_order(state, entry), _status(entry)
    state.orders.before_change(order)
    if status in stock.DONE and order.status not in stock.DONE:
        for line in order.lines:
            stock.on_marked_done(state, line)
    change_status(state, order, status)
    touch(state, order)
    return {"order_id": order.id, "status": status}


def refund(state: State, entry: Entry) -> dict[str, Any]:
    """Money goes back for units; stock never moves. `status` (14 or 4) changes the status as well."""
    order = find_order(state, entry)
    parts = find_parts(order, entry, lambda line: line.quantity - line.refunded, "refund")
    status, reason = _status(entry, order.status), words(entry, "reason", "Changed mind")
    state.orders.before_change(order)
    now = state.clock.now()
    made = make_refund(state, state.fresh_id("refund", state.refunds), order, now, reason, parts)
    state.refunds.add(made)
    change_status(state, order, status)
    touch(state, order)
    return {"order_id": order.id, "refund_id": made.id}


def archive_order(state: State, entry: Entry) -> dict[str, Any]:
    """Staff archive (or bring back) an order."""
    order = find_order(state, entry)
    state.orders.before_change(order)
    order.archived = bool(entry.get("archived", True))
    touch(state, order)
    return {"order_id": order.id}


def delete_order(state: State, entry: Entry) -> dict[str, Any]:
    """An order vanishes altogether, with all that belongs to it; the stock stays as it is."""
    order = find_order(state, entry)
    for line in order.lines:
        stock.forget_line(state, line)
    for shipment_id in order.shipments:
        state.shipments.remove(shipment_id)
    for refund_id in order.refunds:
        state.refunds.remove(refund_id)
    for metafield_id in state.metafields_of.pop(order.id, ()):
        state.metafields.remove(metafield_id)
    state.orders.remove(order.id)
    return {"order_id": order.id}
