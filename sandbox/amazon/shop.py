"""The Amazon shop: its credentials, its routes, and what it is made of."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from sandbox.amazon import auth, documents, fba, feeds, jobs, listings, orders, reports, submissions
from sandbox.amazon.actions import AMAZON_ACTIONS
from sandbox.amazon.call import Call
from sandbox.amazon.errors import AmazonRefusal, over_quota, refuse
from sandbox.amazon.order_rows import key_of
from sandbox.amazon.rates import RATES, Rates
from sandbox.amazon.records import AMAZON_PLACE, MERCHANT_PLACE, TYPES, Product, desk
from sandbox.amazon.stores import Store, store_of
from sandbox.amazon.switches import CHOICES
from sandbox.exchange import Request, Response, read_query
from sandbox.market import Manners, Market, Trouble
from sandbox.market.actions import Action
from sandbox.market.records import Cell, Listing, Order, Place
from sandbox.market.shop import Wanted
from sandbox.market.state import MarketState
from sandbox.tokens import Tokens

ITEMS, FEEDS, REPORTS = "/listings/2021-08-01/items", "/feeds/2021-06-30", "/reports/2021-06-30"
ORDERS = "/orders/2026-01-01/orders"
ONE = r"([^/]+)"

Handler = Callable[..., Response]
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("searchOrders", "GET", ORDERS, orders.search),
    ("getOrder", "GET", rf"{ORDERS}/{ONE}", orders.get_order),
    ("searchListingsItems", "GET", rf"{ITEMS}/{ONE}", listings.search),
    ("getListingsItem", "GET", rf"{ITEMS}/{ONE}/{ONE}", listings.get_item),
    ("patchListingsItem", "PATCH", rf"{ITEMS}/{ONE}/{ONE}", listings.patch_item),
    ("createFeedDocument", "POST", rf"{FEEDS}/documents", feeds.create_document),
    ("createFeed", "POST", rf"{FEEDS}/feeds", feeds.create_feed),
    ("getFeeds", "GET", rf"{FEEDS}/feeds", feeds.get_feeds),
    ("getFeed", "GET", rf"{FEEDS}/feeds/{ONE}", feeds.get_feed),
    ("getFeedDocument", "GET", rf"{FEEDS}/documents/{ONE}", feeds.get_document),
    ("createReport", "POST", rf"{REPORTS}/reports", reports.create_report),
    ("getReport", "GET", rf"{REPORTS}/reports/{ONE}", reports.get_report),
    ("getReportDocument", "GET", rf"{REPORTS}/documents/{ONE}", reports.get_document),
    ("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", fba.summaries),
)
CODES = {401: "Unauthorized", 403: "Unauthorized", 404: "NotFound", 405: "MethodNotAllowed", 429: "QuotaExceeded"}


class Amazon(Market):
    """The account of a seller in one store of Amazon. A quarter of its listings is shipped by Amazon (FBA)."""

    kind = "amazon"
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = CHOICES

    def __init__(self, *given: Any, **named: Any) -> None:
        self.secret_number, self.revoked = 1, False
        super().__init__(*given, **named)
        self.seller = f"A{self.config.seed:05d}{self.name.upper()[:8]}"
        self.tokens = Tokens(f"{self.config.seed}:{self.prefix}", auth.HOUR, "Atza|")
        self.rates = Rates()
        self.chance = submissions.chance_of(self.config.seed, self.prefix)

    @property
    def manners(self) -> Manners:  # type: ignore[override]
        """How its stock moves: with the order, and never below nothing."""
        return Manners(
            pending_holds=self.switches["pending_holds"],
            cancel_restocks=self.switches["cancel_restocks"],
            refund_restocks=False,
            below_zero="refuses",
        )

    @property
    def store(self) -> Store:
        """The store that the seller sells in."""
        return store_of(self.config.currency)

    def secrets(self) -> Mapping[str, str]:
        """The keys of the application and the seller's consent."""
        return {
            "CLIENT_ID": f"amzn1.application-oa2-client.{self.name}",
            "CLIENT_SECRET": f"amzn1.oa2-cs.v1.{self.name}.{self.secret_number}",
            "REFRESH_TOKEN": f"Atzr|{self.name}",
        }

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Who sells, in which store, and where tokens are got."""
        return {"seller_id": self.seller, "marketplace_id": self.store.id, "auth_url": f"{base_url}{auth.PATH}"}

    # Credentials and pace.

    def authenticate(self, request: Request) -> Response | None:
        """A token that is good now; the token endpoint and the storage of documents need none."""
        if request.path == auth.PATH or request.path.startswith(documents.PREFIX):
            return None
        refused = auth.check(self, request)
        return None if refused is None else self._headed(request, refused)

    def pace(self, request: Request) -> Response | None:
        """The bucket of the operation."""
        operation = self._route(request)[0]
        wait = self.rates.take(operation, self.seconds()) if operation else 0.0
        return self.too_many(request, int(wait) + 1) if wait else None

    def too_many(self, request: Request, seconds: int) -> Response:
        """A 429; it may say when to come back, which nobody promised."""
        response = self._headed(request, refuse(over_quota()))
        if self.switches["retry_after"]:
            response.headers["Retry-After"] = str(seconds)
        return response

    def refusal(self, request: Request, status: int) -> Response:
        """An error of a status in Amazon's own dialect."""
        code = CODES.get(status, "InternalFailure" if status >= 500 else "InvalidInput")
        return self._headed(request, refuse(AmazonRefusal(status, code, "The request could not be served.")))

    def _headed(self, request: Request, response: Response) -> Response:
        """An answer with the headers that every one has; the rate only where the operation is known."""
        operation = self._route(request)[0]
        response.headers["x-amzn-RequestId"] = f"{self.prefix[8:]}-{desk(self.state).asked:08d}"
        if operation is not None and response.status in {200, 201, 202, 400, 404, 429}:
            response.headers["x-amzn-RateLimit-Limit"] = f"{RATES[operation][0]:.4g}"
        return response

    # The API.

    def _route(self, request: Request) -> tuple[str | None, Handler | None, tuple[str, ...]]:
        """The operation of a request, its handler, and what its path names."""
        for operation, method, pattern, handler in ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return operation, handler, found.groups()
        return None, None, ()

    def writes(self, request: Request) -> bool:
        """Whether a request may change something; a token changes nothing."""
        return request.method != "GET" and request.path != auth.PATH

    def template(self, path: str) -> str:
        """A path without ids, sellers and SKUs."""
        if path.startswith(documents.PREFIX):
            return f"{documents.PREFIX}{{id}}"
        for _, _, pattern, _ in ROUTES:
            if re.fullmatch(pattern, path):
                return pattern.replace(ONE, "{id}")
        return path

    def settle(self) -> None:
        """Do what is due: the next step of feeds and reports, and then what was accepted."""
        table = desk(self.state)
        for pile, finish in ((table.feeds, feeds.finish), (table.reports, reports.finish)):
            for job in list(pile.values()):
                if not jobs.over(job):
                    jobs.advance(self, job, finish)
        submissions.carry_out(self)

    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        """The true answer."""
        desk(self.state).asked += 1
        self.settle()
        if request.path == auth.PATH:
            return auth.token(self, request)
        if request.path.startswith(documents.PREFIX):
            return documents.serve(self, request)
        _, handler, names = self._route(request)
        if handler is None:
            known = any(re.fullmatch(pattern, request.path) for _, _, pattern, _ in ROUTES)
            return self.refusal(request, 405 if known else 404)
        try:
            response = handler(Call(self, request, dict(read_query(request.query)), trouble), *names)
        except AmazonRefusal as refusal:
            response = refuse(refusal)
        return self._headed(request, response)

    # What it is made of, and what people do to it.

    def dress(self, state: MarketState, chance: Random) -> None:
        """Every fourth listing lies in Amazon's warehouses, and some of the others take a while to ship."""
        state.places[AMAZON_PLACE] = Place(AMAZON_PLACE, self.store.warehouses)
        for listing in state.listings.values():
            self.dress_listing(state, listing)
            if not listing.sold:
                continue
            number = sum(cell.number for cell in listing.cells.values())
            place_id = AMAZON_PLACE if chance.random() < 0.25 else MERCHANT_PLACE
            listing.cells = {place_id: Cell(number, modified=listing.created)}
            if place_id == MERCHANT_PLACE and chance.random() < 0.3:
                listing.own["product"].kept["DEFAULT"] = {"lead_time_to_ship_max_days": chance.randint(1, 10)}

    def dress_listing(self, state: MarketState, listing: Listing) -> None:
        """A listing with an ASIN and a product type."""
        number = listing.id * 7919
        asin = f"B0{number % 100_000_000:08d}"
        listing.own["product"] = Product(asin, TYPES[number % len(TYPES)], self.store.warehouses)

    def baskets(self, wanted: Sequence[Wanted]) -> Sequence[Sequence[Wanted]]:
        """What Amazon ships is an order of its own."""
        found: dict[int, list[Wanted]] = defaultdict(list)
        for one in wanted:
            found[one[2]].append(one)
        return [found[place_id] for place_id in sorted(found)]

    def name_order(self, state: MarketState, order: Order) -> None:
        """Orders are called by Amazon's own ids."""
        order.key = key_of(order)

    def own_truth(self) -> Mapping[str, Any]:
        """What was accepted and is not done: {"submissions": [SKU], "feeds": {id: status}}."""
        table = desk(self.state)
        waiting = [one.sku for one in table.submissions]
        return {"submissions": waiting, "feeds": {job.id: job.status for job in table.feeds.values()}}

    def actions(self) -> Mapping[str, Action]:
        """What people can do to an Amazon account."""
        return AMAZON_ACTIONS
