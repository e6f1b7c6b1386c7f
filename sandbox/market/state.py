"""Everything a shop of the market holds at one moment."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.market.records import Cell, Listing, Order, Place


@dataclass(slots=True)
class MarketState:
    """Listings, orders and the counters behind their ids. `own` is what only a kind keeps."""

    clock: Clock
    places: dict[int, Place]
    listings: dict[int, Listing] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    next_ids: dict[str, int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    own: dict[str, Any] = field(default_factory=dict)

    def fresh_id(self, what: str, first: int = 1) -> int:
        """The next id of a sort of thing."""
        found = self.next_ids.get(what, first)
        self.next_ids[what] = found + 1
        return found

    def snapshot(self) -> "MarketState":
        """A copy that shares nothing but the clock."""
        return copy.deepcopy(self, {id(self.clock): self.clock})

    def counted(self, listing: Listing) -> Listing | None:
        """The listing whose number counts for this one; None where nobody counts."""
        found = listing if listing.counts_with is None else self.listings.get(listing.counts_with)
        return found if found is not None and found.tracked else None

    def cell(self, listing: Listing, place_id: int) -> Cell | None:
        """The stock of a listing at a place, if it is counted and kept there."""
        found = self.counted(listing)
        return None if found is None else found.cells.get(place_id)

    def sold(self) -> Iterator[Listing]:
        """The listings that can be bought, by id."""
        return (listing for listing in self.listings.values() if listing.sold)

    def by_sku(self, sku: str) -> list[Listing]:
        """Every listing with a SKU; some kinds let several have it."""
        return [listing for listing in self.listings.values() if listing.sku == sku]

    def touch(self, listing: Listing, place_id: int | None = None) -> None:
        """Note that a listing (and its stock at a place) has changed now, as has its parent."""
        now = self.clock.now()
        listing.modified = now
        if place_id is not None and place_id in listing.cells:
            listing.cells[place_id].modified = now
        parent = self.listings.get(listing.product_id)
        if parent is not None:
            parent.modified = now
