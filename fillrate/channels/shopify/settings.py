"""What one Shopify shop needs to be told."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import SecretStr, model_validator

from fillrate.settings import HookedShopSettings, Meaning

Version = Literal["2026-01", "2026-04", "2026-07"]
NEITHER = (
    "needs {of}_CLIENT_ID with {of}_CLIENT_SECRET in .env or the environment (an app of your own organisation), or {of}_TOKEN"
    " (an older app's permanent one)"
)


class ShopifySettings(HookedShopSettings):
    """A Shopify shop; `base_url` is https://SHOP.myshopify.com."""

    MEANINGS: ClassVar[Mapping[str, Meaning]] = {
        **dict.fromkeys(("authorized", "paid", "partially_refunded", "none"), "by_lines"),
        **dict.fromkeys(("pending", "partially_paid", "expired"), "payment"),
        **dict.fromkeys(("refunded", "voided", "cancelled"), "cancelled"),
        "test": "nothing",
    }

    api_version: Version = "2026-07"
    client_id: SecretStr = SecretStr("")
    client_secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    client_secret_old: SecretStr = SecretStr("")  # … while hooks signed with it may still come

    @model_validator(mode="after")
    def has_a_way_in(self) -> "ShopifySettings":
        """One of the two ways to a token."""
        grant = (self.client_id.get_secret_value(), self.client_secret.get_secret_value())
        if not self.token.get_secret_value() and not all(grant):
            raise ValueError(NEITHER.format(of=f"FILLRATE_CHANNEL_{self.name.upper()}"))
        return self
