"""What all parts of the settings share."""

from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Strict(BaseModel):
    """An unknown key is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class CalendarSettings(Strict):
    """On which days somebody works."""

    workdays: tuple[Weekday, ...] = Field(default=WORKDAYS, min_length=1)
    holidays: tuple[date, ...] = ()


def checked_address(value: str) -> str:
    """Return an address that may be spoken to; ValueError says why not."""
    parts = urlsplit(value)
    loopback = parts.hostname in LOOPBACK
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        message = "must start with https:// (http:// is accepted for this machine only)"
        raise ValueError(message)
    if parts.username or parts.query or parts.fragment:
        message = "must not carry a user, a query or a fragment"
        raise ValueError(message)
    return value
