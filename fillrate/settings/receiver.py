"""Where others tell Fillrate something over HTTP."""

from pydantic import Field, SecretStr

from fillrate.settings.base import Strict


class ReceiverSettings(Strict):
    """Where the receiver listens; put a proxy with TLS before it where it is to be reached from outside."""

    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=1, le=65535)
    warehouse_token: SecretStr = SecretStr("")  # from FILLRATE_WAREHOUSE_TOKEN, never from the toml
