"""Notes on orders: what a write takes from the reading back before it, and what it finds out by itself."""

import pytest

from fillrate.channels.bigcommerce import BigCommerce
from fillrate.channels.protocol import Stream
from fillrate.errors import BadAnswer
from tests.channels.practice import always, metafield, practice, records

ONE, ALL = "GET /v3/orders/{id}/metafields", "GET /v3/orders/metafields"


def test_what_was_just_read_back_is_not_looked_up_again_to_be_written() -> None:
    with practice() as side:
        orders = sorted(records(side.channel, Stream.ORDERS))[:8]
        for after in ({"a": 1}, {"a": 2}, None):
            before = side.channel.read_back("metafield", orders)
            done = side.channel.write([metafield(one, after, before[one]) for one in orders], always)
            assert {outcome.state for outcome in done.values()} == {"done"}

        assert side.requests()[ALL] == 3
        assert set(side.channel.read_back("metafield", orders).values()) == {None}


def test_what_was_read_back_serves_one_write_only() -> None:
    with practice() as side:
        order = min(records(side.channel, Stream.ORDERS))
        side.channel.read_back("metafield", [order])
        for after in ({"a": 1}, {"a": 2}):
            assert side.channel.write([metafield(order, after)], always)[order].state == "done"

        assert side.channel.read_back("metafield", [order]) == {order: {"a": 2}}
        assert side.requests()[ONE] == 3


def test_a_note_that_came_or_went_after_the_reading_back_ends_as_wanted() -> None:
    with practice() as side:
        comes, goes = sorted(records(side.channel, Stream.ORDERS))[:2]
        other = BigCommerce("main", side.channel._http)
        other.write([metafield(goes, {"old": 1})], always)
        side.channel.read_back("metafield", [comes, goes])
        other.write([metafield(comes, {"old": 1}), metafield(goes, None)], always)

        done = side.channel.write([metafield(comes, {"new": 2}), metafield(goes, {"new": 2})], always)

        assert {outcome.state for outcome in done.values()} == {"done"}
        assert side.channel.read_back("metafield", [comes, goes]) == {comes: {"new": 2}, goes: {"new": 2}}


def test_a_note_that_cannot_be_read_does_not_count_as_missing() -> None:
    with practice() as side:
        orders = sorted(records(side.channel, Stream.ORDERS))[:5]
        side.channel.write([metafield(one, {"a": 1}) for one in orders], always)
        side.fault("bad_record", ALL, field="value", how="null")

        with pytest.raises(BadAnswer, match="a note cannot be read: Expected str, got null - at value"):
            side.channel.read_back("metafield", orders)
