"""Actions on orders: place, edit, set a status, refund, archive."""

from collections.abc import Mapping
from typing import Any

from sandbox import stock
from sandbox.actions.reading import find_line, find_order, find_variant, refuse_action, whole, words
from sandbox.api.statuses import STATUSES
from sandbox.generate.orders import make_line
from sandbox.records import Line, Order, Refund
from sandbox.state import State

Entry = Mapping[str, Any]


def touch(state: State, order: Order) -> None:
    """Stamp an order that has changed."""
    state.orders.changed(order, state.clock.now())


def send_mail(state: State, order: Order, about: str) -> None:
    """The shop's own mail to the customer, where it sends any."""
    if state.switches.status_mails:
        state.messages.append({"order_id": order.id, "about": about, "at": state.clock.now()})


def _new_line(state: State, order: Order, entry: Entry) -> Line:
    quantity = whole(entry, "quantity", 1, least=1)
    product, variant = find_variant(state, entry)
    line = make_line(state.fresh_line_id(), product, variant, quantity)
    line.address = order.address_id if product.kind == "physical" else 0
    return line


def _status(entry: Entry, default: int | None = None) -> int:
    status = whole(entry, "status", default)
    if status not in STATUSES:
        raise refuse_action(f"there is no status {status}")
    return status


def place_order(state: State, entry: Entry) -> dict[str, Any]:
    """A customer orders."""
    wanted = entry.get("lines")
    if not isinstance(wanted, list) or not wanted:
        raise refuse_action("lines must be a list with at least one line")
    customer_id, now = whole(entry, "customer_id", 0, least=0), state.clock.now()
    customer = state.customers.get(customer_id)
    if customer_id and customer is None:
        raise refuse_action(f"there is no customer {customer_id}")
    order_id = state.fresh_id("order", state.orders)
    order = Order(
        id=order_id,
        customer_id=customer_id,
        person=customer.person if customer else 2_000_000 + order_id,
        created=now,
        modified=now,
        status=_status(entry, 11),
        lines=[],
        address_id=state.next_address_id,
        channel_id=whole(entry, "channel_id", 1, least=1),
        source=words(entry, "source", "www"),
        external_order_id=words(entry, "external_order_id", ""),
    )
    order.lines = [_new_line(state, order, line) for line in wanted]
    order.address_count = int(any(line.kind == "physical" for line in order.lines))
    state.next_address_id += order.address_count
    state.orders.add(order)
    stock.on_placed(state, order)
    return {"order_id": order.id, "line_ids": [line.id for line in order.lines]}


def edit_line(state: State, entry: Entry) -> dict[str, Any]:
    """Staff change the quantity of a line; 0 leaves a line of nothing, as the real shop does."""
    order = find_order(state, entry)
    line, quantity = find_line(order, entry), whole(entry, "quantity", least=0)
    if quantity < line.shipped:
        raise refuse_action(f"{line.shipped} units of line {line.id} have shipped")
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
    line = _new_line(state, order, entry)
    state.orders.before_change(order)
    quantity, line.quantity = line.quantity, 0
    order.lines.append(line)
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
    chosen = entry.get("lines") or [
        {"line_id": line.id, "quantity": line.quantity - line.refunded} for line in order.lines
    ]
    parts: list[tuple[Line, int]] = []
    for part in chosen:
        line, units = find_line(order, part), whole(part, "quantity", least=0)
        if units > line.quantity - line.refunded:
            raise refuse_action(f"line {line.id} has only {line.quantity - line.refunded} units to refund")
        parts.append((line, units))
    status = _status(entry, order.status)
    state.orders.before_change(order)
    now = state.clock.now()
    items = tuple((line.id, units, line.price * units) for line, units in parts if units)
    reason = words(entry, "reason", "Changed mind")
    made = Refund(state.fresh_id("refund", state.refunds), order.id, now, reason, items, now)
    for line, units in parts:
        line.refunded += units
    state.refunds.add(made)
    order.refunds.append(made.id)
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
    """An order vanishes altogether."""
    order = find_order(state, entry)
    state.orders.remove(order.id)
    return {"order_id": order.id}
