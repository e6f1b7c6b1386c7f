"""How fast Shopify may be asked: by the points that its own answers tell, and never faster."""

import math

from fillrate.channels.protocol import Stream
from tests.channels.practice import Practice, pages, records
from tests.channels.shopify.practice import shopify


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


def test_a_question_that_would_cost_too_much_is_asked_in_smaller_parts() -> None:
    from fillrate.channels.shopify import documents

    with shopify({"cost": "linear"}, orders=40) as side:
        usual = records(side.channel, Stream.ORDERS)
        document = documents.ORDERS
        object.__setattr__(document, "first", 200)
        try:
            assert records(side.channel, Stream.ORDERS) == usual
        finally:
            object.__setattr__(document, "first", 15)


def test_what_is_asked_costs_no_more_than_a_shop_allows() -> None:
    with shopify({"cost": "linear"}) as side:
        for stream in sorted(side.channel.capabilities().streams):
            before = side.requests()
            some = pages(side.channel, stream)
            assert some
            after = side.requests()
            assert sum(after.values()) > sum(before.values())
