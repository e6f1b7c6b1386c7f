"""Consignments: where the lines of an order go. Included lines stop at fifty, with a `__warning__`."""

from typing import Any

from sandbox.api.order_rows import contact, recipient, resource, show_line
from sandbox.people import person
from sandbox.records import Line, Order
from sandbox.state import State

MOST_LINES = 50
LEFT_OUT = ("width", "height", "depth")
WARNING = (
    "Not all line items of this consignment are returned with this response, only 50 are included. "
    "Please use the `/v2/orders/{order_id}/products` endpoint to fetch all line items."
)


def _line_items(state: State, order: Order, lines: list[Line], *, whole: bool) -> dict[str, Any]:
    """Lines as links, or whole up to fifty; whole ones lack the dimensions that `/products` has."""
    if not whole:
        return {"line_items": [resource(state, f"/orders/{order.id}/products/{line.id}") for line in lines]}
    rows = []
    for line in lines[:MOST_LINES]:
        row = show_line(state, order, line)
        for name in LEFT_OUT:
            del row[name]
        row["weight"] = 0.4
        rows.append(row)
    part: dict[str, Any] = {"line_items": rows}
    if len(lines) > MOST_LINES:
        part["__warning__"] = {"message": WARNING}
    return part


def consignments_of(state: State, order: Order, *, whole: bool) -> dict[str, Any]:
    """The consignments of an order: one for each shipping address, and one for downloads."""
    downloads = [line for line in order.lines if not line.address]
    shipping = []
    for address_id in range(order.address_id, order.address_id + order.address_count):
        who = contact(recipient(order, address_id))
        lines = [line for line in order.lines if line.address == address_id]
        shipping.append(
            {"id": address_id, **who, "form_fields": [], **_line_items(state, order, lines, whole=whole)},
        )
    digital = {"recipient_email": person(order.person).email, **_line_items(state, order, downloads, whole=whole)}
    return {
        "pickups": [],
        "shipping": shipping,
        "downloads": [digital] if downloads else [],
        "email": {"gift_certificates": []},
    }
