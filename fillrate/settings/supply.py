"""Suppliers, locations, and where news of goods on their way come from."""

import re
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from fillrate.settings.base import CalendarSettings, Strict, Weekday, checked_address

FEED_PATH = re.compile(
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"
)  # as the gateway asks for it: nothing to escape, no query


BY_HAND = "hand"
BY_WAREHOUSE = "warehouse"
TAKEN = {BY_HAND: "what fillrate import takes in", BY_WAREHOUSE: "what the warehouse API takes in"}


class SupplierSettings(CalendarSettings):
    """Who delivers, and on which days."""

    code: str = Field(min_length=1, max_length=255)  # as the files call it
    name: str = ""
    lead_days: int | None = Field(default=None, ge=0, le=730)  # from ordered to expected, where no date is told


class SupplySettings(Strict):
    """What is assumed of goods on their way."""

    receiving_days: int = Field(default=1, ge=0, le=365)  # working days from arrived to on the shelf
    late_days_default: int = Field(default=7, ge=0, le=365)  # how late a delivery may be, while none was ever received


class LocationSettings(Strict):
    """A place that holds stock, as the channel calls it, and whom it serves."""

    channel: str
    code: str
    serves: tuple[str, ...] = ()  # channels whose orders are shipped from here; empty: all
    capacity_units: int | None = Field(default=None, ge=1)  # most units that are released here on a day of the store
    capacity_orders: int | None = Field(default=None, ge=1)  # … and most orders
    workdays: tuple[Weekday, ...] | None = Field(
        default=None, min_length=1
    )  # days on which goods go out; None: the store's
    holidays: tuple[date, ...] | None = None  # … and days on which none do
    near: tuple[str, ...] = ()  # regions by nearness: "US/California", "US", "DE/Bayern/80", as an address begins


class InboundSettings(Strict):
    """Where files about goods on their way, or about kits, come from: a folder or an address."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,30}$")
    path: str | None = None  # a folder beside fillrate.toml
    url: str | None = None
    holds: Literal["deliveries", "kits"] = "deliveries"  # of kits the newest file is the whole truth
    complete: bool = False  # each file tells of everything: a line that two of them in a row leave out is cancelled

    @field_validator("url")
    @classmethod
    def safe_address(cls, value: str | None) -> str | None:
        """Plain http only to this machine, and a path that needs no escaping."""
        if value is not None and not FEED_PATH.fullmatch(urlsplit(checked_address(value)).path):
            message = "must name a file by a path of letters, digits and ._~-"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def one_place(self) -> "InboundSettings":
        """A feed has one place; the names of what comes in by other roads are taken."""
        if (self.path is None) == (self.url is None):
            message = "must have either a path or a url"
            raise ValueError(message)
        if self.name in TAKEN:
            message = f"must not be called {self.name}, which is {TAKEN[self.name]}"
            raise ValueError(message)
        return self
