"""Orders and refunds: how they are shown, listed and written."""

from typing import TYPE_CHECKING, Any

from sandbox.exchange import Response, answer
from sandbox.market import orders
from sandbox.market.records import PENDING, Event, Line, Listing, Order
from sandbox.people import person
from sandbox.woocommerce import lists
from sandbox.woocommerce.call import Call
from sandbox.woocommerce.dates import both
from sandbox.woocommerce.errors import Refusal, invalid, not_served
from sandbox.woocommerce.products import is_variation
from sandbox.woocommerce.statuses import TRASH, set_word, trash, word_of
from sandbox.woocommerce.writes import as_cents, as_integer, objects

if TYPE_CHECKING:
    from sandbox.woocommerce.shop import WooCommerce

ORDERS_BY = ("date", "id", "include", "title", "slug", "modified")
UNSERVED = ("customer", "product", "parent", "parent_exclude", "search", "created_via")
WRITABLE = frozenset({"status", "set_paid", "line_items", "meta_data", "customer_note", "id"})
NOTHING = "0.00"


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"


def _meta(shop: "WooCommerce", line: Line) -> list[dict[str, Any]]:
    """`_reduced_stock`: the units that a line has really taken and not given back."""
    if not line.taken:
        return []
    value = line.taken if shop.switches["meta_numbers"] == "number" else str(line.taken)
    return [
        {
            "id": line.id * 10,
            "key": "_reduced_stock",
            "value": value,
            "display_key": "_reduced_stock",
            "display_value": value,
        }
    ]


def _whose(shop: "WooCommerce", line: Line) -> dict[str, int]:
    listing = shop.state.listings.get(line.listing_id)
    if listing is None:
        return {"product_id": 0, "variation_id": 0}
    return {"product_id": listing.product_id, "variation_id": listing.id if is_variation(listing) else 0}


def show_line(shop: "WooCommerce", line: Line) -> dict[str, Any]:
    """A line of an order."""
    total = _money(line.price * line.quantity)
    return {
        "id": line.id,
        "name": line.title,
        **_whose(shop, line),
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": NOTHING,
        "total": total,
        "total_tax": NOTHING,
        "taxes": [],
        "meta_data": _meta(shop, line),
        "sku": line.sku if line.listing_id in shop.state.listings else None,
        "price": line.price / 100,
        "image": {"id": 0, "src": ""},
        "parent_name": None,
    }


def _address(order: Order) -> dict[str, str]:
    who = person(order.person)
    return {
        "first_name": who.first,
        "last_name": who.last,
        "company": who.company,
        "address_1": who.street,
        "address_2": "",
        "city": who.city,
        "state": who.state,
        "postcode": who.postcode,
        "country": who.country_code,
        "phone": who.phone,
    }


def _amount(order: Order, refund: Event) -> int:
    prices = {line.id: line.price for line in order.lines}
    return int(refund.own.get("amount", sum(prices[line_id] * units for line_id, units in refund.parts)))


def show_order(shop: "WooCommerce", order: Order) -> dict[str, Any]:
    """An order."""
    word, total = word_of(order), _money(sum(line.price * line.quantity for line in order.lines))
    paid, completed = order.own.get("paid", 0), order.own.get("completed", 0)
    address = _address(order)
    refunds = [
        {"id": one.id, "reason": one.own.get("reason", ""), "total": f"-{_money(_amount(order, one))}"}
        for one in order.refunds
    ]
    return {
        "id": order.id,
        "parent_id": 0,
        "number": str(order.id),
        "order_key": f"wc_order_{order.id:x}",
        "created_via": order.own.get("via", "checkout"),
        "version": shop.switches["version"],
        "status": word,
        "currency": shop.config.currency,
        **both("date_created", order.placed, shop.zone),
        **both("date_modified", order.modified, shop.zone),
        **dict.fromkeys(("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax"), NOTHING),
        "total": total,
        "total_tax": NOTHING,
        "prices_include_tax": False,
        "customer_id": 0,
        "customer_ip_address": "",
        "customer_user_agent": "",
        "customer_note": order.own.get("note", ""),
        "billing": {**address, "email": person(order.person).email},
        "shipping": address,
        "payment_method": "bacs",
        "payment_method_title": "Direct bank transfer",
        "transaction_id": "",
        **both("date_paid", paid, shop.zone),
        **both("date_completed", completed, shop.zone),
        "cart_hash": "",
        "meta_data": order.own.get("meta", []),
        "line_items": [show_line(shop, line) for line in order.lines],
        **{name: [] for name in ("tax_lines", "shipping_lines", "fee_lines", "coupon_lines")},
        "refunds": refunds,
        "payment_url": "",
        "is_editable": word in {"pending", "on-hold"},
        "needs_payment": word == "pending",
        "needs_processing": word == "processing",
    }


def _asked_statuses(call: Call) -> set[str] | None:
    """The statuses that a list asks for; None for any, which the trash is none of."""
    known = ("any", TRASH, *call.shop.statuses())
    asked = [part.strip() for part in call.params.get("status", "any").split(",")]
    for at, word in enumerate(asked):
        if word not in known:
            message = f"status[{at}] is not one of {', '.join(known[:-1])}, and {known[-1]}."
            raise invalid("status", message, "rest_not_in_enum")
    return None if "any" in asked else set(asked)


def list_orders(call: Call) -> Response:
    """`GET /orders`."""
    params = call.params
    lists.refuse_unserved(params, UNSERVED)
    by = lists.chosen(params, "orderby", "date", ORDERS_BY)
    lists.refuse_unserved(dict.fromkeys([by]), ("include", "title", "slug"))
    keys = {"date": lambda one: one.placed, "id": lambda one: one.id, "modified": lambda one: one.modified}
    descending = lists.chosen(params, "order", "desc", ("asc", "desc")) == "desc"
    statuses, within = _asked_statuses(call), lists.by_dates(params, call.shop.zone)
    include, exclude = lists.ids(params, "include"), lists.ids(params, "exclude") or set()
    rows = [
        order
        for order in call.state.orders.values()
        if (word_of(order) != TRASH if statuses is None else word_of(order) in statuses)
        and (include is None or order.id in include)
        and order.id not in exclude
        and within(order.placed, order.modified)
    ]
    chance = call.shop.chance if call.shop.switches["order_ties"] == "any" and by != "id" else None
    rows = lists.Order(keys[by], descending, chance).sort(rows)
    return lists.page(params, call.url, rows, lambda order: show_order(call.shop, order))


def find_order(call: Call, order_id: int, status: int) -> Order:
    """An order by id, trashed or not."""
    found = call.state.orders.get(order_id)
    if found is None:
        raise Refusal(status, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    return found


def get_order(call: Call, order_id: int) -> Response:
    """`GET /orders/{id}`."""
    return answer(lists.pick(call.params, show_order(call.shop, find_order(call, order_id, 404))))


def _check_status(call: Call, word: Any) -> None:
    known = call.shop.statuses()
    if word not in known:
        raise invalid("status", f"status is not one of {', '.join(known[:-1])}, and {known[-1]}.", "rest_not_in_enum")


def _apply(call: Call, order: Order) -> None:
    """What a body says of an order beside its lines."""
    state, body = call.state, call.body
    if "meta_data" in body:
        kept = {one["key"]: one for one in order.own.get("meta", [])}
        for one in objects(body, "meta_data"):
            key = str(one.get("key", ""))
            kept[key] = {"id": state.fresh_id("meta", 90_001), "key": key, "value": one.get("value")}
        order.own["meta"] = list(kept.values())
    if "customer_note" in body:
        order.own["note"] = body["customer_note"]
    word = body.get("status", "processing" if body.get("set_paid") and word_of(order) == "pending" else None)
    if word is not None and word != word_of(order):
        set_word(state, call.shop.manners, order, word)
    order.modified = state.clock.now()


def put_order(call: Call, order_id: int) -> Response:
    """`PUT /orders/{id}`: status, note and metadata."""
    if "status" in call.body:
        _check_status(call, call.body["status"])
    order = find_order(call, order_id, 400)
    for name in call.body:
        if name not in WRITABLE or name == "line_items":
            raise not_served(f"the field {name} of an order that there is")
    _apply(call, order)
    return answer(lists.pick(call.params, show_order(call.shop, order)))


def post_order(call: Call) -> Response:
    """`POST /orders`: an order that nobody checks against the stock; pending unless it says otherwise."""
    if "status" in call.body:
        _check_status(call, call.body["status"])
    for name in call.body:
        if name not in WRITABLE:
            raise not_served(f"the field {name} of a new order")
    wanted = [(_bought(call, row), as_integer(row.get("quantity", 1)), 1) for row in objects(call.body, "line_items")]
    order = orders.place(call.state, call.shop.manners, wanted, status=PENDING)
    order.own |= {"word": "pending", "via": "rest-api"}
    _apply(call, order)
    return answer(show_order(call.shop, order), 201)


def _bought(call: Call, row: dict[str, Any]) -> Listing:
    found = call.state.listings.get(as_integer(row.get("variation_id")) or as_integer(row.get("product_id")))
    if found is None:
        raise Refusal(400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
    return found


def delete_order(call: Call, order_id: int) -> Response:
    """`DELETE /orders/{id}`: into the trash, with `force` altogether; either way no unit comes back."""
    order = find_order(call, order_id, 404)
    if lists.truth(call.params, "force"):
        told = show_order(call.shop, order)
        if word_of(order) != TRASH:
            trash(call.state, order)
        del call.state.orders[order_id]
        return answer(told)
    if word_of(order) == TRASH:
        raise Refusal(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
    trash(call.state, order)
    return answer(show_order(call.shop, order))


def show_refund(shop: "WooCommerce", order: Order, refund: Event) -> dict[str, Any]:
    """A refund, its lines with quantities below nothing."""
    rows = []
    for n, (line_id, units) in enumerate(refund.parts):
        line = order.line(line_id)
        if line is None:
            continue
        whole = show_line(shop, line)
        total = f"-{_money(line.price * units)}"
        meta = [{"id": refund.id * 1000 + n, "key": "_refunded_item_id", "value": str(line_id)}]
        own = {"id": refund.id * 100 + n, "quantity": -units, "subtotal": total, "total": total, "meta_data": meta}
        rows.append({**{name: value for name, value in whole.items() if name != "image"}, **own})
    lines = () if shop.switches["version"] == "7.9.0" else ("shipping_lines", "tax_lines", "fee_lines")
    return {
        "id": refund.id,
        **both("date_created", refund.at, shop.zone),
        "amount": _money(_amount(order, refund)),
        "reason": refund.own.get("reason", ""),
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [],
        "line_items": rows,
        **{name: [] for name in lines},
    }


def list_refunds(call: Call, order_id: int) -> Response:
    """`GET /orders/{id}/refunds`, the latest first."""
    order = find_order(call, order_id, 404)
    rows = sorted(order.refunds, key=lambda one: one.id, reverse=True)
    return lists.page(call.params, call.url, rows, lambda one: show_refund(call.shop, order, one))


def get_refund(call: Call, order_id: int, refund_id: int) -> Response:
    """`GET /orders/{id}/refunds/{id}`."""
    order = find_order(call, order_id, 404)
    found = next((one for one in order.refunds if one.id == refund_id), None)
    if found is None:
        raise Refusal(404, "woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.")
    return answer(show_refund(call.shop, order, found))


def post_refund(call: Call, order_id: int) -> Response:
    """`POST /orders/{id}/refunds`: the refunded units go back into stock unless `api_restock` is false."""
    order = find_order(call, order_id, 404)
    parts = _refunded(order, objects(call.body, "line_items"))
    amount = as_cents(call.body.get("amount")) or sum(line.price * units for line, units in parts)
    if amount <= 0:
        raise Refusal(400, "woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.")
    made = refund(call.shop, order, parts, restock=call.body.get("api_restock", True) is not False)
    made.own.update({"amount": amount, "reason": call.body.get("reason", "")})
    return answer(show_refund(call.shop, order, made), 201)


def _refunded(order: Order, rows: list[dict[str, Any]]) -> list[tuple[Line, int]]:
    parts = []
    for row in rows:
        line, units = order.line(as_integer(row.get("id"))), as_integer(row.get("quantity", 0))
        if line is None or not 0 <= units <= line.quantity - line.refunded:
            raise Refusal(400, "woocommerce_rest_invalid_order_refund", "Invalid refund line item.")
        parts.append((line, units))
    return parts


def refund(shop: "WooCommerce", order: Order, parts: list[tuple[Line, int]], *, restock: bool | None) -> Event:
    """Units are paid back; an order of which all are is `refunded`."""
    made = orders.refund(shop.state, shop.manners, order, parts, restock=restock)
    if all(line.refunded == line.quantity for line in order.lines):
        order.own["word"] = "refunded"
    return made


def get_statuses(call: Call) -> Response:
    """`GET /orders/statuses`, since 9.x: every status with its name."""
    names = [word for word in call.shop.statuses() if word != "auto-draft"]
    return answer([{"slug": word, "name": word.replace("-", " ").capitalize()} for word in names])
