"""Where others tell Fillrate something over HTTP."""

from pydantic import Field, SecretStr, field_validator

from fillrate.settings.base import Strict, checked_address


class ReceiverSettings(Strict):
    """Where the receiver listens; put a proxy with TLS before it where it is to be reached from outside."""

    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=1, le=65535)
    public_url: str = ""  # how others reach it: in the links of mails, and where shops send their hooks
    warehouse_token: SecretStr = SecretStr("")  # from FILLRATE_WAREHOUSE_TOKEN, never from the toml

    @field_validator("public_url")
    @classmethod
    def real_address(cls, value: str) -> str:
        """Accept an address that others can open."""
        return checked_address(value).rstrip("/") if value else value
