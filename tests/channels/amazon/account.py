"""An Amazon account behind a real socket whose time passes as the channel waits: limits and feeds go by it."""

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from fillrate.channels.amazon import KIND
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.outside import Outside
from sandbox import serve
from sandbox.amazon import Amazon
from sandbox.market import Goods, MarketConfig
from tests.channels.overheard import Overheard
from tests.channels.practice import Hurried, HurriedReach, Practice


class Shared(Hurried):
    """A clock whose waiting is the shop's too."""

    client: httpx.Client | None = None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.client is not None and seconds > 0:
            self.client.post("/_practice/clock", json={"advance_seconds": math.ceil(seconds)})


@dataclass
class Account(Practice):
    """The account with what was sent to it, and the settings of the channel."""

    overheard: Overheard
    settings: dict[str, Any]

    def sent(self, method: str, path: str) -> list[httpx.Request]:
        """Return the requests of a method whose path holds something."""
        return [one for one in self.overheard.sent if one.method == method and path in one.url.path]


@contextmanager
def account(
    orders: int = 30, listings: int = 16, goods: list[Goods] | None = None, **switches: Any
) -> Iterator[Account]:
    goods = goods or [Goods(f"SKU/{n:03} é", f"Thing {n}", n % 9 + 1, 1_000 + n) for n in range(listings)]
    shop = Amazon(MarketConfig(seed=3, orders=orders, pace_clock="shop", switches=switches), goods)
    clock = Shared()
    outside = Outside(clock=clock, chance=random.Random(1))
    with serve(shop) as running, httpx.Client(base_url=running.url) as client:
        clock.client = client
        secrets = {name.lower(): value for name, value in shop.secrets().items()}
        told = {"name": "market", "kind": "amazon", "base_url": running.url, **shop.settings(running.url), **secrets}
        overheard = Overheard(clock)
        reach = HurriedReach(outside, Budget(LocalTokens(clock), outside), overheard)
        channel = KIND.open(KIND.settings(**told), reach)
        try:
            yield Account(channel, client, overheard, told)
        finally:
            channel.close()
