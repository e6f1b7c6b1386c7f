"""The WooCommerce shop: finds the route of a request, whichever way it is written, and answers it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sandbox.exchange import HTML, Request, Response, answer, read_query
from sandbox.faults.instead import PAGE, TITLES
from sandbox.journal import WRITES
from sandbox.market import Manners, Market, Trouble
from sandbox.market.actions import Action
from sandbox.market.records import OPEN, PENDING, Cell, Listing, Order
from sandbox.market.state import MarketState
from sandbox.woocommerce import orders, products, writes
from sandbox.woocommerce.actions import ACTIONS
from sandbox.woocommerce.call import Call, read_body, read_params
from sandbox.woocommerce.errors import Refusal, no_route, page_not_found
from sandbox.woocommerce.keys import Key, Keyring
from sandbox.woocommerce.statuses import CORE

API, REST = "/wc/v3", "/wp-json"
CONSUMER = Key("ck_practice", "cs_practice", writes=True)
READER = Key("ck_practice_reader", "cs_practice_reader", writes=False)
SHARED, UNCOUNTED, DRAFT, BACKORDERS, PLUGIN = 0.15, 0.04, 0.03, 0.2, 0.15
"""Shares of the products whose variations share a number, that nobody counts, and so on."""

Handler = Callable[..., Response]
EDITS = ("POST", "PUT", "PATCH")


def _index(call: Call) -> Response:
    return answer({"namespace": "wc/v3", "routes": {f"{API}{route}": {"namespace": "wc/v3"} for route in ROUTES}})


def _system(call: Call) -> Response:
    shop = call.shop
    environment = {"home_url": shop.home, "site_url": shop.home, "version": shop.switches["version"]}
    return answer({"environment": environment, "settings": {"api_enabled": True, "currency": shop.config.currency}})


def _currency(call: Call) -> Response:
    return answer({"code": call.shop.config.currency, "name": call.shop.config.currency, "symbol": "¤"})


ROUTES: dict[str, dict[str, Handler]] = {
    "": {"GET": _index},
    "/data/currencies/current": {"GET": _currency},
    "/system_status": {"GET": _system},
    "/products": {"GET": products.list_products, "POST": writes.post_product},
    "/products/batch": dict.fromkeys(EDITS, writes.batch_products),
    "/products/{id}": {
        "GET": products.get_product,
        "DELETE": writes.delete_product,
        **dict.fromkeys(EDITS, writes.put_product),
    },
    "/products/{id}/variations": {"GET": products.list_variations},
    "/products/{id}/variations/batch": dict.fromkeys(EDITS, writes.batch_variations),
    "/products/{id}/variations/{id}": {"GET": products.get_variation, **dict.fromkeys(EDITS, writes.put_variation)},
    "/variations": {"GET": products.list_all_variations},
    "/orders": {"GET": orders.list_orders, "POST": orders.post_order},
    "/orders/statuses": {"GET": orders.get_statuses},
    "/orders/{id}": {"GET": orders.get_order, "DELETE": orders.delete_order, **dict.fromkeys(EDITS, orders.put_order)},
    "/orders/{id}/refunds": {"GET": orders.list_refunds, "POST": orders.post_refund},
    "/orders/{id}/refunds/{id}": {"GET": orders.get_refund},
}
SINCE_10 = frozenset({"/variations", "/orders/statuses"})
CANNOT = {
    "GET": ("view", "Sorry, you cannot list resources."),
    "GET one": ("view", "Sorry, you cannot view this resource."),
    "POST": ("create", "Sorry, you are not allowed to create resources."),
    "PUT": ("edit", "Sorry, you are not allowed to edit this resource."),
    "PATCH": ("edit", "Sorry, you are not allowed to edit this resource."),
    "DELETE": ("delete", "Sorry, you are not allowed to delete this resource."),
    "batch": ("batch", "Sorry, you are not allowed to batch manipulate this resource."),
}
DIGITS = re.compile(r"/\d+(?=/|$)")


class WooCommerce(Market):
    """One WooCommerce shop. Its ids of products and variations are those of listings, its order ids those of orders."""

    kind = "woocommerce"
    manners = Manners()
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "version": ("11.0.1", "7.9.0"),
        "permalinks": ("pretty", "plain"),
        "tls": (False, True),
        "strips_authorization": (False, True),
        "timezone": ("own", "UTC", "Europe/Berlin", "America/New_York"),
        "shared_numbers": ("some", "none"),
        "order_ties": ("id", "any"),
        "meta_numbers": ("text", "number"),
        "plugin_status": ("none", "backordered"),
    }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        zone = self.switches["timezone"]
        self.zone = ZoneInfo(self.config.zone if zone == "own" else zone)
        self.home = f"http://127.0.0.1{self.prefix}"
        self.keyring = Keyring({key.key: key for key in (CONSUMER, READER)})
        self.chance = Random(f"{self.config.seed}:ties")

    def secrets(self) -> dict[str, str]:
        """The consumer key and its secret."""
        return {"KEY": CONSUMER.key, "SECRET": CONSUMER.secret}

    def actions(self) -> Mapping[str, Action]:
        """What people can do to this shop."""
        return ACTIONS

    def statuses(self) -> tuple[str, ...]:
        """The statuses that an order can have here, the trash aside."""
        own = self.switches["plugin_status"]
        return CORE if own == "none" else (*CORE, own)

    def variations(self, product_id: int) -> list[Listing]:
        """The variations of a product."""
        listings = self.state.listings.values()
        return [one for one in listings if one.product_id == product_id and one.id != product_id]

    def share_numbers(self, product_id: int) -> None:
        """Let the variations of a product that count nothing themselves count with it, if it does."""
        self._share(self.state, product_id)

    @staticmethod
    def _share(state: MarketState, product_id: int) -> None:
        parent = state.listings.get(product_id)
        for one in state.listings.values():
            if parent is not None and one.product_id == product_id and one.id != product_id:
                one.counts_with = product_id if parent.tracked and not one.tracked else None

    def dress(self, state: MarketState, chance: Random) -> None:
        """Some products share one number, some are not counted, some are drafts, some may be backordered."""
        super().dress(state, chance)
        for listing in state.listings.values():
            if not listing.sold and self.switches["shared_numbers"] == "some" and chance.random() < SHARED:
                self._pool(state, listing)
            elif listing.sold and listing.counts_with is None:
                listing.tracked = chance.random() >= UNCOUNTED
            if not products.is_variation(listing):
                listing.own["status"] = "draft" if chance.random() < DRAFT else "publish"
            if chance.random() < BACKORDERS:
                listing.own["backorders"] = chance.choice(("notify", "yes"))
            listing.own["was_tracked"] = listing.tracked

    def _pool(self, state: MarketState, parent: Listing) -> None:
        members = [one for one in state.listings.values() if one.product_id == parent.id and one is not parent]
        total = sum(one.cells[1].number for one in members)
        parent.tracked, parent.cells[1].number = True, total
        for one in members:
            one.tracked, one.cells[1].number = False, 0
        self._share(state, parent.id)

    def dress_listing(self, state: MarketState, listing: Listing) -> None:
        """What every product has beside the common."""
        listing.cells.setdefault(1, Cell(0))
        listing.own |= {
            "status": "publish",
            "backorders": "no",
            "stock_status": "instock",
            "was_tracked": listing.tracked,
        }

    def sells_beyond(self, listing: Listing) -> bool:
        """The checkout sells beyond the number only what may be backordered."""
        counted = self.state.counted(listing)
        return counted is None or counted.own["backorders"] != "no"

    def name_order(self, state: MarketState, order: Order) -> None:
        """The status in the shop's own words."""
        words = {PENDING: "pending", OPEN: "processing"}
        word = words.get(order.status, "completed")
        own = self.switches["plugin_status"]
        if own != "none" and word == "processing" and order.id % round(1 / PLUGIN) == 0:
            word = own
        order.own.setdefault("word", word)
        if word != "pending":
            order.own.setdefault("paid", order.placed)
        if word == "completed":
            order.own.setdefault("completed", order.modified)

    def template(self, path: str) -> str:
        """The route of a request without its ids, `rest_route` or not."""
        return DIGITS.sub("/{id}", path)

    def refusal(self, request: Request, status: int) -> Response:
        """An error as PHP or the server before it would say it."""
        title = TITLES.get(status, "Error")
        code = "internal_server_error" if status >= 500 else "rest_forbidden"
        return answer({"code": code, "message": title, "data": {"status": status}}, status)

    def too_many(self, request: Request, seconds: int) -> Response:
        """The shop itself sets no limits; a host or a firewall before it does."""
        return Response(429, PAGE, HTML, {"Retry-After": str(seconds)})

    def handle(self, request: Request) -> Response:
        """Answer one request; the address that it came to is the one under which the shop then lists itself."""
        host = request.header("Host")
        if host:
            self.home = f"http://{host}{self.prefix}"
        return super().handle(request)

    def authenticate(self, request: Request) -> Response | None:
        """Nobody reads without a key, and a reader's key does not write; the root of the API is for everybody."""
        route = self._route(request)
        if route is None or not route.startswith(API):
            return None
        try:
            key = self._key(request)
            if key is None:
                return self._cannot(request, route).response()
            if request.method in WRITES and not key.writes:
                message = "The API key provided does not have write permissions."
                return Refusal(401, "woocommerce_rest_authentication_error", message).response()
        except Refusal as refusal:
            return refusal.response()
        return None

    def _key(self, request: Request) -> Key | None:
        if self.switches["tls"]:
            key = self.keyring.basic(request, header_reaches=not self.switches["strips_authorization"])
            if key is not None:
                return key
        path = request.path if request.path.startswith("/") else f"/{request.path}"
        return self.keyring.oauth(request, f"{self.home}{path}", self.state.clock.now())

    @staticmethod
    def _cannot(request: Request, route: str) -> Refusal:
        last = route.rsplit("/", 1)[-1]
        what = request.method
        if request.method == "GET" and last.isdigit():
            what = "GET one"
        elif last == "batch":
            what = "batch"
        elif request.method == "POST" and last.isdigit():
            what = "PUT"
        word, message = CANNOT.get(what, CANNOT["GET"])
        return Refusal(401, f"woocommerce_rest_cannot_{word}", message)

    def _route(self, request: Request) -> str | None:
        """The route that a request names in the way in which this shop knows it; None when it is no API request."""
        named = dict(read_query(request.query)).get("rest_route")
        if named is not None and request.path in {"/", "/index.php"}:
            return "/" + named.strip("/")
        if self.switches["permalinks"] == "pretty" and f"{request.path}/".startswith(f"{REST}/"):
            return "/" + request.path.removeprefix(REST).strip("/")
        return None

    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        """The true answer."""
        route = self._route(request)
        if route is None:
            return page_not_found()
        try:
            if route == "/":
                return answer(self._root())
            handler = self._handler(request.method, route)
            params = read_params(request.query)
            call = Call(self, request.method, f"{self.home}{request.path}", params, read_body(request), trouble)
            return handler(call)
        except Refusal as refusal:
            return refusal.response()

    def _handler(self, method: str, route: str) -> Callable[[Call], Response]:
        path = route.removeprefix(API)
        template = DIGITS.sub("/{id}", path)
        old = self.switches["version"] == "7.9.0" and template in SINCE_10
        handler = None if old or path == route else ROUTES.get(template, {}).get(method)
        if handler is None:
            raise no_route()
        found = [int(part) for part in path.split("/") if part.isdigit()]
        return partial(self._with_ids, handler, found)

    @staticmethod
    def _with_ids(handler: Handler, found: list[int], call: Call) -> Response:
        return handler(call, *found)

    def _root(self) -> dict[str, Any]:
        """What WordPress tells everybody of itself."""
        return {
            "name": "Practice shop",
            "url": self.home,
            "home": self.home,
            "gmt_offset": str(self._offset()),
            "timezone_string": self.zone.key,
            "namespaces": ["wc/v3", "wp/v2"],
            "routes": {},
        }

    def _offset(self) -> float:
        offset = datetime.fromtimestamp(self.state.clock.now(), self.zone).utcoffset()
        return 0.0 if offset is None else offset.total_seconds() / 3600
