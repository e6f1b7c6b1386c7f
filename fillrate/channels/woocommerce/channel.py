"""WooCommerce behind the channel protocol."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.channels.protocol import STOCK, Ask, Capabilities, Outcome, Page, Scope, StockManner, Stream, Write
from fillrate.channels.woocommerce import catalog, numbers, orders, refunds, stock, store
from fillrate.channels.woocommerce.rest import Rest
from fillrate.records import StockSettings, StoreInfo

READERS: Mapping[Stream, Callable[[Rest, Ask], Iterator[Page[Any]]]] = {
    Stream.PRODUCTS: catalog.read_products,
    Stream.ORDERS: orders.read_orders,
    Stream.REFUNDS: refunds.read_refunds,
    Stream.LOCATIONS: stock.read_locations,
    Stream.STOCK: stock.read_stock,
}
CAPABILITIES = Capabilities(
    streams=frozenset(READERS),
    windowed=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.REFUNDS, Stream.STOCK}),
    by_id=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.REFUNDS, Stream.STOCK}),
    writes=frozenset({STOCK}),
    write_batch=numbers.AT_ONCE,
    statuses=store.STATUSES,
    read_lag_seconds=5,
    stock=StockManner(
        reads=frozenset({"available"}),
        writes="available",
        goes_negative=True,
        backorders="unlimited",
        delta=True,
        sweep_seconds=3600,
    ),
)


class WooCommerce:
    """One WooCommerce shop."""

    def __init__(self, name: str, rest: Rest) -> None:
        self._name = name
        self._rest = rest

    def __repr__(self) -> str:
        return f"WooCommerce({self._name})"

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        return self._name

    def close(self) -> None:
        """Close the connections to the shop."""
        self._rest.close()

    def capabilities(self) -> Capabilities:
        """Say what this channel can do, without asking the shop."""
        return CAPABILITIES

    def time(self) -> datetime:
        """Return the shop's own clock."""
        return store.shop_time(self._rest)

    def store(self) -> StoreInfo:
        """Return what the shop says about itself."""
        return store.store_info(self._rest)

    def probe(self) -> tuple[Scope, ...]:
        """Find out what the key may read, by one cheap question each."""
        return store.probe(self._rest)

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when the shop's own events move its numbers, for orders of each of these sources."""
        return stock.stock_settings(sources)

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question (Any: the stream's own record), each only when asked for."""
        return READERS[ask.stream](self._rest, ask)

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the present value (Any: JSON) of each target, None where there is none."""
        check_kind(kind)
        return numbers.look(self._rest, targets)

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Write changes of one kind; one outcome for each target, whatever happens."""
        for one in batch:
            check_kind(one.kind)
        return numbers.write(self._rest, batch, may_send)


def check_kind(kind: str) -> None:
    """Refuse what this channel never said it can do."""
    if kind != STOCK:
        message = f"WooCommerce cannot write {kind!r}"
        raise ValueError(message)
