"""A WooCommerce practice shop behind a real socket, and the channel that speaks to it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import httpx

from fillrate.channels.woocommerce import KIND
from sandbox.market import Goods, MarketConfig
from sandbox.woocommerce import WooCommerce
from tests.channels.practice import Practice, market

GOODS = [
    *(Goods(f"ANCHOR-{n:02}", f"Anchor {n}", 3 * n, 1500 + n) for n in range(12)),
    *(
        Goods(f"BELL-{family}-{n}", f"Bell {family} {n}", n, 900, f"bell {family}")
        for family in "ABCD"
        for n in range(3)
    ),
]


def woocommerce(
    switches: Mapping[str, Any] | None = None,
    *,
    goods: list[Goods] = GOODS,
    transport: httpx.BaseTransport | None = None,
    **config: Any,
) -> AbstractContextManager[Practice]:
    """Serve a shop with these switches and open a channel to it."""
    size = {"seed": 1, "orders": 30, "days": 120, **config}
    return market(WooCommerce(MarketConfig(**size, switches=switches or {}), goods), KIND, transport)


def refunded(side: Practice, some: int = 3) -> Practice:
    """Let a few orders be paid back in part, and one be thrown away."""
    lively = [one for one in side.state()["orders"] if one["status"] not in {"pending", "cancelled"}]
    for one in lively[:some]:
        line = one["lines"][0]
        side.act(action="refund", order_id=one["id"], lines=[{"line_id": line["id"], "quantity": 1}])
    side.act(action="trash_order", order_id=lively[len(lively) // 2]["id"])
    return side
