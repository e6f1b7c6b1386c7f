"""`bulkUpdatePriceQuantity`: totals of items, quantities and prices of offers, each row with its own outcome."""

from collections.abc import Mapping
from typing import Any

from sandbox.ebay import quantities
from sandbox.ebay.call import Call
from sandbox.ebay.errors import EbayRefusal
from sandbox.ebay.items import LONGEST_SKU, find_item, read_shipped, whole
from sandbox.ebay.offers import find_by_offer
from sandbox.ebay.records import PUBLISHED, offer_of
from sandbox.exchange import Response, answer
from sandbox.market.records import Listing

MOST_OFFERS = 25
Told = dict[str, Any]


def update(call: Call) -> Response:
    """200 when every row succeeded, else 207; only a call that is wrong as a whole is refused as a whole."""
    rows = call.rows(25709)
    most = int(call.switch("batch_skus"))
    if len(rows) > most:
        raise EbayRefusal(25709, f"requests. The number of requests cannot exceed {most}")
    seen: set[str] = set()
    told: list[Told] = []
    for index, row in enumerate(rows):
        told += _row(call, index, row, seen)
    partly = any(one["statusCode"] != 200 for one in told)
    return answer({"responses": call.trouble.results(told)}, 207 if partly else 200)


def _outcome(sku: Any, offer_id: Any, refusal: EbayRefusal | None = None) -> Told:
    found: Told = {} if sku is None else {"sku": sku}
    if offer_id is not None:
        found["offerId"] = offer_id
    if refusal is None:
        return {**found, "statusCode": 200, "errors": [], "warnings": []}
    return {**found, "statusCode": refusal.status, "errors": [refusal.error()], "warnings": []}


def _row(call: Call, index: int, row: Mapping[str, Any], seen: set[str]) -> list[Told]:
    """What became of a row: an outcome for each offer, or one for the item alone. A refused total refuses the row."""
    sku, offers = row.get("sku"), row.get("offers") or []
    ids = [one.get("offerId") if isinstance(one, dict) else None for one in offers] if isinstance(offers, list) else []
    revised: set[str] = set()
    try:
        _check(row, ids, seen, broken=call.trouble.fails(index))
        if "shipToLocationAvailability" in row:
            _write_total(call, row, revised)
    except EbayRefusal as refusal:
        return [_outcome(sku, offer_id, refusal) for offer_id in ids or [None]]
    if not offers:
        return [_outcome(sku, None)]
    return [_offer(call, sku, one, revised) for one in offers]


def _check(row: Mapping[str, Any], ids: list[Any], seen: set[str], *, broken: bool) -> None:
    if broken:
        raise EbayRefusal(25001, status=500)
    sku, offers = row.get("sku"), row.get("offers")
    if offers is not None and (not isinstance(offers, list) or None in ids or len(offers) > MOST_OFFERS):
        raise EbayRefusal(25709, "offers")
    if len({*map(str, ids)}) < len(ids):
        raise EbayRefusal(25002, "An offer may be named once in a request.")
    if "shipToLocationAvailability" not in row and not offers:
        raise EbayRefusal(25709, "requests")
    if "shipToLocationAvailability" in row or sku is not None:
        if not isinstance(sku, str) or not 0 < len(sku) <= LONGEST_SKU:
            raise EbayRefusal(25709, "sku")
        if sku in seen:
            raise EbayRefusal(25734)
        seen.add(sku)


def _revise(call: Call, listing: Listing, revised: set[str]) -> None:
    """Count a revision of a published listing, one for a row whatever it changes."""
    offer = offer_of(listing)
    if offer is not None and offer.status == PUBLISHED and offer.listing_id not in revised:
        call.shop.revise(offer.listing_id)
        revised.add(offer.listing_id)


def _write_total(call: Call, row: Mapping[str, Any], revised: set[str]) -> None:
    listing = find_item(call.state, str(row["sku"]))
    if listing is None:
        raise EbayRefusal(25702, str(row["sku"]), 404)
    quantity, parts = read_shipped(call.state, row["shipToLocationAvailability"])
    _revise(call, listing, revised)
    call.shop.before_write(listing)
    quantities.set_total(call.state, listing, quantity, parts)


def _offer(call: Call, sku: Any, told: Mapping[str, Any], revised: set[str]) -> Told:
    offer_id = told.get("offerId")
    try:
        listing = find_by_offer(call, offer_id, sku)
        _write_offer(call, listing, told, revised)
    except EbayRefusal as refusal:
        return _outcome(sku, offer_id, refusal)
    return _outcome(listing.sku, offer_id)


def _write_offer(call: Call, listing: Listing, told: Mapping[str, Any], revised: set[str]) -> None:
    offer = offer_of(listing)
    if offer is None or offer.status != PUBLISHED:
        raise EbayRefusal(25713, str(told.get("offerId")))
    if "availableQuantity" not in told and "price" not in told:
        raise EbayRefusal(25709, "offers")
    quantity = whole(told["availableQuantity"], "availableQuantity") if "availableQuantity" in told else None
    cents = _cents(call, told["price"]) if "price" in told else None
    _revise(call, listing, revised)
    if quantity is not None:
        call.shop.before_write(listing)
        quantities.set_offered(call.state, listing, quantity)
    if cents is not None:
        listing.price = cents
        call.state.touch(listing)


def _cents(call: Call, told: Any) -> int:
    try:
        if told["currency"] != call.currency:
            raise EbayRefusal(25709, "currency")
        found = round(float(told["value"]) * 100)
    except (KeyError, TypeError, ValueError) as error:
        raise EbayRefusal(25709, "price") from error
    if not 0 < found < 100_000_000:
        raise EbayRefusal(25709, "price")
    return found
