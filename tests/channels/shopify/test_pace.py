"""How fast Shopify may be asked: by the points that its own answers tell, and never faster."""

import math
from dataclasses import replace

import pytest

from fillrate.channels.protocol import Stream
from fillrate.channels.shopify import documents
from tests.channels.practice import Practice, pages, records
from tests.channels.shopify.practice import refunded, shopify


def waits_in_the_shop(side: Practice) -> list[float]:
    """Let waiting take time in the shop as well; returns the waits as they come."""
    waits: list[float] = []
    clock = side.channel._graph.clock  # type: ignore[attr-defined]

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.skipped += seconds
        side.pass_time(math.ceil(seconds))

    clock.sleep = sleep
    return waits


def test_a_small_shop_is_read_at_the_pace_of_its_points() -> None:
    with shopify({"plan": "standard"}, orders=150, pace_clock="shop") as side:
        waits = waits_in_the_shop(side)
        found = [pages(side.channel, Stream.ORDERS) for _ in range(3)]

        assert found[0] == found[1] == found[2]
        assert waits
        asked = sum(count for key, count in side.requests().items() if key.endswith("graphql.json"))
        assert asked <= sum(map(len, found)) + 2  # hardly one was asked in vain


@pytest.mark.parametrize("name", ["ORDERS", "ORDERS_BY_ID"])
def test_a_question_that_would_cost_too_much_is_asked_in_smaller_parts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shopify({"cost": "linear"}, orders=60) as side:
        usual = records(side.channel, Stream.ORDERS)
        monkeypatch.setattr(documents, name, replace(getattr(documents, name), first=60))
        ids = None if name == "ORDERS" else tuple(usual)

        assert records(side.channel, Stream.ORDERS, ids=ids) == usual


def test_nothing_is_asked_that_costs_more_than_any_question_may() -> None:
    with shopify({"cost": "linear"}) as side:
        refunded(side)
        for stream in sorted(side.channel.capabilities().streams):
            ids = tuple(records(side.channel, stream))
            if stream in side.channel.capabilities().by_id:
                pages(side.channel, stream, ids=ids)

        costs = side.channel._graph._costs  # type: ignore[attr-defined]
        assert len(costs) > 8
        assert max(costs.values()) <= 1_000
