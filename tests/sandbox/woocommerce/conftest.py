"""A WooCommerce shop over real HTTP, seen under TLS unless a test is about that."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox import serve
from sandbox.market import Goods, MarketConfig
from sandbox.woocommerce import WooCommerce

GOODS = [
    Goods("A-1", "Anchor", 10, 1500),
    Goods("B-1", "Bell", 0, 900),
    *(Goods(f"C-{n}", f"Cup {n}", n, 700, "cup") for n in range(1, 4)),
]


@dataclass
class Asker:
    """Asks a shop that is served, with its key."""

    shop: WooCommerce
    client: httpx.Client

    def get(self, path: str, **params: Any) -> Any:
        response = self.client.get(f"/wp-json/wc/v3{path}", params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        return self.client.request(method, f"/wp-json/wc/v3{path}", json=body, params=params)

    def do(self, action: str, **entry: Any) -> dict[str, Any]:
        (told,) = self.shop.act({"action": action, **entry})
        assert "refused" not in told, told
        return told

    def id_of(self, sku: str) -> int:
        (found,) = self.shop.state.by_sku(sku)
        return found.id

    def number(self, sku: str) -> int | None:
        (found,) = self.get("/products", sku=sku, _fields="stock_quantity")
        quantity: int | None = found["stock_quantity"]
        return quantity

    def order(self, quantity: int = 3, sku: str = "A-1", **entry: Any) -> int:
        told = self.do("place_order", lines=[{"sku": sku, "quantity": quantity}], **entry)
        return int(told["order_id"])


Make = Callable[..., Asker]


@pytest.fixture
def make() -> Iterator[Make]:
    with ExitStack() as stack:

        def made(goods: list[Goods] | None = None, orders: int = 0, seed: int = 1, **switches: Any) -> Asker:
            told = {"tls": True, "shared_numbers": "none", "version": "11.0.1", **switches}
            config = MarketConfig(seed=seed, orders=orders, switches=told)
            shop = WooCommerce(config, GOODS if goods is None else goods)
            for listing in shop.state.listings.values():
                listing.tracked = listing.sold
                listing.own |= {"status": "publish", "backorders": "no", "was_tracked": listing.sold}
            running = stack.enter_context(serve(shop))
            auth = (shop.secrets()["KEY"], shop.secrets()["SECRET"])
            return Asker(shop, stack.enter_context(httpx.Client(base_url=running.url, auth=auth)))

        yield made


@pytest.fixture
def woo(make: Make) -> Asker:
    return make()
