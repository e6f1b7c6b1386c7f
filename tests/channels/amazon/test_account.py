"""An Amazon account behind a real socket: merges, feeds, reports, what Amazon ships, tokens, and what is sent at all."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from fillrate.channels.amazon import KIND, endpoints, feeds
from fillrate.channels.amazon.channel import Amazon
from fillrate.channels.protocol import STOCK, Outcome, Stream, Write
from fillrate.errors import FixChannel, RetryLater
from fillrate.records import Location, Order, StockItem
from sandbox.market import Goods
from tests.channels.amazon.account import Account, account
from tests.channels.practice import always, pages, records
from tests.sandbox.official import need, query_names, request_complaints
from tests.sandbox.specification import FOLDER

MODELS = {
    "/listings/": "../amazon-sp-api/listingsItems_2021-08-01.json",
    "/orders/": "../amazon-sp-api/orders_2026-01-01.json",
    "/feeds/": "../amazon-sp-api/feeds_2021-06-30.json",
    "/reports/": "../amazon-sp-api/reports_2021-06-30.json",
    "/fba/": "../amazon-sp-api/fbaInventory.json",
}
ODD = ["A,B/1", ".hidden", "100%", "a b", "é", "..", "x+y&z=1"]


def wish(sku: str, before: int, after: int) -> Write:
    return Write(kind=STOCK, target=sku, before={"quantity": before}, after={"quantity": after}, key=sku)


def states(outcomes: dict[str, Outcome]) -> set[str]:
    return {one.state for one in outcomes.values()}


@pytest.fixture
def side() -> Iterator[Account]:
    with account() as side:
        yield side


def stock(side: Account) -> dict[str, StockItem]:
    return {key: one for key, one in records(side.channel, Stream.STOCK).items() if isinstance(one, StockItem)}


def raised(side: Account) -> list[Write]:
    levels = [level for item in stock(side).values() for level in item.levels if level.target]
    return [wish(one.target, one.shown, one.shown + 3) for one in levels]


def settled(side: Account, wishes: list[Write]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(8):
        found = side.channel.read_back(STOCK, [one.target for one in wishes])
        if all(found[one.target] == one.after for one in wishes):
            break
        side.pass_time(120)
    return found


def listing(side: Account, sku: str) -> dict[str, Any]:
    """What Amazon holds of a listing, as its own API tells."""
    channel = side.channel
    assert isinstance(channel, Amazon)
    account = channel._account
    endpoint = endpoints.below(endpoints.ONE, account.seller, sku)
    params = {"marketplaceIds": account.marketplace, "includedData": "attributes,fulfillmentAvailability"}
    found = account.http.get(endpoint, params, json.loads).needed()
    return dict(found)


def test_a_number_that_is_changed_keeps_its_lead_time(side: Account) -> None:
    one = raised(side)[0]
    side.act(action="set_lead_time", sku=one.target, days=6)

    outcomes = side.channel.write([one], always)

    assert outcomes[one.target].state == "unknown"
    assert settled(side, [one]) == {one.target: one.after}
    [entry] = listing(side, one.target)["attributes"]["fulfillment_availability"]
    assert (entry["quantity"], entry["lead_time_to_ship_max_days"]) == (one.after["quantity"], 6)


def test_what_amazon_ships_is_read_at_a_place_of_its_own_and_never_written(side: Account) -> None:
    at_amazon = {
        sku: item for sku, item in stock(side).items() if any(one.location_platform_id == "FBA" for one in item.levels)
    }
    places = {one.code: one for one in records(side.channel, Stream.LOCATIONS).values() if isinstance(one, Location)}
    only_there = [sku for sku, item in at_amazon.items() if len(item.levels) == 1]

    assert only_there
    assert (places["FBA"].is_enabled, places["DEFAULT"].is_default) == (False, True)
    assert {one.target for item in at_amazon.values() for one in item.levels if one.location_platform_id == "FBA"} == {
        ""
    }
    truth = {one["sku"]: one["number"] for one in side.state()["stock"] if one["location"] == 90}
    assert {sku: at_amazon[sku].levels[-1].shown for sku in only_there} == {sku: truth[sku] for sku in only_there}
    assert side.channel.read_back(STOCK, only_there) == dict.fromkeys(only_there)
    outcomes = side.channel.write([wish(sku, truth[sku], truth[sku] + 1) for sku in only_there], always)
    assert states(outcomes) == {"stale"}
    assert side.sent("PATCH", "") == []


def test_an_update_that_comes_to_nothing_is_never_told_as_done(side: Account) -> None:
    one = raised(side)[0]
    side.act(action="reject_updates", sku=one.target)

    assert side.channel.write([one], always)[one.target].state == "unknown"
    assert settled(side, [one]) == {one.target: one.before}


@pytest.mark.parametrize("switches", [{}, {"gzip_documents": True}, {"report_encoding": "cp1252"}])
def test_more_listings_than_the_search_shows_are_read_by_a_report(switches: dict[str, Any]) -> None:
    goods = [Goods(f"S{n:04}", f"Möbel {n}", n % 5, 100 + n) for n in range(1_040)]
    with account(orders=0, goods=goods, **switches) as side:
        found = records(side.channel, Stream.PRODUCTS)
        whole = pages(side.channel, Stream.STOCK)

        assert len(found) == 1_040
        assert getattr(found["S0001"], "name") == "Möbel 1"  # noqa: B009 - whatever record it is
        assert [len(page.records) for page in whole] == [1_000, 40]
        assert whole[0].next is not None
        assert pages(side.channel, Stream.STOCK, after=whole[0].next) == whole[1:]
        truth = {one["sku"]: one["number"] for one in side.state()["stock"]}
        shown = {level.sku: level.shown for page in whole for item in page.records for level in item.levels}
        assert shown == {sku: truth[sku] for sku in shown}
        assert len(shown) == 1_040


def test_many_numbers_go_in_one_feed_that_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fillrate.channels.amazon.updates.FEED_TAKES_S", 1.0)  # more than five are many
    with account(listings=40) as side:
        wishes = raised(side)

        outcomes = side.channel.write(wishes, always)

        assert states(outcomes) == {"unknown"}
        assert settled(side, wishes) == {one.target: one.after for one in wishes}
        assert side.sent("PATCH", "") == []
        [upload] = side.sent("PUT", "")
        assert not {"x-amz-access-token", "authorization"} & set(upload.headers)
        need("../amazon-sp-api/listings-feed-schema-v2.json")
        schema = json.loads((FOLDER / "../amazon-sp-api/listings-feed-schema-v2.json").read_text())
        jsonschema.Draft7Validator(schema).validate(json.loads(upload.content))


def test_rows_of_a_feed_that_amazon_refuses_are_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fillrate.channels.amazon.updates.FEED_TAKES_S", 1.0)
    with account(listings=40) as side:
        wishes = raised(side)
        side.fault("partly", match="POST /feeds/*/feeds")

        outcomes = side.channel.write(wishes, always)
        side.calm()

        assert states(outcomes) == {"unknown", "refused"}
        refused = [one for one in outcomes.values() if one.state == "refused"]
        assert all(one.answer.startswith("Amazon refused it (feed ") and len(one.answer) > 30 for one in refused)
        now = settled(side, [one for one in wishes if outcomes[one.target].state == "unknown"])
        assert all(now[one.target] == one.after for one in wishes if one.target in now)
        kept = side.channel.read_back(STOCK, [one.target for one in wishes if outcomes[one.target].state == "refused"])
        assert kept == {one.target: one.before for one in wishes if one.target in kept}


def test_nothing_is_sent_beside_a_feed_that_is_still_at_work(side: Account) -> None:
    channel = side.channel
    assert isinstance(channel, Amazon)
    one = raised(side)[0]
    item = feeds.Item(one.target, "PRODUCT", one.after["quantity"])
    document = feeds.laid_down(channel._http, channel._documents, feeds.body_of(channel._account.seller, [item]))
    body = {"feedType": feeds.TYPE, "marketplaceIds": [channel._account.marketplace], "inputFeedDocumentId": document}
    channel._http.send(endpoints.FEED_CREATE, "POST", body, bytes, always)

    with pytest.raises(RetryLater, match="still at work"):
        side.channel.write([one], always)
    assert side.sent("PATCH", "") == []


def test_a_sku_may_hold_anything() -> None:
    with account(orders=0, goods=[Goods(sku, "Odd", n + 1, 100) for n, sku in enumerate(ODD)]) as side:
        skus = set(stock(side))
        wishes = raised(side)

        assert skus == set(ODD)
        assert set(records(side.channel, Stream.PRODUCTS, ids=tuple(ODD))) == set(ODD)
        assert states(side.channel.write(wishes, always)) == {"unknown"}
        assert settled(side, wishes) == {one.target: one.after for one in wishes}


def only(side: Account, order_id: str) -> Order:
    [page] = pages(side.channel, Stream.ORDERS, ids=(order_id,))
    [order] = page.records
    assert isinstance(order, Order)
    return order


def bought(side: Account, *, by_amazon: bool = False, **more: Any) -> str:
    place = "FBA" if by_amazon else "DEFAULT"
    first = {sku: item.levels[0] for sku, item in stock(side).items()}
    sku = next(sku for sku, one in first.items() if one.location_platform_id == place and one.shown >= 3)
    return str(side.act(action="place_order", lines=[{"sku": sku, "quantity": 3}], **more)["order_id"])


def meaning(order: Order) -> str:
    return KIND.settings.MEANINGS[order.status]


def test_an_order_says_by_when_it_must_leave_and_what_has_left(side: Account) -> None:
    order_id = bought(side)
    fresh = only(side, order_id)
    number = next(one for one in side.state()["orders"] if one["id"] == order_id)["lines"][0]["id"]
    side.act(action="ship", order_id=order_id, lines=[{"line_id": number, "quantity": 2}])
    partly = only(side, order_id)
    side.act(action="ship", order_id=order_id)
    shipped = only(side, order_id)

    assert [one.status for one in (fresh, partly, shipped)] == ["UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"]
    assert fresh.ship_by is not None
    assert fresh.ship_by > fresh.placed_at
    assert [one.lines[0].quantity_shipped for one in (fresh, partly, shipped)] == [0, 2, 3]
    assert fresh.lines[0].variant_platform_id == fresh.lines[0].sku


def test_what_amazon_ships_owes_nothing_from_the_merchants_shelves(side: Account) -> None:
    assert meaning(only(side, bought(side, by_amazon=True))) == "nothing"


def test_an_order_waits_for_payment_for_a_look_or_for_its_release_and_is_cancelled(side: Account) -> None:
    unpaid, asked, early, off = bought(side, status="pending"), bought(side), bought(side), bought(side)
    side.act(action="ask_to_cancel", order_id=asked)
    side.act(action="set_status", order_id=early, status="PENDING_AVAILABILITY")
    side.act(action="cancel", order_id=off)

    assert [meaning(only(side, one)) for one in (unpaid, asked, early, off)] == [
        "payment",
        "review",
        "by_lines",
        "cancelled",
    ]


def test_what_changed_in_the_last_two_minutes_comes_with_the_next_window(side: Account) -> None:
    begin = side.channel.time()
    order_id = bought(side)

    now = records(side.channel, Stream.ORDERS, since=begin - timedelta(minutes=10), until=side.channel.time())
    side.pass_time(180)
    later = records(side.channel, Stream.ORDERS, since=begin - timedelta(minutes=10), until=side.channel.time())

    assert order_id not in now
    assert order_id in later
    assert pages(side.channel, Stream.ORDERS, since=side.channel.time(), until=side.channel.time()) == []


def test_a_token_that_has_ended_is_renewed_and_one_that_was_taken_back_needs_a_person(side: Account) -> None:
    assert stock(side)
    side.pass_time(2 * 3600)
    assert stock(side)

    side.act(action="revoke_consent")
    side.pass_time(2 * 3600)
    with pytest.raises(FixChannel):
        stock(side)


def test_an_app_says_what_it_may(side: Account) -> None:
    assert [one.state for one in side.channel.probe()] == ["granted", "granted", "not checked", "not checked"]
    side.fault("403", match="GET /orders/*")
    assert [one.state for one in side.channel.probe()] == ["granted", "missing", "not checked", "not checked"]


def test_all_that_is_asked_and_sent_agrees_with_the_official_models(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MODELS.values():
        need(name)
    with account(orders=130, listings=1_010) as side:
        for stream in (Stream.STOCK, Stream.ORDERS):
            found = records(side.channel, stream)
            records(side.channel, stream, ids=tuple(sorted(found))[:3])
        side.channel.write(raised(side)[:3], always)
        monkeypatch.setattr("fillrate.channels.amazon.updates.FEED_TAKES_S", 1.0)
        side.pass_time(600)
        side.channel.write(raised(side)[:8], always)
        prefix = f"/amazon/{side.overheard.sent[0].url.path.split('/')[2]}"
        asked = [one for one in side.overheard.sent if "-" in one.url.path or "/fba/" in one.url.path]

    checked = set()
    for one in asked:
        path = re.sub(rf"^{re.escape(prefix)}|^/amazon", "", one.url.raw_path.decode().split("?")[0])
        model = next((name for part, name in MODELS.items() if path.startswith(part)), None)
        if model is None:
            continue
        template = path_of(path)
        checked.add(f"{one.method} {template}")
        assert set(one.url.params) <= query_names(model, template, one.method.lower()), one.url
        if one.content:
            assert request_complaints(model, template, one.method.lower(), json.loads(one.content)) == []
    assert checked == {
        "GET /listings/2021-08-01/items/{sellerId}",
        "PATCH /listings/2021-08-01/items/{sellerId}/{sku}",
        "GET /orders/2026-01-01/orders",
        "GET /orders/2026-01-01/orders/{orderId}",
        "GET /feeds/2021-06-30/feeds",
        "POST /feeds/2021-06-30/feeds",
        "GET /feeds/2021-06-30/feeds/{feedId}",
        "POST /feeds/2021-06-30/documents",
        "GET /feeds/2021-06-30/documents/{feedDocumentId}",
        "POST /reports/2021-06-30/reports",
        "GET /reports/2021-06-30/reports/{reportId}",
        "GET /reports/2021-06-30/documents/{reportDocumentId}",
        "GET /fba/inventory/v1/summaries",
    }


def path_of(path: str) -> str:
    """The path as the models write it."""
    names = {
        r"^(/listings/2021-08-01/items)/[^/]+/[^/]+$": r"\1/{sellerId}/{sku}",
        r"^(/listings/2021-08-01/items)/[^/]+$": r"\1/{sellerId}",
        r"^(/orders/2026-01-01/orders)/[^/]+$": r"\1/{orderId}",
        r"^(/feeds/2021-06-30/feeds)/[^/]+$": r"\1/{feedId}",
        r"^(/feeds/2021-06-30/documents)/[^/]+$": r"\1/{feedDocumentId}",
        r"^(/reports/2021-06-30/reports)/[^/]+$": r"\1/{reportId}",
        r"^(/reports/2021-06-30/documents)/[^/]+$": r"\1/{reportDocumentId}",
    }
    for known, named in names.items():
        path = re.sub(known, named, path)
    return path
