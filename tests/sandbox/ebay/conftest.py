"""An eBay account on a real socket, and a caller with its token."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox import serve
from sandbox.ebay import Ebay
from sandbox.market import Goods, MarketConfig

GOODS = [
    Goods("LAMP", "Lamp", 10, 2500),
    Goods("CUP/1 é", "Cup", 4, 900),
    Goods("NONE", "Nothing left", 0, 700),
    Goods("TEE-S", "Tee, small", 5, 1900, "tee"),
    Goods("TEE-L", "Tee, large", 3, 1900, "tee"),
]
STOCK, SOLD = "/sell/inventory/v1", "/sell/fulfillment/v1"


@dataclass
class Caller:
    """Asks an account over HTTP; `token()` takes a new token into use."""

    shop: Ebay
    http: httpx.Client

    def token(self, scope: str = "", **grant: str) -> httpx.Response:
        keys = self.shop.secrets()
        told = {"grant_type": "refresh_token", "refresh_token": keys["REFRESH_TOKEN"], "scope": scope, **grant}
        found = self.http.post(
            "/identity/v1/oauth2/token",
            data={name: value for name, value in told.items() if value},
            auth=(keys["CLIENT_ID"], keys["CLIENT_SECRET"]),
        )
        if found.status_code == 200:
            self.http.headers["Authorization"] = f"Bearer {found.json()['access_token']}"
        return found

    def get(self, path: str, **params: Any) -> Any:
        found = self.http.get(path, params=params)
        assert found.status_code == 200, found.text
        return found.json()

    def update(self, *rows: dict[str, Any]) -> httpx.Response:
        return self.http.post(f"{STOCK}/bulk_update_price_quantity", json={"requests": list(rows)})

    def total(self, sku: str) -> int | None:
        found = self.http.get(f"{STOCK}/inventory_item/{sku.replace('/', '%2F')}").json()
        quantity: int | None = found["availability"]["shipToLocationAvailability"].get("quantity")
        return quantity

    def offer(self, sku: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"{STOCK}/offer", sku=sku)["offers"][0]
        return found

    def orders(self, text: str = "", **params: Any) -> list[dict[str, Any]]:
        if text:
            params["filter"] = text
        found: list[dict[str, Any]] = self.get(f"{SOLD}/order", **params)["orders"]
        return found

    def order(self, order_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"{SOLD}/order/{order_id}")
        return found

    def do(self, action: str, **entry: Any) -> dict[str, Any]:
        (told,) = self.shop.act({"action": action, **entry})
        assert "refused" not in told, told
        return told

    def refused(self, action: str, **entry: Any) -> str:
        (told,) = self.shop.act({"action": action, **entry})
        return str(told["refused"])

    def buy(self, sku: str, units: int = 1) -> dict[str, Any]:
        return self.do("place_order", lines=[{"sku": sku, "quantity": units}])

    def wait(self, seconds: int) -> None:
        self.shop.state.clock.set(self.shop.state.clock.now() + seconds)


def row(sku: str, quantity: Any = None, **more: Any) -> dict[str, Any]:
    """A row of a bulk update; a quantity of None is left out."""
    return {"sku": sku, "shipToLocationAvailability": {} if quantity is None else {"quantity": quantity}, **more}


def errors(response: httpx.Response) -> list[int]:
    return [error["errorId"] for error in response.json()["errors"]]


Make = Callable[..., Caller]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make an account of five things and no orders, unless said otherwise, with a token in use."""
    with ExitStack() as stack:

        def made(goods: list[Goods] = GOODS, **config: Any) -> Caller:
            switches = config.pop("switches", {})
            shop = Ebay(MarketConfig(**{"orders": 0, "switches": switches, **config}), goods)
            running = stack.enter_context(serve(shop))
            caller = Caller(shop, stack.enter_context(httpx.Client(base_url=running.url)))
            assert caller.token().status_code == 200
            return caller

        yield made


@pytest.fixture
def account(make: Make) -> Caller:
    return make()
