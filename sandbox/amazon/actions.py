"""What people do to an Amazon account beside what they do everywhere."""

from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, objects, whole, words
from sandbox.amazon.availability import DEFAULT
from sandbox.amazon.order_rows import STATUSES, WORDS
from sandbox.amazon.records import AMAZON_PLACE, product
from sandbox.market.actions import ACTIONS, Action, place_order
from sandbox.market.reading import Entry, find_listing, find_order
from sandbox.market.records import Cell, Listing

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

EXTRA = tuple(word for word in STATUSES if word not in WORDS.values())


def _place_of(listing: Listing) -> int | None:
    """Where a customer buys from: what the merchant has, else what Amazon has."""
    kept = [place_id for place_id, cell in sorted(listing.cells.items()) if cell.active]
    some = [place_id for place_id in kept if listing.cells[place_id].number > 0]
    return next(iter([*some, *kept]), None)


def _buy(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """A customer buys. What Amazon ships is an order of its own: `order_ids` are all, `order_id` is the first."""
    baskets: dict[int, list[dict[str, Any]]] = {}
    for part in objects(entry, "lines"):
        listing = find_listing(shop, part)
        if not product(listing).offer:
            raise ActionRefused(f"nobody offers {listing.sku!r}")
        place_id = part.get("location_id") or _place_of(listing)
        if place_id is None:
            raise ActionRefused(f"{listing.sku!r} is in no channel")
        baskets.setdefault(place_id, []).append({**part, "location_id": place_id})
    told = [place_order(shop, {**entry, "lines": lines}) for _, lines in sorted(baskets.items())]
    return {**told[0], "order_ids": [one["order_id"] for one in told]}


def set_status(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """An order is PENDING_AVAILABILITY (a pre-order) or UNFULFILLABLE; null makes it what it is otherwise."""
    order, status = find_order(shop, entry), entry.get("status")
    if status not in (None, *EXTRA):
        raise ActionRefused(f"status is {' or '.join(EXTRA)}, not {status!r}")
    order.own["status"] = status
    order.modified = shop.state.clock.now()
    return {"order_id": order.key}


def ask_to_cancel(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """The buyer asks to cancel an order: `reason`."""
    order = find_order(shop, entry)
    for line in order.lines:
        line.own["cancel_reason"] = words(entry, "reason", "Ordered by mistake")
    order.modified = shop.state.clock.now()
    return {"order_id": order.key}


def set_lead_time(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """The merchant says how long a listing takes to ship (`days`), and when it is there again (`restock_date`)."""
    listing = find_listing(shop, entry)
    kept = product(listing).kept.setdefault(DEFAULT, {})
    kept["lead_time_to_ship_max_days"] = whole(entry, "days")
    if "restock_date" in entry:
        kept["restock_date"] = words(entry, "restock_date")
    return {"id": listing.id}


def reject_updates(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """Updates of a listing are accepted and come to nothing (`"reject": false`: they do again)."""
    listing = find_listing(shop, entry)
    product(listing).rejects = bool(entry.get("reject", True))
    if not product(listing).rejects:
        product(listing).issues = []
    return {"id": listing.id}


def send_to_amazon(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """Units are on their way to Amazon's warehouses (`quantity`), or `"arrived": true`: all that were are there."""
    listing = find_listing(shop, entry)
    cell = listing.cells.setdefault(AMAZON_PLACE, Cell(0))
    cell.active = True
    if entry.get("arrived"):
        cell.number += listing.own.pop("inbound", 0)
    else:
        listing.own["inbound"] = listing.own.get("inbound", 0) + whole(entry, "quantity", least=1)
    shop.state.touch(listing, AMAZON_PLACE)
    return {"id": listing.id}


def rotate_secret(shop: "Amazon", _: Entry) -> dict[str, Any]:
    """The client secret is changed: the old one is good no more, tokens live on."""
    shop.secret_number += 1
    return {}


def revoke_consent(shop: "Amazon", entry: Entry) -> dict[str, Any]:
    """The seller takes the consent back (`"revoked": false` gives it again); tokens end with it."""
    shop.revoked = bool(entry.get("revoked", True))
    shop.tokens.revoke_all()
    return {"revoked": shop.revoked}


AMAZON_ACTIONS: dict[str, Action] = {
    **ACTIONS,
    "place_order": _buy,
    "set_status": set_status,
    "ask_to_cancel": ask_to_cancel,
    "set_lead_time": set_lead_time,
    "reject_updates": reject_updates,
    "send_to_amazon": send_to_amazon,
    "rotate_secret": rotate_secret,
    "revoke_consent": revoke_consent,
}
