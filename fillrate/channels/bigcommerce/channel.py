"""BigCommerce behind the channel protocol; the hub, and the most complete channel."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.channels import batch_writes
from fillrate.channels.bigcommerce import (
    catalog,
    catalog_writes,
    counting,
    customers,
    hook_writes,
    limit_writes,
    metafields,
    order_writes,
    orders,
    probe,
    refunds,
    stock,
    stock_numbers,
    store,
)
from fillrate.channels.protocol import (
    HOOK,
    STOCK,
    Ask,
    Capabilities,
    Outcome,
    Page,
    Registered,
    Scope,
    StockManner,
    Stream,
    Write,
)
from fillrate.gateway.http import Http
from fillrate.records import StockSettings, StoreInfo

READERS: Mapping[Stream, Callable[[Http, Ask], Iterator[Page[Any]]]] = {
    Stream.CATEGORIES: catalog.read_categories,
    Stream.BRANDS: catalog.read_brands,
    Stream.PRODUCTS: catalog.read_products,
    Stream.CUSTOMERS: customers.read_customers,
    Stream.ORDERS: orders.read_orders,
    Stream.REFUNDS: refunds.read_refunds,
    Stream.LOCATIONS: stock.read_locations,
    Stream.STOCK: stock.read_stock,
}
KINDS = {**order_writes.KINDS, **catalog_writes.KINDS, **limit_writes.KINDS}
CAPABILITIES = Capabilities(
    streams=frozenset(READERS),
    windowed=frozenset({Stream.PRODUCTS, Stream.CUSTOMERS, Stream.ORDERS, Stream.REFUNDS}),
    by_id=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.REFUNDS, Stream.STOCK}),
    writes=frozenset({metafields.KIND, HOOK, STOCK, *KINDS, *counting.KINDS}),
    write_batch=50,
    write_batches={STOCK: stock_numbers.AT_ONCE},
    statuses=store.STATUSES,
    read_lag_seconds=60,
    stock=StockManner(
        reads=frozenset({"on_hand", "available"}),
        writes="available",
        fields=frozenset({"safety_stock", "backorder_limit"}),
        relative=True,
        answers="whole",
        takes_effect="later",
        locations=True,
        backorders="limit",
    ),
)


class BigCommerce:
    """One BigCommerce store."""

    def __init__(self, name: str, http: Http, hook_words: Sequence[bytes] = ()) -> None:
        self._name = name
        self._http = http
        self._hook_words = hook_words  # what hooks of ours carry, so that we know them; the first one from now on
        self._seen: metafields.Seen = {}  # by the last reading back, for the writes that follow it

    def __repr__(self) -> str:
        return f"BigCommerce({self._name})"

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        return self._name

    def close(self) -> None:
        """Close the connections to the shop."""
        self._http.close()

    def capabilities(self) -> Capabilities:
        """Say what this channel can do, without asking the shop."""
        return CAPABILITIES

    def time(self) -> datetime:
        """Return the shop's own clock."""
        return store.store_time(self._http)

    def store(self) -> StoreInfo:
        """Return what the shop says about itself."""
        return store.store_info(self._http)

    def probe(self) -> tuple[Scope, ...]:
        """Find out which scopes the token has, by one cheap read under each."""
        return probe.probe(self._http)

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when the shop's own events move its numbers, for orders of each of these sources."""
        return stock.stock_settings(self._http, sources)

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question (Any: the stream's own record), each only when asked for."""
        if ask.ids is not None and ask.stream not in CAPABILITIES.by_id:
            message = f"{ask.stream} cannot be asked for by id"
            raise ValueError(message)
        return READERS[ask.stream](self._http, ask)

    def hooks(self) -> tuple[Registered, ...]:
        """Return all hooks of our account."""
        return hook_writes.registered(self._http)

    def hook_value(self) -> dict[str, Any]:
        """Return what a hook of ours should hold (Any: JSON)."""
        return hook_writes.wanted(self._hook_words)

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the present value (Any: JSON) of each target, None where there is none."""
        check_kind(kind)
        if kind in KINDS:
            return batch_writes.look(self._http, KINDS[kind], targets)
        if kind in counting.KINDS:
            return counting.look(self._http, kind, targets)
        if kind == STOCK:
            return stock_numbers.look(self._http, targets)
        if kind == HOOK:
            return hook_writes.look(self._http, targets, self._hook_words)
        self._seen = metafields.look(self._http, targets)
        return {order: metafields.value_of(row) for order, row in self._seen.items()}

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Write changes of one kind; one outcome for each target, whatever happens."""
        for one in batch:
            check_kind(one.kind)
        if batch and batch[0].kind in KINDS:
            return batch_writes.write(self._http, KINDS[batch[0].kind], batch, may_send)
        if batch and batch[0].kind in counting.KINDS:
            return counting.write(self._http, batch, may_send)
        if batch and batch[0].kind == STOCK:
            return stock_numbers.write(self._http, batch, may_send)
        if batch and batch[0].kind == HOOK:
            return hook_writes.write(self._http, batch, self._hook_words, may_send)
        seen = {one.target: self._seen.pop(one.target) for one in batch if one.target in self._seen}
        return metafields.write(self._http, batch, seen, may_send)


def check_kind(kind: str) -> None:
    """Refuse what this channel never said it can do."""
    if kind not in CAPABILITIES.writes:
        message = f"BigCommerce cannot write {kind!r} yet"
        raise ValueError(message)
