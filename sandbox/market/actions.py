"""What people do to a shop of the market from outside its API, in the words of the BigCommerce shop where they fit.

A listing is named by `sku` or by `id`, as the shop shows ids; `location_id` is the first unless given.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, objects, whole, words
from sandbox.market import orders, stock
from sandbox.market.reading import (
    Entry,
    find_cell,
    find_counted,
    find_line,
    find_listing,
    find_order,
    find_parts,
    find_place,
    restocks,
)
from sandbox.market.records import CANCELLED, OPEN, PENDING, Cell, Listing, Order

if TYPE_CHECKING:
    from sandbox.market.shop import Market

Action = Callable[[Any, Entry], dict[str, Any]]
"""An action of a shop of some kind: gives the ids of what it did, or raises ActionRefused."""


def _told(order: Order) -> dict[str, Any]:
    return {"order_id": order.key or order.id}


def place_order(shop: "Market", entry: Entry) -> dict[str, Any]:
    """A customer orders; `"status": "pending"` while it is not paid, `"force": true` for what a shop would not sell."""
    status = words(entry, "status", OPEN)
    if status not in {OPEN, PENDING}:
        raise ActionRefused(f"a new order is {OPEN} or {PENDING}, not {status!r}")
    wanted = []
    for part in objects(entry, "lines"):
        listing, units = find_listing(shop, part), whole(part, "quantity", 1, least=1)
        if not listing.sold:
            raise ActionRefused(f"listing {listing.id} cannot be bought")
        default = orders.place_for(shop.state, listing, units, shop.manners)
        wanted.append((listing, units, find_place(shop, {"location_id": default, **part})))
    if entry.get("force") is not True:
        kept = [one for one in wanted if not shop.sells_beyond(one[0])]
        orders.refuse_unsellable(shop.state, shop.manners, kept)
    order = orders.place(shop.state, shop.manners, wanted, status=status)
    shop.name_order(shop.state, order)
    return {**_told(order), "line_ids": [line.id for line in order.lines]}


def pay(shop: "Market", entry: Entry) -> dict[str, Any]:
    """A pending order is paid."""
    order = find_order(shop, entry)
    if order.status != PENDING:
        raise ActionRefused(f"order {order.id} is {order.status}, not {PENDING}")
    orders.pay(shop.state, shop.manners, order)
    return _told(order)


def edit_line(shop: "Market", entry: Entry) -> dict[str, Any]:
    """Staff change the quantity of a line."""
    order = find_order(shop, entry)
    line, quantity = find_line(order, entry), whole(entry, "quantity")
    least = line.shipped + line.cancelled + line.dropped
    if quantity < max(least, line.refunded) or order.status == CANCELLED:
        raise ActionRefused(f"line {line.id} of the {order.status} order {order.id} cannot become {quantity}")
    orders.edit_line(shop.state, shop.manners, order, line, quantity)
    return {**_told(order), "line_id": line.id}


def cancel(shop: "Market", entry: Entry) -> dict[str, Any]:
    """All that has not shipped, or some of it, is off; `restock` where it is not as the shop does."""
    order = find_order(shop, entry)
    parts = find_parts(order, entry, lambda line: line.due, "cancel")
    orders.cancel(shop.state, shop.manners, order, parts, restock=restocks(entry))
    return _told(order)


def refund(shop: "Market", entry: Entry) -> dict[str, Any]:
    """Money goes back for units; `restock` where it is not as the shop does."""
    order = find_order(shop, entry)
    parts = find_parts(order, entry, lambda line: line.quantity - line.refunded, "refund")
    made = orders.refund(shop.state, shop.manners, order, parts, restock=restocks(entry))
    return {**_told(order), "refund_id": made.id}


def ship(shop: "Market", entry: Entry) -> dict[str, Any]:
    """Units leave, whatever the number says."""
    order = find_order(shop, entry)
    if order.status in {PENDING, CANCELLED}:
        raise ActionRefused(f"order {order.id} is {order.status}")
    parts = find_parts(order, entry, lambda line: line.due, "ship")
    made = orders.ship(shop.state, shop.manners, order, parts)
    return {**_told(order), "shipment_id": made.id}


def set_stock(shop: "Market", entry: Entry) -> dict[str, Any]:
    """A person edits the number by hand; a location that kept none of it does from now on."""
    counted, place_id = find_counted(shop, entry), find_place(shop, entry)
    stock.write_number(shop.state, counted, place_id, whole(entry, "number", least=-1_000_000))
    return {"id": counted.id, "location_id": place_id}


def receive(shop: "Market", entry: Entry) -> dict[str, Any]:
    """Goods arrive and are added to the number."""
    counted, place_id, cell = find_cell(shop, entry)
    stock.write_number(shop.state, counted, place_id, cell.number + whole(entry, "quantity", least=1))
    return {"id": counted.id, "location_id": place_id}


def lose(shop: "Market", entry: Entry) -> dict[str, Any]:
    """Goods are broken or gone, and somebody takes them off the number."""
    counted, place_id, cell = find_cell(shop, entry)
    stock.write_number(shop.state, counted, place_id, cell.number - whole(entry, "quantity", least=1))
    return {"id": counted.id, "location_id": place_id}


def rename_sku(shop: "Market", entry: Entry) -> dict[str, Any]:
    """A listing gets another SKU (`to`); lines of old orders keep theirs."""
    listing = find_listing(shop, entry)
    listing.sku = words(entry, "to")
    shop.state.touch(listing)
    return {"id": listing.id}


def set_tracked(shop: "Market", entry: Entry) -> dict[str, Any]:
    """Staff let a listing be counted, or not."""
    listing = find_listing(shop, entry)
    listing.tracked = bool(entry.get("tracked", True))
    shop.state.touch(listing)
    return {"id": listing.id}


def create_product(shop: "Market", entry: Entry) -> dict[str, Any]:
    """A new listing: `sku`, `title`, `number` (0), `price` in cents (1000)."""
    state, now = shop.state, shop.state.clock.now()
    sku, title = words(entry, "sku"), words(entry, "title", "New product")
    number, price = whole(entry, "number", 0), whole(entry, "price", 1000)
    made_id = state.fresh_id("listing", 101)
    made = Listing(made_id, made_id, sku, title, price, now, now, {min(state.places): Cell(number, modified=now)})
    state.listings[made_id] = made
    shop.dress_listing(state, made)
    return {"id": made_id}


def delete_product(shop: "Market", entry: Entry) -> dict[str, Any]:
    """A listing is gone, with its stock and with what counts with it; the lines that sold it stay."""
    listing, listings = find_listing(shop, entry), shop.state.listings
    for found in [one for one in listings.values() if listing.id in {one.id, one.product_id, one.counts_with}]:
        del listings[found.id]
    return {"id": listing.id}


ACTIONS: dict[str, Action] = {
    "place_order": place_order,
    "pay": pay,
    "edit_line": edit_line,
    "cancel": cancel,
    "refund": refund,
    "ship": ship,
    "set_stock": set_stock,
    "receive": receive,
    "lose": lose,
    "rename_sku": rename_sku,
    "set_tracked": set_tracked,
    "create_product": create_product,
    "delete_product": delete_product,
}


def _run(shop: "Market", entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict):
        return {"action": None, "refused": "an action is an object"}
    name, known = entry.get("action"), shop.actions()
    if name not in known:
        return {"action": name, "refused": f"unknown action; there are {', '.join(known)}"}
    try:
        return {"action": name, **known[str(name)](shop, entry)}
    except (ActionRefused, orders.OutOfStock) as refusal:
        return {"action": name, "refused": str(refusal)}


def run_actions(shop: "Market", entries: object) -> list[dict[str, Any]]:
    """Do one action or a list of them; gives for each what it did, with ids, or `refused` with the reason."""
    told = []
    for entry in entries if isinstance(entries, list) else [entries]:
        outcome = _run(shop, entry)
        if "refused" in outcome:
            shop.state.refused.append({"what": entry, "reason": outcome["refused"]})
        told.append(outcome)
    return told
