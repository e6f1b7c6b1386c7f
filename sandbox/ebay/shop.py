"""The eBay shop: its credentials, its routes, and what it is made of."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sandbox.ebay import auth, items, limits, offers, orders, places, price_quantity, quantities, shipping
from sandbox.ebay.actions import EBAY_ACTIONS
from sandbox.ebay.auth import FULFILLMENT, INVENTORY, SCOPE, TWO_HOURS
from sandbox.ebay.call import Call
from sandbox.ebay.errors import EbayRefusal, Unparsed, refuse, unparsed
from sandbox.ebay.order_rows import key_of
from sandbox.ebay.records import Item, Lag, Offer, offer_of
from sandbox.ebay.switches import CHOICES
from sandbox.exchange import Request, Response, read_query
from sandbox.market import Manners, Market, Trouble
from sandbox.market.actions import Action
from sandbox.market.records import Line, Listing, Order
from sandbox.market.state import MarketState
from sandbox.tokens import Tokens

STOCK, SOLD = "/sell/inventory/v1", "/sell/fulfillment/v1"
SKU = r"[^/]+"

Handler = Callable[..., Response]
ROUTES: tuple[tuple[str, str, Handler, str], ...] = (
    ("GET", rf"{STOCK}/inventory_item", items.list_items, INVENTORY),
    ("GET", rf"{STOCK}/inventory_item/({SKU})", items.get_item, INVENTORY),
    ("PUT", rf"{STOCK}/inventory_item/({SKU})", items.put_item, INVENTORY),
    ("POST", rf"{STOCK}/bulk_get_inventory_item", items.bulk_get, INVENTORY),
    ("POST", rf"{STOCK}/bulk_update_price_quantity", price_quantity.update, INVENTORY),
    ("GET", rf"{STOCK}/offer", offers.get_offers, INVENTORY),
    ("GET", rf"{STOCK}/offer/(\d+)", offers.get_offer, INVENTORY),
    ("GET", rf"{STOCK}/location", places.list_places, INVENTORY),
    ("GET", rf"{SOLD}/order", orders.list_orders, FULFILLMENT),
    ("GET", rf"{SOLD}/order/([\w-]+)", orders.get_order, FULFILLMENT),
    ("GET", rf"{SOLD}/order/([\w-]+)/shipping_fulfillment", shipping.list_fulfillments, FULFILLMENT),
    ("POST", rf"{SOLD}/order/([\w-]+)/shipping_fulfillment", shipping.create, FULFILLMENT),
    ("GET", r"/developer/analytics/v1_beta/rate_limit/?", limits.tell, SCOPE),
)
WRITES = (price_quantity.update, items.put_item, shipping.create)


class Ebay(Market):
    """An eBay seller's account. Its listings were made through the Inventory API, or the API would not know them."""

    kind = "ebay"
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = CHOICES

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.tokens = Tokens(f"{self.config.seed}:{self.prefix}", TWO_HOURS, "v^1.1#i^1#")
        self.quota = limits.DailyQuota(self.switches["daily_calls"])
        self.revoked = False
        self.settle()

    @property
    def manners(self) -> Manners:  # type: ignore[override]
        """How its stock moves; what can be bought is looked at before (see `_buy`)."""
        return Manners(cancel_restocks=self.switches["cancel_restocks"], refund_restocks=False)

    def secrets(self) -> Mapping[str, str]:
        """The keys of the application and the seller's consent."""
        return {
            "CLIENT_ID": f"Practice-{self.name}-PRD",
            "CLIENT_SECRET": f"PRD-{self.name}-secret",
            "REFRESH_TOKEN": f"v^1.1#i^1#r^1#{self.name}",
        }

    # Credentials and pace.

    def authenticate(self, request: Request) -> Response | None:
        """A bearer token that is good now, with the scope of the call."""
        if request.path == auth.PATH:
            return None
        kind, _, token = (request.header("Authorization") or "").partition(" ")
        scopes = self.tokens.scopes(token, self.state.clock.now()) if kind.lower() == "bearer" else None
        if scopes is None:
            return refuse(EbayRefusal(1001, status=401))
        _, _, needed = self._route(request)
        return None if needed is None or needed in scopes else refuse(EbayRefusal(1100, status=403))

    def pace(self, request: Request) -> Response | None:
        """The daily quota of the API; a refused call does not count."""
        api, now = limits.api_of(request.path), self.state.clock.now()
        if api is None or self.quota.take(api, now):
            return None
        return self.too_many(request, limits.resets(now) - now)

    def too_many(self, request: Request, seconds: int) -> Response:
        """A 429, with or without the time to wait."""
        headers = {"Retry-After": str(seconds)} if self.switches["retry_after"] else {}
        return refuse(EbayRefusal(2001, status=429), headers)

    def refusal(self, request: Request, status: int) -> Response:
        """An error of a status in eBay's own dialect."""
        numbers = {401: 1001, 403: 1100, 404: 2002, 405: 2003, 429: 2001}
        ours = 30500 if request.path.startswith(SOLD) else 25001
        return refuse(EbayRefusal(numbers.get(status, ours if status >= 500 else 2004), status=status))

    # The API.

    def _route(self, request: Request) -> tuple[Handler | None, tuple[str, ...], str | None]:
        """The handler of a request, what its path names, and the scope that it needs."""
        for method, pattern, handler, scope in ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return handler, found.groups(), scope
        return None, (), None

    def writes(self, request: Request) -> bool:
        """Whether a request may change something: reading many is a POST as well, and so is asking for a token."""
        return self._route(request)[0] in WRITES

    def template(self, path: str) -> str:
        """A path without ids and SKUs."""
        for _, pattern, _, _ in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and found.groups():
                start, end = found.span(1)
                return f"{path[:start]}{{id}}{path[end:]}"
        return path

    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        """The true answer."""
        self.state.own["asked"] = self.state.own.get("asked", 0) + 1
        if request.path == auth.PATH:
            return auth.token(self, request)
        handler, names, _ = self._route(request)
        if handler is None:
            known = any(re.fullmatch(pattern, request.path) for _, pattern, _, _ in ROUTES)
            return self.refusal(request, 405 if known else 404)
        try:
            return handler(Call(self, request, dict(read_query(request.query)), trouble), *names)
        except EbayRefusal as refusal:
            return refuse(refusal)
        except Unparsed:
            return unparsed()
        finally:
            self.settle()

    def revise(self, listing_id: str) -> None:
        """Count a revision of a listing; the 251st of a day is refused."""
        if quantities.revisions(self.state, listing_id) >= quantities.MOST_REVISIONS:
            raise EbayRefusal(25002, "You have reached the number of revisions allowed for this listing today.")
        quantities.revise(self.state, listing_id)

    def live(self, listing: Listing) -> int:
        """What buyers can buy of a listing, as they see it."""
        lag: Lag | None = listing.own.get("lag")
        if lag is not None and self.state.own.get("asked", 0) < lag.until:
            return lag.live
        return quantities.live(listing, self.switches["live_quantity"])

    def before_write(self, listing: Listing) -> None:
        """A quantity is about to be written: buyers may see it later than the API does."""
        seen, until = self.live(listing), self.state.own.get("asked", 0) + self.switches["live_lag"]
        listing.own["lag"] = Lag(seen, until)

    def lines_of(self, listing: Listing) -> list[Line]:
        """Every line that sold a listing."""
        return [line for order in self.state.orders.values() for line in order.lines if line.listing_id == listing.id]

    def settle(self) -> None:
        """Let empty listings end, where there is no out-of-stock control."""
        if self.switches["zero"] == "ends":
            quantities.end_empty(self.state, self.switches["live_quantity"])

    # What it is made of, and what people do to it.

    def dress_listing(self, state: MarketState, listing: Listing) -> None:
        """An inventory item with an offer; every third offer has a quantity of its own."""
        if not listing.sold:
            return
        listing.own["item"] = Item()
        offer = Offer(str(7_000_000_000 + listing.id), str(110_000_000_000 + listing.product_id))
        listing.own["offer"] = offer
        if listing.id % 3 == 0:
            offer.gap = 0

    def name_order(self, state: MarketState, order: Order) -> None:
        """Orders are called by eBay's own ids."""
        order.key = key_of(order)

    def own_truth(self) -> Mapping[str, Any]:
        """Both quantities of each offer, and what buyers can buy: {"offers": {SKU: {...}}}."""
        offered = ((listing, offer_of(listing)) for listing in items.items(self.state))
        told = {
            listing.sku: {
                "total": quantities.total(listing),
                "offered": quantities.offered(listing),
                "live": self.live(listing),
                "status": offer.status,
                "revisions": quantities.revisions(self.state, offer.listing_id),
            }
            for listing, offer in offered
            if offer is not None
        }
        return {"offers": told}

    def actions(self) -> Mapping[str, Action]:
        """What people can do to an eBay account."""
        return EBAY_ACTIONS
