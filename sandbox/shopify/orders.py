"""Orders with their lines, shipments and refunds: what each of their fields says."""

from typing import Any

from graphql import GraphQLError

from sandbox.market.records import CANCELLED, PENDING, SHIPPED, Event, Line, Order
from sandbox.people import person
from sandbox.shopify import ids
from sandbox.shopify.catalogue import COMMON, Arguments, Field
from sandbox.shopify.connections import connection
from sandbox.shopify.things import Context, Thing, fulfillment_orders
from sandbox.times import iso_zulu


def money(context: Context, cents: int) -> dict[str, Any]:
    """An amount in the shop's money."""
    amount = {"amount": f"{cents / 100:.2f}", "currencyCode": context.shop.config.currency}
    return {"shopMoney": amount, "presentmentMoney": amount}


def current(line: Line) -> int:
    """Units that are still ordered: neither removed nor refunded; a removed unit that is then refunded counts once."""
    return max(0, line.quantity - line.cancelled - line.refunded)


def _cancelled(order: Order) -> int:
    return int(order.own.get("cancelled_at", 0))


def _fulfilment(order: Order) -> str:
    gone = any(line.shipped for line in order.lines)
    if not any(line.due for line in order.lines):
        return "UNFULFILLED" if _cancelled(order) and not gone else "FULFILLED"
    return "PARTIALLY_FULFILLED" if gone else "ON_HOLD" if order.own.get("hold") else "UNFULFILLED"


def _financial(order: Order) -> str:
    if order.status == PENDING:
        return "PENDING"
    paid_back = sum(line.refunded for line in order.lines)
    if paid_back:
        return "REFUNDED" if paid_back >= sum(line.quantity for line in order.lines) else "PARTIALLY_REFUNDED"
    return "VOIDED" if _cancelled(order) else "PAID"


def closed(order: Order) -> int:
    """When an order was archived, which a shop does by itself once all is sent and paid."""
    return order.modified if order.status == SHIPPED else 0


def _maybe(moment: int) -> str | None:
    return iso_zulu(moment) if moment else None


def _lines(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    rows = [Thing("LineItem", line, thing.row) for line in thing.row.lines]
    return connection(rows, lambda one: (one.row.id,), asked, whole=context.whole)


def _fulfillment_orders(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    return connection(fulfillment_orders(thing.row), lambda one: (one.more,), asked, whole=context.whole)


def _first(rows: list[Thing], asked: Arguments) -> list[Thing]:
    return rows if asked.get("first") is None else rows[: asked["first"]]


def _variant(context: Context, thing: Thing, _: Arguments) -> Thing | None:
    listing = context.shop.state.listings.get(thing.row.listing_id)
    return None if listing is None else Thing("ProductVariant", listing)


def _product(context: Context, thing: Thing, _: Arguments) -> Thing | None:
    listing = context.shop.state.listings.get(thing.row.listing_id)
    return None if listing is None else Thing("Product", context.shop.state.listings[listing.product_id])


def _part_lines(thing: Thing) -> list[Line]:
    return [line for line in thing.row.lines if line.location_id == thing.more]


def _part_status(_: Context, thing: Thing, __: Arguments) -> str:
    lines, order = _part_lines(thing), thing.row
    if not any(line.due for line in lines):
        return "CLOSED" if any(line.shipped for line in lines) else "CANCELLED"
    if order.own.get("hold"):
        return "ON_HOLD"
    return "IN_PROGRESS" if any(line.shipped for line in lines) else "OPEN"


def _holds(_: Context, thing: Thing, __: Arguments) -> list[dict[str, Any]]:
    hold = thing.row.own.get("hold")
    if not hold or not any(line.due for line in _part_lines(thing)):
        return []
    return [
        {
            "id": f"gid://shopify/FulfillmentHold/{ids.number('FulfillmentOrder', thing.row.id)}",
            "displayReason": hold["reason"].replace("_", " ").capitalize(),
            "reason": hold["reason"],
            "reasonNotes": hold["notes"],
        }
    ]


def _fulfillment_lines(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    rows = [
        {"id": f"gid://shopify/FulfillmentOrderLineItem/{line.id}", "line": line, "order": thing.row}
        for line in _part_lines(thing)
    ]
    return connection(rows, lambda one: (one["line"].id,), asked, whole=context.whole)


def _shipped_lines(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    rows = [
        {
            "id": f"gid://shopify/FulfillmentLineItem/{thing.row.id}{line_id}",
            "lineItem": Thing("LineItem", thing.more.line(line_id), thing.more),
            "quantity": units,
        }
        for line_id, units in thing.row.parts
    ]
    return connection(rows, lambda one: (one["id"],), asked, whole=context.whole)


def _refunded_lines(context: Context, thing: Thing, asked: Arguments) -> dict[str, Any]:
    """Units that had not been sent are cancelled, the others returned; they are lines of their own."""
    refund, order, places = thing.row, thing.more, context.shop.state.places
    rows = []
    for line_id, units in refund.parts:
        unsent = refund.own["unsent"].get(line_id, 0)
        line = order.line(line_id)
        for part, word in ((unsent, "CANCEL"), (units - unsent, "RETURN")):
            if part:
                rows.append({
                    "id": f"gid://shopify/RefundLineItem/{refund.id}{line_id}{word[0] == 'R':d}",
                    "lineItem": Thing("LineItem", line, order),
                    "location": Thing("Location", places[line.location_id]) if refund.restocked else None,
                    "quantity": part,
                    "restocked": refund.restocked,
                    "restockType": word if refund.restocked else "NO_RESTOCK",
                    "subtotalSet": money(context, line.price * part if line else 0),
                })  # fmt: skip
    return connection(rows, lambda one: (one["id"],), asked, whole=context.whole)


def _protected(field: Field) -> Field:
    """A field that the shop may keep from the app."""

    def resolve(context: Context, thing: Any, asked: Arguments) -> Any:
        if context.shop.switches["customer_data"] == "denied":
            message = "This app is not approved to access this field."
            raise GraphQLError(message, extensions={"code": "ACCESS_DENIED"})
        return field(context, thing, asked)

    return resolve


def _address(_: Context, thing: Thing, __: Arguments) -> dict[str, Any]:
    who = person(thing.row.person)
    return {
        "id": f"gid://shopify/MailingAddress/{thing.row.id}",
        "firstName": who.first,
        "lastName": who.last,
        "countryCodeV2": who.country_code or None,
        "provinceCode": who.state or None,
        "zip": who.postcode,
    }


def _refunded(order: Order, refund: Event) -> int:
    prices = {line.id: line.price for line in order.lines}
    return sum(prices[line_id] * units for line_id, units in refund.parts)


def _total(order: Order) -> int:
    return sum(line.price * line.quantity for line in order.lines)


def _place(context: Context, thing: Thing, _: Arguments) -> Thing | None:
    line = thing.more.line(thing.row.parts[0][0])
    return Thing("Location", context.shop.state.places[line.location_id])


FIELDS: dict[str, dict[str, Field]] = {
    "Order": {
        **COMMON,
        "cancelReason": lambda _, thing, __: "CUSTOMER" if _cancelled(thing.row) else None,
        "cancelledAt": lambda _, thing, __: _maybe(_cancelled(thing.row)),
        "closed": lambda _, thing, __: bool(closed(thing.row)),
        "closedAt": lambda _, thing, __: _maybe(closed(thing.row)),
        "confirmed": lambda _, __, ___: True,
        "createdAt": lambda _, thing, __: iso_zulu(thing.row.placed),
        "processedAt": lambda _, thing, __: iso_zulu(thing.row.placed),
        "updatedAt": lambda _, thing, __: iso_zulu(thing.row.modified),
        "currencyCode": lambda context, _, __: context.shop.config.currency,
        "customer": _protected(lambda _, thing, __: {"id": f"gid://shopify/Customer/{thing.row.person + 1}"}),
        "customerLocale": lambda _, __, ___: "en-US",
        "currentSubtotalLineItemsQuantity": lambda _, thing, __: sum(map(current, thing.row.lines)),
        "subtotalLineItemsQuantity": lambda _, thing, __: sum(line.quantity for line in thing.row.lines),
        "displayFinancialStatus": lambda _, thing, __: _financial(thing.row),
        "displayFulfillmentStatus": lambda _, thing, __: _fulfilment(thing.row),
        "edited": lambda _, thing, __: bool(thing.row.own.get("edited")),
        "email": _protected(lambda _, thing, __: person(thing.row.person).email),
        "fulfillmentOrders": _fulfillment_orders,
        "fulfillments": lambda _, thing, asked: _first(
            [Thing("Fulfillment", one, thing.row) for one in thing.row.shipments], asked
        ),
        "fullyPaid": lambda _, thing, __: thing.row.status != PENDING,
        "lineItems": _lines,
        "name": lambda _, thing, __: f"#{thing.row.id}",
        "note": lambda _, __, ___: None,
        "refunds": lambda _, thing, asked: _first(
            [Thing("Refund", one, thing.row) for one in thing.row.refunds], asked
        ),
        "shippingAddress": _protected(_address),
        "sourceName": lambda _, __, ___: "web",
        "tags": lambda _, __, ___: [],
        "test": lambda _, __, ___: False,
        "totalPriceSet": lambda context, thing, _: money(context, _total(thing.row)),
        "unpaid": lambda _, thing, __: thing.row.status == PENDING,
    },
    "LineItem": {
        **COMMON,
        "currentQuantity": lambda _, thing, __: current(thing.row),
        "discountedUnitPriceAfterAllDiscountsSet": lambda context, thing, _: money(context, thing.row.price),
        "name": lambda _, thing, __: thing.row.title,
        "title": lambda _, thing, __: thing.row.title,
        "nonFulfillableQuantity": lambda _, thing, __: thing.row.quantity - thing.row.due - thing.row.shipped,
        "originalUnitPriceSet": lambda context, thing, _: money(context, thing.row.price),
        "product": _product,
        "quantity": lambda _, thing, __: thing.row.quantity,
        "refundableQuantity": lambda _, thing, __: current(thing.row),
        "requiresShipping": lambda _, __, ___: True,
        "restockable": lambda _, thing, __: thing.row.taken > 0,
        "sku": lambda _, thing, __: thing.row.sku or None,
        "unfulfilledQuantity": lambda _, thing, __: thing.row.due,
        "variant": _variant,
        "variantTitle": lambda _, __, ___: None,
    },
    "Fulfillment": {
        **COMMON,
        "createdAt": lambda _, thing, __: iso_zulu(thing.row.at),
        "updatedAt": lambda _, thing, __: iso_zulu(thing.row.at),
        "fulfillmentLineItems": _shipped_lines,
        "location": _place,
        "name": lambda _, thing, __: f"#{thing.more.id}.{thing.more.shipments.index(thing.row) + 1}",
        "status": lambda _, __, ___: "SUCCESS",
        "totalQuantity": lambda _, thing, __: sum(units for _, units in thing.row.parts),
    },
    "FulfillmentOrder": {
        "id": lambda _, thing, __: ids.gid("FulfillmentOrder", thing.row.id * 100 + thing.more),
        "assignedLocation": lambda context, thing, _: context.shop.state.places[thing.more],
        "createdAt": lambda _, thing, __: iso_zulu(thing.row.placed),
        "updatedAt": lambda _, thing, __: iso_zulu(thing.row.modified),
        "fulfillmentHolds": _holds,
        "lineItems": _fulfillment_lines,
        "orderId": lambda _, thing, __: ids.gid("Order", thing.row.id),
        "orderName": lambda _, thing, __: f"#{thing.row.id}",
        "status": _part_status,
    },
    "FulfillmentOrderAssignedLocation": {
        "location": lambda _, place, __: Thing("Location", place),
        "name": lambda _, place, __: place.name,
    },
    "FulfillmentOrderLineItem": {
        "inventoryItemId": lambda _, row, __: ids.gid("InventoryItem", row["line"].listing_id),
        "lineItem": lambda _, row, __: Thing("LineItem", row["line"], row["order"]),
        "remainingQuantity": lambda _, row, __: row["line"].due,
        "sku": lambda _, row, __: row["line"].sku or None,
        "totalQuantity": lambda _, row, __: row["line"].quantity - row["line"].cancelled - row["line"].dropped,
    },
    "Refund": {
        **COMMON,
        "createdAt": lambda _, thing, __: iso_zulu(thing.row.at),
        "updatedAt": lambda _, thing, __: iso_zulu(thing.row.at),
        "note": lambda _, __, ___: None,
        "refundLineItems": _refunded_lines,
        "totalRefundedSet": lambda context, thing, _: money(context, _refunded(thing.more, thing.row)),
    },
}


def state_word(order: Order) -> str:
    """The word of the `status` filter."""
    return "cancelled" if order.status == CANCELLED else "closed" if closed(order) else "open"
