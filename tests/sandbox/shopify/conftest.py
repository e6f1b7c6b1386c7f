"""A Shopify shop over real HTTP."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from sandbox import serve
from sandbox.market import Goods, MarketConfig
from sandbox.shopify import Shopify

GOODS = [
    Goods("A-1", "Anchor", 10, 1500),
    Goods("B-1", "Bell", 0, 900),
    *(Goods(f"C-{n}", f"Cup {n}", n, 700, "cup") for n in range(1, 4)),
]
SET = """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta quantityAfterChange item { id } location { id } } }
    userErrors { code field message }
  }
}"""
LEVEL = """query Level($q: String!) {
  inventoryItems(first: 3, query: $q) { nodes { id inventoryLevels(first: 3) { nodes {
    location { id } updatedAt quantities(names: ["available", "on_hand", "committed", "damaged"]) { name quantity } } } } }
}"""


@dataclass
class Asker:
    """Asks a shop that is served, with a token."""

    shop: Shopify
    client: httpx.Client
    version: str = "2026-07"
    keys: Iterator[int] = field(default_factory=itertools.count)

    def token(self) -> str:
        form = {"grant_type": "client_credentials"}
        form |= {name.lower(): value for name, value in self.shop.secrets().items()}
        response = self.client.post("/admin/oauth/access_token", data=form)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def post(self, query: str, /, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return self.client.post(f"/admin/api/{self.version}/graphql.json", json=body)

    def ask(self, query: str, /, **variables: Any) -> Any:
        told = self.post(query, **variables).json()
        assert "errors" not in told, told
        return told["data"]

    def code(self, query: str, /, **variables: Any) -> str:
        """The code of the only error."""
        (error,) = self.post(query, **variables).json()["errors"]
        return str(error["extensions"]["code"])

    def do(self, action: str, **entry: Any) -> dict[str, Any]:
        (told,) = self.shop.act({"action": action, **entry})
        assert "refused" not in told, told
        return told

    def order(self, quantity: int = 3, sku: str = "A-1", **entry: Any) -> str:
        return str(self.do("place_order", lines=[{"sku": sku, "quantity": quantity}], **entry)["order_id"])

    def item(self, sku: str) -> str:
        (node,) = self.ask(
            "query I($q: String!) { inventoryItems(first: 2, query: $q) { nodes { id } } }", q=f"sku:{sku}"
        )["inventoryItems"]["nodes"]
        return str(node["id"])

    def place(self) -> str:
        return str(self.ask("{ location { id } }")["location"]["id"])

    def level(self, sku: str) -> dict[str, int]:
        (item,) = self.ask(LEVEL, q=f"sku:{sku}")["inventoryItems"]["nodes"]
        return {one["name"]: one["quantity"] for one in item["inventoryLevels"]["nodes"][0]["quantities"]}

    def row(self, sku: str, quantity: int, **more: Any) -> dict[str, Any]:
        return {"inventoryItemId": self.item(sku), "locationId": self.place(), "quantity": quantity, **more}

    def set(self, *rows: dict[str, Any], key: str | None = None, **more: Any) -> dict[str, Any]:
        told = {"name": "available", "reason": "correction", **more, "quantities": list(rows)}
        used = f"key-{next(self.keys)}" if key is None else key
        found: dict[str, Any] = self.ask(SET, input=told, key=used)["inventorySetQuantities"]
        return found


Make = Callable[..., Asker]


@pytest.fixture
def make() -> Iterator[Make]:
    with ExitStack() as stack:

        def made(
            goods: list[Goods] | None = None, orders: int = 0, seed: int = 1, locations: int = 1, **switches: Any
        ) -> Asker:
            config = MarketConfig(seed=seed, orders=orders, locations=locations, pace_clock="shop", switches=switches)
            shop = Shopify(config, GOODS if goods is None else goods)
            for listing in shop.state.sold():
                listing.tracked = True
                listing.own |= {"policy": "DENY", "damaged": 0}
            client = stack.enter_context(httpx.Client(base_url=stack.enter_context(serve(shop)).url))
            asker = Asker(shop, client)
            client.headers["X-Shopify-Access-Token"] = asker.token()
            return asker

        yield made


@pytest.fixture
def shopify(make: Make) -> Asker:
    return make()
