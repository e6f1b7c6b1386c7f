"""Below an order: its lines, shipping addresses, shipments, consignments, coupons, taxes, messages and fees."""

from sandbox.api.call import Call
from sandbox.api.consignments import consignments_of
from sandbox.api.order_rows import show_address, show_line, show_shipment
from sandbox.api.orders import order_of
from sandbox.api.paging import bare_page
from sandbox.errors import not_found
from sandbox.exchange import Response, answer, no_content


def list_lines(call: Call, order_id: int) -> Response:
    """A page of the lines, by line id."""
    order = order_of(call, order_id)
    lines = sorted(order.lines, key=lambda line: line.id)
    return bare_page(call, lines, lambda line: show_line(call.state, order, line))


def get_line(call: Call, order_id: int, line_id: int) -> Response:
    """One line."""
    order = order_of(call, order_id)
    line = order.line(line_id)
    if line is None:
        raise not_found()
    return answer(show_line(call.state, order, line))


def list_addresses(call: Call, order_id: int) -> Response:
    """A page of the shipping addresses."""
    order = order_of(call, order_id)
    ids = range(order.address_id, order.address_id + order.address_count)
    return bare_page(call, ids, lambda address_id: show_address(call.state, order, address_id))


def get_address(call: Call, order_id: int, address_id: int) -> Response:
    """One shipping address."""
    order = order_of(call, order_id)
    if not order.address_id <= address_id < order.address_id + order.address_count:
        raise not_found()
    return answer(show_address(call.state, order, address_id))


def list_shipments(call: Call, order_id: int) -> Response:
    """A page of the shipments."""
    order = order_of(call, order_id)
    found = call.state.shipments.read().rows(order.shipments)
    return bare_page(call, found, lambda shipment: show_shipment(order, shipment))


def count_shipments(call: Call, order_id: int) -> Response:
    """How many shipments."""
    order = order_of(call, order_id)
    return answer({"count": len(call.state.shipments.read().rows(order.shipments))})


def get_shipment(call: Call, order_id: int, shipment_id: int) -> Response:
    """One shipment."""
    order = order_of(call, order_id)
    shipment = call.state.shipments.read().get(shipment_id)
    if shipment is None or shipment.order_id != order_id:
        raise not_found()
    return answer(show_shipment(order, shipment))


def get_consignments(call: Call, order_id: int) -> Response:
    """The consignments."""
    whole = "consignments.line_items" in (call.csv("include") or ())
    return answer(consignments_of(call.state, order_of(call, order_id), whole=whole))


def nothing_below(call: Call, order_id: int) -> Response:
    """Coupons, taxes, messages and fees: this shop has none, which v2 says with a 204."""
    order_of(call, order_id)
    return no_content()
