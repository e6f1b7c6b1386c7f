"""What a till, a warehouse or an ERP that speaks by files needs to be told."""

from collections.abc import Mapping
from typing import ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from fillrate.settings import ChannelSettings, Meaning
from fillrate.settings.base import checked_address
from fillrate.settings.supply import FEED_PATH

NOTHING = SecretStr("")
PART = "[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
NAME = f"^{PART}(/{PART})*$"


class FilesSettings(ChannelSettings):
    """A folder, or an address over which files are fetched and put."""

    MEANINGS: ClassVar[Mapping[str, Meaning]] = {
        "draft": "not_an_order",
        "unpaid": "payment",
        "review": "review",
        **dict.fromkeys(("open", "part_shipped"), "by_lines"),
        **dict.fromkeys(("shipped", "done"), "done"),
        "cancelled": "cancelled",
        "declined": "nothing",
    }
    FOLDERS: ClassVar[tuple[str, ...]] = ("path",)

    path: str | None = None  # a folder beside fillrate.toml
    url: str | None = None  # where files lie, without their names
    user: str = ""
    password: SecretStr = NOTHING
    token: SecretStr = NOTHING
    reads: tuple[Literal["stock", "orders"], ...] = Field(default=("stock", "orders"), min_length=1)
    stock_file: str = Field(default="stock", pattern=NAME)  # how the names of files of stock begin …
    orders_file: str = Field(default="orders", pattern=NAME)  # … and those of orders; at an address, all but the ending
    own_file: str = Field(default="fillrate-stock", pattern=NAME)  # what we write
    format: Literal["csv", "json"] = "csv"  # of the file that we write, and of those that an address has
    encoding: Literal["utf-8", "cp1252", "utf-16"] = "utf-8"  # of CSV, as the other program writes and reads it
    timezone: str = "UTC"  # of times without a zone
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")  # of amounts without one

    @field_validator("url")
    @classmethod
    def safe_address(cls, value: str | None) -> str | None:
        """Plain http only to this machine, and a path that needs no escaping."""
        if value is None:
            return None
        path = urlsplit(checked_address(value)).path.rstrip("/")
        if path and not FEED_PATH.fullmatch(path):
            message = "must have a path of letters, digits and ._~- only"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """A time zone that this machine knows."""
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError):
            message = f"is {value!r}, which is no time zone such as Europe/Berlin"
            raise ValueError(message) from None
        return value

    @model_validator(mode="after")
    def one_place(self) -> "FilesSettings":
        """Files lie in one place, and whoever asks for them shows one thing."""
        if (self.path is None) == (self.url is None):
            message = "must have either a path or a url"
            raise ValueError(message)
        has_password, has_token = bool(self.password.get_secret_value()), bool(self.token.get_secret_value())
        if has_password != bool(self.user):
            message = "needs both a user and its password, or neither"
            raise ValueError(message)
        if self.path and (has_password or has_token):
            message = "has a path, which is opened without a password or a token"
            raise ValueError(message)
        if self.own_file.startswith((self.stock_file, self.orders_file)):
            message = "must have an own_file that does not begin as those of the other program do"
            raise ValueError(message)
        if has_password and has_token:
            message = "must have either a user with a password or a token"
            raise ValueError(message)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of times without one."""
        return ZoneInfo(self.timezone)
