"""The FBA Inventory API: what lies in Amazon's own warehouses. It can only be read."""

from typing import Any

from sandbox.amazon.call import Call
from sandbox.amazon.errors import invalid
from sandbox.amazon.listing_rows import fn_sku
from sandbox.amazon.listings import make_token, read_token
from sandbox.amazon.records import AMAZON_PLACE, product
from sandbox.clock import DAY
from sandbox.exchange import Response, answer
from sandbox.market.records import Listing
from sandbox.times import iso_zulu

PAGE, MOST_SKUS = 50, 50
HALF_A_MINUTE = 30
EIGHTEEN_MONTHS = 548 * DAY


def _details(listing: Listing) -> dict[str, Any]:
    cell = listing.cells[AMAZON_PLACE]
    inbound = listing.own.get("inbound", 0)
    return {
        "fulfillableQuantity": max(0, cell.number),
        "inboundWorkingQuantity": 0,
        "inboundShippedQuantity": inbound,
        "inboundReceivingQuantity": 0,
        "reservedQuantity": {
            "totalReservedQuantity": cell.reserved,
            "pendingCustomerOrderQuantity": cell.reserved,
            "pendingTransshipmentQuantity": 0,
            "fcProcessingQuantity": 0,
        },
    }


def _show(listing: Listing, *, details: bool) -> dict[str, Any]:
    cell = listing.cells[AMAZON_PLACE]
    found = {
        "asin": product(listing).asin,
        "fnSku": fn_sku(listing),
        "sellerSku": listing.sku,
        "condition": "NewItem",
        "lastUpdatedTime": iso_zulu(cell.modified),
        "productName": listing.title,
        "totalQuantity": max(0, cell.number) + cell.reserved + listing.own.get("inbound", 0),
    }
    return {**found, "inventoryDetails": _details(listing)} if details else found


def _wanted(call: Call) -> list[Listing]:
    """`startDateTime` puts SKUs aside, `sellerSkus` puts `sellerSku` aside."""
    stock = [one for one in call.state.sold() if AMAZON_PLACE in one.cells and one.cells[AMAZON_PLACE].active]
    since, skus = call.moment("startDateTime"), call.csv("sellerSkus", MOST_SKUS)
    if since is not None:
        if since < call.now - EIGHTEEN_MONTHS:
            raise invalid("'startDateTime' lies more than 18 months back.")
        return [one for one in stock if one.cells[AMAZON_PLACE].modified > since]
    if skus is None and "sellerSku" in call.params:
        skus = [call.params["sellerSku"]]
    return [one for one in stock if skus is None or one.sku in skus]


def summaries(call: Call) -> Response:
    """`getInventorySummaries`; a `nextToken` is good for 30 seconds."""
    call.marketplaces(1)
    if (call.params.get("granularityType"), call.params.get("granularityId")) != ("Marketplace", call.store.id):
        raise invalid("'granularityType' is Marketplace and 'granularityId' a store of the seller.")
    if call.params.get("details", "false") not in {"true", "false"}:
        raise invalid("'details' is true or false.")
    found, start, now = _wanted(call), 0, int(call.shop.seconds())
    if "nextToken" in call.params:
        start, made = divmod(read_token(call.params["nextToken"]), 10**10)
        if not now - HALF_A_MINUTE < made <= now:
            raise invalid("The token has expired.")
    page = found[start : start + PAGE]
    details = call.params.get("details") == "true"
    told = [_show(one, details=details) for one in page]
    granularity = {"granularityType": "Marketplace", "granularityId": call.store.id}
    body: dict[str, Any] = {"payload": {"granularity": granularity, "inventorySummaries": told}}
    if start + PAGE < len(found):
        body["pagination"] = {"nextToken": make_token((start + PAGE) * 10**10 + now)}
    return answer(body)
