"""Orders as the Fulfillment API shows them."""

from typing import Any
from zlib import crc32

from sandbox.clock import DAY
from sandbox.ebay.call import Call
from sandbox.ebay.records import Cancellation, cancellations, offer_of
from sandbox.market.records import CANCELLED, PENDING, Line, Order
from sandbox.people import person
from sandbox.times import iso_zulu

SELLER = "practice-seller"


def key_of(order: Order) -> str:
    """The id by which an order is called, made of its number."""
    return f"{10 + order.id % 87:02d}-{order.id * 7919 % 100_000:05d}-{order.id % 100_000:05d}"


def in_milliseconds(order: Order, moment: int) -> int:
    """A moment of an order in milliseconds: the shop counts whole seconds, the rest is made up but stays."""
    return moment * 1000 + crc32(f"{order.id}:{moment}".encode()) % 1000


def show_moment(milliseconds: int) -> str:
    """A moment as eBay writes it."""
    return f"{iso_zulu(milliseconds // 1000)[:-1]}.{milliseconds % 1000:03d}Z"


def progress(order: Order) -> str:
    """How much of an order has shipped; a cancelled one stays where it was."""
    shipped = sum(line.shipped for line in order.lines)
    if not shipped:
        return "NOT_STARTED"
    return "IN_PROGRESS" if any(line.due for line in order.lines) else "FULFILLED"


def _line_progress(line: Line) -> str:
    if not line.shipped:
        return "NOT_STARTED"
    return "IN_PROGRESS" if line.due else "FULFILLED"


def _cost(order: Order) -> int:
    return sum(line.price * line.quantity for line in order.lines)


def _refunded(order: Order) -> int:
    """What was paid back; of a cancelled order that was paid, everything."""
    return sum(line.price * max(line.refunded, line.cancelled) for line in order.lines)


def payment(order: Order) -> str:
    """The payment status of an order."""
    if order.own.get("unpaid") or order.status == PENDING:
        return "PENDING" if order.status == PENDING else "FAILED"
    back = _refunded(order)
    if not back:
        return "PAID"
    return "FULLY_REFUNDED" if back >= _cost(order) else "PARTIALLY_REFUNDED"


def cancel_state(order: Order) -> str:
    """The state of an order with regard to cancellation."""
    if order.status == CANCELLED:
        return "CANCELED"
    asked = any(one.state == "REQUESTED" for one in cancellations(order))
    return "IN_PROGRESS" if asked else "NONE_REQUESTED"


def _show_request(order: Order, one: Cancellation) -> dict[str, Any]:
    found = {
        "cancelRequestId": one.id,
        "cancelInitiator": one.by,
        "cancelReason": one.reason,
        "cancelRequestState": one.state,
        "cancelRequestedDate": show_moment(in_milliseconds(order, one.asked)),
    }
    if one.answered is not None and one.state == "COMPLETED":
        found["cancelCompletedDate"] = show_moment(in_milliseconds(order, one.answered))
    return found


def _cancel_status(order: Order, *, whole: bool) -> dict[str, Any]:
    requests = [_show_request(order, one) for one in cancellations(order)] if whole else []
    found: dict[str, Any] = {"cancelState": cancel_state(order), "cancelRequests": requests}
    if order.status == CANCELLED:
        found["cancelledDate"] = show_moment(in_milliseconds(order, order.modified))
    return found


def _show_line(call: Call, order: Order, line: Line) -> dict[str, Any]:
    listing = call.state.listings.get(line.listing_id)
    offer = offer_of(listing) if listing is not None else None
    cost = call.money(line.price * line.quantity)
    refunded = line.price * max(line.refunded, line.cancelled)
    when = show_moment(in_milliseconds(order, order.modified))
    return {
        "lineItemId": line_key(line),
        "legacyItemId": offer.listing_id if offer is not None else str(110_000_000_000 + line.listing_id),
        "sku": line.sku,
        "title": line.title,
        "lineItemCost": cost,
        "quantity": line.quantity,
        "soldFormat": "FIXED_PRICE",
        "listingMarketplaceId": call.site,
        "purchaseMarketplaceId": call.site,
        "lineItemFulfillmentStatus": _line_progress(line),
        "total": cost,
        "deliveryCost": {"shippingCost": call.money(0)},
        "appliedPromotions": [],
        "taxes": [],
        "refunds": [{"amount": call.money(refunded), "refundDate": when}] if refunded else [],
        "properties": {"buyerProtection": True},
        "lineItemFulfillmentInstructions": {
            "minEstimatedDeliveryDate": show_moment((order.placed + 3 * DAY) * 1000),
            "maxEstimatedDeliveryDate": show_moment((order.placed + 7 * DAY) * 1000),
            "shipByDate": show_moment((order.placed + 2 * DAY) * 1000),
            "guaranteedDelivery": False,
        },
    }


def line_key(line: Line) -> str:
    """The id by which a line is called."""
    return str(10_000_000_000 + line.id)


def _show_address(order: Order) -> dict[str, Any]:
    who = person(order.person)
    address = {
        "addressLine1": who.street,
        "city": who.city,
        "stateOrProvince": who.state,
        "postalCode": who.postcode,
        "countryCode": who.country_code,
    }
    return {
        "fullName": f"{who.first} {who.last}",
        "contactAddress": address,
        "primaryPhone": {"phoneNumber": who.phone},
        "email": who.email,
    }


def show_order(call: Call, order: Order, *, whole: bool) -> dict[str, Any]:
    """An order as the API has it; with the requests to cancel it only where it is asked for alone (`whole`)."""
    cost = call.money(_cost(order))
    place = call.place(f"/sell/fulfillment/v1/order/{key_of(order)}/shipping_fulfillment")
    return {
        "orderId": key_of(order),
        "creationDate": show_moment(in_milliseconds(order, order.placed)),
        "lastModifiedDate": show_moment(in_milliseconds(order, order.modified)),
        "orderFulfillmentStatus": progress(order),
        "orderPaymentStatus": payment(order),
        "sellerId": SELLER,
        "buyer": {"username": f"buyer_{order.person}"},
        "cancelStatus": _cancel_status(order, whole=whole),
        "pricingSummary": {"priceSubtotal": cost, "deliveryCost": call.money(0), "total": cost},
        "paymentSummary": _show_payment(call, order),
        "fulfillmentStartInstructions": [
            {
                "fulfillmentInstructionsType": "SHIP_TO",
                "ebaySupportedFulfillment": False,
                "shippingStep": {"shipTo": _show_address(order), "shippingServiceCode": "USPSPriority"},
            }
        ],
        "fulfillmentHrefs": [f"{place}/{fulfillment_key(event.id, event.own)}" for event in order.shipments],
        "lineItems": [_show_line(call, order, line) for line in order.lines],
        "salesRecordReference": str(order.id),
        "totalFeeBasisAmount": cost,
    }


def _show_payment(call: Call, order: Order) -> dict[str, Any]:
    paid, back = payment(order), _refunded(order)
    one: dict[str, Any] = {
        "paymentMethod": "EBAY",
        "amount": call.money(_cost(order)),
        "paymentStatus": paid if paid in {"PENDING", "FAILED"} else "PAID",
    }
    if one["paymentStatus"] == "PAID":
        one["paymentDate"] = show_moment(in_milliseconds(order, order.placed))
    refunds = [
        {
            "amount": call.money(back),
            "refundId": str(order.id),
            "refundStatus": "REFUNDED",
            "refundDate": show_moment(in_milliseconds(order, order.modified)),
        }
    ]
    return {
        "totalDueSeller": call.money(_cost(order) - back),
        "payments": [one],
        "refunds": refunds if back and paid not in {"PENDING", "FAILED"} else [],
    }


def fulfillment_key(event_id: int, own: dict[str, Any]) -> str:
    """The id of a shipping fulfillment: the tracking number, where there is one."""
    return str(own.get("tracking") or event_id)
