"""Shopify behind the channel protocol."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.channels.protocol import STOCK, Ask, Capabilities, Outcome, Page, Scope, StockManner, Stream, Write
from fillrate.channels.shopify import catalog, numbers, orders, refunds, stock, store
from fillrate.channels.shopify.graph import Graph
from fillrate.records import StockSettings, StoreInfo

READERS: Mapping[Stream, Callable[[Graph, Ask], Iterator[Page[Any]]]] = {
    Stream.PRODUCTS: catalog.read_products,
    Stream.ORDERS: orders.read_orders,
    Stream.REFUNDS: refunds.read_refunds,
    Stream.LOCATIONS: stock.read_locations,
    Stream.STOCK: stock.read_stock,
}
CAPABILITIES = Capabilities(
    streams=frozenset(READERS),
    windowed=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.REFUNDS}),
    by_id=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.REFUNDS, Stream.STOCK}),
    writes=frozenset({STOCK}),
    write_batch=numbers.AT_ONCE,
    statuses=store.STATUSES,
    read_lag_seconds=60,
    stock=StockManner(
        reads=frozenset({"available"}),
        writes="available",
        compare_and_set=True,
        idempotent=True,
        relative=True,
        answers="whole",
        locations=True,
        goes_negative=True,
        backorders="unlimited",
    ),
)


class Shopify:
    """One Shopify shop; `closing` lets go of what it was opened with."""

    def __init__(self, name: str, graph: Graph, closing: Callable[[], None]) -> None:
        self._name = name
        self._graph = graph
        self._closing = closing

    def __repr__(self) -> str:
        return f"Shopify({self._name})"

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        return self._name

    def close(self) -> None:
        """Close the connections to the shop."""
        self._graph.close()
        self._closing()

    def capabilities(self) -> Capabilities:
        """Say what this channel can do, without asking the shop."""
        return CAPABILITIES

    def time(self) -> datetime:
        """Return the shop's own clock."""
        return store.shop_time(self._graph)

    def store(self) -> StoreInfo:
        """Return what the shop says about itself."""
        return store.store_info(self._graph)

    def probe(self) -> tuple[Scope, ...]:
        """Return which scopes the token has: the shop tells them."""
        return store.probe(self._graph)

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when the shop's own events move its numbers, for orders of each of these sources."""
        return stock.stock_settings(sources)

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question (Any: the stream's own record), each only when asked for."""
        return READERS[ask.stream](self._graph, ask)

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the present value (Any: JSON) of each target, None where there is none."""
        check_kind(kind)
        return numbers.look(self._graph, targets)

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Write changes of one kind; one outcome for each target, whatever happens."""
        for one in batch:
            check_kind(one.kind)
        return numbers.write(self._graph, batch, may_send)


def check_kind(kind: str) -> None:
    """Refuse what this channel never said it can do."""
    if kind != STOCK:
        message = f"Shopify cannot write {kind!r}"
        raise ValueError(message)
