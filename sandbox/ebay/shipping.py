"""Shipping fulfillments: what the seller says has gone out."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.ebay.call import Call
from sandbox.ebay.errors import EbayRefusal
from sandbox.ebay.filters import MOMENT
from sandbox.ebay.order_rows import fulfillment_key, in_milliseconds, line_key, show_moment
from sandbox.ebay.orders import find_order
from sandbox.exchange import Response, answer
from sandbox.market import orders
from sandbox.market.records import CANCELLED, PENDING, Event, Line, Order
from sandbox.times import read_moment

TRACKING = re.compile(r"[A-Za-z0-9]+")


def _order(call: Call, order_id: str) -> Order:
    found = find_order(call, order_id)
    if found is None:
        raise EbayRefusal(32100, order_id, 404)
    return found


def _show(order: Order, event: Event) -> dict[str, Any]:
    lines = {line.id: line for line in order.lines}
    found: dict[str, Any] = {
        "fulfillmentId": fulfillment_key(event.id, event.own),
        "shippedDate": show_moment(in_milliseconds(order, event.at)),
        "lineItems": [{"lineItemId": line_key(lines[one]), "quantity": units} for one, units in event.parts],
    }
    if event.own.get("tracking"):
        found |= {"shipmentTrackingNumber": event.own["tracking"], "shippingCarrierCode": event.own["carrier"]}
    return found


def list_fulfillments(call: Call, order_id: str) -> Response:
    """`getShippingFulfillments`."""
    order = _order(call, order_id)
    told = [_show(order, event) for event in order.shipments]
    return answer({"fulfillments": told, "total": len(told)})


def create(call: Call, order_id: str) -> Response:
    """`createShippingFulfillment`; its place is the Location of the answer, its id the tracking number."""
    order, body = _order(call, order_id), call.json(32600)
    carrier, tracking = body.get("shippingCarrierCode"), body.get("trackingNumber")
    if (carrier is None) != (tracking is None) or not _fits(carrier) or not _fits(tracking, TRACKING):
        raise EbayRefusal(32300)
    at = _shipped(call, order, body)
    if order.status in {CANCELLED, PENDING}:
        raise EbayRefusal(32600, "the order cannot be shipped", 409)
    parts = _parts(order, body)
    made = orders.ship(call.state, call.shop.manners, order, parts)
    own = {} if tracking is None else {"tracking": tracking, "carrier": carrier}
    order.shipments[-1] = made = replace(made, at=at, own=own)
    place = call.place(
        f"/sell/fulfillment/v1/order/{order_id}/shipping_fulfillment/{fulfillment_key(made.id, made.own)}"
    )
    response = answer({}, 201)
    response.headers["Location"] = place
    return response


def _fits(value: Any, pattern: re.Pattern[str] | None = None) -> bool:
    if value is None:
        return True
    return isinstance(value, str) and bool(value) and (pattern is None or pattern.fullmatch(value) is not None)


def _shipped(call: Call, order: Order, body: Mapping[str, Any]) -> int:
    now = call.state.clock.now()
    told = body.get("shippedDate")
    if told is None:
        return now
    if not isinstance(told, str) or not MOMENT.fullmatch(told):
        raise EbayRefusal(32500)
    try:
        found = int(read_moment(told).seconds)
    except ValueError as error:
        raise EbayRefusal(32500) from error
    if not order.placed <= found <= now:
        raise EbayRefusal(32500)
    return found


def _parts(order: Order, body: Mapping[str, Any]) -> list[tuple[Line, int]]:
    """Units by line: what the body names, or all that is due. Never more than is due."""
    told = body.get("lineItems")
    lines = {line_key(line): line for line in order.lines}
    if told is None:
        parts = [(line, line.due) for line in order.lines if line.due]
    else:
        if not isinstance(told, list) or not told or not all(isinstance(one, dict) for one in told):
            raise EbayRefusal(32600, "lineItems")
        names = [str(one.get("lineItemId")) for one in told]
        if len({*names}) < len(names):
            raise EbayRefusal(32210)
        strange = next((name for name in names if name not in lines), None)
        if strange is not None:
            raise EbayRefusal(32200, strange)
        parts = [(lines[name], one.get("quantity", 1)) for name, one in zip(names, told, strict=True)]
    for line, units in parts:
        if type(units) is not int or not 0 < units <= line.due:
            raise EbayRefusal(32600, "quantity")
    if not parts:
        raise EbayRefusal(32600, "nothing is left to ship")
    return parts
