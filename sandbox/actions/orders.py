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
from sandbox.api.product_rows import availability_of
from sandbox.api.statuses import STATUSES
from sandbox.generate.orders import make_line
from sandbox.money import make_refund
from sandbox.order_changes import (
    Wanted,
    add_line,
    add_line_later,
    change_status,
    set_archived,
    set_status,
    touch,
    units_by_item,
)
from sandbox.records import Order
from sandbox.state import State

Entry = Mapping[str, Any]


def _wanted(state: State, entry: Entry) -> Wanted:
    """What a new line shall hold."""
    return (*find_variant(state, entry), whole(entry, "quantity", 1, least=1))


def _status(entry: Entry, default: int | None = None) -> int:
    status = whole(entry, "status", default)
    if status not in STATUSES:
        raise ActionRefused(f"there is no status {status}")
    return status


def _refuse_beyond_limit(state: State, order: Order, units: Counter[int]) -> None:
    """The 409 of an order write: more than there is and may be backordered."""
    for lack in stock.beyond_limit(state, order, units):
        raise ActionRefused(
            f"out of stock: {lack.asked} units of item {lack.item_id} asked, available_quantity {lack.available}, "
            f"available_quantity_for_backorder {lack.for_backorder}"
        )


def _refuse_unbuyable(state: State, wanted: list[Wanted]) -> None:
    """A customer cannot buy what is switched off."""
    for product, variant, _ in wanted:
        if variant.disabled or availability_of(state, product) == "disabled":
            raise ActionRefused(f"{variant.sku!r} cannot be bought: {variant.disabled_message or 'it is switched off'}")


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
        locale=words(entry, "locale", "en"),
    )
    if order.source == "www":
        _refuse_unbuyable(state, wanted)
    _refuse_beyond_limit(state, order, units_by_item(state, wanted))
    order.id = state.fresh_id("order", state.orders)
    order.person = order.person or 2_000_000 + order.id
    for line in wanted:
        add_line(state, order, line)
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


def add_line_to(state: State, entry: Entry) -> dict[str, Any]:
    """Staff add a line."""
    order = find_order(state, entry)
    wanted = _wanted(state, entry)
    _refuse_beyond_limit(state, order, units_by_item(state, [wanted]))
    state.orders.before_change(order)
    line = make_line(state.fresh_line_id(), *wanted)
    add_line_later(state, order, line)
    touch(state, order)
    return {"order_id": order.id, "line_id": line.id}


def set_status_of(state: State, entry: Entry) -> dict[str, Any]:
    """Staff set a status."""
    order, status = find_order(state, entry), _status(entry)
    state.orders.before_change(order)
    set_status(state, order, status)
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
    set_archived(state, order, archived=bool(entry.get("archived", True)))
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
