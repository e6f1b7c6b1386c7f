"""Orders as Shopify sends them, and the records that they become.

`quantity` is what was ordered, `currentQuantity` what is left of it after refunds and edits, `unfulfilledQuantity` what has not
left. What is missing of a line was taken off before it left, but for units of refunds that say otherwise: `return` had left, and
so had `no_restock` as far as the line still owes no more than it has.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from fillrate.channels.fields import Count, amount_e4, currency, identifier, text, when
from fillrate.channels.shopify.gids import Gid, Ref, number, ref
from fillrate.channels.shopify.pages import Connection
from fillrate.channels.shopify.refunds import GivenBack, MoneyBag
from fillrate.errors import SkipRecord
from fillrate.records import Line, Order

HAD_LEFT = frozenset({"RETURN", "NO_RESTOCK"})
LANGUAGE = 2


class LineRow(msgspec.Struct, gc=False, rename="camel"):
    """A line, as sent; goods that were deleted since are null."""

    gid: Gid = msgspec.field(name="id")
    name: str
    quantity: Count
    current_quantity: Count
    unfulfilled_quantity: Count
    requires_shipping: bool
    discounted_unit_price_after_all_discounts_set: MoneyBag
    sku: str | None = None
    variant: Ref | None = None
    product: Ref | None = None

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class Address(msgspec.Struct, gc=False, rename="camel"):
    """Where an order goes, as sent."""

    first_name: str | None = None
    last_name: str | None = None
    country_code_v2: str | None = msgspec.field(name="countryCodeV2", default=None)
    province_code: str | None = None
    zip: str | None = None


class OrderRow(msgspec.Struct, gc=False, rename="camel"):
    """An order, as sent."""

    gid: Gid = msgspec.field(name="id")
    created_at: str
    updated_at: str
    cancelled_at: str | None
    closed_at: str | None
    display_financial_status: str | None
    test: bool
    currency_code: str
    total_price_set: MoneyBag
    line_items: Connection[LineRow]
    refunds: list[Ref]
    source_name: str | None = None
    email: str | None = None
    customer_locale: str | None = None
    customer: Ref | None = None
    shipping_address: Address | None = None

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


def order(row: OrderRow, given: GivenBack | None, spoiled: str = "") -> Order:
    """Return an order with what was given back of it; SkipRecord names what cannot be read."""
    if spoiled:
        raise SkipRecord(spoiled, path="lineItems")
    left_before = units_that_had_left(given) if given else Counter[int]()
    address = row.shipping_address or Address()
    made_by = text(row.source_name, 50)
    return Order(
        platform_id=str(row.id),
        status=status(row),
        placed_at=when(row.created_at, "createdAt"),
        modified_at=when(row.updated_at, "updatedAt"),
        shipped_at=None,
        customer_platform_id=ref(row.customer),
        email=text(row.email, 255),
        recipient=text(f"{address.first_name or ''} {address.last_name or ''}"),
        destination=destination(address),
        currency=currency(row.currency_code, "currencyCode"),
        total_e4=amount_e4(row.total_price_set.shop_money.amount, "totalPriceSet"),
        external_order_id="",
        source_channel=f":{made_by}" if made_by else "",
        is_archived=row.closed_at is not None,
        language=language(row.customer_locale),
        lines=tuple(line(one, left_before[one.id]) for one in unique(row.line_items.nodes)),
    )


def status(row: OrderRow) -> str:
    """Return an order's status: that it is cancelled or a test, else how it stands with its payment."""
    if row.cancelled_at is not None:
        return "cancelled"
    return "test" if row.test else identifier(row.display_financial_status, "displayFinancialStatus").lower() or "none"


def language(locale: str | None) -> str:
    """Return the language of "en" or "pt-BR" as two small letters, "" for what is none."""
    found = text(locale, 20)[:LANGUAGE].lower()
    return found if len(found) == LANGUAGE and found.isascii() and found.isalpha() else ""


def unique(rows: Iterable[LineRow]) -> list[LineRow]:
    """Return the lines in the order of their ids, each once."""
    by_id = {one.id: one for one in rows}
    return [by_id[key] for key in sorted(by_id)]


def destination(address: Address) -> str:
    """Return where the goods go, "" where nothing is shipped."""
    country = text(address.country_code_v2, 2)
    parts = (country, text(address.province_code, 100), text(address.zip, 30))
    return "/".join(one.replace("/", " ") for one in parts) if country else ""


def line(row: LineRow, had_left: int) -> Line:
    """Return a line; `had_left` are units given back that may have left before."""
    left_over = min(row.current_quantity, row.quantity)
    removed = row.quantity - left_over
    still_owed = min(row.unfulfilled_quantity, left_over)
    came_back = min(removed, max(0, had_left - max(0, row.unfulfilled_quantity - left_over)))
    product, variant = ref(row.product), ref(row.variant)
    return Line(
        platform_id=str(row.id),
        product_platform_id=product,
        variant_platform_id=variant if product else "",
        sku=identifier(row.sku, f"sku of line {row.id}"),
        name=text(row.name),
        quantity=row.quantity,
        quantity_shipped=left_over - still_owed + came_back,
        quantity_refunded=removed - came_back,
        quantity_backordered=None,
        needs_stock=row.requires_shipping and bool(product),
        unit_price_e4=amount_e4(
            row.discounted_unit_price_after_all_discounts_set.shop_money.amount, f"price of line {row.id}"
        ),
    )


def units_that_had_left(given: GivenBack) -> Counter[int]:
    """Return units given back by line that had left; an order of which a refund cannot be read is not half an order."""
    if given.rejects:
        raise SkipRecord(f"refund {given.rejects[0].platform_id}: {given.rejects[0].reason}", path="refunds")
    units: Counter[int] = Counter()
    for refund in given.rows:
        for one in refund.refund_line_items.nodes:
            if one.restock_type in HAD_LEFT:
                units[int(one.line_item.number)] += one.quantity
    return units
