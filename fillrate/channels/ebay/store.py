"""What an account is, its clock, its rights, and how much of its quota is left."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from fillrate.channels.ebay import endpoints
from fillrate.channels.fields import when
from fillrate.channels.protocol import Scope
from fillrate.errors import BadAnswer, FixSettings, SkipRecord
from fillrate.gateway.budget import Budget, Quota
from fillrate.gateway.http import Endpoint, Http, Params, Reply
from fillrate.gateway.strict_json import decode

CURRENCIES = {
    **dict.fromkeys(("AT", "BE", "DE", "ES", "FR", "IE", "IT", "NL"), "EUR"),
    "AU": "AUD",
    "CA": "CAD",
    "CH": "CHF",
    "GB": "GBP",
    "HK": "HKD",
    "MY": "MYR",
    "PH": "PHP",
    "PL": "PLN",
    "SG": "SGD",
    "TW": "TWD",
}
OURS = frozenset({"inventory", "fulfillment"})
LONGEST_WINDOW_S = 86_400.0


class Rate(msgspec.Struct, gc=False):
    """One quota: how many calls in a window of seconds, how many are left, and when it begins anew."""

    limit: int
    remaining: int
    reset: str
    window_s: int | float = msgspec.field(name="timeWindow")


class Resource(msgspec.Struct, gc=False):
    """The quotas of a method, or of a whole API."""

    rates: list[Rate] = []


class ApiRates(msgspec.Struct, gc=False):
    """The quotas of one API."""

    name: str = msgspec.field(name="apiName", default="")
    resources: list[Resource] = []


class Rates(msgspec.Struct, gc=False):
    """All quotas of an application."""

    limits: list[ApiRates] = msgspec.field(name="rateLimits", default_factory=list)


RATES = msgspec.json.Decoder(Rates)


def currency_of(marketplace: str) -> str:
    """Return the currency of a marketplace such as EBAY_DE."""
    country = marketplace.removeprefix("EBAY_").split("_")[0]
    return CURRENCIES.get(country, "USD")


def shop_time(http: Http, budget: Budget) -> datetime:
    """Return eBay's clock, from the answer to how much of the quota is left; what that says is passed on to the budget."""
    try:
        reply: Reply[Rates] = http.get(
            endpoints.RATES, {"api_context": "sell"}, lambda body: decode(body, RATES), told={400}
        )
    except FixSettings:  # a token that may sell need not be allowed to ask for quotas
        return date_of(http.get(endpoints.STOCK, {"limit": 1}, bytes))
    now = date_of(reply)
    if reply.value is not None and (quota := tightest(reply.value, now)) is not None:
        budget.observe(quota)
    return now


def date_of(reply: Reply[Any]) -> datetime:  # Any: whatever else it says
    """Return when an answer was given, by the shop's clock."""
    try:
        return parsedate_to_datetime(reply.headers.get("date") or "").astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadAnswer(what=f"{reply.label}: the answer does not say when it was given.") from None


def tightest(told: Rates, now: datetime) -> Quota | None:
    """Return the quota of which least is left, of those that our calls draw on; None where none is told."""
    quotas = [
        quota
        for api in told.limits
        if api.name.lower() in OURS
        for resource in api.resources
        for rate in resource.rates
        if (quota := quota_of(rate, now)) is not None
    ]
    return min(quotas, key=lambda one: one.left, default=None)


def quota_of(rate: Rate, now: datetime) -> Quota | None:
    """Return a quota, None where its figures make no sense."""
    try:
        resets_in_s = (when(rate.reset, "reset") - now).total_seconds()
    except SkipRecord:
        return None
    if rate.limit < 1 or not 0 < rate.window_s <= LONGEST_WINDOW_S or resets_in_s > LONGEST_WINDOW_S:
        return None
    left = min(max(rate.remaining, 0), rate.limit)
    return Quota(limit=rate.limit, left=left, resets_in_s=max(resets_in_s, 1.0), window_s=float(rate.window_s))


def probe(http: Http) -> tuple[Scope, ...]:
    """Find out which scopes the token has, by one cheap read under each."""
    asked: tuple[tuple[str, Endpoint, Params], ...] = (
        ("read items and their numbers", endpoints.STOCK, {"limit": 1}),
        ("read orders", endpoints.ORDERS, {"limit": 1}),
    )
    read = [
        Scope(name=endpoint.scope, use=use, state="granted" if is_granted(http, endpoint, params) else "missing")
        for use, endpoint, params in asked
    ]
    return (*read, Scope(name=endpoints.INVENTORY, use="write numbers", state="not checked"))


def is_granted(http: Http, endpoint: Endpoint, params: Params) -> bool:
    """Tell whether eBay lets the token read this."""
    try:
        http.get(endpoint, params, bytes)
    except FixSettings:  # 401 or 403
        return False
    return True
