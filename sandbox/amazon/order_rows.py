"""Orders as the Orders API of 2026-01-01 shows them: with each set of data only where it was asked for."""

from typing import TYPE_CHECKING, Any

from sandbox.amazon.records import AMAZON_PLACE, product
from sandbox.clock import DAY
from sandbox.market.records import CANCELLED, OPEN, PARTLY_SHIPPED, PENDING, SHIPPED, Event, Line, Order
from sandbox.people import person
from sandbox.times import iso_zulu

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

SETS = (
    *("BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX"),
    *("PAYMENT", "FULFILLMENT_ORDERS"),
)
WORDS = {
    PENDING: "PENDING",
    OPEN: "UNSHIPPED",
    PARTLY_SHIPPED: "PARTIALLY_SHIPPED",
    SHIPPED: "SHIPPED",
    CANCELLED: "CANCELLED",
}
STATUSES = ("PENDING_AVAILABILITY", *WORDS.values(), "UNFULFILLABLE")
MERCHANT, AMAZON = "MERCHANT", "AMAZON"


def key_of(order: Order) -> str:
    """The id by which an order is called, made of its number."""
    return f"{111 + order.id % 3}-{order.id * 104_729 % 10**7:07d}-{order.id % 10**7:07d}"


def item_key(line: Line) -> str:
    """The id by which a line is called."""
    return str(50_000_000_000_000 + line.id)


def status_of(order: Order) -> str:
    """The status of an order; people can make it one that the shop has no neutral word for."""
    own = order.own.get("status")
    return own if own is not None and order.status in {PENDING, OPEN} else WORDS[order.status]


def fulfilled_by(order: Order) -> str:
    """Who ships an order."""
    return AMAZON if any(line.location_id == AMAZON_PLACE for line in order.lines) else MERCHANT


def _windows(order: Order) -> dict[str, Any]:
    def between(first: int, last: int) -> dict[str, str]:
        return {
            "earliestDateTime": iso_zulu(order.placed + first * DAY),
            "latestDateTime": iso_zulu(order.placed + last * DAY),
        }

    return {"shipByWindow": between(0, 2), "deliverByWindow": between(3, 6)}


def _item(shop: "Amazon", order: Order, line: Line, wanted: list[str]) -> dict[str, Any]:
    listing = shop.state.listings.get(line.listing_id)
    sold: dict[str, Any] = {"title": line.title, "sellerSku": line.sku, "condition": {"conditionType": "NEW"}}
    if listing is not None:
        sold["asin"] = product(listing).asin
    if order.status != PENDING:
        sold["price"] = {"unitPrice": shop.store.money(line.price)}
    # The quantity of a cancelled line stays what was ordered: only its fulfilment says that nothing is left.
    found: dict[str, Any] = {
        "orderItemId": item_key(line),
        "quantityOrdered": line.quantity,
        "product": sold,
    }
    if "FULFILLMENT" in wanted:
        found["fulfillment"] = {"quantityFulfilled": line.shipped, "quantityUnfulfilled": line.due}
    if "PROCEEDS" in wanted and order.status != PENDING:
        left = line.price * (line.quantity - max(line.refunded, line.cancelled))
        breakdown = [{"type": "ITEM", "subtotal": shop.store.money(left)}]
        found["proceeds"] = {"proceedsTotal": shop.store.money(left), "breakdowns": breakdown}
    if "CANCELLATION" in wanted and (line.cancelled or line.own.get("cancel_reason")):
        found["cancellation"] = _cancellation(line)
    return found


def _cancellation(line: Line) -> dict[str, Any]:
    found = {}
    if line.own.get("cancel_reason"):
        found["cancellationRequest"] = {"requester": "BUYER", "cancelReason": line.own["cancel_reason"]}
    if line.cancelled:
        by = "BUYER" if line.own.get("cancel_reason") else MERCHANT
        found["cancellationExecution"] = {"cancelledBy": by, "cancelReason": "Cancelled"}
    return found


def _package(order: Order, event: Event) -> dict[str, Any]:
    lines = {line.id: line for line in order.lines}
    return {
        "packageReferenceId": str(event.id),
        "createdTime": iso_zulu(event.at),
        "packageStatus": {"status": "SHIPPED"},
        "carrier": "USPS",
        "shipTime": iso_zulu(event.at),
        "trackingNumber": f"9400{event.id:016d}",
        "packageItems": [{"orderItemId": item_key(lines[one]), "quantity": units} for one, units in event.parts],
    }


def _people(order: Order, wanted: list[str]) -> dict[str, Any]:
    who = person(order.person)
    found: dict[str, Any] = {}
    if "BUYER" in wanted and order.status != PENDING:
        found["buyer"] = {"buyerName": f"{who.first} {who.last}"}
        if fulfilled_by(order) == MERCHANT:
            found["buyer"]["buyerEmail"] = f"{order.person}@marketplace.example"
    if "RECIPIENT" in wanted and order.status != PENDING:
        address = {
            "name": f"{who.first} {who.last}",
            "addressLine1": who.street,
            "city": who.city,
            "stateOrRegion": who.state,
            "postalCode": who.postcode,
            "countryCode": who.country_code,
            "phone": who.phone,
        }
        found["recipient"] = {"deliveryAddress": address}
    return found


def show_order(shop: "Amazon", order: Order, wanted: list[str]) -> dict[str, Any]:
    """An order with the sets that are wanted; without FULFILLMENT it does not even have a status."""
    found: dict[str, Any] = {
        "orderId": key_of(order),
        "createdTime": iso_zulu(order.placed),
        "lastUpdatedTime": iso_zulu(order.modified),
        "programs": [],
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": shop.store.id,
            "marketplaceName": shop.store.name,
        },
        "orderItems": [_item(shop, order, line, wanted) for line in order.lines],
        **_people(order, wanted),
    }
    if "FULFILLMENT" in wanted:
        found["fulfillment"] = {
            "fulfillmentStatus": status_of(order),
            "fulfilledBy": fulfilled_by(order),
            "fulfillmentServiceLevel": "STANDARD",
            **_windows(order),
        }
    if "PACKAGES" in wanted and fulfilled_by(order) == MERCHANT:
        found["packages"] = [_package(order, event) for event in order.shipments]
    if "PROCEEDS" in wanted and order.status != PENDING:
        left = sum(line.price * (line.quantity - max(line.refunded, line.cancelled)) for line in order.lines)
        found["proceeds"] = {"grandTotal": shop.store.money(left)}
    return found
