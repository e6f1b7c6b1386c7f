"""What people do to a Shopify shop: an edit takes units off a line, which still says how many were ordered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, whole, words
from sandbox.market import actions as common
from sandbox.market import orders
from sandbox.market.actions import Action
from sandbox.market.reading import Entry, find_line, find_listing, find_order, find_parts
from sandbox.market.records import Order

if TYPE_CHECKING:
    from sandbox.shopify.shop import Shopify

HOLDS = frozenset({"AWAITING_PAYMENT", "HIGH_RISK_OF_FRAUD", "INCORRECT_ADDRESS", "INVENTORY_OUT_OF_STOCK", "OTHER"})


def _touch_levels(shop: "Shopify", order: Order) -> None:
    """What an order holds is part of what is on hand, so its levels change with it."""
    for line in order.lines:
        listing = shop.state.listings.get(line.listing_id)
        if listing is not None and line.location_id in listing.cells:
            shop.state.touch(listing, line.location_id)


def cancel(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """An order is off; or, with `lines`, units are taken off it by an edit."""
    order = find_order(shop, entry)
    told = common.cancel(shop, entry)
    now = shop.state.clock.now()
    order.own |= {"edited": True} if "lines" in entry else {"cancelled_at": now}
    _touch_levels(shop, order)
    return told


def edit_line(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """Staff change how many units of a line are still ordered: `quantity`."""
    order = find_order(shop, entry)
    line, wanted = find_line(order, entry), whole(entry, "quantity")
    has = line.quantity - line.cancelled
    if wanted >= has:
        told = common.edit_line(shop, {**entry, "quantity": wanted + line.cancelled})
    elif has - wanted > line.due:
        raise ActionRefused(f"line {line.id} has only {line.due} units that have not gone out")
    else:
        orders.cancel(shop.state, shop.manners, order, [(line, has - wanted)])
        told = {"order_id": order.key, "line_id": line.id}
    order.own["edited"] = True
    _touch_levels(shop, order)
    return told


def refund(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """Units are paid back; `restock` false leaves them out of stock."""
    order = find_order(shop, entry)
    left = find_parts(order, entry, lambda line: line.quantity - line.cancelled - line.refunded, "refund")
    lines = [{"line_id": line.id, "quantity": units} for line, units in left]
    told = common.refund(shop, {**entry, "lines": lines})
    _touch_levels(shop, order)
    return told


def hold(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """Staff put an order on hold: `reason`, `notes`."""
    order, reason = find_order(shop, entry), words(entry, "reason", "INVENTORY_OUT_OF_STOCK")
    if reason not in HOLDS:
        raise ActionRefused(f"there is no reason {reason!r}; there are {', '.join(sorted(HOLDS))}")
    order.own["hold"] = {"reason": reason, "notes": words(entry, "notes", "")}
    orders.touched(shop.state, order)
    return {"order_id": order.key}


def release(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """Staff end a hold."""
    order = find_order(shop, entry)
    order.own.pop("hold", None)
    orders.touched(shop.state, order)
    return {"order_id": order.key}


def rename_sku(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """A variant gets another SKU, be it one that another has."""
    listing = find_listing(shop, entry)
    told = common.rename_sku(shop, entry)
    listing.own["changed"] = shop.state.clock.now()
    return told


def set_tracked(shop: "Shopify", entry: Entry) -> dict[str, Any]:
    """Staff let an item be counted, or not."""
    listing = find_listing(shop, entry)
    told = common.set_tracked(shop, entry)
    listing.own["changed"] = shop.state.clock.now()
    return told


ACTIONS: Mapping[str, Action] = {
    **common.ACTIONS,
    "cancel": cancel,
    "edit_line": edit_line,
    "refund": refund,
    "hold": hold,
    "release": release,
    "rename_sku": rename_sku,
    "set_tracked": set_tracked,
}
