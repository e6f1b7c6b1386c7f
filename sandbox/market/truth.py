"""The truth of a shop of the market, for tests."""

from typing import TYPE_CHECKING, Any

from sandbox.market.records import Order
from sandbox.times import iso_zulu
from sandbox.truth import show_clock

if TYPE_CHECKING:
    from sandbox.market.shop import Market


def show_order(order: Order) -> dict[str, Any]:
    """An order in neutral words."""
    lines = [
        {
            "id": line.id,
            "listing_id": line.listing_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "shipped": line.shipped,
            "cancelled": line.cancelled,
            "refunded": line.refunded,
        }
        for line in order.lines
    ]
    return {
        "id": order.key or order.id,
        "status": order.status,
        "placed_at": iso_zulu(order.placed),
        "modified_at": iso_zulu(order.modified),
        "lines": lines,
    }


def tell(shop: "Market") -> dict[str, Any]:
    """Everything that is so, whatever the API says of it; only what is counted has stock."""
    state = shop.state
    stock = [
        {
            "sku": listing.sku,
            "listing_id": listing.id,
            "location": place_id,
            "number": cell.number,
            "reserved": cell.reserved,
        }
        for listing in state.listings.values()
        if listing.tracked and listing.counts_with is None
        for place_id, cell in sorted(listing.cells.items())
        if cell.active
    ]
    return {
        "clock": show_clock(state.clock),
        "switches": shop.switches,
        "stock": stock,
        "orders": [show_order(order) for order in state.orders.values()],
        "refused": state.refused,
        "own": shop.own_truth(),
    }
