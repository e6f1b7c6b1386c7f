"""Orders as WooCommerce sends them, and the records that they become.

A line's quantity is what was ordered; refunds stand beside it and never change it. The shop knows no shipments: an order is
sent when it is completed. Fees, shipping and coupons are no lines here.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from fillrate.channels.fields import Count, Id, Link, Money, amount_e4, currency, identifier, link, text
from fillrate.channels.woocommerce.refunds import GivenBack, RefundedRow, refunded_line
from fillrate.channels.woocommerce.times import gmt, gmt_or_none
from fillrate.errors import SkipRecord
from fillrate.records import Line, Order

FIELDS = (
    "id,status,date_created_gmt,date_modified_gmt,date_completed_gmt,currency,total,customer_id,created_via,"
    "billing,shipping,line_items,refunds"
)
TRASH, COMPLETED = "trash", "completed"


class LineRow(msgspec.Struct, gc=False, kw_only=True):
    """A line, as sent; goods that were deleted since are 0."""

    id: Id
    name: str | int | float | None = None
    product_id: Link | None
    variation_id: Link | None = None
    sku: str | None = None
    quantity: Count
    total: Money
    total_tax: Money


class Address(msgspec.Struct, gc=False):
    """Who pays, or where it goes, as sent."""

    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    state: str | None = None
    postcode: str | None = None
    email: str | None = None


class OrderRow(msgspec.Struct, gc=False, kw_only=True):
    """An order, as sent; PHP may send an empty address as an empty list."""

    id: Id
    status: str
    date_created_gmt: str | None
    date_modified_gmt: str | None
    date_completed_gmt: str | None = None
    currency: str
    total: Money
    customer_id: Link
    created_via: str | None = None
    billing: Address | list[None] = []
    shipping: Address | list[None] = []
    line_items: list[LineRow]
    refunds: list[msgspec.Raw] = []


def order(row: OrderRow, given: GivenBack | None) -> Order:
    """Return an order with what was given back of it; SkipRecord names what cannot be read."""
    billing, shipping = (one if isinstance(one, Address) else Address() for one in (row.billing, row.shipping))
    status = identifier(row.status, "status")
    made_by = text(row.created_via, 50)
    refunded = units_refunded(row, given) if given else {}
    modified = gmt(row.date_modified_gmt, "date_modified_gmt")
    return Order(
        platform_id=str(row.id),
        status=status,
        placed_at=gmt_or_none(row.date_created_gmt, "date_created_gmt") or modified,
        modified_at=modified,
        shipped_at=gmt_or_none(row.date_completed_gmt, "date_completed_gmt") if status == COMPLETED else None,
        customer_platform_id=link(row.customer_id),
        email=text(billing.email, 255),
        recipient=name_of(shipping) or name_of(billing),
        destination=destination(shipping),
        currency=currency(row.currency, "currency"),
        total_e4=amount_e4(row.total, "total"),
        external_order_id="",
        source_channel=f":{made_by}" if made_by else "",
        is_archived=status == TRASH,
        language="",
        lines=tuple(line(one, refunded.get(one.id, 0)) for one in unique(row.line_items)),
    )


def unique(rows: Iterable[LineRow]) -> list[LineRow]:
    """Return the lines in the order of their ids, each once."""
    by_id = {one.id: one for one in rows}
    return [by_id[key] for key in sorted(by_id)]


def name_of(address: Address) -> str:
    """Return whose address it is."""
    return text(f"{address.first_name or ''} {address.last_name or ''}")


def destination(address: Address) -> str:
    """Return where the goods go, "" where nothing is shipped."""
    country = text(address.country, 2)
    parts = (country, text(address.state, 100), text(address.postcode, 30))
    return "/".join(one.replace("/", " ") for one in parts) if country else ""


def line(row: LineRow, refunded: int) -> Line:
    """Return a line; its price is what the customer paid for one unit, tax included, after discounts."""
    product = link(row.product_id)
    paid = sum(amount_e4(getattr(row, name), f"{name} of line {row.id}") for name in ("total", "total_tax"))
    each = (Decimal(paid) / row.quantity).to_integral_value(ROUND_HALF_EVEN) if row.quantity else 0
    return Line(
        platform_id=str(row.id),
        product_platform_id=product,
        variant_platform_id=(link(row.variation_id) or product) if product else "",
        sku=identifier(row.sku, f"sku of line {row.id}"),
        name=text(None if row.name is None else str(row.name)),
        quantity=row.quantity,
        quantity_shipped=0,
        quantity_refunded=refunded,
        quantity_backordered=None,
        needs_stock=bool(product),
        unit_price_e4=int(each),
    )


def units_refunded(row: OrderRow, given: GivenBack) -> dict[int, int]:
    """Return the units given back of each line; an order of which a refund cannot be read is not half an order."""
    if given.rejects:
        raise SkipRecord(f"refund {given.rejects[0].platform_id}: {given.rejects[0].reason}", path="refunds")
    units: dict[int, int] = defaultdict(int)
    lines = {one.id: one for one in row.line_items}
    back = [one for refund in given.rows for one in refund.line_items]
    for one in sorted(back, key=lambda one: refunded_line(one) not in lines):  # those that do not say come last
        left = abs(one.quantity)
        for found in meant(one, lines):
            taken = min(left, found.quantity - units[found.id])
            units[found.id] += taken
            left -= taken
    return units


def meant(one: RefundedRow, lines: dict[int, LineRow]) -> list[LineRow]:
    """Return the lines that a refunded one may be about."""
    told = lines.get(refunded_line(one))
    if told is not None:
        return [told]
    goods = (one.product_id or 0, one.variation_id or 0)
    return (
        [row for row in lines.values() if (row.product_id or 0, row.variation_id or 0) == goods] if any(goods) else []
    )
