"""A small shop for each test, and a short way to ask it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sandbox import Request, Response, Running, Shop, ShopConfig, serve


@dataclass
class Asker:
    """Asks a shop in this process, with its token."""

    shop: Shop

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> Response:
        query = urlencode(params, safe=":,")
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"x-auth-token": self.shop.config.token}
        return self.shop.handle(Request(method, f"/stores/practice{path}", query, headers, content))

    def get(self, path: str, **params: Any) -> Any:
        response = self.send("GET", path, **params)
        assert response.status in {200, 204}, response.body
        return response.json() if response.body else None

    def data(self, path: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(path, **params)["data"]
        return found

    def practice(self, path: str, body: Any = None, method: str = "POST") -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        response = self.shop.handle(Request(method, f"/_practice/{path}", "", {}, content))
        assert response.status in {200, 204}, response.body
        return response.json() if response.body else None

    def do(self, action: str, **entry: Any) -> dict[str, Any]:
        """One action that must succeed."""
        (told,) = self.practice("shop", {"action": action, **entry})
        assert "refused" not in told, told
        return dict(told)

    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = self.practice("state", method="GET")
        return found


@dataclass
class WebAsker(Asker):
    """The same over real HTTP."""

    client: httpx.Client

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> Response:
        headers = {"X-Auth-Token": self.shop.config.token}
        content = None if body is None else json.dumps(body)
        answer = self.client.request(method, f"/stores/practice{path}", content=content, params=params, headers=headers)
        return Response(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    def practice(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = self.client.request(method, f"/_practice/{path}", content=None if body is None else json.dumps(body))
        assert answer.status_code in {200, 204}, answer.content
        return answer.json() if answer.content else None


Make = Callable[..., Asker]


@pytest.fixture
def make() -> Make:
    """Make a shop: 20 products, 10 customers, 40 orders unless said otherwise."""

    def made(**config: Any) -> Asker:
        return Asker(Shop(ShopConfig(**{"seed": 1, "products": 20, "customers": 10, "orders": 40, **config})))

    return made


@pytest.fixture
def small(make: Make) -> Asker:
    return make()


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Running, httpx.Client]]:
    """One real socket for all the shops that are asked over HTTP."""
    with serve(Shop(ShopConfig(products=0, orders=0))) as running, httpx.Client(base_url=running.root) as client:
        yield running, client


@pytest.fixture
def web(make: Make, served: tuple[Running, httpx.Client]) -> Make:
    """Make a shop of 12 products and 10 orders, unless said otherwise, that is asked over real HTTP."""

    def made(**config: Any) -> WebAsker:
        running, client = served
        running.put(make(**{"products": 12, "customers": 3, "orders": 10, **config}).shop)
        return WebAsker(running.shop, client)

    return made


@pytest.fixture
def running() -> Iterator[Running]:
    """A small shop on a real socket."""
    with serve(Shop(ShopConfig(seed=1, products=20, customers=10, orders=40))) as served:
        yield served


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    """A client of that shop, with its token."""
    with httpx.Client(base_url=running.url, headers={"X-Auth-Token": running.token}, timeout=5) as made:
        yield made
