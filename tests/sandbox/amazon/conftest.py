"""An Amazon account on a real socket, and a caller with its token."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sandbox import serve
from sandbox.amazon import Amazon
from sandbox.amazon.records import AMAZON_PLACE, MERCHANT_PLACE
from sandbox.amazon.stores import STORES
from sandbox.market import Goods, MarketConfig
from sandbox.market.records import Cell

MARKETPLACE = STORES["USD"].id

GOODS = [
    Goods("LAMP", "Lamp", 10, 2500),
    Goods("CUP/1 é", "Cup", 4, 900),
    Goods("FAR", "Kept by Amazon", 6, 1200),
    Goods("TEE-S", "Tee, small", 5, 1900, "tee"),
]
ORDERS, FEEDS, REPORTS = "/orders/2026-01-01/orders", "/feeds/2021-06-30", "/reports/2021-06-30"
Entry = dict[str, Any]


@dataclass
class Caller:
    """Asks an account over HTTP; `token()` takes a new token into use."""

    shop: Amazon
    http: httpx.Client

    def token(self, **told: str) -> httpx.Response:
        keys = self.shop.secrets()
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": keys["REFRESH_TOKEN"],
            "client_id": keys["CLIENT_ID"],
            "client_secret": keys["CLIENT_SECRET"],
            **told,
        }
        found = self.http.post("/auth/o2/token", data=fields)
        if found.status_code == 200:
            self.http.headers["x-amz-access-token"] = found.json()["access_token"]
        return found

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        return self.http.request(method, path, params=params, json=body)

    def get(self, path: str, **params: Any) -> Any:
        found = self.ask("GET", path, **params)
        assert found.status_code == 200, found.text
        return found.json()

    def items(self, sku: str = "") -> str:
        tail = f"/{quote(sku, safe='')}" if sku else ""
        return f"/listings/2021-08-01/items/{self.shop.seller}{tail}"

    def item(self, sku: str, *wanted: str) -> dict[str, Any]:
        sets = ",".join(wanted or ("fulfillmentAvailability",))
        found: dict[str, Any] = self.get(self.items(sku), marketplaceIds=MARKETPLACE, includedData=sets)
        return found

    def entries(self, sku: str) -> list[Entry]:
        found: list[Entry] = self.item(sku, "attributes")["attributes"]["fulfillment_availability"]
        return found

    def quantity(self, sku: str) -> int | None:
        shown = self.item(sku)["fulfillmentAvailability"]
        return next((one["quantity"] for one in shown if one["fulfillmentChannelCode"] == "DEFAULT"), None)

    def patch(self, sku: str, *patches: dict[str, Any], kind: str = "PRODUCT", **params: Any) -> httpx.Response:
        body = {"productType": kind, "patches": list(patches)}
        return self.ask("PATCH", self.items(sku), body, marketplaceIds=MARKETPLACE, **params)

    def orders(self, **params: Any) -> Any:
        return self.get(ORDERS, **{"includedData": "FULFILLMENT", **params})

    def upload(self, body: Any, kind: str = "application/json; charset=UTF-8") -> str:
        made = self.ask("POST", f"{FEEDS}/documents", {"contentType": kind}).json()
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = httpx.put(made["url"], content=content, headers={"Content-Type": kind})
        assert sent.status_code == 200, sent.text
        document: str = made["feedDocumentId"]
        return document

    def feed(self, *messages: Any) -> str:
        header = {"sellerId": self.shop.seller, "version": "2.0"}
        numbered = [{"messageId": n, **one} for n, one in enumerate(messages, start=1)]
        return self.create_feed(self.upload({"header": header, "messages": numbered}))

    def create_feed(self, document: str) -> str:
        told = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": document}
        made = self.ask("POST", f"{FEEDS}/feeds", told)
        assert made.status_code == 202, made.text
        feed_id: str = made.json()["feedId"]
        return feed_id

    def result(self, feed_id: str) -> tuple[str, Any]:
        """The end of a feed, and its report."""
        self.wait(1000)
        job = self.get(f"{FEEDS}/feeds/{feed_id}")
        document = self.get(f"{FEEDS}/documents/{job['resultFeedDocumentId']}")
        body = httpx.get(document["url"]).content
        packed = document.get("compressionAlgorithm") == "GZIP"
        return job["processingStatus"], json.loads(gzip.decompress(body) if packed else body)

    def do(self, action: str, **entry: Any) -> dict[str, Any]:
        (told,) = self.shop.act({"action": action, **entry})
        assert "refused" not in told, told
        return told

    def buy(self, sku: str, units: int = 1, **more: Any) -> dict[str, Any]:
        return self.do("place_order", lines=[{"sku": sku, "quantity": units}], **more)

    def wait(self, seconds: int) -> None:
        """Time passes; a token that ends with it is renewed."""
        self.shop.state.clock.set(self.shop.state.clock.now() + seconds)
        if seconds >= 1000:
            self.token()


def availability(op: str, *entries: Entry) -> dict[str, Any]:
    """A patch of the availability."""
    return {"op": op, "path": "/attributes/fulfillment_availability", "value": list(entries)}


def own(**fields: Any) -> Entry:
    """An entry of the merchant's own channel."""
    return {"fulfillment_channel_code": "DEFAULT", **fields}


Make = Callable[..., Caller]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make an account of four things, FAR alone at Amazon's, and no orders, unless said otherwise.

    Its limits run by its own clock, which stands still.
    """
    with ExitStack() as stack:

        def made(goods: list[Goods] | None = None, **config: Any) -> Caller:
            shop = Amazon(MarketConfig(**{"orders": 0, "pace_clock": "shop", **config}), goods or GOODS)
            if goods is None:
                for listing in shop.state.sold():
                    number = sum(cell.number for cell in listing.cells.values())
                    place_id = AMAZON_PLACE if listing.sku == "FAR" else MERCHANT_PLACE
                    listing.cells = {place_id: Cell(number, modified=listing.created)}
                    listing.own["product"].kept.clear()
            running = stack.enter_context(serve(shop))
            caller = Caller(shop, stack.enter_context(httpx.Client(base_url=running.url)))
            assert caller.token().status_code == 200
            return caller

        yield made


@pytest.fixture
def account(make: Make) -> Caller:
    return make()
