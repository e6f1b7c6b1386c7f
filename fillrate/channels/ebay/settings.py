"""What one eBay account needs to be told."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, SecretStr

from fillrate.settings import Meaning, WebShopSettings


class EbaySettings(WebShopSettings):
    """A seller's account on one marketplace; the keys are those of the merchant's own application at eBay."""

    MEANINGS: ClassVar[Mapping[str, Meaning]] = {
        "UNPAID": "payment",
        "NOT_STARTED": "by_lines",
        "IN_PROGRESS": "by_lines",
        "FULFILLED": "done",
        "CANCEL_REQUESTED": "review",
        "CANCELED": "cancelled",
        "FULLY_REFUNDED": "cancelled",
        "FULFILLED_BY_EBAY": "nothing",
    }

    base_url: str = "https://api.ebay.com"
    marketplace_id: str = Field(default="EBAY_US", pattern="^EBAY_[A-Z_]{2,12}$")
    items_per_update: int = Field(default=25, ge=1, le=25)  # SKUs in one update; falls back to 1 where eBay takes one
    client_id: SecretStr
    client_secret: SecretStr
    refresh_token: SecretStr
