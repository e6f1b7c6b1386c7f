"""Listings as the Listings Items API shows them."""

from collections.abc import Callable
from typing import Any

from sandbox.amazon.availability import NAME
from sandbox.amazon.call import MARKETPLACE
from sandbox.amazon.records import CHANNELS, entries, product, sellable
from sandbox.market.records import Listing
from sandbox.times import iso_zulu

CURRENCY = "USD"


def money(cents: int) -> dict[str, str]:
    """An amount as Amazon writes it."""
    return {"amount": f"{cents / 100:.2f}", "currencyCode": CURRENCY}


def _summary(listing: Listing) -> dict[str, Any]:
    known = product(listing)
    found = {
        "marketplaceId": MARKETPLACE,
        "asin": known.asin,
        "productType": known.product_type,
        "conditionType": "new_new",
        "status": ["BUYABLE", "DISCOVERABLE"] if sellable(listing) else ["DISCOVERABLE"],
        "itemName": listing.title,
        "createdDate": iso_zulu(listing.created),
        "lastUpdatedDate": iso_zulu(listing.modified),
    }
    if any(entry["fulfillment_channel_code"] != CHANNELS[0] for entry in entries(listing)):
        found["fnSku"] = fn_sku(listing)
    return found


def fn_sku(listing: Listing) -> str:
    """The name that Amazon's own warehouses have for it."""
    return f"X00{listing.id:07d}"


def _attributes(listing: Listing) -> dict[str, Any]:
    price = {"currency": CURRENCY, "our_price": [{"schedule": [{"value_with_tax": listing.price / 100}]}]}
    found: dict[str, Any] = {
        "item_name": [{"value": listing.title, "language_tag": "en_US", "marketplace_id": MARKETPLACE}],
        "condition_type": [{"value": "new_new", "marketplace_id": MARKETPLACE}],
        NAME: entries(listing),
    }
    if product(listing).offer:
        found["purchasable_offer"] = [{**price, "marketplace_id": MARKETPLACE}]
    return found


def _availability(listing: Listing) -> list[dict[str, Any]]:
    names = {"fulfillment_channel_code": "fulfillmentChannelCode", "quantity": "quantity"}
    return [{names[name]: entry[name] for name in names if name in entry} for entry in entries(listing)]


def _offers(listing: Listing) -> list[dict[str, Any]]:
    if not product(listing).offer:
        return []
    audience = {"value": "ALL", "displayName": "Sell on Amazon"}
    price = money(listing.price)
    return [{"marketplaceId": MARKETPLACE, "offerType": "B2C", "price": price, "audience": audience}]


def _relationships(listing: Listing) -> list[dict[str, Any]]:
    if listing.product_id == listing.id:
        return []
    parent = {"parentSkus": [parent_sku(listing)], "type": "VARIATION"}
    return [{"marketplaceId": MARKETPLACE, "relationships": [parent]}]


def parent_sku(listing: Listing) -> str:
    """The SKU of the family that a listing is of."""
    return f"FAMILY-{listing.product_id}"


SETS: dict[str, Callable[[Listing], Any]] = {
    "summaries": lambda one: [_summary(one)],
    "attributes": _attributes,
    "issues": lambda one: product(one).issues,
    "offers": _offers,
    "fulfillmentAvailability": _availability,
    "procurement": lambda _: [],
    "relationships": _relationships,
    "productTypes": lambda one: [{"marketplaceId": MARKETPLACE, "productType": product(one).product_type}],
}
"""What can be asked of a listing."""


def show_listing(listing: Listing, wanted: list[str]) -> dict[str, Any]:
    """A listing with the sets that are wanted."""
    return {"sku": listing.sku, **{name: SETS[name](listing) for name in SETS if name in wanted}}
