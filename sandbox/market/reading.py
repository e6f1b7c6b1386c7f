"""Finds what an action names in a shop of the market; whatever is wrong becomes an ActionRefused."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, objects, whole
from sandbox.market.orders import Parts
from sandbox.market.records import Cell, Line, Listing, Order

if TYPE_CHECKING:
    from sandbox.market.shop import Market

Entry = Mapping[str, Any]


def find_listing(shop: "Market", entry: Entry) -> Listing:
    """The listing that an action names by `sku` (if only one has it) or by `id`."""
    if "sku" not in entry:
        found = shop.find_listing(entry.get("id", ""))
        if found is None:
            raise ActionRefused(f"there is no listing {entry.get('id')!r}")
        return found
    having = shop.state.by_sku(entry["sku"])
    if len(having) != 1:
        raise ActionRefused(f"{len(having)} listings have the SKU {entry['sku']!r}")
    return having[0]


def find_place(shop: "Market", entry: Entry) -> int:
    """The location that an action names; the first unless given."""
    found = whole(entry, "location_id", min(shop.state.places))
    if found not in shop.state.places:
        raise ActionRefused(f"there is no location {found}")
    return found


def find_counted(shop: "Market", entry: Entry) -> Listing:
    """The listing whose number counts for the one that an action names."""
    listing = find_listing(shop, entry)
    counted = shop.state.counted(listing)
    if counted is None:
        raise ActionRefused(f"nobody counts {listing.sku or listing.id!r}")
    return counted


def find_cell(shop: "Market", entry: Entry) -> tuple[Listing, int, Cell]:
    """The stock that an action names; a location that keeps none of it is refused."""
    counted, place_id = find_counted(shop, entry), find_place(shop, entry)
    cell = counted.cells.get(place_id)
    if cell is None:
        raise ActionRefused(f"location {place_id} keeps none of {counted.sku or counted.id!r}")
    return counted, place_id, cell


def find_order(shop: "Market", entry: Entry) -> Order:
    """The order that an action names, by its number or by the name that the shop gives it."""
    wanted = entry.get("order_id")
    orders = shop.state.orders
    found = orders.get(wanted) if isinstance(wanted, int) else None
    found = found or next((order for order in orders.values() if order.key and order.key == wanted), None)
    if found is None:
        raise ActionRefused(f"there is no order {wanted!r}")
    return found


def find_line(order: Order, entry: Entry) -> Line:
    """The line that an action names."""
    line = order.line(whole(entry, "line_id"))
    if line is None:
        raise ActionRefused(f"order {order.id} has no line {entry['line_id']}")
    return line


def find_parts(order: Order, entry: Entry, left: Callable[[Line], int], what: str) -> Parts:
    """Units by line: what `lines` names, each line added up, or all that is left of every line. Never nothing."""
    if "lines" not in entry:
        parts = [(line, left(line)) for line in order.lines if left(line) > 0]
        if not parts:
            raise ActionRefused(f"order {order.id} has nothing left to {what}")
        return parts
    wanted: dict[int, int] = {}
    for part in objects(entry, "lines"):
        line = find_line(order, part)
        wanted[line.id] = wanted.get(line.id, 0) + whole(part, "quantity", least=1)
    parts = [(line, wanted[line.id]) for line in order.lines if line.id in wanted]
    for line, units in parts:
        if units > left(line):
            raise ActionRefused(f"line {line.id} has only {left(line)} units left to {what}, not {units}")
    return parts


def restocks(entry: Entry) -> bool | None:
    """Whether an action says that units go back into stock; None leaves it to the shop."""
    value = entry.get("restock")
    if value is not None and not isinstance(value, bool):
        raise ActionRefused(f"restock must be true or false, not {value!r}")
    return value
