"""An eBay account behind a real socket: two quantities, one SKU a call, revisions that run out, cancellations, quotas."""

import json
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fillrate.channels.ebay import KIND
from fillrate.channels.protocol import STOCK, Outcome, Stream, Write
from fillrate.errors import FixChannel, RetryLater
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.outside import Outside
from fillrate.records import Order, StockItem
from sandbox import serve
from sandbox.ebay import Ebay
from sandbox.market import Goods, MarketConfig
from tests.channels.overheard import Overheard
from tests.channels.practice import Hurried, HurriedReach, Practice, always, market, pages, records
from tests.sandbox.official import need, query_names, request_complaints

DOCUMENTS = {
    "/sell/inventory/v1": "../ebay/sell_inventory_v1_oas3.json",
    "/sell/fulfillment/v1": "../ebay/sell_fulfillment_v1_oas3.json",
    "/developer/analytics/v1_beta": "../ebay/developer_analytics_v1_beta_oas3.json",
}
GOODS = [Goods(f"SKU/{n} é", f"Thing {n}", n + 1, 1_000) for n in range(9)]


def wish(sku: str, before: int, after: int) -> Write:
    return Write(kind=STOCK, target=sku, before={"quantity": before}, after={"quantity": after}, key=sku)


def states(outcomes: dict[str, Outcome]) -> set[str]:
    return {one.state for one in outcomes.values()}


def opened(orders: int = 0, settings: dict[str, Any] | None = None, **switches: Any) -> Any:
    return market(Ebay(MarketConfig(orders=orders, switches=switches), GOODS), KIND, **(settings or {}))


@pytest.fixture
def side() -> Iterator[Practice]:
    with opened() as side:
        yield side


def raised(side: Practice, count: int = 6) -> list[Write]:
    found = sorted(records(side.channel, Stream.STOCK).items())[:count]
    return [
        wish(sku, item.levels[0].shown, item.levels[0].shown + 3) for sku, item in found if isinstance(item, StockItem)
    ]


def updates(side: Practice) -> list[dict[str, Any]]:
    return [json.loads(one["body"]) for one in side.writes() if one["path"].endswith("bulk_update_price_quantity")]


def test_item_and_offer_are_written_together_and_buyers_see_the_new_number(side: Practice) -> None:
    side.act(action="set_offer_quantity", sku=GOODS[4].sku, number=2)

    outcomes = side.channel.write(raised(side, 9), always)

    assert states(outcomes) == {"unknown"}
    assert side.channel.read_back(STOCK, [GOODS[4].sku]) == {GOODS[4].sku: {"quantity": 8}}
    assert any(row.get("offers") for body in updates(side) for row in body["requests"])
    stock = {one["sku"]: one for one in side.state()["stock"]}
    assert stock[GOODS[4].sku]["number"] == 8


def test_an_offer_that_stays_behind_is_not_taken_for_done(side: Practice) -> None:
    [one] = [one for one in raised(side, 9) if one.target == GOODS[4].sku]
    side.channel.write([one], always)
    side.act(action="set_offer_quantity", sku=GOODS[4].sku, number=1)

    assert side.channel.read_back(STOCK, [GOODS[4].sku]) == {GOODS[4].sku: {"quantity": 1}}


def test_where_one_update_takes_one_sku_they_are_sent_one_by_one() -> None:
    with opened(batch_skus=1) as side:
        wishes = raised(side)

        outcomes = side.channel.write(wishes, always)

        assert states(outcomes) == {"unknown"}
        assert side.channel.read_back(STOCK, [one.target for one in wishes]) == {
            one.target: one.after for one in wishes
        }
        assert [len(body["requests"]) for body in updates(side)] == [6, 1, 1, 1, 1, 1, 1]
        again = [wish(one.target, one.after["quantity"], 0) for one in wishes]
        side.channel.write(again, always)
        assert {len(body["requests"]) for body in updates(side)[7:]} == {1}


def test_where_the_quota_ends_within_a_batch_what_was_sent_and_what_was_not_is_told() -> None:
    with opened(settings={"items_per_update": 1}) as side:
        wishes, sent = raised(side), []

        def may_send() -> None:
            sent.append(1)
            if len(sent) == 3:
                side.fault("429", match="POST *bulk_update*")

        outcomes = side.channel.write(wishes, may_send)
        side.calm()
        now = side.channel.read_back(STOCK, [one.target for one in wishes])

        assert states(outcomes) == {"unknown"}
        assert [now[one.target] == one.after for one in wishes] == [True, True, False, False, False, False]
        assert ["patience" in outcomes[one.target].answer for one in wishes] == [False, False, True, True, True, True]


def test_a_listing_that_was_revised_too_often_is_refused_with_ebays_reason(side: Practice) -> None:
    [one, other] = raised(side, 2)
    now = one.before["quantity"]
    for _ in range(260):
        outcome = side.channel.write([wish(one.target, now, now + 1)], always)[one.target]
        if outcome.state == "refused":
            break
        now += 1

    assert now - one.before["quantity"] == 250
    assert "number of revisions" in outcome.answer
    assert side.channel.read_back(STOCK, [one.target]) == {one.target: {"quantity": now}}
    assert side.channel.write([other], always)[other.target].state == "unknown"


def test_all_that_is_asked_and_sent_agrees_with_the_official_documents() -> None:
    for name in DOCUMENTS.values():
        need(name)
    shop = Ebay(MarketConfig(orders=230), GOODS)
    outside = Outside(clock=Hurried(), chance=random.Random(1))
    overheard = Overheard(outside.clock)
    with serve(shop) as running, httpx.Client(base_url=running.url) as client:
        secrets = {name.lower(): value for name, value in shop.secrets().items()}
        one = KIND.settings(name="market", kind="ebay", base_url=running.url, **secrets)
        reach = HurriedReach(outside, Budget(LocalTokens(outside.clock), outside), overheard)
        side = Practice(KIND.open(one, reach), client)
        side.channel.time()
        found = records(
            side.channel, Stream.ORDERS, since=side.channel.time() - timedelta(days=90), until=side.channel.time()
        )
        records(side.channel, Stream.ORDERS, ids=tuple(sorted(found))[:2])
        order_id = bought(side, 5)
        line = int(only(side, order_id).lines[0].platform_id) - 10_000_000_000
        side.act(action="ship", order_id=order_id, lines=[{"line_id": line, "quantity": 3}])
        side.act(action="request_cancel", order_id=bought(side))
        records(side.channel, Stream.ORDERS)
        side.channel.write(raised(side), always)
        side.channel.close()
        place = httpx.URL(running.url).path

    checked = set()
    for sent in overheard.sent:
        path = sent.url.path.removeprefix(place)
        document, base = next(((name, part) for part, name in DOCUMENTS.items() if path.startswith(part)), ("", ""))
        if not document:
            assert path == "/identity/v1/oauth2/token"
            continue
        template = re.sub(r"^/order/[^/]+", "/order/{orderId}", path.removeprefix(base))
        template = "/rate_limit/" if template == "/rate_limit" else template
        checked.add(f"{sent.method} {template}")
        if sent.method == "GET":
            assert set(sent.url.params) <= query_names(document, template), sent.url
        else:
            assert request_complaints(document, template, "post", json.loads(sent.content)) == []
        assert not set("[]{}|") & set(sent.url.query.decode())
        assert sent.headers["X-EBAY-C-MARKETPLACE-ID"] == "EBAY_US"
    assert checked == {
        "GET /rate_limit/",
        "GET /inventory_item",
        "GET /offer",
        "GET /order",
        "GET /order/{orderId}",
        "GET /order/{orderId}/shipping_fulfillment",
        "POST /bulk_get_inventory_item",
        "POST /bulk_update_price_quantity",
    }


def only(side: Practice, order_id: str) -> Order:
    [page] = pages(side.channel, Stream.ORDERS, ids=(order_id,))
    [order] = page.records
    assert isinstance(order, Order)
    return order


def bought(side: Practice, units: int = 2, **more: Any) -> str:
    lines = [{"sku": GOODS[7].sku, "quantity": units}]
    return str(side.act(action="place_order", lines=lines, **more)["order_id"])


def test_an_order_says_what_was_bought_by_when_it_is_to_leave_and_for_how_much(side: Practice) -> None:
    order = only(side, bought(side))

    assert order.status == "NOT_STARTED"
    assert [(one.sku, one.variant_platform_id, one.quantity) for one in order.lines] == [
        (GOODS[7].sku, GOODS[7].sku, 2)
    ]
    assert order.lines[0].unit_price_e4 == 100_000
    assert order.ship_by is not None
    assert order.ship_by > order.placed_at


def test_units_of_a_line_that_is_shipped_in_part_are_counted(side: Practice) -> None:
    order_id = bought(side, 5)
    line = int(only(side, order_id).lines[0].platform_id) - 10_000_000_000  # as the lever counts them
    told = only(side, order_id)
    side.act(action="ship", order_id=order_id, lines=[{"line_id": line, "quantity": 3}])

    order = only(side, order_id)

    assert (order.status, order.lines[0].quantity_shipped) == ("IN_PROGRESS", 3)
    assert order.modified_at >= told.modified_at


def test_a_buyer_who_asks_to_cancel_makes_the_order_wait_until_it_is_answered(side: Practice) -> None:
    order_id = bought(side)
    side.act(action="request_cancel", order_id=order_id)
    asked = only(side, order_id).status
    side.act(action="answer_cancel", order_id=order_id, accept=False)
    refused = only(side, order_id).status
    side.act(action="request_cancel", order_id=order_id)
    side.act(action="answer_cancel", order_id=order_id, accept=True)

    assert (asked, refused, only(side, order_id).status) == ("CANCEL_REQUESTED", "NOT_STARTED", "CANCELED")


def test_an_order_that_is_not_paid_yet_owes_only_then(side: Practice) -> None:
    order_id = bought(side, status="pending")
    before = only(side, order_id).status
    side.act(action="pay", order_id=order_id)

    assert (before, only(side, order_id).status) == ("UNPAID", "NOT_STARTED")


def test_money_that_went_back_before_shipping_cancels_and_after_it_counts_as_returned(side: Practice) -> None:
    early, late = bought(side), bought(side)
    side.act(action="ship", order_id=late)
    for one in (early, late):
        side.act(action="refund", order_id=one)

    assert KIND.settings.MEANINGS[only(side, early).status] == "cancelled"
    assert [(one.quantity_shipped, one.quantity_refunded) for one in only(side, late).lines] == [(2, 2)]


@pytest.mark.parametrize(
    "switches", [{"inventory_offset": "row"}, {"links": "relative"}, {"orders_sorted": "newest_first"}]
)
def test_whatever_an_offset_counts_and_a_link_looks_like_everything_is_read_once(switches: dict[str, str]) -> None:
    goods = [Goods(f"S-{n}", "Thing", 1, 100) for n in range(450)]
    with market(Ebay(MarketConfig(orders=450, switches=switches), goods), KIND) as side:
        for stream in (Stream.PRODUCTS, Stream.STOCK, Stream.ORDERS):
            assert len(records(side.channel, stream)) == 450


def test_a_token_that_has_ended_is_renewed_and_one_that_was_taken_back_needs_a_person(side: Practice) -> None:
    assert records(side.channel, Stream.STOCK)
    side.pass_time(3 * 3600)
    assert records(side.channel, Stream.STOCK)

    side.act(action="revoke_consent", revoked=True)
    side.pass_time(3 * 3600)
    with pytest.raises(FixChannel, match="refresh token"):
        records(side.channel, Stream.STOCK)


def test_a_token_says_what_it_may(side: Practice) -> None:
    assert [one.state for one in side.channel.probe()] == ["granted", "granted", "not checked"]
    side.fault("403", match="GET /sell/fulfillment/*")
    assert [one.state for one in side.channel.probe()] == ["granted", "missing", "not checked"]


def test_the_quota_that_ebay_tells_is_kept_and_a_fifth_left_to_others() -> None:
    shop = Ebay(MarketConfig(orders=0, switches={"daily_calls": 5_000}), GOODS)
    outside = Outside(clock=Hurried(), chance=random.Random(1))
    with serve(shop) as running, httpx.Client(base_url=running.url) as client:
        secrets = {name.lower(): value for name, value in shop.secrets().items()}
        one = KIND.settings(name="market", kind="ebay", base_url=running.url, **secrets)
        channel = KIND.open(one, HurriedReach(outside, Budget(LocalTokens(outside.clock), outside)))
        side = Practice(channel, client)
        side.act(action="set_quota", api="Inventory", limit=100)

        channel.time()

        with pytest.raises(RetryLater):
            for _ in range(120):
                records(channel, Stream.STOCK)
        assert 60 < sum(n for path, n in side.requests().items() if "inventory_item" in path) < 95
        channel.close()
