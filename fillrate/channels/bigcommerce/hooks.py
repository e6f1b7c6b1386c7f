"""BigCommerce's hooks: who sent them, and what they hint at.

Genuine is what is signed with the account's client secret (Standard Webhooks), or carries the secret word that the hook was
registered with: whether every hook is signed, and whether one that is sent again is signed anew, is documented nowhere.
Bodies hold ids only, and some of them the wrong scope's figures: they are hints, and the record is read.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fillrate.channels.bigcommerce.settings import BigCommerceSettings
from fillrate.channels.hooks import (
    ForgedHook,
    LateHook,
    content_of,
    hints_of,
    id_of,
    is_in_time,
    is_proven,
    is_word,
    key_of,
    part_of,
    secrets_of,
)
from fillrate.channels.protocol import Heard, Hint, Hooks, Stream

VERSION = "v1,"
TOPICS = (
    *(f"store/order/{what}" for what in ("created", "updated", "archived", "statusUpdated", "refund/created")),
    *(f"store/shipment/{what}" for what in ("created", "updated", "deleted")),
    *(f"store/product/{what}" for what in ("created", "updated", "deleted")),
    *(f"store/sku/{what}" for what in ("created", "updated", "deleted")),
    *(f"store/{of}/inventory/updated" for of in ("product", "sku")),
    *(f"store/customer/{what}" for what in ("created", "updated", "deleted")),
)
Data = Mapping[str, Any]  # Any: JSON


def client_secrets(settings: BigCommerceSettings) -> tuple[bytes, ...]:
    """Return the secrets that signatures may be made with, the present one first."""
    return secrets_of(settings, "client_secret", "client_secret_old")


def words(settings: BigCommerceSettings) -> tuple[bytes, ...]:
    """Return the secret words that a hook may carry, the present one first."""
    return secrets_of(settings, "hook_secret", "hook_secret_old")


def is_ready(settings: BigCommerceSettings) -> bool:
    """Tell whether a hook can be told from a forged one."""
    return bool(client_secrets(settings) or words(settings))


def hear(settings: BigCommerceSettings, headers: Mapping[str, str], raw: bytes, now: datetime) -> Heard:
    """Return what a hook hints at. ForgedHook for what is not from this store, LateHook for what it did not send now."""
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [
        one.removeprefix(VERSION) for one in headers.get("webhook-signature", "").split() if one.startswith(VERSION)
    ]
    signed = is_proven(client_secrets(settings), f"{name}.{stamp}.".encode("utf-8", "replace") + raw, given)
    if not is_word(words(settings), headers):
        if not signed:
            raise ForgedHook("It is not signed by this store.")
        if not is_in_time(stamp, now, timedelta(minutes=settings.hook_tolerance_minutes)):
            raise LateHook("It was signed at another time than now.")
    return told(settings, content_of(raw), key_of(name) if signed else "")


def told(settings: BigCommerceSettings, content: Data, name: str) -> Heard:
    """Return what a genuine body says; one about another store says nothing."""
    own = settings.base_url.rpartition("/stores/")[2]
    if content.get("producer", f"stores/{own}") != f"stores/{own}":
        return Heard(key=name)
    given = content.get("hash")
    key = name or (key_of(given) if isinstance(given, str) else "")
    scope = content.get("scope")
    return Heard(key=key, hints=hints(scope, part_of(content, "data")) if isinstance(scope, str) else ())


def hints(scope: str, data: Data) -> tuple[Hint, ...]:
    """Return what a scope and its ids hint at; stock that an order moved is told by the order."""
    if scope.startswith("store/channel/"):
        return of_channel(scope, data)
    made = next((make for start, make in MAKERS.items() if scope.startswith(start)), None)
    return () if made is None else made(scope, data)


def of_channel(scope: str, data: Data) -> tuple[Hint, ...]:
    """Return the hints of a scope of one storefront, whose ids have names of their own."""
    if "/inventory/product/" in scope:
        return of_shelf(data.get("product_id"), data.get("variant_id"))
    if "/order/" in scope:
        return hints_of(Stream.ORDERS, data.get("order_id"))
    return hints_of(Stream.PRODUCTS, data.get("product_id"))


def of_shelf(product: Any, variant: Any) -> tuple[Hint, ...]:  # Any: JSON
    """Return the hint of an item's stock: by its variant, else by -PRODUCT."""
    named = id_of(variant) or (f"-{id_of(product)}" if id_of(product) else "")
    return (Hint(Stream.STOCK, named),) if named else ()


def of_order(scope: str, data: Data) -> tuple[Hint, ...]:
    """Return the hints of an order; our own notes on it say nothing."""
    if scope.startswith("store/order/metafield/"):
        return ()
    if scope.startswith("store/order/transaction/"):
        return hints_of(Stream.ORDERS, data.get("order_id"))
    refunds = hints_of(Stream.REFUNDS, data.get("id")) if scope.startswith("store/order/refund/") else ()
    return hints_of(Stream.ORDERS, data.get("id")) + refunds


def of_stock(scope: str, data: Data) -> tuple[Hint, ...]:
    """Return the hint of stock that was set."""
    if "/inventory/order/" in scope:
        return ()
    numbers = part_of(data, "inventory")
    return of_shelf(numbers.get("product_id"), numbers.get("variant_id"))


MAKERS: Mapping[str, Callable[[str, Data], tuple[Hint, ...]]] = {
    "store/order/": of_order,
    "store/shipment/": lambda _, data: hints_of(Stream.ORDERS, data.get("orderId")),
    "store/product/inventory/": of_stock,
    "store/sku/inventory/": of_stock,
    "store/product/": lambda _, data: hints_of(Stream.PRODUCTS, data.get("id")),
    "store/sku/": lambda _, data: hints_of(Stream.PRODUCTS, part_of(data, "sku").get("product_id")),
    "store/customer/address/": lambda _, data: hints_of(Stream.CUSTOMERS, part_of(data, "address").get("customer_id")),
    "store/customer/": lambda _, data: hints_of(Stream.CUSTOMERS, data.get("id")),
}
HOOKS = Hooks(hear=hear, is_ready=is_ready, topics=TOPICS)
