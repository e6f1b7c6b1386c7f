"""`/v2/orders/{id}/shipments`, to write. What was sent stays as it is; how it travels may be corrected."""

from typing import Any

from sandbox import stock
from sandbox.api.body import decimal, json_object, json_objects, text, whole, wrong_fields
from sandbox.api.call import Call
from sandbox.api.order_rows import show_shipment
from sandbox.api.order_writes import true_order
from sandbox.errors import Refusal, not_found
from sandbox.exchange import Response, answer, no_content
from sandbox.order_changes import Parcel, ship, to_ship, touch, undo_shipment
from sandbox.records import Line, Order, Shipment

PROVIDERS = frozenset(
    {"", "auspost", "canadapost", "endicia", "usps", "fedex", "royalmail", "ups", "upsready", "upsonline", "shipperhq"}
)


def provider(value: Any) -> str | None:
    """A carrier that the shop knows, or one of a shipping app."""
    known = isinstance(value, str) and (value in PROVIDERS or value.startswith("carrier_"))
    return None if known else "must be one of the shipping providers or carrier_{id}"


RULES = {
    "tracking_number": text(50),
    "tracking_link": text(500),
    "tracking_carrier": text(255),
    "shipping_provider": provider,
    "shipping_method": text(255),
    "comments": text(65_535),
    "merchant_shipping_cost": decimal,
    "order_address_id": whole(1),
}
ATTRIBUTES = {
    "tracking_number": "tracking",
    "tracking_link": "link",
    "tracking_carrier": "tracking_carrier",
    "shipping_provider": "carrier",
    "shipping_method": "method",
    "comments": "comments",
}
OF_ITEM = {"order_product_id": whole(1), "quantity": whole(1)}


def _fields(order: Order, body: dict[str, Any]) -> dict[str, Any]:
    """What a body says of the parcel, by attribute."""
    wrong = wrong_fields(body, RULES)
    if wrong:
        raise Refusal(400, f"The request is invalid: {'; '.join(wrong.values())}")
    address = body.get("order_address_id", order.address_id)
    if not order.address_id <= address < order.address_id + order.address_count:
        raise Refusal(400, f"The field 'order_address_id' is invalid: the order has no address {address}")
    found = {attribute: body[name] for name, attribute in ATTRIBUTES.items() if name in body}
    if "merchant_shipping_cost" in body:
        found["cost"] = round(float(body["merchant_shipping_cost"]) * 10_000)
    return found


def _parts(order: Order, sent: Any, address: int) -> list[tuple[Line, int]]:
    """Units by line, each line added up; more than is open is refused."""
    wanted: dict[int, int] = {}
    for row in json_objects(sent, "items", 400):
        wrong = wrong_fields(row, OF_ITEM) or {name: f"{name} is required" for name in OF_ITEM if name not in row}
        if wrong:
            raise Refusal(400, f"The field 'items' is invalid: {'; '.join(wrong.values())}")
        wanted[row["order_product_id"]] = wanted.get(row["order_product_id"], 0) + row["quantity"]
    parts = [(line, wanted.pop(line.id)) for line in order.lines if line.id in wanted]
    if wanted:
        raise Refusal(400, f"The field 'items' is invalid: the order has no product {min(wanted)}")
    for line, units in parts:
        if line.address != address:
            raise Refusal(400, f"The field 'items' is invalid: product {line.id} goes to another address")
        if units > to_ship(line):
            raise Refusal(400, f"The field 'items' is invalid: {to_ship(line)} of product {line.id} can be shipped")
    return parts


def create_shipment(call: Call, order_id: int) -> Response:
    """Units leave; the mail, the stock and the status follow as the settings and switches say."""
    order, body = true_order(call, order_id), json_object(call)
    missing = [name for name in ("order_address_id", "items") if name not in body]
    if missing:
        raise Refusal(400, f"The field '{missing[0]}' is required")
    if order.status in stock.CLOSING:
        raise Refusal(400, f"Order {order.id} is cancelled or refunded and cannot be shipped")
    fields, address = _fields(order, body), body["order_address_id"]
    made = ship(call.state, order, _parts(order, body["items"], address), address, Parcel(**fields))
    return answer(show_shipment(order, made), 201)


def _true_shipment(call: Call, order: Order, shipment_id: int) -> Shipment:
    shipment = call.state.shipments.get(shipment_id)
    if shipment is None or shipment.order_id != order.id:
        raise not_found()
    return shipment


def update_shipment(call: Call, order_id: int, shipment_id: int) -> Response:
    """Correct how a shipment travels; its items cannot be changed."""
    state, order = call.state, true_order(call, order_id)
    shipment, body = _true_shipment(call, order, shipment_id), json_object(call)
    fields = _fields(order, body)
    state.orders.before_change(order)
    state.shipments.before_change(shipment)
    for attribute, value in fields.items():
        setattr(shipment, attribute, value)
    shipment.address_id = body.get("order_address_id", shipment.address_id)
    state.shipments.changed(shipment, state.clock.now())
    touch(state, order)
    return answer(show_shipment(order, shipment))


def delete_shipment(call: Call, order_id: int, shipment_id: int) -> Response:
    """Undo one shipment; the order stays Shipped."""
    order = true_order(call, order_id)
    undo_shipment(call.state, order, _true_shipment(call, order, shipment_id))
    return no_content()


def delete_shipments(call: Call, order_id: int) -> Response:
    """Undo all shipments of an order."""
    order = true_order(call, order_id)
    for shipment_id in list(order.shipments):
        undo_shipment(call.state, order, call.state.shipments.rows[shipment_id])
    return no_content()
