"""What a hook may be registered for, and which of these an event belongs to."""

STOCK_CHANGED = "store/channel/*/inventory/product/stock_changed"
STOCK_SETTINGS = "store/channel/*/inventory/product/settings_changed"

EVENTS = frozenset(
    {
        *(f"store/order/{what}" for what in ("created", "updated", "archived", "statusUpdated", "refund/created")),
        *(f"store/order/metafield/{what}" for what in ("created", "updated", "deleted")),
        *(f"store/product/{what}" for what in ("created", "updated", "deleted")),
        *(f"store/sku/{what}" for what in ("created", "updated", "deleted")),
        *(f"store/{of}/inventory/{what}" for of in ("product", "sku") for what in ("updated", "order/updated")),
        *(f"store/customer/{what}" for what in ("created", "updated", "deleted")),
        *(f"store/shipment/{what}" for what in ("created", "updated", "deleted")),
        STOCK_CHANGED,
        STOCK_SETTINGS,
    }
)
"""What this shop tells."""

NEVER_TOLD = frozenset(
    {
        *("store/order/message/created", "store/order/transaction/created", "store/order/transaction/updated"),
        *(f"store/customer/address/{what}" for what in ("created", "updated", "deleted")),
        *(f"store/category/{what}" for what in ("created", "updated", "deleted")),
        *(f"store/inventory/location/{what}" for what in ("created", "updated")),
        *(f"store/channel/*/inventory/product/{what}_reached" for what in ("low_stock", "out_of_stock")),
        "store/information/updated",
        "store/app/uninstalled",
        "store/hook/deliveryException",
    }
)
"""What may be registered for, and of which nothing happens here (but for `deliveryException`)."""

EVERYTHING_OF = frozenset(f"store/{of}/*" for of in ("order", "product", "sku", "customer", "shipment", "category"))
SCOPES = EVENTS | NEVER_TOLD | EVERYTHING_OF
EXCEPTION = "store/hook/deliveryException"


def matches(scope: str, event: str) -> bool:
    """Whether a hook of this scope is told of an event."""
    return scope == event or (scope in EVERYTHING_OF and event.startswith(scope.removesuffix("*")))
