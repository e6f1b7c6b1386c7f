"""Orders as Amazon sends them since 2026-01-01, and the records that they become."""

from datetime import datetime

import msgspec

from fillrate.channels.fields import Count, Money, amount_e4, currency, identifier, text, when, when_or_none
from fillrate.errors import SkipRecord
from fillrate.records import Line, Order

STATUSES = {
    "PENDING_AVAILABILITY": "Pre-order, not released yet",
    "PENDING": "Not payable yet",
    "UNSHIPPED": "Not shipped yet",
    "PARTIALLY_SHIPPED": "Shipped in part",
    "SHIPPED": "Shipped",
    "CANCELLED": "Cancelled",
    "CANCEL_REQUESTED": "The buyer asks to cancel",
    "UNFULFILLABLE": "Cannot be fulfilled",
    "FULFILLED_BY_AMAZON": "Shipped by Amazon",
}
OPEN = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED"})
STARTED = OPEN | {"SHIPPED"}


class Amount(msgspec.Struct, gc=False):
    """An amount of money."""

    amount: Money | None = None
    currency: str | None = msgspec.field(name="currencyCode", default=None)


class Price(msgspec.Struct, gc=False):
    """What one unit costs."""

    unit: Amount | None = msgspec.field(name="unitPrice", default=None)


class ProductRow(msgspec.Struct, gc=False):
    """What was bought."""

    sku: str | None = msgspec.field(name="sellerSku", default=None)
    title: str | None = None
    price: Price | None = None


class Request(msgspec.Struct, gc=False):
    """Who asked to cancel."""

    requester: str | None = None


class Execution(msgspec.Struct, gc=False):
    """Who cancelled."""

    by: str | None = msgspec.field(name="cancelledBy", default=None)


class Cancellation(msgspec.Struct, gc=False):
    """What became of an item that somebody wants to cancel."""

    request: Request | None = msgspec.field(name="cancellationRequest", default=None)
    execution: Execution | None = msgspec.field(name="cancellationExecution", default=None)


class Units(msgspec.Struct, gc=False):
    """How many units have left and how many have not."""

    fulfilled: Count | None = msgspec.field(name="quantityFulfilled", default=None)
    unfulfilled: Count | None = msgspec.field(name="quantityUnfulfilled", default=None)


class ItemRow(msgspec.Struct, kw_only=True, gc=False):
    """A line, as sent."""

    id: str = msgspec.field(name="orderItemId")
    quantity: Count = msgspec.field(name="quantityOrdered")
    product: ProductRow
    cancellation: Cancellation | None = None
    fulfillment: Units | None = None


class Window(msgspec.Struct, gc=False):
    """From when until when."""

    latest: str | None = msgspec.field(name="latestDateTime", default=None)


class Fulfillment(msgspec.Struct, gc=False):
    """How an order is shipped, by whom, and by when."""

    status: str = msgspec.field(name="fulfillmentStatus")
    by: str | None = msgspec.field(name="fulfilledBy", default=None)
    ship_by: Window | None = msgspec.field(name="shipByWindow", default=None)


class Buyer(msgspec.Struct, gc=False):
    """Who buys."""

    email: str | None = msgspec.field(name="buyerEmail", default=None)
    name: str | None = msgspec.field(name="buyerName", default=None)


class Address(msgspec.Struct, gc=False):
    """Where the goods go."""

    name: str | None = None
    country: str | None = msgspec.field(name="countryCode", default=None)
    state: str | None = msgspec.field(name="stateOrRegion", default=None)
    postcode: str | None = msgspec.field(name="postalCode", default=None)


class Recipient(msgspec.Struct, gc=False):
    """Whom the goods go to."""

    address: Address | None = msgspec.field(name="deliveryAddress", default=None)


class Proceeds(msgspec.Struct, gc=False):
    """What the order brings."""

    total: Amount | None = msgspec.field(name="grandTotal", default=None)


class Alias(msgspec.Struct, gc=False):
    """Another name of the order."""

    id: str | None = msgspec.field(name="aliasId", default=None)
    type: str | None = msgspec.field(name="aliasType", default=None)


class SalesChannel(msgspec.Struct, gc=False):
    """Where it was bought."""

    name: str | None = msgspec.field(name="channelName", default=None)


class OrderRow(msgspec.Struct, kw_only=True, gc=False):
    """An order, as sent."""

    id: str = msgspec.field(name="orderId")
    created: str = msgspec.field(name="createdTime")
    updated: str = msgspec.field(name="lastUpdatedTime")
    items: list[ItemRow] = msgspec.field(name="orderItems")
    fulfillment: Fulfillment | None = None
    channel: SalesChannel | None = msgspec.field(name="salesChannel", default=None)
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: Proceeds | None = None
    aliases: list[Alias] = msgspec.field(name="orderAliases", default_factory=list)


def order(row: OrderRow, usual: str) -> Order:
    """Return an order; `usual` is the store's currency, where a pending order tells none."""
    number = identifier(row.id, "orderId")
    if not number or number != row.id:
        raise SkipRecord("orderId is empty, or holds what cannot be asked for", path="orderId")
    if row.fulfillment is None:
        raise SkipRecord("fulfillment is missing", path="fulfillment")
    lines = lines_of(row, row.fulfillment.status)
    address = row.recipient.address if row.recipient and row.recipient.address else Address()
    buyer = row.buyer or Buyer()
    return Order(
        platform_id=number,
        status=status_of(row, row.fulfillment),
        placed_at=when(row.created, "createdTime"),
        modified_at=when(row.updated, "lastUpdatedTime"),
        shipped_at=None,
        customer_platform_id="",
        email=text(buyer.email, 255),
        recipient=text(address.name or buyer.name),
        destination=destination(address),
        currency=currency(currency_of(row) or usual, "currencyCode"),
        total_e4=total_of(row, lines),
        external_order_id=identifier(
            next((one.id for one in row.aliases if one.type == "SELLER_ORDER_ID"), None), "orderAliases"
        ),
        source_channel=f":{text(row.channel.name, 50)}" if row.channel and row.channel.name else "",
        is_archived=False,
        language="",
        ship_by=ship_by(row.fulfillment),
        lines=lines,
    )


def status_of(row: OrderRow, fulfillment: Fulfillment) -> str:
    """Return what holds for the whole order; what Amazon ships owes nothing from the merchant's shelves, whatever its state."""
    if fulfillment.by == "AMAZON":
        return "FULFILLED_BY_AMAZON"
    status = text(fulfillment.status, 50)
    if status in OPEN and any(is_asked_to_cancel(one) for one in row.items):
        return "CANCEL_REQUESTED"
    return status


def is_asked_to_cancel(item: ItemRow) -> bool:
    """Tell whether the buyer asked to cancel an item and nobody has."""
    told = item.cancellation
    return told is not None and told.request is not None and told.execution is None


def ship_by(fulfillment: Fulfillment) -> datetime | None:
    """Return the last moment by which the order must leave."""
    told = fulfillment.ship_by
    return when_or_none(told.latest, "shipByWindow.latestDateTime") if told else None


def destination(address: Address) -> str:
    """Return where the goods go: country, state and postcode; "" where Amazon does not tell the country."""
    country = text(address.country, 2)
    parts = (country, text(address.state, 100), text(address.postcode, 30))
    return "/".join(one.replace("/", " ") for one in parts) if country else ""


def currency_of(row: OrderRow) -> str | None:
    """Return the currency of the first amount that names one."""
    amounts = [row.proceeds.total if row.proceeds else None]
    amounts += [item.product.price.unit for item in row.items if item.product.price]
    return next((one.currency for one in amounts if one and one.currency), None)


def total_of(row: OrderRow, lines: tuple[Line, ...]) -> int:
    """Return what the order brings, or what its lines cost where that is not told."""
    told = row.proceeds.total.amount if row.proceeds and row.proceeds.total else None
    if told is None:
        return sum(one.quantity * one.unit_price_e4 for one in lines)
    return amount_e4(told, "grandTotal.amount")


def lines_of(row: OrderRow, status: str) -> tuple[Line, ...]:
    """Return the lines, each once; an order without any is half an order."""
    if not row.items:
        raise SkipRecord("orderItems is empty", path="orderItems")
    if len({one.id for one in row.items}) != len(row.items):
        raise SkipRecord("orderItems: one is listed twice", path="orderItems")
    return tuple(line_of(one, row.id, status) for one in sorted(row.items, key=lambda item: item.id))


def line_of(item: ItemRow, order_id: str, status: str) -> Line:
    """Return a line; its id is unique within the order only, so the order's goes with it."""
    units = item.fulfillment or Units()
    shipped = units.fulfilled or 0
    quantity = item.quantity
    if status in STARTED and units.unfulfilled is not None:
        quantity = min(quantity, shipped + units.unfulfilled)  # what neither left nor is to leave was cancelled
    sku = identifier(item.product.sku, "sellerSku")
    price = item.product.price.unit.amount if item.product.price and item.product.price.unit else None
    return Line(
        platform_id=identifier(f"{order_id}:{item.id}", "orderItemId"),
        product_platform_id=sku,
        variant_platform_id=sku,
        sku=sku,
        name=text(item.product.title),
        quantity=quantity,
        quantity_shipped=quantity if status == "SHIPPED" else shipped,
        quantity_refunded=0,
        quantity_backordered=None,
        needs_stock=bool(sku),
        unit_price_e4=0 if price is None else amount_e4(price, "unitPrice.amount"),
    )
