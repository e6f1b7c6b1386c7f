"""What channels hand to steps: typed records, and the types of money and time.

Money is a whole number of 1/10,000 of the currency unit (`…_e4`), so that every shop's figures fit exactly; `money_e4`
and `decimal_of` are the only ways in and out. Time is aware and UTC. A record holds outside ids as text, never ours.
"""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

import msgspec

from fillrate.errors import SkipRecord

E4 = Decimal(10_000)
MONEY_LIMIT_E4 = 2**53  # far above any real order, and exact in every tool that reads the tables


def money_e4(value: str | int | float | Decimal, path: str) -> int:
    """Return an amount as 1/10,000 units; floats go through their shortest decimal text, never through binary.

    Raises SkipRecord for text that is no finite number or is absurdly large.
    """
    try:
        amount = Decimal(str(value)) * E4
        cents = int(amount.to_integral_value(ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError) as error:
        raise SkipRecord(f"{path} is not an amount of money", path=path) from error
    if abs(cents) > MONEY_LIMIT_E4:
        raise SkipRecord(f"{path} is too large to be an amount of money", path=path)
    return cents


def decimal_of(amount_e4: int) -> Decimal:
    """Return the exact decimal of an amount in 1/10,000 units."""
    return Decimal(amount_e4) / E4


def utc(value: datetime) -> datetime:
    """Return an aware time in UTC; a naive one is a mistake of the caller."""
    if value.tzinfo is None:
        message = f"a time without a zone: {value!r}"
        raise ValueError(message)
    return value.astimezone(UTC)


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of everything read from a channel; `platform_id` is the shop's own id as text."""

    platform_id: str


class Category(Record, frozen=True, kw_only=True, gc=False):
    """A place in the shop's catalogue tree; `parent_platform_id` is "" at the root."""

    parent_platform_id: str
    name: str
    is_visible: bool


class Brand(Record, frozen=True, kw_only=True, gc=False):
    """A maker's name."""

    name: str


class Variant(Record, frozen=True, kw_only=True, gc=False):
    """What a shopper puts into the basket; a price or a cost of None is the product's."""

    sku: str
    price_e4: int | None
    cost_e4: int | None
    is_purchasable: bool
    options: str  # "Size: M, Colour: red", "" for the only variant
    is_counted: bool = True  # False where the shop counts by variant, and not this one


Tracking = Literal["none", "product", "variant"]


class Product(Record, frozen=True, kw_only=True, gc=False):
    """A product with all its variants; `tracking` says whose number the shop counts."""

    name: str
    sku: str
    is_digital: bool
    tracking: Tracking
    is_visible: bool
    availability: str
    availability_text: str  # what the page says beside it
    preorder_message: str
    preorder_release_at: datetime | None
    price_e4: int
    cost_e4: int | None  # what one unit costs the merchant; None where nobody told
    brand_platform_id: str  # "" for none
    category_platform_ids: tuple[str, ...]
    created_at: datetime
    modified_at: datetime
    variants: tuple[Variant, ...]


class Customer(Record, frozen=True, kw_only=True, gc=False):
    """A registered customer; `group_platform_id` is "" for none."""

    email: str
    first_name: str
    last_name: str
    company: str
    phone: str
    group_platform_id: str
    created_at: datetime
    modified_at: datetime


class Line(Record, frozen=True, kw_only=True, gc=False):
    """One order line as the shop tells it; quantities are units of the whole line, not of the rest.

    `product_platform_id` and `variant_platform_id` are "" for custom lines. `needs_stock` is False for what is never
    picked from a shelf (digital, gift certificate, custom).
    """

    product_platform_id: str
    variant_platform_id: str
    sku: str
    name: str
    quantity: int
    quantity_shipped: int
    quantity_refunded: int
    quantity_backordered: int | None  # the shop's own figure; None where it has none
    needs_stock: bool
    unit_price_e4: int


class Order(Record, frozen=True, kw_only=True, gc=False):
    """One order with all its lines; `status` is the shop's own code as text, `customer_platform_id` "" for a guest."""

    status: str
    placed_at: datetime
    modified_at: datetime
    shipped_at: datetime | None
    customer_platform_id: str
    email: str
    recipient: str
    destination: str  # "US/California/90210": country, state, postcode; "" where nothing is shipped
    currency: str
    total_e4: int
    external_order_id: str
    source_channel: str
    is_archived: bool
    language: str  # two letters, in which the customer ordered; "" where the shop does not tell
    ship_by: datetime | None = None  # the day that the customer was told, where the shop tells it
    lines: tuple[Line, ...]


class RefundLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of a line, or an amount on it, given back; `line_platform_id` is "" for shipping, fees and the like."""

    line_platform_id: str
    kind: str
    quantity: int
    amount_e4: int


class Refund(Record, frozen=True, kw_only=True, gc=False):
    """Money given back for an order."""

    order_platform_id: str
    created_at: datetime
    total_e4: int
    reason: str
    lines: tuple[RefundLine, ...]


class Location(Record, frozen=True, kw_only=True, gc=False):
    """A place that holds stock."""

    code: str
    name: str
    is_enabled: bool
    is_default: bool


class StockLevel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One channel's numbers for one variant at one location, as read.

    `shown` is the number that the channel keeps (before its own safety stock) and that a write of kind "stock" to `target`
    sets; `reserved` are units in it that are promised to its own open orders (0 where it takes those off at once).
    `backordered` and `backorder_limit` are None where the shop has no such fields. `variant_platform_id` is "" when tracked
    by product.
    """

    product_platform_id: str
    variant_platform_id: str
    sku: str
    location_platform_id: str
    target: str
    shown: int
    reserved: int = 0
    safety_stock: int = 0
    backordered: int | None = None
    backorder_limit: int | None = None


class StockItem(Record, frozen=True, kw_only=True, gc=False):
    """All locations' levels of one variant; `platform_id` is the variant's id (the product's when tracked by product)."""

    levels: tuple[StockLevel, ...]


class StockSettings(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a shop's own events move its own numbers; read in every run."""

    deducts_at: Literal["order", "shipping"]
    edits_move_stock: bool
    cancel_restocks: bool


class StoreInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the shop says about itself; `identity` tells one store from another."""

    identity: str
    name: str
    timezone: str
    currency: str
    plan: str


class InboundLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of a purchase order or a transfer as a file tells it; quantities are of the whole line.

    `position` is the line's name within its reference; `supplier`, `location` and `from_location` are "" where not told.
    """

    reference: str
    position: str
    kind: Literal["purchase", "transfer"]
    supplier: str
    sku: str
    location: str
    from_location: str
    quantity: int
    received: int
    cancelled: int
    status: Literal["open", "closed", "cancelled"]
    ordered_at: datetime | None
    expected_at: datetime | None
    received_at: datetime | None


class Reject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that could not be read: which one, why, and a hash of what came."""

    platform_id: str
    reason: str
    payload_hash: str
