"""Store information, time, and the inventory settings."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.api.body import json_object
from sandbox.api.call import Call
from sandbox.api.filters import Listing, read_listing
from sandbox.errors import Refusal
from sandbox.exchange import Response, answer
from sandbox.state import State, check_setting

DOMAIN = "practice-shop.example"
ALWAYS: dict[str, Any] = {
    "domain": DOMAIN,
    "secure_url": f"https://{DOMAIN}",
    "status": "live",
    "first_name": "Ada",
    "last_name": "Merchant",
    "address": "1 Practice Lane",
    "infrastructure_region": "us-central1",
    "phone": "555-0100",
    "admin_email": f"owner@{DOMAIN}",
    "order_email": f"orders@{DOMAIN}",
    "favicon_url": "",
    "language": "en",
    "decimal_separator": ".",
    "thousands_separator": ",",
    "decimal_places": 2,
    "currency_symbol_location": "left",
    "weight_units": "KGS",
    "dimension_units": "Centimeters",
    "dimension_decimal_places": 2,
    "dimension_decimal_token": ".",
    "dimension_thousands_token": ",",
    "plan_is_trial": False,
    "industry": "Retail",
    "logo": [],
    "is_price_entered_with_tax": False,
    "default_channel_id": 1,
    "default_site_id": 1000,
    "active_comparison_modules": [],
    "features": {
        "stencil_enabled": True,
        "sitewidehttps_enabled": True,
        "facebook_catalog_id": "",
        "checkout_type": "optimized",
        "wishlists_enabled": True,
        "graphql_storefront_api_enabled": True,
        "shopper_consent_tracking_enabled": False,
        "multi_storefront_enabled": True,
        "storefront_limits": {"active": 3, "total_including_inactive": 4},
    },
}

SETTINGS = Listing(id_ops=frozenset(), controls=frozenset({"channel_id"}))


def _timezone(state: State) -> dict[str, Any]:
    now = datetime.fromtimestamp(state.clock.now(), UTC)
    zone = ZoneInfo(state.profile.zone)
    offsets = [zone.utcoffset(now.replace(month=month, day=1)) or timedelta() for month in (1, 7)]
    raw, dst = (int(offset.total_seconds()) for offset in (min(offsets), max(offsets)))
    return {
        "name": state.profile.zone,
        "raw_offset": raw,
        "dst_offset": dst,
        "dst_correction": zone.utcoffset(now) != timedelta(seconds=raw),
        "date_format": {"display": "M jS Y", "export": "M jS Y", "extended_display": "M jS Y @ g:i A"},
    }


def get_store(call: Call) -> Response:
    """Who the store is."""
    state, profile, store_hash = call.state, call.state.profile, call.state.config.store_hash
    return answer(
        {
            "id": f"{store_hash}{state.config.seed}",  # another seed is another store
            "account_uuid": f"00000000-0000-4000-8000-{state.config.seed % 16**12:012x}",
            "store_id": 1_000_000 + state.config.seed,
            "control_panel_base_url": f"https://store-{store_hash}.mybigcommerce.com",
            "name": profile.name,
            "country": profile.country,
            "country_code": profile.country_code,
            "timezone": _timezone(state),
            "currency": profile.currency,
            "currency_symbol": profile.symbol,
            "plan_name": profile.plan,
            "plan_level": profile.plan,
            **ALWAYS,
        }
    )


def get_time(call: Call) -> Response:
    """The shop's clock."""
    return answer({"time": call.state.clock.now()})


def put_inventory_settings(call: Call) -> Response:
    """Change what is sent of the inventory settings; null takes a channel's own value away."""
    state, channel, body = call.state, call.number("channel_id"), json_object(call)
    wrong = {}
    for name, value in body.items():
        try:
            check_setting(name, value, state.settings, of_channel=channel is not None)
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise Refusal(422, "The inventory settings are not valid", wrong)
    (state.settings if channel is None else state.channel_settings[channel]).update(body)
    return get_inventory_settings(call)


def get_inventory_settings(call: Call) -> Response:
    """The inventory settings; of a channel, null means what the store has."""
    read_listing(call, SETTINGS)
    state, channel = call.state, call.number("channel_id")
    if channel is None:
        return answer({"data": state.settings, "meta": {}})
    own = state.channel_settings.get(channel, {})
    return answer({"data": {name: own.get(name) for name in state.settings}, "meta": {}})
