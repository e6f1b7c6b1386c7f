"""What Shopify tells, in the words of the product."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillrate.channels.protocol import Stream
from fillrate.channels.shopify.gids import gid
from fillrate.channels.shopify.order_rows import LineRow, line
from fillrate.channels.shopify.refunds import MoneyBag, ShopMoney
from fillrate.records import Order, Product, Refund, StockItem
from tests.channels.practice import Practice, pages, records
from tests.channels.shopify.practice import shopify


@pytest.fixture
def side() -> Iterator[Practice]:
    with shopify(seed=3) as side:
        yield side


def ordered(side: Practice, quantity: int = 5, **more: Any) -> tuple[str, int]:
    side.act(action="set_stock", sku="ANCHOR-05", number=50)
    told = side.act(action="place_order", lines=[{"sku": "ANCHOR-05", "quantity": quantity, "location_id": 1}], **more)
    return str(told["order_id"]).rpartition("/")[2], told["line_ids"][0]


def order(side: Practice, number: str) -> Order:
    found = records(side.channel, Stream.ORDERS, ids=(number,))[number]
    assert isinstance(found, Order)
    return found


def test_units_that_left_and_units_that_were_taken_off_are_told_apart(side: Practice) -> None:
    number, line_id = ordered(side)
    whole = gid("Order", number)
    side.act(action="ship", order_id=whole, lines=[{"line_id": line_id, "quantity": 2}])
    side.act(action="refund", order_id=whole, lines=[{"line_id": line_id, "quantity": 1}])

    (found,) = order(side, number).lines

    assert (found.quantity, found.quantity_shipped, found.quantity_refunded) == (5, 2, 1)
    refunds = [one for one in records(side.channel, Stream.REFUNDS, ids=(number,)).values() if isinstance(one, Refund)]
    assert [(part.line_platform_id, part.kind, part.quantity) for one in refunds for part in one.lines] == [
        (found.platform_id, "cancel", 1)
    ]


@pytest.mark.parametrize("restock", [True, False])
def test_a_unit_that_comes_back_had_left_all_the_same(side: Practice, restock: bool) -> None:
    number, line_id = ordered(side)
    whole = gid("Order", number)
    side.act(action="ship", order_id=whole)
    side.act(action="refund", order_id=whole, lines=[{"line_id": line_id, "quantity": 1}], restock=restock)

    (found,) = order(side, number).lines

    assert (found.quantity, found.quantity_shipped, found.quantity_refunded) == (5, 5, 0)


@given(st.data())
def test_what_left_and_what_was_taken_off_is_what_happened(data: st.DataObject) -> None:
    quantity = data.draw(st.integers(0, 9))
    shipped = data.draw(st.integers(0, quantity))
    cancelled = data.draw(st.integers(0, quantity - shipped))
    returned = data.draw(st.integers(0, shipped))
    left_where_it_was = data.draw(st.integers(0, quantity - shipped - cancelled))  # paid back, unsent, no_restock
    row = LineRow(
        gid="gid://shopify/LineItem/1",
        name="Anchor",
        quantity=quantity,
        current_quantity=quantity - cancelled - returned - left_where_it_was,
        unfulfilled_quantity=quantity - shipped - cancelled,
        requires_shipping=True,
        discounted_unit_price_after_all_discounts_set=MoneyBag(ShopMoney("1.00")),
    )

    told = line(row, returned + left_where_it_was)

    assert told.quantity_shipped + told.quantity_refunded <= quantity
    if not left_where_it_was or not shipped - returned:
        assert (told.quantity_shipped, told.quantity_refunded) == (shipped, cancelled + left_where_it_was)


def test_an_order_that_is_too_old_for_the_token_is_not_called_gone() -> None:
    with shopify({"old_orders": "hidden"}, seed=3) as side:
        told = side.state()["orders"]
        shown = records(side.channel, Stream.ORDERS)
        hidden = [str(one["id"]).rpartition("/")[2] for one in told]
        hidden = [one for one in hidden if one not in shown]
        assert hidden

        (page, *_) = pages(side.channel, Stream.ORDERS, ids=(hidden[0], "987654"))

        assert page.gone == ()
        assert {one.state for one in side.channel.probe()} == {"granted"}


def test_what_the_shop_does_not_track_tells_no_number(side: Practice) -> None:
    side.act(action="set_tracked", sku="ANCHOR-05", tracked=False)

    products = [one for one in records(side.channel, Stream.PRODUCTS).values() if isinstance(one, Product)]
    (anchor,) = [one for one in products if one.variants[0].sku == "ANCHOR-05"]

    assert anchor.tracking == "none"
    assert anchor.variants[0].platform_id not in records(side.channel, Stream.STOCK)


def test_a_variant_that_is_not_tracked_beside_others_that_are_is_not_counted(side: Practice) -> None:
    side.act(action="set_tracked", sku="BELL-A-03", tracked=False)
    side.act(action="set_tracked", sku="BELL-A-04", tracked=True)

    products = [one for one in records(side.channel, Stream.PRODUCTS).values() if isinstance(one, Product)]
    variants = {variant.sku: (one.tracking, variant.is_counted) for one in products for variant in one.variants}

    assert variants["BELL-A-03"] == ("variant", False)
    assert variants["BELL-A-04"] == ("variant", True)


def test_two_variants_with_one_sku_keep_numbers_of_their_own() -> None:
    with shopify({"twin_skus": "some"}, seed=3) as side:
        items = [one for one in records(side.channel, Stream.STOCK).values() if isinstance(one, StockItem)]
        skus = [one.levels[0].sku for one in items]
        targets = [level.target for one in items for level in one.levels]

        assert len(skus) > len(set(skus))
        assert len(targets) == len(set(targets))


def test_a_product_with_many_variants_and_an_order_with_many_lines_are_told_whole(side: Practice) -> None:
    products = [one for one in records(side.channel, Stream.PRODUCTS).values() if isinstance(one, Product)]
    assert max(len(one.variants) for one in products) == 15
    skus = [f"BELL-A-{n:02}" for n in range(1, 15)]
    for sku in skus:
        side.act(action="set_stock", sku=sku, number=9)
    told = side.act(action="place_order", lines=[{"sku": sku, "quantity": 1} for sku in skus])

    number = str(told["order_id"]).rpartition("/")[2]

    assert sorted(one.sku for one in order(side, number).lines) == skus


def test_a_shop_that_keeps_its_customers_to_itself_tells_its_orders_without_them() -> None:
    with shopify(seed=3) as side:
        open_shop = records(side.channel, Stream.ORDERS)
    with shopify({"customer_data": "denied"}, seed=3) as side:
        found = [one for one in records(side.channel, Stream.ORDERS).values() if isinstance(one, Order)]

        assert {one.platform_id for one in found} == set(open_shop)
        assert {(one.email, one.recipient, one.destination) for one in found} == {("", "", "")}
        assert records(side.channel, Stream.ORDERS, ids=(found[0].platform_id,)) == {found[0].platform_id: found[0]}


def test_a_refund_of_many_lines_is_told_whole_and_an_order_of_many_refunds_is_rejected(side: Practice) -> None:
    skus = [f"BELL-{family}-{n:02}" for family in "AB" for n in range(1, 12)]
    for sku in skus:
        side.act(action="set_tracked", sku=sku, tracked=True)
        side.act(action="set_stock", sku=sku, number=9)
    told = side.act(action="place_order", lines=[{"sku": sku, "quantity": 2} for sku in skus])
    number = str(told["order_id"]).rpartition("/")[2]
    lines = [{"line_id": one, "quantity": 1} for one in told["line_ids"]]
    side.act(action="refund", order_id=told["order_id"], lines=lines)

    assert {one.quantity_refunded for one in order(side, number).lines} == {1}
    (refund,) = records(side.channel, Stream.REFUNDS, ids=(number,)).values()
    assert isinstance(refund, Refund)
    assert len(refund.lines) == len(skus)

    for one in lines[:10]:
        side.act(action="refund", order_id=told["order_id"], lines=[one])
    (page,) = pages(side.channel, Stream.ORDERS, ids=(number,))
    assert (page.records, page.gone) == ((), ())
    assert "more than 10 refunds" in page.rejects[0].reason
