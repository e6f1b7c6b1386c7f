"""Everything a shop holds at one moment, and the counters behind its ids."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.config import ShopConfig
from sandbox.hooks.records import HookDesk
from sandbox.records import (
    Customer,
    Group,
    Item,
    Line,
    Location,
    Metafield,
    Order,
    Product,
    PurchaseOrder,
    Refund,
    Shipment,
    Transaction,
    Variant,
)
from sandbox.switches import Switches
from sandbox.table import Table

DEFAULT_SETTINGS: dict[str, Any] = {
    "product_out_of_stock_behavior": "do_nothing",
    "option_out_of_stock_behavior": "label_option",
    "update_stock_behavior": "order_placed",
    "edit_order_stock_adjustment": True,
    "refund_order_stock_adjustment": True,
    "stock_level_display": "show_when_low",
    "default_out_of_stock_message": "Currently out of stock",
    "hide_in_product_filtering": False,
    "show_pre_order_stock_levels": True,
    "show_out_of_stock_message": True,
}
BACKORDER_SETTINGS: dict[str, Any] = {
    "show_backorder_availability_prompt": True,
    "backorder_availability_prompt": "More on backorder",
}
"""What a store with native backorders has beside these."""

SETTING_VALUES: dict[str, tuple[Any, ...]] = {
    "product_out_of_stock_behavior": (
        "do_nothing",
        "hide_product",
        "hide_product_and_accessible",
        "hide_product_and_redirect",
    ),
    "option_out_of_stock_behavior": ("do_nothing", "hide_option", "label_option"),
    "stock_level_display": ("dont_show", "show", "show_when_low"),
    "update_stock_behavior": ("order_placed", "order_completed_or_shipped"),
    "edit_order_stock_adjustment": (True, False),
    "refund_order_stock_adjustment": (True, False),
}
BY_STAFF = frozenset({"manual", "external"})
"""Sources of orders that the control panel or the API made; the settings of the store hold for them."""


def default_settings(switches: Switches) -> dict[str, Any]:
    """The inventory settings of a new store."""
    return {**DEFAULT_SETTINGS, **(BACKORDER_SETTINGS if switches.backorders else {})}


def check_setting(name: object, value: Any, known: Mapping[str, Any], *, of_channel: bool) -> None:
    """Raise ValueError for what is none of the known inventory settings; null is one of a channel, which then inherits."""
    if name not in known:
        message = f"there is no setting {name!r}; there are {', '.join(known)}"
        raise ValueError(message)
    if of_channel and value is None:
        return
    choices, kind = SETTING_VALUES.get(str(name)), type(known[str(name)])
    if (choices and value not in choices) or type(value) is not kind:
        message = f"{name} is {f'one of {choices}' if choices else f'a {kind.__name__}'}, not {value!r}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the store is."""

    name: str
    zone: str
    currency: str
    symbol: str
    country: str
    country_code: str
    tax_rate: int
    plan: str


@dataclass(slots=True)
class State:
    """The shop at this moment."""

    config: ShopConfig
    switches: Switches
    clock: Clock
    profile: Profile
    settings: dict[str, Any]
    locations: dict[int, Location]
    categories: Table[Any]
    brands: Table[Any]
    products: Table[Product]
    variants: Table[Variant]
    items: Table[Item]
    customers: Table[Customer]
    orders: Table[Order]
    shipments: Table[Shipment]
    refunds: Table[Refund]
    metafields: Table[Metafield]
    groups: dict[int, Group] = field(default_factory=dict)
    channel_settings: dict[int, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    messages: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    purchase_orders: dict[str, PurchaseOrder] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    waiting: list[Transaction] = field(default_factory=list)
    next_line_id: int = 1
    next_address_id: int = 1
    last_ids: dict[str, int] = field(default_factory=dict)
    hooks: HookDesk = field(default_factory=HookDesk)
    metafields_of: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def tables(self) -> Iterator[Table[Any]]:
        """Every table, in a fixed order."""
        yield from (self.categories, self.brands, self.products, self.variants, self.items)
        yield from (self.customers, self.orders, self.shipments, self.refunds, self.metafields)

    def fresh_id(self, name: str, table: Table[Any]) -> int:
        """An id that no record of the table has or ever had."""
        self.last_ids[name] = max(self.last_ids.get(name, 0) + 1, table.next_id())
        return self.last_ids[name]

    def fresh_line_id(self) -> int:
        """The id of a new order line."""
        self.next_line_id += 1
        return self.next_line_id - 1

    def setting(self, order: Order, name: str) -> Any:
        """An inventory setting as it holds for an order: of its channel, unless nobody's channel made the order."""
        own = None if order.source in BY_STAFF else self.channel_settings.get(order.channel_id, {}).get(name)
        return self.settings[name] if own is None else own

    def item_of(self, product_id: int, variant_id: int) -> Item | None:
        """What the stock of a sold variant is counted in; None when nobody counts."""
        product = self.products.get(product_id)
        if product is None or product.tracking == "none":
            return None
        return self.items.get(variant_id if product.tracking == "variant" else product.variant_ids[0])

    def line_item(self, line: Line) -> Item | None:
        """The same for an order line."""
        return self.item_of(line.product_id, line.variant_id) if line.kind == "physical" else None
