"""How a channel reads: records of the declared types, each key once, pages that go on, windows that overlap, ids."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec
import pytest

from fillrate.channels.protocol import Ask, Stream
from fillrate.records import Brand, Category, Customer, Location, Order, Product, Record, Refund, StockItem
from tests.channels.practice import Practice, pages, records
from tests.contract.suite import EVERY_STREAM, Contract

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


def times_in(value: Any) -> Iterator[datetime]:
    """Yield every time within a record."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, msgspec.Struct):
        yield from times_in([getattr(value, name) for name in value.__struct_fields__])
    elif isinstance(value, list | tuple):
        for one in value:
            yield from times_in(one)


class ReadingContract(Contract):
    """Say also of what the large shop has several pages, and what people do to an order so that it moves."""

    paged: ClassVar[frozenset[Stream]] = frozenset({Stream.ORDERS})

    def move_order(self, side: Practice, order: Record) -> None:
        """Let people change an order so that its modified time moves."""
        raise NotImplementedError

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
        once, twice = ([(page.records, page.rejects) for page in pages(side.channel, stream)] for _ in range(2))

        assert once == twice

    @EVERY_STREAM
    def test_a_read_goes_on_from_any_page(self, stream: Stream) -> None:
        if stream not in self.paged:
            pytest.skip(f"the large practice shop has one page of {stream}")
        with self.serve(many=True) as side:
            whole = pages(side.channel, stream)
            assert len(whole) > 2

            for at, page in enumerate(whole[:-1], 1):
                assert page.next is not None
                assert pages(side.channel, stream, after=page.next) == whole[at:]

    @pytest.mark.parametrize("stream", [Stream.ORDERS])
    def test_rows_that_move_while_pages_are_read_are_in_this_window_or_the_next(self, stream: Stream) -> None:
        self.able(stream in self.capabilities.windowed, "reads no window of orders")
        with self.serve(many=True) as side:
            before = records(side.channel, stream)
            by_age = [before[one] for one in sorted(before, key=lambda one: (len(one), one))]
            until = side.channel.time()
            met: dict[str, Record] = {}
            for number, page in enumerate(side.channel.read(Ask(stream=stream, until=until))):
                met |= {one.platform_id: one for one in page.records}
                side.pass_time(5)
                for moved in (by_age[number], by_age[-number - 1]):
                    self.move_order(side, moved)
            since = until - timedelta(minutes=10)
            met |= records(side.channel, stream, since=since, until=side.channel.time())

            assert met == records(side.channel, stream)
            assert set(met) == set(before)

    @EVERY_STREAM
    def test_windows_that_overlap_make_one_window(self, side: Practice, stream: Stream) -> None:
        self.able(stream in self.capabilities.windowed, f"reads no window of {stream}")
        now = side.channel.time()
        middle = now - timedelta(days=60)

        early = records(side.channel, stream, until=middle)
        late = records(side.channel, stream, since=middle - timedelta(minutes=10), until=now)

        assert early | late == records(side.channel, stream, until=now)

    @pytest.mark.parametrize("stream", [Stream.PRODUCTS, Stream.ORDERS, Stream.STOCK])
    def test_records_asked_for_by_id_are_those_of_the_list(self, side: Practice, stream: Stream) -> None:
        self.able(stream in self.capabilities.by_id, f"finds no {stream} by id")
        all_of_them = records(side.channel, stream)
        ids = tuple(sorted(all_of_them))[::3]

        assert records(side.channel, stream, ids=ids) == {one: all_of_them[one] for one in ids}

    @pytest.mark.parametrize("stream", [Stream.PRODUCTS, Stream.ORDERS])
    def test_what_the_shop_says_is_gone_is_told_and_the_rest_comes(self, side: Practice, stream: Stream) -> None:
        self.able(stream in self.capabilities.by_id, f"finds no {stream} by id")
        known = sorted(records(side.channel, stream))[:2]

        (page,) = pages(side.channel, stream, ids=(*known, self.unknown_id))

        assert sorted(one.platform_id for one in page.records) == known
        assert (page.gone, page.rejects) == ((self.unknown_id,), ())

    def test_the_stock_that_is_told_lies_at_locations_that_are_told(self, side: Practice) -> None:
        self.able({Stream.STOCK, Stream.LOCATIONS} <= self.capabilities.streams, "reads no stock with its locations")
        places = set(records(side.channel, Stream.LOCATIONS))
        stock = records(side.channel, Stream.STOCK).values()
        levels = [level for one in stock if isinstance(one, StockItem) for level in one.levels]

        assert levels
        assert {one.location_platform_id for one in levels} <= places
        written = [one.target for one in levels if one.target]  # what has no target is only read
        assert written
        assert len(set(written)) == len(written)

    def test_the_lines_of_orders_and_the_stock_name_variants_of_the_catalogue(self, side: Practice) -> None:
        self.able({Stream.STOCK, Stream.PRODUCTS, Stream.ORDERS} <= self.capabilities.streams, "reads not all of these")
        sold: set[tuple[str, str]] = set()
        counted: set[tuple[str, str]] = set()
        for product in records(side.channel, Stream.PRODUCTS).values():
            assert isinstance(product, Product)
            sold |= {(product.platform_id, one.platform_id) for one in product.variants}
            if product.tracking != "none":
                counted |= {(product.platform_id, one.platform_id) for one in product.variants if one.is_counted}
            counted |= {(product.platform_id, "")} if product.tracking == "product" else set()
        lines = [
            line
            for one in records(side.channel, Stream.ORDERS).values()
            if isinstance(one, Order)
            for line in one.lines
        ]
        levels = [
            one
            for item in records(side.channel, Stream.STOCK).values()
            if isinstance(item, StockItem)
            for one in item.levels
        ]

        assert any((one.product_platform_id, one.variant_platform_id) in sold for one in lines)
        assert {(one.product_platform_id, one.variant_platform_id) for one in levels} <= counted

    def test_every_status_that_is_told_is_declared(self, side: Practice) -> None:
        self.able(Stream.ORDERS in self.capabilities.streams, "reads no orders")
        told = {one.status for one in records(side.channel, Stream.ORDERS).values() if isinstance(one, Order)}

        assert told <= set(self.capabilities.statuses)

    def test_the_shop_says_who_and_when_it_is(self, side: Practice) -> None:
        store = side.channel.store()
        earlier = side.channel.time()
        side.pass_time(60)

        assert store.identity
        assert store.timezone
        assert len(store.currency) == 3
        assert side.channel.time() - earlier == timedelta(seconds=60)
