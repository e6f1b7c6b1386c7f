"""`/v2/orders`, to write: create, change what is sent, archive. There is no way to write several at once."""

from typing import Any

from sandbox import stock
from sandbox.api.body import date, json_object, one_of, or_null, text, whole, wrong_fields
from sandbox.api.call import Call
from sandbox.api.order_lines import dress, read_lines, refuse_out_of_stock, refuse_to_reopen, write_lines
from sandbox.api.order_rows import ORDER_EXTRAS, show_order
from sandbox.api.statuses import STATUSES
from sandbox.errors import Refusal, not_found
from sandbox.exchange import Response, answer, no_content
from sandbox.order_changes import put_line, set_archived, set_status, touch
from sandbox.records import Order
from sandbox.state import State
from sandbox.times import read_moment

READY = 11
RULES = {
    "status_id": whole(0, max(STATUSES)),
    "staff_notes": text(65_535),
    "customer_message": text(65_535),
    "external_order_id": or_null(text(255)),
    "external_source": or_null(text(255)),
    "payment_method": text(255),
    "customer_id": whole(),
    "channel_id": whole(1),
}
ON_CREATION = {
    **RULES,
    "date_created": date,
    "external_merchant_id": text(255),
    "order_source": one_of("www", "manual", "external"),
}
ATTRIBUTES = {"customer_message": "message", "payment_method": "method", "order_source": "source"}
READ_ONLY = frozenset({"external_id", "tax_provider_id", "refunded_amount", "currency_id", "payment_provider_id"})
NOT_KEPT = (frozenset(ORDER_EXTRAS) - READ_ONLY) | {
    *("consignments", "fees", "billing_address", "shipping_addresses", "discount_amount", "base_shipping_cost"),
    *("shipping_cost_ex_tax", "shipping_cost_inc_tax", "subtotal_ex_tax", "subtotal_inc_tax"),
    *("total_ex_tax", "total_inc_tax", "geoip_country", "geoip_country_iso2"),
}
ADDRESSES = frozenset({"billing_address", "shipping_addresses"})


def true_order(call: Call, order_id: int) -> Order:
    """The order as it really is, or the 404."""
    order = call.state.orders.get(order_id)
    if order is None:
        raise not_found()
    return order


def _check(state: State, body: dict[str, Any], rules: dict[str, Any], not_kept: frozenset[str]) -> None:
    wrong = wrong_fields(body, rules)
    wrong |= {name: f"{name} is not kept by the practice shop" for name in sorted(body.keys() & not_kept)}
    if wrong:
        raise Refusal(400, f"The request is invalid: {'; '.join(wrong.values())}")
    if body.get("customer_id") and state.customers.get(body["customer_id"]) is None:
        raise Refusal(400, f"The field 'customer_id' is invalid: there is no customer {body['customer_id']}")
    if body.get("channel_id", 1) not in {1, 2, *state.channel_settings}:
        raise Refusal(400, f"The field 'channel_id' is invalid: there is no channel {body['channel_id']}")


def _set(order: Order, body: dict[str, Any]) -> None:
    """The plain fields that were sent."""
    for name in ON_CREATION.keys() - {"status_id", "date_created"}:
        if name in body:
            setattr(order, ATTRIBUTES.get(name, name), "" if body[name] is None else body[name])


def update_order(call: Call, order_id: int) -> Response:
    """Change what is sent; the status brings all that it brings when staff set it."""
    state, order, body = call.state, true_order(call, order_id), json_object(call)
    if "external_merchant_id" in body:
        raise Refusal(400, "The field 'external_merchant_id' cannot be written to. Please remove it from your request")
    _check(state, body, RULES, NOT_KEPT)
    wishes = read_lines(state, order, body["products"]) if "products" in body else []
    refuse_out_of_stock(state, order, wishes)
    refuse_to_reopen(state, order, body.get("status_id", order.status))
    state.orders.before_change(order)
    _set(order, {name: body[name] for name in RULES if name in body})
    write_lines(state, order, wishes)
    set_status(state, order, body.get("status_id", order.status))
    touch(state, order)
    return answer(show_order(state, order))


def create_order(call: Call) -> Response:
    """Create an order; its stock is deducted as the store's settings say, and no mail is sent."""
    state, body = call.state, json_object(call)
    _check(state, body, ON_CREATION, NOT_KEPT - ADDRESSES)
    address = body.get("billing_address")
    if not isinstance(address, dict) or "zip" not in address:
        raise Refusal(400, "The field 'billing_address' is required, with its zip")
    now = state.clock.now()
    customer = state.customers.get(body.get("customer_id", 0))
    order = Order(
        id=0,
        customer_id=0,
        person=customer.person if customer else 0,
        country=customer.country if customer else "",
        created=int(read_moment(body["date_created"]).seconds) if "date_created" in body else now,
        modified=now,
        status=body.get("status_id", 1),
        lines=[],
        address_id=0,
        address_count=0,
        source="external",
        method="Manual",
        made_ready=body.get("status_id") == READY,
    )
    wishes = read_lines(state, order, body.get("products"))
    refuse_out_of_stock(state, order, wishes)
    _set(order, body)
    order.id = state.fresh_id("order", state.orders)
    order.person = order.person or 2_000_000 + order.id
    for wish in wishes:
        dress(wish)
        wish.line.id = state.fresh_line_id()
        put_line(state, order, wish.line)
    state.orders.add(order)
    stock.on_placed(state, order)
    return answer(show_order(state, order), int(state.switches.created_status))


def archive_order(call: Call, order_id: int) -> Response:
    """Archive an order: `DELETE` deletes nothing."""
    set_archived(call.state, true_order(call, order_id), archived=True)
    return no_content()
