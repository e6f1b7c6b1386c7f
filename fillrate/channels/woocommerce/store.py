"""What a shop says about itself, its clock, and what its key may do.

WordPress tells its name and its time zone to anybody; the shop has no clock but the one that dates its answers, and no id
but its address.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from fillrate.channels.fields import currency, text
from fillrate.channels.protocol import Scope
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.rest import Rest
from fillrate.errors import BadAnswer, FixChannel, FixSettings, SkipRecord
from fillrate.gateway.http import Endpoint, Params
from fillrate.gateway.strict_json import decode
from fillrate.records import StoreInfo

STATUSES = {
    "auto-draft": "Draft",
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft of the checkout",
    "trash": "In the trash",
}
SITE_FIELDS = "name,url,home,gmt_offset,timezone_string"


class SiteBody(msgspec.Struct):
    """The WordPress of a shop, as sent; a site may name its zone, or only how far it is from UTC."""

    name: str
    url: str
    home: str | None = None
    timezone_string: str | None = None
    gmt_offset: float | str | None = None


class Environment(msgspec.Struct):
    """Where WooCommerce runs, as sent."""

    home_url: str


class SystemBody(msgspec.Struct):
    """How WooCommerce is, as sent."""

    environment: Environment


class CurrencyBody(msgspec.Struct):
    """The shop's currency, as sent."""

    code: str


SITE = msgspec.json.Decoder(SiteBody)
SYSTEM = msgspec.json.Decoder(SystemBody)
CURRENCY = msgspec.json.Decoder(CurrencyBody)


def store_info(rest: Rest) -> StoreInfo:
    """Return what the shop says about itself."""
    site = site_of(rest)
    told = rest.get(endpoints.CURRENCY, {}, lambda body: decode(body, CURRENCY)).needed()
    place = text(site.home or site.url).lower().partition("://")[2].rstrip("/")
    if not place:
        raise BadAnswer(what=f"{endpoints.SITE.label}: the shop does not say where it lies.")
    try:
        code = currency(told.code, "code")
    except SkipRecord as skip:
        raise BadAnswer(what=f"{endpoints.CURRENCY.label}: {skip.what}.") from None
    return StoreInfo(
        identity=place, name=text(site.name) or place, timezone=zone_of(site), currency=code, plan="WooCommerce"
    )


def site_of(rest: Rest) -> SiteBody:
    """Return what the site says of itself; where it speaks to nobody without a name, what WooCommerce says of its address."""
    try:
        return rest.get(endpoints.SITE, {"_fields": SITE_FIELDS}, lambda body: decode(body, SITE)).needed()
    except FixChannel:
        body = rest.get(endpoints.SYSTEM, {"_fields": "environment"}, lambda told: decode(told, SYSTEM)).needed()
        return SiteBody(name="", url=body.environment.home_url)


def zone_of(site: SiteBody) -> str:
    """Return the site's time zone; of a bare offset the zone without summer time where there is one, else UTC."""
    named = text(site.timezone_string, 100)
    if named:
        return named
    try:
        hours = float(site.gmt_offset or 0)
    except ValueError:
        hours = 0.0
    is_whole = hours.is_integer() and -12 <= hours <= 14 and hours
    return f"Etc/GMT{-int(hours):+d}" if is_whole else "UTC"


def shop_time(rest: Rest) -> datetime:
    """Return the shop's own clock, by the date of an answer."""
    reply = rest.get(endpoints.CURRENCY, {}, lambda body: decode(body, CURRENCY))
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadAnswer(what=f"{endpoints.CURRENCY.label}: the shop's answer has no date.") from None


def probe(rest: Rest) -> tuple[Scope, ...]:
    """Return what the key may read; whether it may write shows only in a write."""
    read = [
        Scope(
            name=endpoint.scope, use=f"read {use}", state="granted" if is_granted(rest, endpoint, params) else "missing"
        )
        for use, (endpoint, params) in endpoints.PROBES.items()
    ]
    return (*read, Scope(name=endpoints.WRITE, use="write stock numbers", state="not checked"))


def is_granted(rest: Rest, endpoint: Endpoint, params: Params) -> bool:
    """Tell whether the shop lets the key read this."""
    try:
        rest.get(endpoint, params, lambda body: None)
    except FixSettings:  # 401 or 403
        return False
    return True
