"""What people do to an eBay account: buying what is live, cancelling as a whole, asking to cancel, and its own levers."""

from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, objects, whole, words
from sandbox.ebay import quantities
from sandbox.ebay.records import Cancellation, cancellations, item_of, offer_of
from sandbox.market.actions import ACTIONS, Action, cancel, place_order, set_stock
from sandbox.market.reading import Entry, find_listing, find_order
from sandbox.market.records import CANCELLED, PENDING

if TYPE_CHECKING:
    from sandbox.ebay.shop import Ebay


def _settled(action: Action) -> Action:
    """An action after which an empty listing may end."""

    def done(shop: "Ebay", entry: Entry) -> dict[str, Any]:
        told = action(shop, entry)
        shop.settle()
        return told

    return done


def _keeps_offers(action: Action) -> Action:
    """An action on the shelf, which leaves the own quantities of offers as they are."""

    def done(shop: "Ebay", entry: Entry) -> dict[str, Any]:
        listing = find_listing(shop, entry)
        offer = offer_of(listing)
        own = quantities.offered(listing) if offer is not None and offer.gap is not None else None
        told = action(shop, entry)
        if own is not None:
            quantities.set_offered(shop.state, listing, own)
        shop.settle()
        return told

    return done


def _found_again(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """A person types a number: a quantity that was lost is there again."""
    told = set_stock(shop, entry)
    listing = find_listing(shop, entry)
    if "item" in listing.own:
        item_of(listing).lost = False
    return told


def _buy(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """A customer buys; never more than is live."""
    asked: dict[int, int] = {}
    for part in objects(entry, "lines"):
        listing = find_listing(shop, part)
        asked[listing.id] = asked.get(listing.id, 0) + whole(part, "quantity", 1, least=1)
        left = shop.live(listing)
        if asked[listing.id] > left:
            raise ActionRefused(f"out of stock: {asked[listing.id]} of {listing.sku!r} asked, {left} live")
    return place_order(shop, entry)


def _cancel(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """The seller cancels an order as a whole: eBay knows no other way."""
    order = find_order(shop, entry)
    if "lines" in entry or any(line.shipped for line in order.lines):
        raise ActionRefused(f"order {order.key} can only be cancelled as a whole, and before anything has shipped")
    if order.status == PENDING:
        order.own["unpaid"] = True
    told = cancel(shop, entry)
    for one in cancellations(order):
        if one.state == "REQUESTED":
            one.state, one.answered = "COMPLETED", shop.state.clock.now()
    if not cancellations(order):
        cancellations(order).append(_cancellation(shop, "Seller", "OUT_OF_STOCK_OR_CANNOT_FULFILL", "COMPLETED"))
    return told


def _cancellation(shop: "Ebay", by: str, reason: str, state: str = "REQUESTED") -> Cancellation:
    now = shop.state.clock.now()
    return Cancellation(
        str(shop.state.fresh_id("cancellation", 5_100_000_001)),
        by,
        reason,
        now,
        state,
        now if state != "REQUESTED" else None,
    )


def request_cancel(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """The buyer asks to cancel an order: `reason`."""
    order = find_order(shop, entry)
    if order.status == CANCELLED or any(one.state == "REQUESTED" for one in cancellations(order)):
        raise ActionRefused(f"order {order.key} is cancelled, or somebody asked for it already")
    made = _cancellation(shop, "Buyer", words(entry, "reason", "BUYER_ASKED_CANCEL"))
    cancellations(order).append(made)
    order.modified = shop.state.clock.now()
    return {"order_id": order.key, "cancel_request_id": made.id}


def answer_cancel(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """The seller answers the buyer's request: `"accept": true` cancels the order."""
    order = find_order(shop, entry)
    asked = next((one for one in cancellations(order) if one.state == "REQUESTED"), None)
    if asked is None:
        raise ActionRefused(f"nobody asked to cancel order {order.key}")
    if entry.get("accept", True):
        return _cancel(shop, {"order_id": entry["order_id"]})
    asked.state, asked.answered = "REJECTED", shop.state.clock.now()
    order.modified = shop.state.clock.now()
    return {"order_id": order.key}


def set_offer_quantity(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """A person gives an offer a quantity of its own: `number`, null to take it away."""
    listing = find_listing(shop, entry)
    offer = offer_of(listing)
    if offer is None:
        raise ActionRefused(f"nobody offers {listing.sku!r}")
    if entry.get("number") is None:
        offer.gap = None
    else:
        quantities.set_offered(shop.state, listing, whole(entry, "number"))
    shop.settle()
    return {"offer_id": offer.id}


def set_quota(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """eBay changes the daily quota of an API: `api` (Inventory or Fulfillment), `limit`."""
    api = words(entry, "api")
    if api not in shop.quota.limits:
        raise ActionRefused(f"there is no quota of {api!r}; there are {', '.join(shop.quota.limits)}")
    shop.quota.limits[api] = whole(entry, "limit")
    return {"api": api}


def revoke_consent(shop: "Ebay", entry: Entry) -> dict[str, Any]:
    """The seller takes the consent back (`"revoked": false` gives it again); tokens end with it."""
    shop.revoked = bool(entry.get("revoked", True))
    shop.tokens.revoke_all()
    return {"revoked": shop.revoked}


EBAY_ACTIONS: dict[str, Action] = {
    **ACTIONS,
    "set_stock": _keeps_offers(_found_again),
    "receive": _keeps_offers(ACTIONS["receive"]),
    "lose": _keeps_offers(ACTIONS["lose"]),
    "place_order": _settled(_buy),
    "pay": _settled(ACTIONS["pay"]),
    "cancel": _cancel,
    "request_cancel": request_cancel,
    "answer_cancel": answer_cancel,
    "set_offer_quantity": set_offer_quantity,
    "set_quota": set_quota,
    "revoke_consent": revoke_consent,
}
