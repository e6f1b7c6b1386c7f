"""How stock numbers of Shopify are written, where that is not as in every shop."""

import json
from collections.abc import Iterator

import pytest

from fillrate.channels.protocol import STOCK, Stream, Write
from fillrate.errors import StopChannel
from fillrate.records import StockItem, StockLevel
from tests.channels.practice import Practice, always, records
from tests.channels.shopify.practice import shopify


@pytest.fixture
def side() -> Iterator[Practice]:
    with shopify(seed=3) as side:
        yield side


def levels(side: Practice, some: int = 4) -> list[StockLevel]:
    items = records(side.channel, Stream.STOCK).values()
    return [one for item in items if isinstance(item, StockItem) for one in item.levels][:some]


def write(level: StockLevel, after: int, before: int | None = None) -> Write:
    was = {"quantity": level.shown if before is None else before}
    return Write(kind=STOCK, target=level.target, before=was, after={"quantity": after}, key=f"k {level.target}")


def by_hand(side: Practice, level: StockLevel, number: int) -> None:
    place = int(level.location_platform_id) % 10_000
    side.act(action="set_stock", sku=level.sku, number=number, location_id=place)


def test_a_call_carries_what_each_number_was_and_a_key_of_its_intents(side: Practice) -> None:
    some = levels(side)

    side.channel.write([write(one, one.shown + 1) for one in some], always)
    side.channel.write([write(one, one.shown + 1) for one in reversed(some)], always)

    calls = [json.loads(one["body"])["variables"] for one in side.writes() if "mutation" in one["body"]]
    assert calls[0]["key"] == calls[1]["key"]
    assert {row["changeFromQuantity"] for row in calls[0]["input"]["quantities"]} == {one.shown for one in some}
    assert calls[0]["input"]["referenceDocumentUri"].startswith("gid://fillrate/")


def test_a_call_that_is_still_being_carried_out_is_waited_for(side: Practice) -> None:
    batch = [write(one, one.shown + 1) for one in levels(side)]
    side.channel.write(batch, lambda: side.fault("late", times=1, requests=4))

    side.channel.write(batch, always)

    assert side.channel.read_back(STOCK, [one.target for one in batch]) == {one.target: one.after for one in batch}


def test_a_key_whose_first_attempt_failed_makes_way_for_another() -> None:
    with shopify({"failed_attempt": "refused"}, seed=3) as side:
        (level,) = levels(side, 1)
        by_hand(side, level, level.shown + 9)
        assert side.channel.write([write(level, 50)], always)[level.target].state == "stale"
        by_hand(side, level, level.shown)

        side.channel.write([write(level, 50)], always)

        assert side.channel.read_back(STOCK, [level.target]) == {level.target: {"quantity": 50}}


def test_what_the_shop_does_not_keep_at_a_location_is_refused_and_the_rest_goes_on(side: Practice) -> None:
    some = levels(side, 20)
    by_item: dict[str, set[str]] = {}
    for one in some:
        by_item.setdefault(one.target.partition("@")[0], set()).add(one.location_platform_id)
    places = {one.location_platform_id for one in some}
    item, missing = next((item, places - there) for item, there in by_item.items() if there != places)
    lost = Write(kind=STOCK, target=f"{item}@{min(missing)}", before={"quantity": 0}, after={"quantity": 1}, key="lost")

    outcomes = side.channel.write([lost, *(write(one, one.shown + 1) for one in some)], always)

    assert outcomes[lost.target].state in {"refused", "stale"}
    assert side.channel.read_back(STOCK, [one.target for one in some]) == {
        one.target: {"quantity": one.shown + 1} for one in some
    }


@pytest.mark.parametrize("version", ["2026-01", "2026-04", "2026-07"])
def test_a_number_below_nothing_is_never_sent_and_may_be_left(version: str) -> None:
    with shopify(seed=3, settings={"api_version": version}) as side:
        (level,) = levels(side, 1)
        assert side.channel.write([write(level, -1)], always)[level.target].state == "refused"
        assert [one for one in side.writes() if "mutation" in one["body"]] == []
        by_hand(side, level, -2)

        side.channel.write([write(level, 4, before=-2)], always)

        assert side.channel.read_back(STOCK, [level.target]) == {level.target: {"quantity": 4}}


def test_nothing_is_compared_with_nothing(side: Practice) -> None:
    (level,) = levels(side, 1)
    blind = Write(kind=STOCK, target=level.target, before=None, after={"quantity": 4}, key="k")

    assert side.channel.write([blind], always)[level.target].state == "stale"
    assert [one for one in side.writes() if "mutation" in one["body"]] == []


def test_a_shop_that_takes_no_writes_is_asked_once(side: Practice) -> None:
    batch = [write(one, one.shown + 1) for one in levels(side)]
    before = side.requests()

    with pytest.raises(StopChannel, match="takes no questions"):
        side.channel.write(batch, lambda: side.fault("423"))

    side.calm()
    spent = sum(side.requests().values()) - sum(before.values())
    assert spent == 1
    assert side.channel.read_back(STOCK, [one.target for one in batch]) == {one.target: one.before for one in batch}
