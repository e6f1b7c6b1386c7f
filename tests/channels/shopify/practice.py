"""A Shopify practice shop behind a real socket, and the channel that speaks to it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import httpx

from fillrate.channels.shopify import KIND
from sandbox.market import Goods, MarketConfig
from sandbox.shopify import Shopify
from tests.channels.practice import Practice, market

GOODS = [
    *(Goods(f"ANCHOR-{n:02}", f"Anchor {n}", 3 * n, 1500 + n) for n in range(12)),
    *(
        Goods(f"BELL-{family}-{n:02}", f"Bell {family} {n}", n, 900, f"bell {family}")
        for family in "AB"
        for n in range(15)
    ),
]


def shopify(
    switches: Mapping[str, Any] | None = None,
    *,
    goods: list[Goods] = GOODS,
    transport: httpx.BaseTransport | None = None,
    settings: Mapping[str, Any] | None = None,
    **config: Any,
) -> AbstractContextManager[Practice]:
    """Serve a shop with these switches and open a channel to it."""
    size = {"seed": 1, "orders": 30, "days": 120, "locations": 2, **config}
    told = {"old_orders": "shown", **(switches or {})}
    return market(Shopify(MarketConfig(**size, switches=told), goods), KIND, transport, **(settings or {}))


def refunded(side: Practice, some: int = 3) -> Practice:
    """Let a few orders be paid back in part."""
    lively = [one for one in side.state()["orders"] if one["status"] not in {"pending", "cancelled"}]
    for one in lively[:some]:
        side.act(action="refund", order_id=one["id"], lines=[{"line_id": one["lines"][0]["id"], "quantity": 1}])
    return side
