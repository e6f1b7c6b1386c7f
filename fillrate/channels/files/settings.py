"""What a till, a warehouse or an ERP that speaks by files needs to be told."""

import re
from collections.abc import Mapping
from typing import ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from fillrate.settings import ChannelSettings, Meaning
from fillrate.settings.base import checked_address
from fillrate.settings.supply import FEED_PATH

NOTHING = SecretStr("")
SFTP = "sftp://"
HOST_KEY = re.compile(r"[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?")
OWN_FILE = "must have an own_file that does not begin as those of the other program do"
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
    FOLDERS: ClassVar[tuple[str, ...]] = ("path", "key_file")

    path: str | None = None  # a folder beside fillrate.toml
    url: str | None = None  # where files lie, without their names: https://…, or sftp://HOST/FOLDER
    user: str = ""
    key_file: str | None = None  # of sftp: a private key beside fillrate.toml, instead of a password
    host_key: str = Field(default="", max_length=4_000)  # of sftp: "ssh-ed25519 AAAA…", as ssh-keyscan tells
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
        is_sftp = value.startswith(SFTP)
        path = urlsplit(checked_address(value.replace(SFTP, "https://", 1) if is_sftp else value)).path.rstrip("/")
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
        if self.is_sftp:
            return self._of_a_server()
        if self.host_key or self.key_file:
            message = "has a host_key or a key_file, which only an address that begins with sftp:// has"
            raise ValueError(message)
        has_password, has_token = bool(self.password.get_secret_value()), bool(self.token.get_secret_value())
        if has_password != bool(self.user):
            message = "needs both a user and its password, or neither"
            raise ValueError(message)
        if self.path and (has_password or has_token):
            message = "has a path, which is opened without a password or a token"
            raise ValueError(message)
        if self.own_file.startswith((self.stock_file, self.orders_file)):
            raise ValueError(OWN_FILE)
        if has_password and has_token:
            message = "must have either a user with a password or a token"
            raise ValueError(message)
        return self

    def _of_a_server(self) -> "FilesSettings":
        has_password = bool(self.password.get_secret_value())
        if not self.user or has_password == bool(self.key_file) or self.token.get_secret_value():
            message = "needs a user with either a password or a key_file, and no token"
            raise ValueError(message)
        if not HOST_KEY.fullmatch(self.host_key):
            message = (
                'needs the host_key of the server, such as "ssh-ed25519 AAAA…", so that no other can take its place'
            )
            raise ValueError(message)
        if self.own_file.startswith((self.stock_file, self.orders_file)):
            raise ValueError(OWN_FILE)
        return self

    @property
    def is_sftp(self) -> bool:
        """Whether the address is a server that speaks SFTP."""
        return (self.url or "").startswith(SFTP)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of times without one."""
        return ZoneInfo(self.timezone)
