"""The two quantities of a thing on eBay, and what of them can be bought.

The inventory item has a total (the numbers of its locations together). Its offer may have a quantity of its own, which
a write sets and a sale lowers beside the total. A listing is revised whenever somebody writes either of a published
offer, at most 250 times a calendar day (UTC), all its variations together.
"""

from sandbox.ebay.records import PUBLISHED, UNPUBLISHED, Days, item_of, offer_of
from sandbox.market.records import Cell, Listing
from sandbox.market.state import MarketState
from sandbox.times import day

MOST_REVISIONS = 250


def _sum(listing: Listing) -> int:
    return sum(cell.number for cell in listing.cells.values() if cell.active)


def total(listing: Listing) -> int | None:
    """The ship-to-home total of an item; None when it was lost."""
    return None if item_of(listing).lost else max(0, _sum(listing))


def offered(listing: Listing) -> int:
    """The quantity of the offer: its own, or else the item's total."""
    offer = offer_of(listing)
    if offer is None or offer.gap is None:
        return total(listing) or 0
    return max(0, _sum(listing) + offer.gap)


def live(listing: Listing, by: str) -> int:
    """What buyers can buy: the `smaller` of the two quantities, or that of the `offer`; of an ended listing nothing."""
    offer = offer_of(listing)
    if offer is None or offer.status != PUBLISHED:
        return 0
    if by == "offer" and offer.gap is not None:
        return offered(listing)
    return min(total(listing) or 0, offered(listing))


def set_total(state: MarketState, listing: Listing, quantity: int | None, parts: dict[int, int]) -> None:
    """Write the total of an item; `parts` are the quantities of locations, the rest lies at the first one.

    Without a quantity it is lost, whatever the locations say. The offer's own quantity stays what it is, and a location
    that an open order holds units of stays one, since they may come back to it.
    """
    offer, own = offer_of(listing), offered(listing)
    first = min(state.places)
    rest = 0 if quantity is None else quantity - sum(parts.values())
    told = {**parts, first: parts.get(first, 0) + rest}
    for place_id in {*listing.cells, *told}:
        cell = listing.cells.setdefault(place_id, Cell(0))
        cell.number, cell.active = told.get(place_id, 0), place_id in told or cell.reserved > 0
    item_of(listing).lost = quantity is None
    if offer is not None and offer.gap is not None:
        offer.gap = own - _sum(listing)
    for place_id in listing.cells:
        state.touch(listing, place_id)
    state.touch(listing)


def set_offered(state: MarketState, listing: Listing, quantity: int) -> None:
    """Write the own quantity of an offer."""
    offer = offer_of(listing)
    if offer is not None:
        offer.gap = quantity - _sum(listing)
        state.touch(listing)


def revisions(state: MarketState, listing_id: str) -> int:
    """How often a listing was revised today."""
    return _days(state).counts.get(listing_id, 0)


def revise(state: MarketState, listing_id: str) -> None:
    """Count a revision of a listing."""
    counts = _days(state).counts
    counts[listing_id] = counts.get(listing_id, 0) + 1


def _days(state: MarketState) -> Days:
    found: Days = state.own.setdefault("revisions", Days())
    today = day(state.clock.now())
    if found.day != today:
        found.day, found.counts = today, {}
    return found


def end_empty(state: MarketState, by: str) -> None:
    """Without out-of-stock control, a listing of which nothing can be bought ends, and writing a number brings none back."""
    left: dict[str, int] = {}
    for listing in state.listings.values():
        offer = offer_of(listing)
        if offer is not None:
            left[offer.listing_id] = left.get(offer.listing_id, 0) + live(listing, by)
    for listing in state.listings.values():
        offer = offer_of(listing)
        if offer is not None and not left[offer.listing_id]:
            offer.status = UNPUBLISHED
