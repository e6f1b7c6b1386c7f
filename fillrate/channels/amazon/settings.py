"""What one Amazon selling account needs to be told."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from fillrate.settings import Meaning, WebShopSettings
from fillrate.settings.base import checked_address


class AmazonSettings(WebShopSettings):
    """A seller in one Amazon store; `base_url` is the region's, such as https://sellingpartnerapi-eu.amazon.com."""

    MEANINGS: ClassVar[Mapping[str, Meaning]] = {
        "PENDING_AVAILABILITY": "by_lines",
        "PENDING": "payment",
        "UNSHIPPED": "by_lines",
        "PARTIALLY_SHIPPED": "by_lines",
        "SHIPPED": "done",
        "CANCELLED": "cancelled",
        "CANCEL_REQUESTED": "review",
        "UNFULFILLABLE": "nothing",
        "FULFILLED_BY_AMAZON": "nothing",
    }

    auth_url: str = "https://api.amazon.com/auth/o2/token"
    seller_id: str = Field(pattern="^[A-Za-z0-9]{5,30}$")
    marketplace_id: str = Field(pattern="^[A-Z0-9]{5,20}$")
    client_id: SecretStr
    client_secret: SecretStr
    refresh_token: SecretStr

    @field_validator("auth_url")
    @classmethod
    def safe_auth_address(cls, value: str) -> str:
        """Plain http only to this machine."""
        return checked_address(value).rstrip("/")
