"""The account, its clock and its rights."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from fillrate.channels.amazon import endpoints
from fillrate.channels.protocol import Scope
from fillrate.errors import BadAnswer, FixSettings
from fillrate.gateway.http import Endpoint, Http, Params, Reply

CURRENCIES = {
    "A2EUQ1WTGCTBG2": "CAD",
    "A1AM78C64UM0Y8": "MXN",
    "A2Q3Y263D00KWC": "BRL",
    "A1F83G8C2ARO7P": "GBP",
    "A2NODRKZP88ZB9": "SEK",
    "A1C3SOZRARQ6R3": "PLN",
    "A33AVAJ2PDY3EV": "TRY",
    "ARBP9OOSHTCHU": "EGP",
    "A17E79C6D8DWNP": "SAR",
    "A2VIGQ35RCS4UG": "AED",
    "A21TJRUUN4KGV": "INR",
    "A19VAU5U5O7RUS": "SGD",
    "A39IBJ37TRP1C6": "AUD",
    "A1VC38T7YXB528": "JPY",
    "AE08WJ6YKNBMC": "ZAR",
    **dict.fromkeys(
        (
            "A1RKKUPIHCS9HS",
            "A13V1IB3VIYZZH",
            "AMEN7PMS3EDWL",
            "A1805IZSGTT6HS",
            "A1PA6795UKMFR9",
            "APJ6JRA9NG5V4",
            "A28R8C7NBKEWEA",
        ),
        "EUR",
    ),
}


class Account(NamedTuple):
    """Who sells, in which store, and the door to it."""

    http: Http
    seller: str
    marketplace: str

    @property
    def currency(self) -> str:
        """The currency of the store."""
        return CURRENCIES.get(self.marketplace, "USD")


def shop_time(account: Account) -> datetime:
    """Return Amazon's clock, from the answer to a question for one listing."""
    return date_of(account.http.get(endpoints.below(endpoints.CLOCK, account.seller), one_listing(account), bytes))


def one_listing(account: Account) -> Params:
    """Return the cheapest question that there is."""
    return {"marketplaceIds": account.marketplace, "pageSize": 1}


def date_of(reply: Reply[Any]) -> datetime:  # Any: whatever else it says
    """Return when an answer was given, by the shop's clock."""
    try:
        return parsedate_to_datetime(reply.headers.get("date") or "").astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadAnswer(what=f"{reply.label}: the answer does not say when it was given.") from None


def probe(account: Account, now: datetime) -> tuple[Scope, ...]:
    """Find out which roles the app has, by one cheap read under each."""
    store = account.marketplace
    at = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    asked: tuple[tuple[str, Endpoint, Params], ...] = (
        ("read listings and their numbers", endpoints.below(endpoints.CLOCK, account.seller), one_listing(account)),
        ("read orders", endpoints.ORDERS, {"marketplaceIds": store, "createdAfter": at, "maxResultsPerPage": 1}),
    )
    read = [
        Scope(
            name=endpoint.scope, use=use, state="granted" if is_granted(account.http, endpoint, params) else "missing"
        )
        for use, endpoint, params in asked
    ]
    unread = [
        Scope(
            name=endpoints.FBA_ROLE, use="read what lies in Amazon's warehouses, if anything does", state="not checked"
        ),
        Scope(name=endpoints.LISTING, use="write numbers", state="not checked"),
    ]
    return (*read, *unread)


def is_granted(http: Http, endpoint: Endpoint, params: Params) -> bool:
    """Tell whether Amazon lets the app read this."""
    try:
        http.get(endpoint, params, bytes)
    except FixSettings:  # 401 or 403
        return False
    return True
