"""Inventory items: the list, several by SKU, one, and the write that replaces one."""

from typing import Any
from urllib.parse import unquote

from sandbox.ebay import quantities
from sandbox.ebay.call import Call
from sandbox.ebay.errors import EbayRefusal
from sandbox.ebay.records import PUBLISHED, Item, item_of, offer_of
from sandbox.exchange import Response, answer, no_content
from sandbox.market.records import Listing
from sandbox.market.state import MarketState

LONGEST_SKU = 50
CONDITIONS = frozenset(
    {"NEW", "LIKE_NEW", "NEW_OTHER", "NEW_WITH_DEFECTS", "USED_EXCELLENT", "USED_GOOD", "FOR_PARTS_OR_NOT_WORKING"}
)


def place_key(place_id: int) -> str:
    """The `merchantLocationKey` of a location."""
    return f"WAREHOUSE_{place_id}"


def items(state: MarketState) -> list[Listing]:
    """The inventory items, by SKU."""
    return sorted((one for one in state.listings.values() if "item" in one.own), key=lambda one: one.sku)


def find_item(state: MarketState, sku: str) -> Listing | None:
    """The inventory item of a SKU."""
    return next((one for one in state.by_sku(sku) if "item" in one.own), None)


def show_item(state: MarketState, listing: Listing) -> dict[str, Any]:
    """An item as the API has it; a lost quantity is simply not there."""
    quantity = quantities.total(listing)
    shipped: dict[str, Any] = {} if quantity is None else {"quantity": quantity}
    if len(state.places) > 1:
        shipped["availabilityDistributions"] = [
            {
                "merchantLocationKey": place_key(place_id),
                "quantity": max(0, cell.number),
                "fulfillmentTime": {"unit": "BUSINESS_DAY", "value": 2},
            }
            for place_id, cell in sorted(listing.cells.items())
            if cell.active
        ]
    offer, own = offer_of(listing), item_of(listing)
    if offer is not None and quantity is not None:
        shipped["allocationByFormat"] = {"auction": 0, "fixedPrice": quantity}
    found: dict[str, Any] = {
        "sku": listing.sku,
        "locale": "en_US",
        "condition": own.condition,
        "product": {
            "title": listing.title,
            "description": own.description or listing.title,
            "brand": own.brand,
            "imageUrls": [f"https://i.ebayimg.com/images/{listing.id}.jpg"],
        },
        "availability": {"shipToLocationAvailability": shipped},
    }
    if listing.product_id != listing.id:
        found["groupIds"] = found["inventoryItemGroupKeys"] = [f"GROUP-{listing.product_id}"]
    return found


def list_items(call: Call) -> Response:
    """`getInventoryItems`. `offset` counts pages or rows, as a switch says; `next` is there while there is more."""
    limit, offset = call.page(25706, 25, 200)
    found = items(call.state)
    by_page = call.switch("inventory_offset") == "page"
    start, step = (offset * limit, 1) if by_page else (offset, limit)
    if start and start >= len(found):
        raise EbayRefusal(25706, f"offset: {offset}")
    body: dict[str, Any] = {
        "href": call.link(limit=limit, offset=offset),
        "limit": limit,
        "size": -(-len(found) // limit),
        "total": len(found),
        "inventoryItems": [show_item(call.state, listing) for listing in found[start : start + limit]],
    }
    if start + limit < len(found):
        body["next"] = call.link(limit=limit, offset=offset + step)
    if start:
        body["prev"] = call.link(limit=limit, offset=max(0, offset - step))
    return answer(body)


def get_item(call: Call, sku: str) -> Response:
    """`getInventoryItem`."""
    listing = find_item(call.state, unquote(sku))
    if listing is None:
        raise EbayRefusal(25710, status=404)
    return answer(show_item(call.state, listing))


def bulk_get(call: Call) -> Response:
    """`bulkGetInventoryItem`: 25 SKUs at most, each with its own status."""
    rows = call.rows(25709)
    if len(rows) > 25:
        raise EbayRefusal(25727, "25")
    skus = [row.get("sku") for row in rows]
    if len({*map(str, skus)}) < len(skus):
        raise EbayRefusal(25734)
    told = [_got(call, index, sku) for index, sku in enumerate(skus)]
    partly = any(row["statusCode"] != 200 for row in told)
    return answer({"responses": call.trouble.results(told)}, 207 if partly else 200)


def _wanted(call: Call, index: int, sku: Any) -> Listing:
    if call.trouble.fails(index):
        raise EbayRefusal(25001, status=500)
    if not isinstance(sku, str) or not 0 < len(sku) <= LONGEST_SKU:
        raise EbayRefusal(25708)
    listing = find_item(call.state, sku)
    if listing is None:
        raise EbayRefusal(25702, sku, 404)
    return listing


def _got(call: Call, index: int, sku: Any) -> dict[str, Any]:
    try:
        listing = _wanted(call, index, sku)
    except EbayRefusal as refusal:
        return {"sku": sku, "statusCode": refusal.status, "errors": [refusal.error()], "warnings": []}
    return {
        "sku": sku,
        "statusCode": 200,
        "inventoryItem": show_item(call.state, listing),
        "errors": [],
        "warnings": [],
    }


def whole(value: Any, name: str) -> int:
    """A quantity."""
    if type(value) is not int or not 0 <= value <= 2_147_483_647:
        raise EbayRefusal(25709, name)
    return value


def read_shipped(state: MarketState, told: Any) -> tuple[int | None, dict[int, int]]:
    """The total (None: left out, and so lost) and the parts of locations of a `shipToLocationAvailability`.

    Parts that are more than the total are refused; that eBay does so is a guess.
    """
    if not isinstance(told, dict):
        raise EbayRefusal(25709, "shipToLocationAvailability")
    quantity = whole(told["quantity"], "quantity") if "quantity" in told else None
    keys = {place_key(place_id): place_id for place_id in state.places}
    parts: dict[int, int] = {}
    listed = told.get("availabilityDistributions", [])
    if not isinstance(listed, list):
        raise EbayRefusal(25709, "availabilityDistributions")
    for part in listed:
        key = str(part.get("merchantLocationKey")) if isinstance(part, dict) else ""
        place_id = keys.get(key)
        if place_id is None or place_id in parts or not state.places[place_id].active:
            raise EbayRefusal(25012, key)
        parts[place_id] = whole(part.get("quantity"), "quantity")
    if quantity is not None and sum(parts.values()) > quantity:
        raise EbayRefusal(25004, "locations hold more than the total")
    return quantity, parts


def put_item(call: Call, raw: str) -> Response:
    """`createOrReplaceInventoryItem`: what is not sent is gone, the quantity too."""
    sku, body = unquote(raw), call.json(25709)
    if call.request.header("Content-Language") is None:
        raise EbayRefusal(25709, "Content-Language")
    if not 0 < len(sku) <= LONGEST_SKU:
        raise EbayRefusal(25708)
    product = body.get("product", {})
    condition = str(body.get("condition", "NEW"))
    if not isinstance(product, dict) or condition not in CONDITIONS:
        raise EbayRefusal(25709, "product" if condition in CONDITIONS else "condition")
    availability = body.get("availability", {})
    shipped = availability.get("shipToLocationAvailability", {}) if isinstance(availability, dict) else None
    quantity, parts = read_shipped(call.state, shipped)
    listing = find_item(call.state, sku)
    created = listing is None
    if listing is None:
        listing = _new_item(call.state, sku)
    offer = offer_of(listing)
    if offer is not None and offer.status == PUBLISHED:
        if not product.get("title"):
            raise EbayRefusal(25002, "The title of a published item is missing.")
        call.shop.revise(offer.listing_id)
    listing.title = str(product.get("title", ""))
    own = Item(False, condition, str(product.get("brand", "Unbranded")), str(product.get("description", "")))
    listing.own["item"] = own
    call.shop.before_write(listing)
    quantities.set_total(call.state, listing, quantity, parts)
    return answer({"warnings": []}, 201) if created else no_content()


def _new_item(state: MarketState, sku: str) -> Listing:
    """A new item, which nobody offers yet."""
    now, made_id = state.clock.now(), state.fresh_id("listing", 101)
    made = Listing(made_id, made_id, sku, "", 0, now, now, sold=False)
    made.own["item"] = Item()
    state.listings[made_id] = made
    return made
