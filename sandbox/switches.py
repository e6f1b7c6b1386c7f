"""What the reference leaves unconfirmed, as switches: a product must be right under every setting.

The defaults are the likelier readings. `Switches.draw` sets each at random, for simulation.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

CHOICES: dict[str, tuple[Any, ...]] = {
    "over_limit": ("clamp", "413", "422"),
    "unstated_limit_max": (250, 200, 100),
    "min_date_inclusive": (True, False),
    "max_date_inclusive": (True, False),
    "zoneless_filters": ("utc", "store"),
    "stock_moves_product_date": (False, True),
    "placed_deducts": ("all_but_incomplete", "paid_only"),
    "shipped_deducts": ("units", "status"),
    "shipment_sets_status": (True, False),
    "status_mails": (True, False),
    "archived_orders_listed": (True, False),
    "catalog_level": ("default_location", "total_available"),
    "metafield_batch_max": (50, 10, 100),
    "metafields_per_order": (250, 50),
    "retry_after": ("x", "none", "both"),
    "backorders": (False, True),
    "backorder_ats": ("net_of_safety", "beside_safety"),
    "backorder_release": ("ship", "receive"),
    "backordered_line_shrinks": (False, True),
    "inventory_writes": ("unordered", "late", "at_once"),
    "failed_batch_keeps": ("nothing", "earlier"),
    "created_status": ("200", "201"),
    "ready_orders_adjust": (False, True),
    "reopening_checks_stock": (True, False),
    "hooks_begin": ("at_once", "after_a_minute"),
    "hook_signature": ("standard", "none"),
    "hook_retries_signed": ("anew", "once"),
    "hook_tells_status": (True, False),
    "hook_stock_value": ("level", "change"),
}


@dataclass(frozen=True, slots=True)
class Switches:
    """One reading of the unconfirmed.

    * `over_limit`: a `limit` above the maximum is clamped, or refused with 413 or 422
    * `unstated_limit_max`: the most rows a page of orders, variants, customers, categories or metafields may hold
    * `min_date_inclusive`, `max_date_inclusive`: whether a date filter includes its own second (refunds always do)
    * `zoneless_filters`: the zone of a v3 date filter without offset
    * `stock_moves_product_date`: whether a product's `date_modified` moves when only its stock does
    * `placed_deducts`: the statuses that count as placed; `paid_only` leaves 1, 7 and 12 out as well
    * `shipped_deducts`: at shipping, units are deducted as each shipment is made, or all when the status is 2 or 10
    * `shipment_sets_status`: a shipment moves the order to 3 or 2 by itself
    * `status_mails`: a status change sends the customer a mail (see `messages` of the state)
    * `archived_orders_listed`: archived orders stay in the list of orders
    * `catalog_level`: the catalogue's `inventory_level` is the default location's, or what all locations can sell
    * `metafield_batch_max`, `metafields_per_order`: limits of batches and of one order
    * `retry_after`: a 429 carries `X-Retry-After`, nothing, or also the standard `Retry-After`
    * `backorders`: the native backorder fields exist
    * `backorder_ats`: to sell = on hand − safety + what may still be backordered, or the first part never below 0
    * `backorder_release`: `qty_backordered` falls when the unit ships, or as soon as goods are received
    * `backordered_line_shrinks`: a line's `quantity_backordered` falls as it ships
    * `inventory_writes`: inventory writes are carried out some requests after their answer and not in their order, or
      two requests later in order, or at once
    * `failed_batch_keeps`: of a batch of products or variants that is refused nothing is kept, or what came before the fault
    * `created_status`: what `POST /v2/orders` answers when all went well
    * `ready_orders_adjust`: edits of an order that the API created as Awaiting Fulfillment move stock
    * `reopening_checks_stock`: a status that makes an order take its stock is refused with a 409 beyond the backorder limits
    * `hooks_begin`: a new hook is told of events at once, or from a minute after it was registered
    * `hook_signature`: letters to hooks are signed, or carry only the headers that were registered
    * `hook_retries_signed`: a letter that is sent again is signed anew with a new time, or as it was the first time
    * `hook_tells_status`: `store/order/statusUpdated` says from which status to which
    * `hook_stock_value`: the `value` of stock that was set is the new level, or by how much it changed
    """

    over_limit: str = "clamp"
    unstated_limit_max: int = 250
    min_date_inclusive: bool = True
    max_date_inclusive: bool = True
    zoneless_filters: str = "utc"
    stock_moves_product_date: bool = False
    placed_deducts: str = "all_but_incomplete"
    shipped_deducts: str = "units"
    shipment_sets_status: bool = True
    status_mails: bool = True
    archived_orders_listed: bool = True
    catalog_level: str = "default_location"
    metafield_batch_max: int = 50
    metafields_per_order: int = 250
    retry_after: str = "x"
    backorders: bool = False
    backorder_ats: str = "net_of_safety"
    backorder_release: str = "ship"
    backordered_line_shrinks: bool = False
    inventory_writes: str = "unordered"
    failed_batch_keeps: str = "nothing"
    created_status: str = "200"
    ready_orders_adjust: bool = False
    reopening_checks_stock: bool = True
    hooks_begin: str = "at_once"
    hook_signature: str = "standard"
    hook_retries_signed: str = "anew"
    hook_tells_status: bool = True
    hook_stock_value: str = "level"

    @classmethod
    def draw(cls, chance: Random) -> "Switches":
        """Every switch at random."""
        return cls(**{name: chance.choice(choices) for name, choices in CHOICES.items()})

    @classmethod
    def of(cls, settings: "Switches | Mapping[str, Any] | None") -> "Switches":
        """Switches from a mapping of those that differ from the default. Raises ValueError for what is unknown."""
        if isinstance(settings, Switches):
            return settings
        return replace(cls(), **cls._checked({} if settings is None else settings))

    @staticmethod
    def _checked(settings: Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(settings, Mapping):
            message = f"switches are an object of name and value, not {settings!r}"
            raise ValueError(message)  # noqa: TRY004 - what a file holds is a value, as all else that can be wrong in it
        for name, value in settings.items():
            if name not in CHOICES:
                message = f"unknown switch {name!r}; there are {', '.join(sorted(CHOICES))}"
                raise ValueError(message)
            first = CHOICES[name][0]
            if isinstance(first, bool | str) and value not in CHOICES[name]:
                message = f"switch {name!r} is one of {CHOICES[name]}, not {value!r}"
                raise ValueError(message)
            if type(first) is int and not (type(value) is int and value > 0):
                message = f"switch {name!r} is a whole number above 0, such as {CHOICES[name]}, not {value!r}"
                raise ValueError(message)
        return settings

    def as_dict(self) -> dict[str, Any]:
        """Every switch by name."""
        return asdict(self)
