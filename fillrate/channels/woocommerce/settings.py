"""What one WooCommerce shop needs to be told."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import SecretStr

from fillrate.settings import HookedShopSettings, Meaning


class WooCommerceSettings(HookedShopSettings):
    """A WooCommerce shop; `base_url` is where its WordPress lies, `key` and `secret` are those of a REST API key."""

    MEANINGS: ClassVar[Mapping[str, Meaning]] = {
        **dict.fromkeys(("auto-draft", "checkout-draft"), "not_an_order"),
        **dict.fromkeys(("pending", "on-hold"), "payment"),
        "processing": "by_lines",
        "completed": "done",
        **dict.fromkeys(("cancelled", "refunded", "trash"), "cancelled"),
        "failed": "nothing",
    }

    key: SecretStr
    secret: SecretStr
    undeducted_statuses: tuple[str, ...] = ("auto-draft", "checkout-draft", "pending")
