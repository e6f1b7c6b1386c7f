"""Offers: those of a SKU, and one."""

from typing import Any

from sandbox.ebay import quantities
from sandbox.ebay.call import Call
from sandbox.ebay.errors import EbayRefusal
from sandbox.ebay.items import find_item, items, place_key
from sandbox.ebay.records import PUBLISHED, offer_of
from sandbox.exchange import Response, answer
from sandbox.market.records import Line, Listing


def show_offer(call: Call, listing: Listing) -> dict[str, Any]:
    """An offer as the API has it; `availableQuantity` is there only where the offer has a quantity of its own."""
    offer = offer_of(listing)
    if offer is None:
        raise EbayRefusal(25713, listing.sku, 404)
    found: dict[str, Any] = {
        "offerId": offer.id,
        "sku": listing.sku,
        "marketplaceId": call.site,
        "format": "FIXED_PRICE",
        "listingDuration": "GTC",
        "listingDescription": listing.title,
        "categoryId": "30120",
        "merchantLocationKey": place_key(min(call.state.places)),
        "pricingSummary": {"price": call.money(listing.price)},
        "listingPolicies": {
            "paymentPolicyId": "6000101",
            "returnPolicyId": "6000102",
            "fulfillmentPolicyId": "6000103",
            "eBayPlusIfEligible": False,
        },
        "includeCatalogProductDetails": True,
        "hideBuyerDetails": False,
        "status": offer.status,
    }
    if offer.gap is not None:
        found["availableQuantity"] = quantities.offered(listing)
    if offer.status == PUBLISHED:
        left = quantities.live(listing, call.switch("live_quantity"))
        found["listing"] = {
            "listingId": offer.listing_id,
            "listingStatus": "ACTIVE" if left else "OUT_OF_STOCK",
            "soldQuantity": sum(_sold(line) for line in call.shop.lines_of(listing)),
        }
    return found


def _sold(line: Line) -> int:
    return line.quantity - line.cancelled


def get_offers(call: Call) -> Response:
    """`getOffers` of one SKU; a SKU without an offer, or without an item, is a 404."""
    sku = call.params.get("sku")
    if not sku:
        raise EbayRefusal(25709, "sku")
    limit, offset = call.page(25706, 100, 100)
    listing = find_item(call.state, sku)
    if listing is None or offer_of(listing) is None:
        raise EbayRefusal(25713, sku, 404)
    wanted = call.params.get("format", "FIXED_PRICE"), call.params.get("marketplace_id", call.site)
    offers = [show_offer(call, listing)] if wanted == ("FIXED_PRICE", call.site) else []
    page = offers[offset * limit : (offset + 1) * limit]
    href = call.link(limit=limit, offset=offset)
    return answer({"href": href, "limit": limit, "size": 1, "total": len(offers), "offers": page})


def get_offer(call: Call, offer_id: str) -> Response:
    """`getOffer`."""
    return answer(show_offer(call, find_by_offer(call, offer_id)))


def find_by_offer(call: Call, offer_id: Any, sku: Any = None) -> Listing:
    """The item of an offer id, which must have a SKU if one is given. Raises EbayRefusal."""
    for listing in items(call.state):
        offer = offer_of(listing)
        if offer is None or offer.id != offer_id:
            continue
        if sku not in {None, listing.sku}:
            raise EbayRefusal(25709, "offerId. The offer belongs to another SKU")
        return listing
    raise EbayRefusal(25713, str(offer_id), 404)
