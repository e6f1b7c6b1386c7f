"""What every channel must keep, whatever shop it speaks to. A new channel inherits this and gives its practice shop."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from fillrate.channels.protocol import Ask, Stream, Write
from fillrate.errors import FillrateError, InDoubt, LeaseLost
from fillrate.records import Brand, Category, Customer, Location, Order, Product, Record, Refund, StockItem
from tests.channels.practice import Practice, always, pages, records

RECORDS: dict[Stream, type[Record]] = {
    Stream.CATEGORIES: Category,
    Stream.BRANDS: Brand,
    Stream.PRODUCTS: Product,
    Stream.CUSTOMERS: Customer,
    Stream.ORDERS: Order,
    Stream.REFUNDS: Refund,
    Stream.LOCATIONS: Location,
    Stream.STOCK: StockItem,
}
EVERY_STREAM = pytest.mark.parametrize("stream", list(Stream))
PASSING = ["429", "500", "502", "503", "504", "drop", "html", "malformed", "truncated", "empty"]
LASTING = [*PASSING, "401", "403", "423", "507", "redirect"]


def times_in(value: Any) -> Iterator[datetime]:
    """Yield every time within a record."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, msgspec.Struct):
        yield from times_in([getattr(value, name) for name in value.__struct_fields__])
    elif isinstance(value, list | tuple):
        for one in value:
            yield from times_in(one)


class ChannelContract:
    """Inherit, and say how the practice shop is served: small, or with several pages of orders and customers."""

    kind = ""  # one kind of write

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        raise NotImplementedError

    def write(self, target: str, after: Any, before: Any = None) -> Write:
        raise NotImplementedError

    @pytest.fixture
    def side(self) -> Iterator[Practice]:
        with self.serve() as side:
            yield side

    def test_a_record_has_the_types_it_declares_and_times_in_utc(self, side: Practice) -> None:
        for stream in side.channel.capabilities().streams:
            for record in records(side.channel, stream).values():
                assert type(record) is RECORDS[stream]
                assert msgspec.convert(msgspec.to_builtins(record), type(record)) == record
                assert {one.tzinfo for one in times_in(record)} <= {UTC}

    @EVERY_STREAM
    def test_every_key_comes_once_and_the_pages_end(self, side: Practice, stream: Stream) -> None:
        keys = Counter(one.platform_id for page in pages(side.channel, stream) for one in page.records)

        assert keys
        assert set(keys.values()) == {1}
        assert "" not in keys

    @EVERY_STREAM
    def test_reading_twice_tells_the_same(self, side: Practice, stream: Stream) -> None:
        assert pages(side.channel, stream) == pages(side.channel, stream)

    @pytest.mark.parametrize("stream", [Stream.ORDERS, Stream.CUSTOMERS])
    def test_a_read_goes_on_from_any_page(self, stream: Stream) -> None:
        with self.serve(many=True) as side:
            whole = pages(side.channel, stream)
            assert len(whole) > 2

            for at, page in enumerate(whole[:-1], 1):
                assert page.next is not None
                assert pages(side.channel, stream, after=page.next) == whole[at:]

    def test_rows_that_move_while_pages_are_read_are_in_this_window_or_the_next(self) -> None:
        with self.serve(many=True) as side:
            before = records(side.channel, Stream.ORDERS)
            until = side.channel.time()
            met = {}
            for number, page in enumerate(side.channel.read(Ask(stream=Stream.ORDERS, until=until))):
                met |= {one.platform_id: one for one in page.records}
                side.pass_time(5)
                for moved in (sorted(before, key=int)[number], sorted(before, key=int)[-number - 1]):
                    side.act(action="set_status", order_id=int(moved), status=12)
            since = until - timedelta(minutes=10)
            met |= records(side.channel, Stream.ORDERS, since=since, until=side.channel.time())

            assert met == records(side.channel, Stream.ORDERS)
            assert set(met) == set(before)

    def test_windows_that_overlap_make_one_window(self, side: Practice) -> None:
        now = side.channel.time()
        middle = now - timedelta(days=60)
        for stream in side.channel.capabilities().windowed:
            early = records(side.channel, stream, until=middle)
            late = records(side.channel, stream, since=middle - timedelta(minutes=10), until=now)

            assert early | late == records(side.channel, stream, until=now)

    @pytest.mark.parametrize("stream", [Stream.PRODUCTS, Stream.ORDERS, Stream.STOCK])
    def test_records_asked_for_by_id_are_those_of_the_list(self, side: Practice, stream: Stream) -> None:
        all_of_them = records(side.channel, stream)
        ids = tuple(sorted(all_of_them))[::3]

        assert records(side.channel, stream, ids=ids) == {one: all_of_them[one] for one in ids}

    @pytest.mark.parametrize("stream", [Stream.PRODUCTS, Stream.ORDERS])
    def test_what_the_shop_says_is_gone_is_told_and_the_rest_comes(self, side: Practice, stream: Stream) -> None:
        known = sorted(records(side.channel, stream))[:2]

        (page,) = pages(side.channel, stream, ids=(*known, "987654"))

        assert [one.platform_id for one in page.records] == known
        assert (page.gone, page.rejects) == (("987654",), ())

    @EVERY_STREAM
    @pytest.mark.parametrize("kind", PASSING)
    def test_trouble_that_passes_changes_nothing(self, side: Practice, stream: Stream, kind: str) -> None:
        undisturbed = pages(side.channel, stream)
        side.fault(kind, times=1)

        assert pages(side.channel, stream) == undisturbed

    @EVERY_STREAM
    @pytest.mark.parametrize("kind", LASTING)
    def test_trouble_that_lasts_is_an_error_and_never_an_empty_shop(
        self, side: Practice, stream: Stream, kind: str
    ) -> None:
        side.fault(kind)

        with pytest.raises(FillrateError):
            pages(side.channel, stream)

    def test_a_shop_that_drips_does_not_hold_the_run(self, side: Practice) -> None:
        undisturbed = pages(side.channel, Stream.ORDERS)
        side.fault("drip", times=1)

        assert pages(side.channel, Stream.ORDERS) == undisturbed

    def test_a_bad_record_is_rejected_with_its_reason_and_the_rest_lands(self, side: Practice) -> None:
        rejected = 0
        for _ in range(15):
            for stream in (Stream.PRODUCTS, Stream.ORDERS, Stream.CUSTOMERS):
                good = records(side.channel, stream)
                side.fault("bad_record", times=1)
                (page, *_rest) = pages(side.channel, stream)
                side.calm()

                assert len(page.records) + len(page.rejects) == len(good)
                assert len(page.rejects) <= 1
                assert all(one.reason and len(one.payload_hash) == 64 for one in page.rejects)
                rejected += len(page.rejects)

        assert rejected > 3

    def test_what_was_written_is_read_back_and_writing_it_again_changes_nothing(self, side: Practice) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:6]
        values = {one: {"order": one, "ünits": [1, 2], "none": None} for one in targets}
        batch = [self.write(one, values[one]) for one in targets]

        first = side.channel.write(batch, always)
        second = side.channel.write(batch, always)

        assert {one.state for one in (first | second).values()} == {"done"}
        assert set(first) == set(second) == set(targets)
        assert side.channel.read_back(self.kind, targets) == values
        changed = [self.write(one, {"now": 2}, values[one]) for one in targets[:3]]
        removed = [self.write(one, None, values[one]) for one in targets[3:]]
        assert {one.state for one in side.channel.write(changed + removed, always).values()} == {"done"}
        now: dict[str, Any] = {one: {"now": 2} for one in targets[:3]} | dict.fromkeys(targets[3:])
        assert side.channel.read_back(self.kind, targets) == now

    def test_what_may_no_longer_be_sent_is_not(self, side: Practice) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:2]

        def lost() -> None:
            raise LeaseLost("Another run has taken over.")

        with pytest.raises(LeaseLost):
            side.channel.write([self.write(one, {"a": 1}) for one in targets], lost)
        assert side.channel.read_back(self.kind, targets) == dict.fromkeys(targets)

    def test_a_write_whose_answer_is_lost_is_unknown_until_it_is_read_back(self, side: Practice) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:2]
        side.fault("drop_after_write", match="POST *", times=1)

        try:
            states = {
                one.state for one in side.channel.write([self.write(one, {"a": 1}) for one in targets], always).values()
            }
        except InDoubt:
            states = {"unknown"}

        assert states == {"unknown"}
        assert side.channel.read_back(self.kind, targets) == {one: {"a": 1} for one in targets}

    @pytest.mark.parametrize("kind", ["429", "500", "503", "504", "drop", "html", "malformed", "truncated", "empty"])
    def test_the_outcome_of_a_write_is_never_better_than_the_truth(self, side: Practice, kind: str) -> None:
        targets = sorted(records(side.channel, Stream.ORDERS))[:2]
        side.fault(kind, match="POST *", times=1)

        outcomes = side.channel.write([self.write(one, {"a": 1}) for one in targets], always)
        held = side.channel.read_back(self.kind, targets)

        assert set(outcomes) == set(targets)
        assert all(held[one] == {"a": 1} for one, outcome in outcomes.items() if outcome.state == "done")
        assert all(held[one] is None for one, outcome in outcomes.items() if outcome.state == "refused")

    def test_the_shop_says_who_and_when_it_is(self, side: Practice) -> None:
        store = side.channel.store()
        earlier = side.channel.time()
        side.pass_time(60)

        assert store.identity
        assert store.timezone
        assert len(store.currency) == 3
        assert side.channel.time() - earlier == timedelta(seconds=60)
