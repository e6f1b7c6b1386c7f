"""Orders, their lines, addresses and shipments as v2 shows them: money as text with four decimals, dates as RFC 2822."""

from functools import lru_cache
from typing import Any

from sandbox.api.statuses import STATUSES
from sandbox.money import taxed_e4
from sandbox.people import Person, person
from sandbox.records import Line, Order, Shipment
from sandbox.state import State
from sandbox.times import rfc2822

PAYMENT = {0: "", 1: "pending", 4: "refunded", 5: "void", 6: "declined", 7: "pending", 12: "held for review"}
ZERO = "0.0000"
NO_MONEY = dict.fromkeys(
    (
        "shipping_cost_tax",
        "base_handling_cost",
        "handling_cost_ex_tax",
        "handling_cost_inc_tax",
        "handling_cost_tax",
        "base_wrapping_cost",
        "wrapping_cost_ex_tax",
        "wrapping_cost_inc_tax",
        "wrapping_cost_tax",
        "refunded_amount",
        "store_credit_amount",
        "gift_certificate_amount",
        "coupon_discount",
    ),
    ZERO,
)
ORDER_EXTRAS: dict[str, Any] = {
    **NO_MONEY,
    "shipping_cost_tax_class_id": 2,
    "handling_cost_tax_class_id": 2,
    "wrapping_cost_tax_class_id": 3,
    "is_tax_inclusive_pricing": False,
    "payment_provider_id": "",
    "ip_address": "192.0.2.10",
    "ip_address_v6": "",
    "currency_id": 1,
    "currency_exchange_rate": "1.0000000000",
    "default_currency_id": 1,
    "ebay_order_id": "0",
    "is_email_opt_in": False,
    "credit_card_type": None,
    "external_id": None,
    "tax_provider_id": "BasicTaxProvider",
    "store_default_to_transactional_exchange_rate": "1.0000000000",
}
LINE_EXTRAS: dict[str, Any] = {
    "return_id": 0,
    "wrapping_id": 0,
    "wrapping_name": "",
    "base_wrapping_cost": ZERO,
    "wrapping_cost_ex_tax": ZERO,
    "wrapping_cost_inc_tax": ZERO,
    "wrapping_cost_tax": ZERO,
    "wrapping_message": "",
    "cost_price_tax": ZERO,
    "event_name": None,
    "event_date": None,
    "fixed_shipping_cost": ZERO,
    "ebay_item_id": "",
    "ebay_transaction_id": "",
    "parent_order_product_id": None,
    "is_bundled_product": False,
    "bin_picking_number": "",
    "external_id": None,
    "configurable_fields": [],
    "gift_certificate_id": None,
}
ADDRESS_EXTRAS: dict[str, Any] = {
    "shipping_method": "Flat Rate",
    "cost_tax": ZERO,
    "cost_tax_class_id": 0,
    "base_handling_cost": ZERO,
    "handling_cost_ex_tax": ZERO,
    "handling_cost_inc_tax": ZERO,
    "handling_cost_tax": ZERO,
    "handling_cost_tax_class_id": 0,
    "shipping_zone_id": 1,
    "form_fields": [],
}
CARRIER_NAMES = {"ups": "UPS", "usps": "USPS", "fedex": "FedEx", "royalmail": "Royal Mail", "": ""}


@lru_cache(maxsize=65536)
def money(e4: int) -> str:
    """Ten-thousandths as v2 writes money."""
    sign, e4 = ("-", -e4) if e4 < 0 else ("", e4)
    return f"{sign}{e4 // 10_000}.{e4 % 10_000:04d}"


def unit_price(line: Line) -> int:
    """What one unit of a line costs without tax, in ten-thousandths."""
    return line.price * 100 + line.hundredths


def cart_id(order: Order) -> str:
    """The cart that an order came from."""
    return f"{order.id:08x}-0000-4000-8000-{order.created:012x}"


def contact(who: Person) -> dict[str, Any]:
    """A name and address in the v2 shape."""
    return {
        "first_name": who.first,
        "last_name": who.last,
        "company": who.company,
        "street_1": who.street,
        "street_2": "",
        "city": who.city,
        "state": who.state,
        "zip": who.postcode,
        "country": who.country,
        "country_iso2": who.country_code,
        "phone": who.phone,
        "email": who.email,
    }


def recipient(order: Order, address_id: int) -> Person:
    """Who gets what goes to an address: the buyer, or somebody else behind a second address."""
    return person(order.person if address_id == order.address_id else order.person + 500, order.country)


def resource(state: State, path: str) -> dict[str, str]:
    """A link to a sub-resource."""
    base = f"https://api.bigcommerce.com/stores/{state.config.store_hash}/v2"
    return {"url": base + path, "resource": path}


def payment_status(order: Order) -> str:
    """What became of the money."""
    if order.refunds and order.status != 4:
        return "partially refunded"
    return PAYMENT.get(order.status, "captured")


def totals(state: State, order: Order) -> tuple[int, int, int, int]:
    """Subtotal and total, without and with tax, in ten-thousandths."""
    before = sum(unit_price(line) * line.quantity for line in order.lines)
    with_tax = sum(taxed_e4(state, unit_price(line)) * line.quantity for line in order.lines)
    extra = (order.shipping - order.discount) * 100
    return before, with_tax, max(before + extra, 0), max(with_tax + extra, 0)


def _amounts(state: State, order: Order) -> dict[str, str]:
    """The money of an order."""
    before, with_tax, total, total_inc = totals(state, order)
    shipping = money(order.shipping * 100)
    return {
        "subtotal_ex_tax": money(before),
        "subtotal_inc_tax": money(with_tax),
        "subtotal_tax": money(with_tax - before),
        "base_shipping_cost": shipping,
        "shipping_cost_ex_tax": shipping,
        "shipping_cost_inc_tax": shipping,
        "total_ex_tax": money(total),
        "total_inc_tax": money(total_inc),
        "total_tax": money(total_inc - total),
        "discount_amount": money(order.discount * 100),
    }


def show_order(state: State, order: Order) -> dict[str, Any]:
    """One order, without its lines."""
    currency = state.profile.currency
    buyer = person(order.person, order.country)
    name = STATUSES[order.status][0]
    path = f"/orders/{order.id}"
    return {
        "id": order.id,
        "customer_id": order.customer_id,
        "date_created": rfc2822(order.created),
        "date_modified": rfc2822(order.modified),
        "date_shipped": rfc2822(order.shipped_at),
        "status_id": order.status,
        "status": name,
        "custom_status": name,
        **_amounts(state, order),
        "items_total": sum(line.quantity for line in order.lines),
        "items_shipped": sum(line.shipped for line in order.lines),
        "payment_method": order.method,
        "payment_status": payment_status(order),
        "order_is_digital": bool(order.lines) and all(line.kind == "digital" for line in order.lines),
        "geoip_country": buyer.country,
        "geoip_country_iso2": buyer.country_code,
        "currency_code": currency,
        "default_currency_code": currency,
        "store_default_currency_code": currency,
        "staff_notes": order.staff_notes,
        "customer_message": order.message,
        "shipping_address_count": order.address_count,
        "cart_id": cart_id(order),
        "billing_address": {**contact(buyer), "form_fields": []},
        "order_source": order.source,
        "channel_id": order.channel_id,
        "external_source": order.external_source,
        "external_order_id": order.external_order_id,
        "customer_locale": order.locale,
        "external_merchant_id": order.external_merchant_id,
        "is_deleted": order.archived,
        "products": resource(state, f"{path}/products"),
        "shipping_addresses": resource(state, f"{path}/shippingaddresses"),
        "coupons": resource(state, f"{path}/coupons"),
        "consignments": resource(state, f"{path}/consignments"),
        "fees": resource(state, f"{path}/fees"),
        **ORDER_EXTRAS,
    }


def _options(line: Line) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id * 10 + position,
            "option_id": option.option_id,
            "order_product_id": line.id,
            "product_option_id": option.option_id,
            "display_name": option.name,
            "display_name_customer": option.name,
            "display_name_merchant": option.name,
            "display_value": option.label,
            "display_value_customer": option.label,
            "display_value_merchant": option.label,
            "value": str(option.value_id),
            "type": "Multiple choice",
            "name": option.name,
            "display_style": "Rectangle",
        }
        for position, option in enumerate(line.options)
    ]


def show_line(state: State, order: Order, line: Line) -> dict[str, Any]:
    """One line of an order."""
    price = unit_price(line)
    price_inc = taxed_e4(state, price)
    base, cost = money(price), money(line.cost * 100)
    units = line.quantity
    row = {
        "id": line.id,
        "order_id": order.id,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "order_pickup_method_id": 0,
        "order_address_id": line.address,
        "name": line.name,
        "name_customer": line.name,
        "name_merchant": line.name,
        "sku": line.sku,
        "upc": "",
        "type": "digital" if line.kind == "digital" else "physical",
        "base_price": base,
        "price_ex_tax": base,
        "price_inc_tax": money(price_inc),
        "price_tax": money(price_inc - price),
        "base_total": money(price * units),
        "total_ex_tax": money(price * units),
        "total_inc_tax": money(price_inc * units),
        "total_tax": money((price_inc - price) * units),
        "discounted_total_inc_tax": money(price_inc * units),
        "quantity": units,
        "quantity_shipped": line.shipped,
        "quantity_refunded": line.refunded,
        "is_refunded": bool(units) and line.refunded >= units,
        "refund_amount": money(line.refunded * price_inc),
        "base_cost_price": cost,
        "cost_price_inc_tax": cost,
        "cost_price_ex_tax": cost,
        "weight": "0.4000",
        "width": "10.0000",
        "height": "2.0000",
        "depth": "10.0000",
        "option_set_id": line.product_id + 1000 if line.options else None,
        "brand": "",
        "applied_discounts": [],
        "product_options": _options(line) if line.options else [],
        **LINE_EXTRAS,
    }
    if line.kind == "custom":
        del row["variant_id"]
    if state.switches.backorders and line.backordered:
        row["quantity_backordered"] = backordered_units(state, line)
    return row


def backordered_units(state: State, line: Line) -> int:
    """The backordered units of a line: as sold, or what of them is still to ship, as the switch says."""
    if state.switches.backordered_line_shrinks:
        return min(line.backordered, max(line.quantity - line.shipped, 0))
    return line.backordered


def show_address(state: State, order: Order, address_id: int) -> dict[str, Any]:
    """A shipping address of an order."""
    lines = [line for line in order.lines if line.address == address_id]
    cost = money(order.shipping * 100 if address_id == order.address_id else 0)
    path = f"/orders/{order.id}/shippingaddresses/{address_id}/shippingquotes"
    return {
        "id": address_id,
        "order_id": order.id,
        **contact(recipient(order, address_id)),
        "items_total": sum(line.quantity for line in lines),
        "items_shipped": sum(line.shipped for line in lines),
        "base_cost": cost,
        "cost_ex_tax": cost,
        "cost_inc_tax": cost,
        "shipping_zone_name": state.profile.country,
        "shipping_quotes": resource(state, path),
        **ADDRESS_EXTRAS,
    }


def show_shipment(order: Order, shipment: Shipment) -> dict[str, Any]:
    """One shipment."""
    who = contact(person(order.person, order.country))
    by_id = {line.id: line for line in order.lines}
    carried: dict[int, int] = {}
    for line_id, units, _ in shipment.items:
        carried[line_id] = carried.get(line_id, 0) + units
    return {
        "id": shipment.id,
        "order_id": order.id,
        "customer_id": order.customer_id,
        "order_address_id": shipment.address_id,
        "date_created": rfc2822(shipment.created),
        "tracking_number": shipment.tracking,
        "merchant_shipping_cost": money(shipment.cost),
        "shipping_method": shipment.method,
        "comments": shipment.comments,
        "shipping_provider": shipment.carrier,
        "tracking_carrier": shipment.tracking_carrier,
        "tracking_link": shipment.link,
        "billing_address": who,
        "shipping_address": who,
        "items": [
            {
                "order_product_id": line_id,
                "product_id": by_id[line_id].product_id if line_id in by_id else 0,
                "quantity": units,
            }
            for line_id, units in carried.items()
        ],
        "shipping_provider_display_name": CARRIER_NAMES.get(shipment.carrier, ""),
        "generated_tracking_link": "",
    }
