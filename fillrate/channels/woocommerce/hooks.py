"""WooCommerce's hooks: signed as a whole with the secret that each was registered with; the topic stands in a header."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fillrate.channels.hooks import ForgedHook, content_of, hints_of, id_of, is_proven, key_of, secrets_of
from fillrate.channels.protocol import Heard, Hint, Hooks, Stream

TOPICS = (
    *(f"order.{what}" for what in ("created", "updated", "deleted", "restored")),
    *(f"product.{what}" for what in ("created", "updated", "deleted", "restored")),
    *(f"customer.{what}" for what in ("created", "updated", "deleted")),
)
STREAMS = {"order": Stream.ORDERS, "product": Stream.PRODUCTS, "customer": Stream.CUSTOMERS}
PING = re.compile(rb"webhook_id=[0-9]{1,19}")  # sent unsigned when a hook is registered, and to be answered well


def secrets(settings: Any) -> tuple[bytes, ...]:  # Any: the kind's own settings
    """Return the secrets that a signature may be made with, the present one first."""
    return secrets_of(settings, "hook_secret", "hook_secret_old")


def hear(settings: Any, headers: Mapping[str, str], raw: bytes, now: datetime) -> Heard:  # Any: as above
    """Return what a hook hints at; ForgedHook for what our secret did not sign. Signatures say nothing of when."""
    if "x-wc-webhook-signature" not in headers and PING.fullmatch(raw):
        return Heard()
    if not is_proven(secrets(settings), raw, [headers.get("x-wc-webhook-signature", "")]):
        raise ForgedHook("It is not signed with this hook's secret.")
    content, (of, _, _) = content_of(raw), headers.get("x-wc-webhook-topic", "").partition(".")
    return Heard(key=key_of(headers.get("x-wc-webhook-delivery-id", "")), hints=hints(of, content))


def hints(of: str, content: Mapping[str, Any]) -> tuple[Hint, ...]:  # Any: JSON
    """Return what a topic and its record hint at; a variation is read with its product."""
    stream = STREAMS.get(of)
    if stream is None:
        return ()
    parent = content.get("parent_id") if stream is Stream.PRODUCTS else None
    return hints_of(stream, parent if id_of(parent) else content.get("id"))


HOOKS = Hooks(hear=hear, is_ready=lambda settings: bool(secrets(settings)), topics=TOPICS)
