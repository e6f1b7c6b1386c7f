"""The shop's own records: what it knows of products, stock, customers, orders and metafields.

They hold facts, not answers; `sandbox.api` turns them into what callers see. Money is in cents, moments in Unix seconds;
only a line, which v2 shows with four decimals, also has hundredths of a cent.
"""

from dataclasses import dataclass, field

Taken = tuple[tuple[int, int], ...]
"""Units by location: ((location id, units), ...)."""

DEFAULT_LOCATION = 1
OUR_CLIENT = "practice-client"
RIVAL_CLIENT = "rival-app"


@dataclass(frozen=True, slots=True)
class Option:
    """One option value of a variant, such as size M."""

    name: str
    label: str
    option_id: int
    value_id: int


@dataclass(slots=True)
class Variant:
    """Something with a price that can be put in a cart; every product has at least one."""

    id: int
    product_id: int
    sku: str
    sku_id: int | None
    price: int | None
    upc: str
    options: tuple[Option, ...] = ()
    modified: int = 0
    disabled: bool = False
    disabled_message: str = ""
    warning: int | None = 0
    bin: str | None = ""


@dataclass(slots=True)
class Product:
    """A product; `tracking` is none, product or variant. `preorder_only`: on its day it becomes available by itself."""

    id: int
    name: str
    sku: str
    price: int
    cost: int
    weight: int
    brand_id: int
    categories: tuple[int, ...]
    variant_ids: tuple[int, ...]
    tracking: str
    created: int
    modified: int
    kind: str = "physical"
    visible: bool = True
    availability: str = "available"
    preorder_until: int = 0
    total_sold: int = 0
    has_options: bool = False
    availability_text: str = ""
    preorder_message: str = ""
    preorder_only: bool = False
    price_hidden: bool = False
    warning: int = 5


@dataclass(slots=True)
class Cell:
    """Stock of one item at one location.

    `shelf` is what is physically there, `shown` the shop's own number (never below 0), `backordered` the units that the
    shop sold beyond it (native backorders only). `by_hand` sums the changes of `shown` or `shelf` that no goods explain.
    `in_stock` is what somebody set instead of what follows from the number, `message_id` the backorder message chosen.
    """

    shelf: int
    shown: int
    safety: int = 0
    warning: int = 0
    bin: str = ""
    backordered: int = 0
    backorder_limit: int = 0
    by_hand: int = 0
    in_stock: bool | None = None
    message_id: int | None = None


@dataclass(slots=True)
class Item:
    """What stock is counted for: a variant, or a whole product (`variant_id` is None when it has options)."""

    id: int
    product_id: int
    variant_id: int | None
    by_product: bool
    cells: dict[int, Cell]
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Location:
    """A place that holds stock."""

    id: int
    code: str
    label: str
    zone: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the only tree."""

    id: int
    parent_id: int
    name: str
    depth: int


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """A customer group."""

    id: int
    name: str
    created: int
    discount: str = ""


@dataclass(slots=True)
class Customer:
    """A registered customer; the name and the address follow from `person` and `country` (see `sandbox.people`)."""

    id: int
    person: int
    group_id: int
    created: int
    modified: int
    company: str = ""
    country: str = ""


@dataclass(slots=True)
class Line:
    """A line of an order.

    `booked` are the units that the shop's stock-keeping has dealt with, `deducted` those it really took off its number,
    by location; the two differ where the number ran out. `backordered` is how many of them were sold beyond the stock.
    `hundredths` of a cent are what the price of a unit has beyond its cents.
    `gone` are units that left the shelf when somebody marked the order as shipped, while no shipment carries them yet.
    `full_price` lines have no share in the order's discount.
    """

    id: int
    product_id: int
    variant_id: int
    sku: str
    name: str
    quantity: int
    price: int
    cost: int = 0
    address: int = 0
    kind: str = "physical"
    shipped: int = 0
    refunded: int = 0
    booked: int = 0
    backordered: int = 0
    deducted: Taken = ()
    gone: Taken = ()
    options: tuple[Option, ...] = ()
    hundredths: int = 0
    full_price: bool = False


@dataclass(slots=True)
class Shipment:
    """Units that left: (line id, units, location id); `cost` is in ten-thousandths."""

    id: int
    order_id: int
    created: int
    address_id: int
    carrier: str
    tracking: str
    items: tuple[tuple[int, int, int], ...]
    modified: int = 0
    method: str = "Flat Rate"
    comments: str = ""
    tracking_carrier: str = ""
    link: str = ""
    cost: int = 0


@dataclass(slots=True)
class Refund:
    """Money given back: (line id, units, cents with tax), and how much of all that is tax."""

    id: int
    order_id: int
    created: int
    reason: str
    items: tuple[tuple[int, int, int], ...]
    tax: int
    modified: int = 0


@dataclass(slots=True)
class Order:
    """An order. `person` gives the names and addresses, `address_id` is the first of `address_count` consecutive ids.

    `made_ready`: the API created it as Awaiting Fulfillment.
    """

    id: int
    customer_id: int
    person: int
    created: int
    modified: int
    status: int
    lines: list[Line]
    address_id: int
    address_count: int = 1
    channel_id: int = 1
    source: str = "www"
    shipped_at: int = 0
    shipping: int = 0
    discount: int = 0
    method: str = "Credit Card"
    external_order_id: str = ""
    locale: str = "en"
    external_source: str = ""
    staff_notes: str = ""
    message: str = ""
    country: str = ""
    archived: bool = False
    external_merchant_id: str | None = None
    made_ready: bool = False
    shipments: list[int] = field(default_factory=list)
    refunds: list[int] = field(default_factory=list)

    def line(self, line_id: int) -> Line | None:
        """A line by its id."""
        return next((line for line in self.lines if line.id == line_id), None)


@dataclass(slots=True)
class Metafield:
    """A metafield of an order."""

    id: int
    order_id: int
    permission_set: str
    namespace: str
    key: str
    value: str
    description: str
    created: int
    modified: int
    owner: str = OUR_CLIENT


@dataclass(frozen=True, slots=True)
class Change:
    """A row of an inventory write. `base` is the old number that a change by so many starts from, where that is fixed."""

    item_id: int
    location_id: int
    quantity: int | None = None
    backordered: int | None = None
    base: int | None = None
    settings: tuple[tuple[str, object], ...] = ()


@dataclass(slots=True)
class Transaction:
    """An inventory write that was answered; it is carried out when `left` requests more have come.

    `kind` is absolute, relative or settings. `failed` says of each row that came to nothing why.
    """

    id: str
    kind: str
    reason: str
    accepted: int
    changes: tuple[Change, ...]
    left: int
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PurchaseLine:
    """Goods on their way. Days are ISO dates; `received_on` is the day of the last receipt. `sku` is as it was ordered."""

    number: int
    item_id: int
    sku: str
    location_id: int
    quantity: int
    expected: str
    received: int = 0
    status: str = "open"
    received_on: str = ""


@dataclass(slots=True)
class PurchaseOrder:
    """What was ordered of a supplier in one go."""

    reference: str
    supplier: str
    ordered: str
    lines: list[PurchaseLine]
