"""How stock numbers of WooCommerce are written, where that is not as in every shop."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fillrate.channels.protocol import STOCK, Stream, Write
from fillrate.errors import FixChannel
from fillrate.records import Product
from tests.channels.practice import Practice, always, market, records
from tests.channels.woocommerce.practice import woocommerce


@pytest.fixture
def side() -> Iterator[Practice]:
    with woocommerce(seed=9) as side:
        yield side


def write(target: str, before: int | None, after: int) -> Write:
    was = None if before is None else {"quantity": before}
    return Write(kind=STOCK, target=target, before=was, after={"quantity": after}, key=f"k {target}")


def by_tracking(side: Practice, tracking: str) -> Product:
    products = [one for one in records(side.channel, Stream.PRODUCTS).values() if isinstance(one, Product)]
    return next(one for one in products if one.tracking == tracking and len(one.variants) > 1)


def test_a_variation_that_shares_its_products_number_is_never_written_through(side: Practice) -> None:
    shared = by_tracking(side, "product")
    target = f"{shared.platform_id}/{shared.variants[0].platform_id}"

    outcome = side.channel.write([write(target, None, 5)], always)[target]

    assert outcome.state == "refused"
    assert "shares" in outcome.answer
    assert side.writes() == []
    assert side.channel.read_back(STOCK, [target]) == {target: None}


def test_the_shared_number_itself_is_written_as_the_products(side: Practice) -> None:
    shared = by_tracking(side, "product")
    now = side.channel.read_back(STOCK, [shared.platform_id])[shared.platform_id]

    side.channel.write([write(shared.platform_id, now["quantity"], 5)], always)

    assert side.channel.read_back(STOCK, [shared.platform_id]) == {shared.platform_id: {"quantity": 5}}


def test_variations_go_by_their_product_and_products_together(side: Practice) -> None:
    items = records(side.channel, Stream.STOCK).values()
    levels = [level for item in items for level in item.levels]  # type: ignore[attr-defined]

    side.channel.write([write(one.target, one.shown, one.shown + 1) for one in levels], always)

    paths = [one["path"].removeprefix("/wp-json/wc/v3") for one in side.writes()]
    parents = {one.product_platform_id for one in levels if "/" in one.target}
    assert sorted(paths) == sorted(["/products/batch", *(f"/products/{one}/variations/batch" for one in parents)])
    sent: dict[str, list[Any]] = json.loads(side.writes()[0]["body"])
    assert {key for row in sent["update"] for key in row} == {"id", "stock_quantity"}


def test_units_that_are_owed_may_be_written_back_below_nothing(side: Practice) -> None:
    side.act(action="set_stock", sku="ANCHOR-05", number=-2)
    (level,) = [
        level
        for item in records(side.channel, Stream.STOCK).values()
        for level in item.levels  # type: ignore[attr-defined]
        if level.sku == "ANCHOR-05"
    ]

    side.channel.write([write(level.target, -2, -3)], always)

    assert side.channel.read_back(STOCK, [level.target]) == {level.target: {"quantity": -3}}


def test_a_key_that_may_only_read_is_told_which_right_it_lacks() -> None:
    from fillrate.channels.woocommerce import KIND
    from sandbox.market import MarketConfig
    from sandbox.woocommerce import WooCommerce
    from tests.channels.woocommerce.practice import GOODS

    reader = {"key": "ck_practice_reader", "secret": "cs_practice_reader"}
    with market(WooCommerce(MarketConfig(orders=5), GOODS), KIND, **reader) as side:
        target, level = next((key, one) for key, one in records(side.channel, Stream.STOCK).items())
        now = level.levels[0]  # type: ignore[attr-defined]

        with pytest.raises(FixChannel, match="Read/Write"):
            side.channel.write([write(now.target, now.shown, 5)], always)
        assert target
