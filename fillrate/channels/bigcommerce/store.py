"""What a store says about itself, and its clock."""

from datetime import UTC, datetime

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.fields import text
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Http
from fillrate.gateway.strict_json import decode
from fillrate.records import StoreInfo

MILLISECONDS_FROM = 1e11  # in seconds that would be the year 5138
EARLIEST = 2000  # no shop is older: a small number is no time

STATUSES = {
    "0": "Incomplete",
    "1": "Pending",
    "2": "Shipped",
    "3": "Partially Shipped",
    "4": "Refunded",
    "5": "Cancelled",
    "6": "Declined",
    "7": "Awaiting Payment",
    "8": "Awaiting Pickup",
    "9": "Awaiting Shipment",
    "10": "Completed",
    "11": "Awaiting Fulfillment",
    "12": "Manual Verification Required",
    "13": "Disputed",
    "14": "Partially Refunded",
}


class Zone(msgspec.Struct):
    """The store's time zone."""

    name: str


class StoreBody(msgspec.Struct):
    """The store, as sent."""

    id: str
    name: str
    timezone: Zone
    currency: str
    plan_level: str | None = None
    plan_name: str | None = None


class TimeBody(msgspec.Struct):
    """The store's clock, as sent: seconds since 1970, by now and then as a text."""

    time: int | float | str


STORE = msgspec.json.Decoder(StoreBody)
TIME = msgspec.json.Decoder(TimeBody)


def store_info(http: Http) -> StoreInfo:
    """Return what the store says about itself."""
    told = http.get(endpoints.STORE, {}, lambda body: decode(body, STORE)).needed()
    return StoreInfo(
        identity=text(told.id),
        name=text(told.name),
        timezone=text(told.timezone.name),
        currency=text(told.currency, 3),
        plan=text(told.plan_level or told.plan_name),
    )


def store_time(http: Http) -> datetime:
    """Return the store's own clock."""
    return moment(http.get(endpoints.TIME, {}, lambda body: decode(body, TIME)).needed().time)


def moment(told: float | str) -> datetime:
    """Return a time told as seconds or milliseconds since 1970, as a number or a text."""
    try:
        seconds = float(told)
        found = datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS_FROM else seconds, UTC)
    except (ValueError, OverflowError, OSError):  # no number, not finite, beyond the calendar
        raise BadAnswer(what=f"{endpoints.TIME.label}: the shop's clock shows no time.") from None
    if found.year < EARLIEST:
        raise BadAnswer(what=f"{endpoints.TIME.label}: the shop's clock shows the year {found.year}.")
    return found
