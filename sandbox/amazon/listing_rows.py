"""Listings as the Listings Items API shows them."""

from collections.abc import Callable
from typing import Any

from sandbox.amazon.availability import DEFAULT, NAME
from sandbox.amazon.records import entries, product, sellable
from sandbox.amazon.stores import Store
from sandbox.market.records import Listing
from sandbox.times import iso_zulu


def _summary(store: Store, listing: Listing) -> dict[str, Any]:
    known = product(listing)
    found = {
        "marketplaceId": store.id,
        "asin": known.asin,
        "productType": known.product_type,
        "conditionType": "new_new",
        "status": ["BUYABLE", "DISCOVERABLE"] if sellable(listing) else ["DISCOVERABLE"],
        "itemName": listing.title,
        "createdDate": iso_zulu(listing.created),
        "lastUpdatedDate": iso_zulu(listing.modified),
    }
    if any(entry["fulfillment_channel_code"] != DEFAULT for entry in entries(listing)):
        found["fnSku"] = fn_sku(listing)
    return found


def fn_sku(listing: Listing) -> str:
    """The name that Amazon's own warehouses have for it."""
    return f"X00{listing.id:07d}"


def _attributes(store: Store, listing: Listing) -> dict[str, Any]:
    price = {"currency": store.currency, "our_price": [{"schedule": [{"value_with_tax": listing.price / 100}]}]}
    found: dict[str, Any] = {
        "item_name": [{"value": listing.title, "language_tag": "en_US", "marketplace_id": store.id}],
        "condition_type": [{"value": "new_new", "marketplace_id": store.id}],
        NAME: entries(listing),
    }
    if product(listing).offer:
        found["purchasable_offer"] = [{**price, "marketplace_id": store.id}]
    return found


def _availability(_: Store, listing: Listing) -> list[dict[str, Any]]:
    names = {"fulfillment_channel_code": "fulfillmentChannelCode", "quantity": "quantity"}
    return [{names[name]: entry[name] for name in names if name in entry} for entry in entries(listing)]


def _offers(store: Store, listing: Listing) -> list[dict[str, Any]]:
    if not product(listing).offer:
        return []
    audience = {"value": "ALL", "displayName": "Sell on Amazon"}
    price = store.money(listing.price)
    return [{"marketplaceId": store.id, "offerType": "B2C", "price": price, "audience": audience}]


def _relationships(store: Store, listing: Listing) -> list[dict[str, Any]]:
    if listing.product_id == listing.id:
        return []
    parent = {"parentSkus": [parent_sku(listing)], "type": "VARIATION"}
    return [{"marketplaceId": store.id, "relationships": [parent]}]


def parent_sku(listing: Listing) -> str:
    """The SKU of the family that a listing is of."""
    return f"FAMILY-{listing.product_id}"


SETS: dict[str, Callable[[Store, Listing], Any]] = {
    "summaries": lambda store, one: [_summary(store, one)],
    "attributes": _attributes,
    "issues": lambda _, one: product(one).issues,
    "offers": _offers,
    "fulfillmentAvailability": _availability,
    "procurement": lambda _, __: [],
    "relationships": _relationships,
    "productTypes": lambda store, one: [{"marketplaceId": store.id, "productType": product(one).product_type}],
}
"""What can be asked of a listing."""


def show_listing(store: Store, listing: Listing, wanted: list[str]) -> dict[str, Any]:
    """A listing with the sets that are wanted."""
    return {"sku": listing.sku, **{name: SETS[name](store, listing) for name in SETS if name in wanted}}
