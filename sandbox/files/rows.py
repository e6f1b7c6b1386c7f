"""What stands in the files that the place leaves, and what it does with the one that it is given."""

from typing import Any

from sandbox.files.style import Row
from sandbox.market import stock
from sandbox.market.records import Cell, Listing
from sandbox.market.state import MarketState
from sandbox.times import iso_zulu

STOCK = ("sku", "title", "location", "quantity", "reserved", "modified_at")
ORDERS = (
    *("order", "line", "sku", "quantity", "shipped", "cancelled", "refunded", "price", "status"),
    *("placed_at", "modified_at"),
)
PUT, NEEDED = ("sku", "location", "quantity"), ("sku", "quantity")
MOST = 2_147_483_647


def stock_rows(state: MarketState) -> list[Row]:
    """A row for each thing and location."""
    return [
        {
            "sku": listing.sku,
            "title": listing.title,
            "location": place_id,
            "quantity": cell.number,
            "reserved": cell.reserved,
            "modified_at": iso_zulu(max(cell.modified, listing.created)),
        }
        for listing in state.sold()
        if state.counted(listing) is listing
        for place_id, cell in sorted(listing.cells.items())
        if cell.active
    ]


def order_rows(state: MarketState) -> list[Row]:
    """A row for each line of an order."""
    return [
        {
            "order": order.id,
            "line": line.id,
            "sku": line.sku,
            "quantity": line.quantity,
            "shipped": line.shipped,
            "cancelled": line.cancelled,
            "refunded": line.refunded,
            "price": line.price / 100,
            "status": order.status,
            "placed_at": iso_zulu(order.placed),
            "modified_at": iso_zulu(order.modified),
        }
        for order in state.orders.values()
        for line in order.lines
    ]


def _number(value: Any) -> int | None:
    """A number of a file, from a JSON number or a text; None for what is none."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MOST else None


def _cell(state: MarketState, row: Row) -> tuple[Listing, int] | str:
    """What a row is about, or why nobody knows."""
    found = [one for one in state.by_sku(str(row["sku"])) if one.sold and state.counted(one) is one]
    if len(found) != 1:
        return f"{len(found)} things have the SKU {row['sku']!r}"
    place_id = min(state.places) if row["location"] in {None, ""} else _number(row["location"])
    if place_id not in state.places:
        return f"there is no location {row['location']!r}"
    return found[0], place_id


def take(state: MarketState, row: Row) -> str | None:
    """Write the number of a row; gives why it was left out, if it was."""
    number, found = _number(row["quantity"]), _cell(state, row)
    if isinstance(found, str):
        return found
    if number is None:
        return f"{row['quantity']!r} is no quantity"
    listing, place_id = found
    listing.cells.setdefault(place_id, Cell(0))
    stock.write_number(state, listing, place_id, number)
    return None
