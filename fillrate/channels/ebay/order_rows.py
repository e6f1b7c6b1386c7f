"""Orders as eBay sends them, and the records that they become."""

from collections import Counter
from datetime import datetime

import msgspec

from fillrate.channels.fields import Count, Money, amount_e4, currency, identifier, text, when
from fillrate.errors import SkipRecord
from fillrate.records import Line, Order

IN_PROGRESS = "IN_PROGRESS"
STATUSES = {
    "UNPAID": "Not paid yet",
    "NOT_STARTED": "Not shipped yet",
    "IN_PROGRESS": "Shipped in part",
    "FULFILLED": "Shipped",
    "CANCEL_REQUESTED": "The buyer asks to cancel",
    "CANCELED": "Cancelled",
    "FULLY_REFUNDED": "Refunded before it was shipped",
    "FULFILLED_BY_EBAY": "Shipped by eBay",
}


class Amount(msgspec.Struct, gc=False):
    """An amount of money."""

    value: Money | None = None
    currency: str | None = None


class Instructions(msgspec.Struct, gc=False):
    """By when a line is to leave."""

    ship_by: str | None = msgspec.field(name="shipByDate", default=None)


class LineRefund(msgspec.Struct, gc=False):
    """Money given back for a line."""

    amount: Amount | None = None


class LineRow(msgspec.Struct, kw_only=True, gc=False):
    """A line, as sent."""

    id: str = msgspec.field(name="lineItemId")
    sku: str | None = None
    title: str | None = None
    quantity: Count | None = None
    status: str | None = msgspec.field(name="lineItemFulfillmentStatus", default=None)
    cost: Amount | None = msgspec.field(name="lineItemCost", default=None)
    reduced: Amount | None = msgspec.field(name="discountedLineItemCost", default=None)
    refunds: list[LineRefund] = []
    instructions: Instructions | None = msgspec.field(name="lineItemFulfillmentInstructions", default=None)
    item: str | None = msgspec.field(name="legacyItemId", default=None)
    variation: str | None = msgspec.field(name="legacyVariationId", default=None)
    market: str | None = msgspec.field(name="purchaseMarketplaceId", default=None)


class Place(msgspec.Struct, gc=False):
    """An address."""

    country: str | None = msgspec.field(name="countryCode", default=None)
    state: str | None = msgspec.field(name="stateOrProvince", default=None)
    postcode: str | None = msgspec.field(name="postalCode", default=None)


class Contact(msgspec.Struct, gc=False):
    """Whom the goods go to, or who buys."""

    name: str | None = msgspec.field(name="fullName", default=None)
    email: str | None = None
    place: Place | None = msgspec.field(name="contactAddress", default=None)


class ShippingStep(msgspec.Struct, gc=False):
    """Where the goods go."""

    to: Contact | None = msgspec.field(name="shipTo", default=None)


class StartInstruction(msgspec.Struct, gc=False):
    """How an order is to be fulfilled."""

    shipping: ShippingStep | None = msgspec.field(name="shippingStep", default=None)


class Buyer(msgspec.Struct, gc=False):
    """Who buys."""

    username: str | None = None
    contact: Contact | None = msgspec.field(name="buyerRegistrationAddress", default=None)


class CancelStatus(msgspec.Struct, gc=False):
    """Whether the order is to be cancelled."""

    state: str | None = msgspec.field(name="cancelState", default=None)


class Pricing(msgspec.Struct, gc=False):
    """What the order costs."""

    total: Amount | None = None


class FulfillmentProgram(msgspec.Struct, gc=False):
    """Who ships, where it is not the seller."""

    by: str | None = msgspec.field(name="fulfilledBy", default=None)


class Program(msgspec.Struct, gc=False):
    """eBay's own services for an order."""

    fulfillment: FulfillmentProgram | None = msgspec.field(name="fulfillmentProgram", default=None)


class OrderRow(msgspec.Struct, kw_only=True, gc=False):
    """An order, as sent."""

    id: str = msgspec.field(name="orderId")
    created: str = msgspec.field(name="creationDate")
    modified: str = msgspec.field(name="lastModifiedDate")
    fulfilment: str = msgspec.field(name="orderFulfillmentStatus")
    payment: str = msgspec.field(name="orderPaymentStatus")
    cancel: CancelStatus = msgspec.field(name="cancelStatus", default_factory=CancelStatus)
    pricing: Pricing = msgspec.field(name="pricingSummary")
    buyer: Buyer | None = None
    instructions: list[StartInstruction] = msgspec.field(name="fulfillmentStartInstructions", default_factory=list)
    lines: list[LineRow] = msgspec.field(name="lineItems")
    program: Program | None = None


class ShippedLine(msgspec.Struct, gc=False):
    """Units of a line in a shipment; no number means all of it."""

    id: str = msgspec.field(name="lineItemId")
    quantity: Count | None = None


class Shipment(msgspec.Struct, gc=False):
    """What left together."""

    lines: list[ShippedLine] = msgspec.field(name="lineItems", default_factory=list)


class Shipments(msgspec.Struct, gc=False):
    """All that left of an order."""

    fulfillments: list[Shipment] = []


class Request(msgspec.Struct, gc=False):
    """A request to cancel."""

    state: str | None = msgspec.field(name="cancelRequestState", default=None)


class RequestedCancel(msgspec.Struct, gc=False):
    """All requests to cancel an order."""

    requests: list[Request] = msgspec.field(name="cancelRequests", default_factory=list)


class Requests(msgspec.Struct, gc=False):
    """An order, of which only the requests to cancel it count."""

    cancel: RequestedCancel = msgspec.field(name="cancelStatus", default_factory=RequestedCancel)


SETTLED = frozenset({"COMPLETED", "REJECTED"})


def order(row: OrderRow, shipped: Shipments | None, asked: Requests | None) -> Order:
    """Return an order; `shipped` and `asked` are what was asked for beside the list, None where it was not needed."""
    number = identifier(row.id, "orderId")
    if not number or number != row.id:
        raise SkipRecord("orderId is empty, or holds what cannot be asked for", path="orderId")
    total = row.pricing.total or Amount()
    status = status_of(row, asked)
    contact = next((one.shipping.to for one in row.instructions if one.shipping and one.shipping.to), Contact())
    buyer = row.buyer or Buyer()
    return Order(
        platform_id=number,
        status=status,
        placed_at=when(row.created, "creationDate"),
        modified_at=when(row.modified, "lastModifiedDate"),
        shipped_at=None,
        customer_platform_id=identifier(buyer.username, "buyer.username"),
        email=text(contact.email or (buyer.contact.email if buyer.contact else None), 255),
        recipient=text(contact.name),
        destination=destination(contact.place),
        currency=currency(total.currency, "pricingSummary.total.currency"),
        total_e4=amount_e4(needed(total.value, "pricingSummary.total.value"), "pricingSummary.total.value"),
        external_order_id="",
        source_channel=source(row),
        is_archived=False,
        language="",
        ship_by=ship_by(row),
        lines=lines_of(row, shipped),
    )


def needed(value: Money | None, path: str) -> Money:
    """Return a value that must be there."""
    if value is None:
        raise SkipRecord(f"{path} is missing", path=path)
    return value


def status_of(row: OrderRow, asked: Requests | None) -> str:
    """Return what holds for the whole order: the first of cancelled, asked to be, unpaid, given back, shipped by eBay."""
    if row.cancel.state == "CANCELED":
        return "CANCELED"
    if row.cancel.state == IN_PROGRESS and not is_settled(asked):
        return "CANCEL_REQUESTED"
    if row.program and row.program.fulfillment and row.program.fulfillment.by == "EBAY":
        return "FULFILLED_BY_EBAY"
    if row.payment in {"PENDING", "FAILED"}:
        return "UNPAID"
    if row.payment == "FULLY_REFUNDED" and row.fulfilment == "NOT_STARTED":
        return "FULLY_REFUNDED"
    return text(row.fulfilment, 50)


def is_settled(asked: Requests | None) -> bool:
    """Tell whether every request to cancel was answered, so that the state of the list lags behind."""
    return (
        asked is not None and bool(asked.cancel.requests) and all(one.state in SETTLED for one in asked.cancel.requests)
    )


def destination(place: Place | None) -> str:
    """Return where the goods go: country, state and postcode; "" where no country is told."""
    country = text(place.country, 2) if place else ""
    if place is None or not country:
        return ""
    return "/".join(one.replace("/", " ") for one in (country, text(place.state, 100), text(place.postcode, 30)))


def source(row: OrderRow) -> str:
    """Return the marketplace on which it was bought."""
    market = next((text(line.market, 50) for line in row.lines if line.market), "")
    return f":{market}" if market else ""


def ship_by(row: OrderRow) -> datetime | None:
    """Return the earliest day by which a line is to leave, None where none is told."""
    told = [line.instructions.ship_by for line in row.lines if line.instructions and line.instructions.ship_by]
    return min((when(one, "shipByDate") for one in told), default=None)


def lines_of(row: OrderRow, shipped: Shipments | None) -> tuple[Line, ...]:
    """Return the lines, each once; an order without any is half an order."""
    if not row.lines:
        raise SkipRecord("lineItems is empty", path="lineItems")
    if len({one.id for one in row.lines}) != len(row.lines):
        raise SkipRecord("lineItems: one is listed twice", path="lineItems")
    left: Counter[str] = Counter()
    for one in shipped.fulfillments if shipped else ():
        for line in one.lines:
            left[line.id] += line.quantity if line.quantity is not None else 10**9
    return tuple(line_of(one, row, left[one.id]) for one in sorted(row.lines, key=lambda line: line.id))


def line_of(line: LineRow, row: OrderRow, left: int) -> Line:
    """Return a line; its price is what one unit costs after eBay's own reductions, without delivery."""
    quantity = line.quantity or 0
    if not quantity:
        raise SkipRecord(f"quantity of line {text(line.id, 50)} is missing", path="lineItems")
    cost = line.reduced or line.cost or Amount()
    cost_e4 = amount_e4(needed(cost.value, "lineItemCost.value"), "lineItemCost.value")
    sku = identifier(line.sku, "sku")
    legacy = identifier(line.item, "legacyItemId")
    return Line(
        platform_id=identifier(line.id, "lineItemId"),
        product_platform_id=sku or legacy,
        variant_platform_id=sku or identifier(line.variation, "legacyVariationId") or legacy,
        sku=sku,
        name=text(line.title),
        quantity=quantity,
        quantity_shipped=shipped_units(line, row, quantity, left),
        quantity_refunded=refunded_units(line, row, quantity, cost_e4),
        quantity_backordered=None,
        needs_stock=True,
        unit_price_e4=cost_e4 // quantity,
    )


def shipped_units(line: LineRow, row: OrderRow, quantity: int, left: int) -> int:
    """Return how many units have left."""
    if line.status == "FULFILLED" or row.fulfilment == "FULFILLED":
        return quantity
    return min(left, quantity) if line.status == IN_PROGRESS else 0


def refunded_units(line: LineRow, row: OrderRow, quantity: int, cost_e4: int) -> int:
    """Return how many units were given back. eBay tells amounts only: what is the price of so many units means so many."""
    if row.payment == "FULLY_REFUNDED":
        return quantity
    path = "refunds.amount.value"
    back = sum(amount_e4(one.amount.value, path) for one in line.refunds if one.amount and one.amount.value is not None)
    if not cost_e4 or back >= cost_e4:
        return quantity if cost_e4 else 0
    units, rest = divmod(back * quantity, cost_e4)
    return 0 if rest else units
