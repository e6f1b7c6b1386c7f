"""A practice shop behind a real socket, and the channel that speaks to it; waiting costs no time."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from fillrate.channels.bigcommerce import BigCommerce
from fillrate.channels.protocol import Ask, Channel, Kind, Page, Reach, Stream, Write
from fillrate.gateway.auth import Auth, Headers
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.http import DEFAULT_POLICY, RENEWABLE, Http
from fillrate.gateway.outside import Outside
from fillrate.gateway.rates import RateHeaders
from fillrate.gateway.retry import RetryPolicy
from fillrate.records import Record
from sandbox import Shop, ShopConfig, Switches, serve


def always() -> None:
    """Let every write out."""


class Hurried:
    """The machine's clock, with every wait skipped; what a deadline measures still passes."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def steady(self) -> float:
        return time.monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds


@dataclass
class Practice:
    """The shop's other side: what no channel may do."""

    channel: Channel
    client: httpx.Client  # relative to the shop's own place, where that is one among several

    def act(self, **action: Any) -> dict[str, Any]:
        (told,) = self._post("shop", [action])
        assert "refused" not in told, told
        return dict(told)

    def fault(self, kind: str, match: str = "*", times: int | None = None, **more: Any) -> None:
        self._post("faults", [{"kind": kind, "match": match, "times": times, **more}])

    def calm(self) -> None:
        self._post("faults", [])

    def pass_time(self, seconds: int) -> None:
        self._post("clock", {"advance_seconds": seconds})

    def state(self) -> dict[str, Any]:
        return dict(self.client.get("/_practice/state").json())

    def requests(self) -> dict[str, int]:
        return dict(self.client.get("/_practice/requests").json())

    def writes(self) -> list[dict[str, Any]]:
        """Return what was sent to the shop to change it, as it was sent."""
        return list(self.client.get("/_practice/requests?bodies=1").json()["writes"])

    def _post(self, what: str, body: Any) -> Any:
        answer = self.client.post(f"/_practice/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def practice(switches: dict[str, Any] | None = None, **config: Any) -> Iterator[Practice]:
    """Serve the shop of this configuration; `switches` are those that differ from the shop's defaults."""
    size = {"seed": 1, "products": 20, "customers": 12, "orders": 30, **config}
    shop = Shop(ShopConfig(**size, switches=replace(Switches(), **(switches or {}))))
    outside = Outside(clock=Hurried(), chance=random.Random(1))
    with serve(shop) as running:
        budget = Budget(LocalTokens(outside.clock), outside)
        policy = RetryPolicy(read_s=2, total_s=0.6)
        http = Http(running.url, Headers({"X-Auth-Token": SecretStr(running.token)}), outside, budget, policy=policy)
        channel = BigCommerce("main", http)
        with httpx.Client(base_url=running.root, verify=False) as client:
            try:
                yield Practice(channel, client)
            finally:
                channel.close()


class HurriedReach(Reach):
    """A reach whose doors wait no longer than a test may: a shop that drips is given up in less than a second."""

    def http(
        self,
        base_url: str,
        auth: Auth,
        *,
        rates: RateHeaders | None = None,
        policy: RetryPolicy = DEFAULT_POLICY,
        renewable: frozenset[int] = RENEWABLE,
    ) -> Http:
        hurried = replace(policy, read_s=2, total_s=0.6)
        return super().http(base_url, auth, rates=rates, policy=hurried, renewable=renewable)


@contextmanager
def market(shop: Any, kind: Kind, transport: httpx.BaseTransport | None = None, **settings: Any) -> Iterator[Practice]:
    """Serve a shop of the market, and open the channel of its kind with the settings and secrets that the shop asks for."""
    outside = Outside(clock=Hurried(), chance=random.Random(1))
    with serve(shop) as running:
        secrets = {name.lower(): value for name, value in shop.secrets().items()}
        asked = {**shop.settings(running.url), **secrets, **settings}
        place = {} if "url" in asked else {"base_url": running.url}
        one = kind.settings(**{"name": "market", "kind": kind.name, **place, **asked})
        channel = kind.open(one, HurriedReach(outside, Budget(LocalTokens(outside.clock), outside), transport))
        with httpx.Client(base_url=running.url, verify=False) as client:
            try:
                yield Practice(channel, client)
            finally:
                channel.close()


def pages(channel: Any, stream: Stream, **ask: Any) -> list[Page[Any]]:
    return list(channel.read(Ask(stream=stream, **ask)))


def records(channel: Any, stream: Stream, **ask: Any) -> dict[str, Record]:
    return {one.platform_id: one for page in pages(channel, stream, **ask) for one in page.records}


def metafield(order: str, after: Any, before: Any = None) -> Write:
    return Write(kind="metafield", target=order, before=before, after=after, key=f"key of {order}")
