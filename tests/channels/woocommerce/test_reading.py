"""What WooCommerce tells, in the words of the product."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fillrate.channels.protocol import Stream
from fillrate.records import Order, Product, Refund, StockItem
from tests.channels.practice import Practice, pages, records
from tests.channels.woocommerce.practice import woocommerce

EVERY_VERSION = pytest.mark.parametrize("version", ["11.0.1", "7.9.0"])
EVERY_ZONE = pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/New_York"])


@pytest.fixture
def side() -> Iterator[Practice]:
    with woocommerce(seed=5) as side:
        yield side


def ordered(side: Practice, quantity: int = 3, sku: str = "ANCHOR-05", **more: Any) -> str:
    return str(side.act(action="place_order", lines=[{"sku": sku, "quantity": quantity}], **more)["order_id"])


def order(side: Practice, number: str) -> Order:
    found = records(side.channel, Stream.ORDERS, ids=(number,))[number]
    assert isinstance(found, Order)
    return found


def stock(side: Practice, **ask: Any) -> dict[str, int]:
    items = records(side.channel, Stream.STOCK, **ask).values()
    return {one.target: one.shown for item in items if isinstance(item, StockItem) for one in item.levels}


@EVERY_VERSION
def test_a_variation_that_is_not_counted_beside_others_that_are_tells_no_number(version: str) -> None:
    with woocommerce({"version": version, "shared_numbers": "none"}) as side:
        side.act(action="set_tracked", sku="BELL-A-1", tracked=False)
        products = [one for one in records(side.channel, Stream.PRODUCTS).values() if isinstance(one, Product)]
        variants = {variant.sku: (one.tracking, variant) for one in products for variant in one.variants}

        assert (variants["BELL-A-1"][0], variants["BELL-A-1"][1].is_counted) == ("variant", False)
        assert (variants["BELL-A-2"][0], variants["BELL-A-2"][1].is_counted) == ("variant", True)
        assert variants["BELL-A-1"][1].platform_id not in records(side.channel, Stream.STOCK)


@EVERY_ZONE
def test_an_order_of_the_very_second_at_which_a_window_begins_is_in_it(zone: str) -> None:
    with woocommerce({"timezone": zone}) as side:
        side.pass_time(3600)
        number = ordered(side)
        changed_at = order(side, number).modified_at

        assert number in records(side.channel, Stream.ORDERS, since=changed_at)
        assert number not in records(side.channel, Stream.ORDERS, since=changed_at + timedelta(seconds=1))
        assert number in records(side.channel, Stream.ORDERS, since=changed_at, until=changed_at)
        assert number not in records(side.channel, Stream.ORDERS, until=changed_at - timedelta(seconds=1))


def test_units_given_back_stand_at_the_line_that_they_were_of(side: Practice) -> None:
    lines = [{"sku": "ANCHOR-05", "quantity": 3}, {"sku": "ANCHOR-06", "quantity": 2}]
    told = side.act(action="place_order", lines=lines)
    number, second = str(told["order_id"]), told["line_ids"][1]
    side.act(action="refund", order_id=told["order_id"], lines=[{"line_id": second, "quantity": 2}])

    found = order(side, number)

    assert {one.sku: one.quantity_refunded for one in found.lines} == {"ANCHOR-05": 0, "ANCHOR-06": 2}
    assert [one.quantity for one in found.lines] == [3, 2]
    (refund,) = records(side.channel, Stream.REFUNDS, ids=(number,)).values()
    assert isinstance(refund, Refund)
    assert refund.order_platform_id == number
    assert [(one.line_platform_id, one.quantity) for one in refund.lines] == [(str(second), 2)]


def test_an_order_in_the_trash_is_read_and_put_away(side: Practice) -> None:
    number = ordered(side)
    side.act(action="trash_order", order_id=int(number))

    (found,) = [one for key, one in records(side.channel, Stream.ORDERS).items() if key == number]

    assert isinstance(found, Order)
    assert (found.status, found.is_archived) == ("trash", True)
    assert order(side, number) == found


def test_a_finished_order_tells_when_it_went_out(side: Practice) -> None:
    number = ordered(side)
    assert order(side, number).shipped_at is None

    side.act(action="ship", order_id=int(number))

    assert order(side, number).status == "completed"
    assert order(side, number).shipped_at is not None


def test_variations_that_share_a_number_are_counted_once_as_their_product() -> None:
    with woocommerce(seed=9, switches={"shared_numbers": "some"}) as side:
        products = [one for one in records(side.channel, Stream.PRODUCTS).values() if isinstance(one, Product)]
        shared = [one for one in products if one.tracking == "product"]

        assert shared
        items = records(side.channel, Stream.STOCK)
        for one in shared:
            assert not {variant.platform_id for variant in one.variants} & set(items)
            (level,) = items[one.platform_id].levels  # type: ignore[attr-defined]
            assert (level.target, level.variant_platform_id) == (one.platform_id, "")
        asked = shared[0].variants[0].platform_id
        assert list(records(side.channel, Stream.STOCK, ids=(asked,))) == [shared[0].platform_id]


def test_what_nobody_counts_tells_no_number(side: Practice) -> None:
    side.act(action="set_tracked", sku="ANCHOR-05", tracked=False)

    products = records(side.channel, Stream.PRODUCTS).values()
    (anchor,) = [one for one in products if isinstance(one, Product) and one.sku == "ANCHOR-05"]

    assert anchor.tracking == "none"
    assert anchor.platform_id not in stock(side)


@pytest.mark.parametrize("version", ["11.0.1", "7.9.0"])
@pytest.mark.parametrize("sku", ["ANCHOR-05", "BELL-B-2"])
def test_a_sale_and_an_edit_are_in_the_stock_that_changed(version: str, sku: str) -> None:
    with woocommerce({"version": version, "shared_numbers": "none"}) as side:
        before = stock(side)
        side.pass_time(600)
        since = side.channel.time()
        assert stock(side, since=since) == {}

        ordered(side, 1, sku)

        changed = stock(side, since=since)
        moved = {key: now for key, now in changed.items() if now != before[key]}
        assert [before[key] - now for key, now in moved.items()] == [1]
        side.act(action="set_stock", sku=sku, number=77)
        assert 77 in stock(side, since=since).values()


def test_one_page_of_products_costs_one_more_request_for_all_their_variations(side: Practice) -> None:
    pages(side.channel, Stream.STOCK)
    before = side.requests()

    pages(side.channel, Stream.STOCK)

    spent = {key: count - before.get(key, 0) for key, count in side.requests().items()}
    assert {key: count for key, count in spent.items() if count} == {
        "GET /wp-json/wc/v3/products": 1,
        "GET /wp-json/wc/v3/variations": 1,
    }


def test_a_product_that_was_thrown_away_is_gone(side: Practice) -> None:
    (number,) = [
        key for key, one in records(side.channel, Stream.PRODUCTS).items() if getattr(one, "sku", "") == "ANCHOR-05"
    ]
    side.act(action="delete_product", sku="ANCHOR-05")

    (page,) = pages(side.channel, Stream.PRODUCTS, ids=(number,))

    assert page.gone == (number,)
