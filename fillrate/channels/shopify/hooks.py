"""Shopify's hooks: signed as a whole with the app's client secret; the topic stands in a header, the record in the body."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fillrate.channels.hooks import ForgedHook, content_of, hints_of, is_proven, key_of, part_of, secrets_of
from fillrate.channels.protocol import Heard, Hint, Hooks, Stream

TOPICS = (
    *(f"orders/{what}" for what in ("create", "updated", "edited", "cancelled", "delete")),
    *(f"fulfillments/{what}" for what in ("create", "update")),
    "refunds/create",
    *(f"products/{what}" for what in ("create", "update", "delete")),
    *(f"customers/{what}" for what in ("create", "update", "delete")),
    "inventory_levels/update",
)
Content = Mapping[str, Any]  # Any: JSON


def secrets(settings: Any) -> tuple[bytes, ...]:  # Any: the kind's own settings
    """Return the secrets that a signature may be made with: those of the app, the present one first."""
    return secrets_of(settings, "client_secret", "client_secret_old", "hook_secret", "hook_secret_old")


def hear(settings: Any, headers: Mapping[str, str], raw: bytes, now: datetime) -> Heard:  # Any: as above
    """Return what a hook hints at; ForgedHook for what the app's secret did not sign.

    No signature of Shopify's says when it was made, so that there is no time to look at.
    """
    if not is_proven(secrets(settings), raw, [headers.get("x-shopify-hmac-sha256", "")]):
        raise ForgedHook("It is not signed with this app's secret.")
    topic, content = headers.get("x-shopify-topic", ""), content_of(raw)
    of, _, what = topic.partition("/")
    make = MAKERS.get(topic) or MAKERS.get(of)
    return Heard(key=key_of(headers.get("x-shopify-webhook-id", "")), hints=make(content) if make and what else ())


def of_refund(content: Content) -> tuple[Hint, ...]:
    """Return the hints of a refund: its order, and the refunds of it."""
    order = content.get("order_id")
    return hints_of(Stream.ORDERS, order) + hints_of(Stream.REFUNDS, order)


MAKERS: Mapping[str, Callable[[Content], tuple[Hint, ...]]] = {
    "orders": lambda content: hints_of(Stream.ORDERS, content.get("id")),
    "orders/edited": lambda content: hints_of(Stream.ORDERS, part_of(content, "order_edit").get("order_id")),
    "fulfillments": lambda content: hints_of(Stream.ORDERS, content.get("order_id")),
    "refunds": of_refund,
    "products": lambda content: hints_of(Stream.PRODUCTS, content.get("id")),
    "customers": lambda content: hints_of(Stream.CUSTOMERS, content.get("id")),
    "inventory_levels": lambda content: hints_of(Stream.STOCK, content.get("inventory_item_id")),
}
HOOKS = Hooks(hear=hear, is_ready=lambda settings: bool(secrets(settings)), topics=TOPICS)
