"""The truth of the shop, for tests: what really lies on the shelves, every order with its lines, mails, settings."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.api.inventory import identity, to_sell
from sandbox.api.metafields import show_metafield
from sandbox.clock import Clock
from sandbox.people import person
from sandbox.records import Item, Line, Order, PurchaseOrder, Transaction
from sandbox.state import State
from sandbox.times import iso_zulu

PARTS = (
    *("clock", "settings", "switches", "stock", "orders", "customers", "groups", "messages", "refused"),
    *("transactions", "purchase_orders"),
)


def _stock(state: State) -> dict[str, Any]:
    """Stock by SKU and location; items whose SKU is empty or not alone get `#` and their id behind it."""
    skus = {item.id: identity(state, item)["sku"] for item in state.items}
    uses = Counter(skus.values())
    return {
        sku if sku and uses[sku] == 1 else f"{sku}#{item_id}": _cells(state, state.items.rows[item_id])
        for item_id, sku in sorted(skus.items())
    }


def _cells(state: State, item: Item) -> dict[str, Any]:
    return {
        str(location): {
            "on_hand": cell.shelf,
            "shown": cell.shown,
            "safety_stock": cell.safety,
            "available_to_sell": to_sell(state, cell),
            "tracked": True,
            "product_id": item.product_id,
            "variant_id": item.variant_id,
            "by_product": item.by_product,
            "backordered": cell.backordered,
            "backorder_limit": cell.backorder_limit,
            "by_hand": cell.by_hand,
        }
        for location, cell in sorted(item.cells.items())
    }


def _line(state: State, line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "sku": line.sku,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "kind": line.kind,
        "tracked": state.line_item(line) is not None,
        "quantity": line.quantity,
        "quantity_shipped": line.shipped,
        "quantity_refunded": line.refunded,
        "quantity_backordered": line.backordered,
        "booked": line.booked,
        "deducted": {str(location): units for location, units in line.deducted},
    }


def _order(state: State, order: Order) -> dict[str, Any]:
    found = (state.metafields.rows[i] for i in sorted(state.metafields_of.get(order.id, ())))
    return {
        "id": order.id,
        "status_id": order.status,
        "customer_id": order.customer_id,
        "channel_id": order.channel_id,
        "external_order_id": order.external_order_id,
        "created": iso_zulu(order.created),
        "modified": iso_zulu(order.modified),
        "archived": order.archived,
        "lines": [_line(state, line) for line in order.lines],
        "shipments": [_shipment(state, shipment_id) for shipment_id in order.shipments],
        "refunds": list(order.refunds),
        "metafields": [show_metafield(metafield) for metafield in found],
    }


def _shipment(state: State, shipment_id: int) -> dict[str, Any]:
    shipment = state.shipments.rows[shipment_id]
    items = [
        {"line_id": line_id, "quantity": units, "location_id": location} for line_id, units, location in shipment.items
    ]
    return {"id": shipment_id, "items": items}


def _customers(state: State) -> list[dict[str, Any]]:
    return [
        {"id": c.id, "email": person(c.person).email, "customer_group_id": c.group_id, "created": iso_zulu(c.created)}
        for c in state.customers
    ]


def _purchase(state: State, order: PurchaseOrder) -> dict[str, Any]:
    lines = [
        {
            "line": line.number,
            "sku": line.sku,
            "location_id": line.location_id,
            "location": state.locations[line.location_id].code,
            "quantity": line.quantity,
            "received": line.received,
            "expected": line.expected,
            "status": line.status,
            "received_on": line.received_on or None,
        }
        for line in order.lines
    ]
    return {"reference": order.reference, "supplier": order.supplier, "ordered": order.ordered, "lines": lines}


def _transaction(transaction: Transaction) -> dict[str, Any]:
    return {
        "id": transaction.id,
        "kind": transaction.kind,
        "reason": transaction.reason,
        "at": iso_zulu(transaction.accepted),
        "done": not transaction.left,
        "failed": transaction.failed,
    }


def show_clock(clock: Clock) -> dict[str, Any]:
    """What the shop's clock says."""
    now = clock.now()
    return {"now": iso_zulu(now), "epoch": now, "start": iso_zulu(clock.start), "live": clock.live}


def tell(state: State, only: list[str] | None = None) -> dict[str, Any]:
    """The truth, or some parts of it."""
    makers: dict[str, Callable[[], Any]] = {
        "clock": lambda: show_clock(state.clock),
        "settings": lambda: {**state.settings, "channels": {str(k): v for k, v in state.channel_settings.items()}},
        "switches": state.switches.as_dict,
        "stock": lambda: _stock(state),
        "orders": lambda: [_order(state, order) for order in state.orders],
        "customers": lambda: _customers(state),
        "groups": lambda: [{**asdict(group), "created": iso_zulu(group.created)} for group in state.groups.values()],
        "messages": lambda: [{**message, "at": iso_zulu(message["at"])} for message in state.messages],
        "refused": lambda: state.refused,
        "purchase_orders": lambda: [_purchase(state, order) for order in state.purchase_orders.values()],
        "transactions": lambda: [_transaction(transaction) for transaction in state.transactions],
    }
    return {part: makers[part]() for part in PARTS if only is None or part in only}
