"""Amazon behind the channel protocol: the listings of one seller in one store, and all orders there."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from fillrate.channels.amazon import catalogue, orders, store
from fillrate.channels.amazon.order_rows import STATUSES
from fillrate.channels.amazon.records import LOCATIONS
from fillrate.channels.amazon.settings import AmazonSettings
from fillrate.channels.amazon.store import Account
from fillrate.channels.amazon.updates import Updates
from fillrate.channels.protocol import STOCK, Ask, Capabilities, Outcome, Page, Scope, StockManner, Stream, Write
from fillrate.gateway.documents import Documents
from fillrate.gateway.http import Http
from fillrate.gateway.oauth import Refreshed
from fillrate.gateway.outside import Outside
from fillrate.records import StockSettings, StoreInfo

A_DAY = timedelta(days=1)
LOWERED_AT_ORDER = StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=True)
CAPABILITIES = Capabilities(
    streams=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.LOCATIONS, Stream.STOCK}),
    windowed=frozenset({Stream.ORDERS}),
    by_id=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.STOCK}),
    writes=frozenset({STOCK}),
    write_batch=5_000,
    statuses=STATUSES,
    read_lag_seconds=180,
    stock=StockManner(
        reads=frozenset({"available"}),
        writes="available",
        answers="each",
        takes_effect="later",
        locations=True,
        sweep_seconds=900,
    ),
    gives_promises=True,
)


class Amazon:
    """One seller in one store."""

    def __init__(
        self, settings: AmazonSettings, http: Http, token: Refreshed, documents: Documents, outside: Outside
    ) -> None:
        self._settings = settings
        self._http = http
        self._token = token
        self._documents = documents
        self._account = Account(http, settings.seller_id, settings.marketplace_id)
        self._source = catalogue.Source(self._account, documents, outside.clock)
        self._updates = Updates(self._account, documents, outside.clock)

    def __repr__(self) -> str:
        return f"Amazon({self.name})"

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        return self._settings.name

    def close(self) -> None:
        """Close the connections to Amazon."""
        self._http.close()
        self._token.close()
        self._documents.close()

    def capabilities(self) -> Capabilities:
        """Say what this channel can do, without asking Amazon."""
        return CAPABILITIES

    def time(self) -> datetime:
        """Return Amazon's own clock."""
        return store.shop_time(self._account)

    def store(self) -> StoreInfo:
        """Return what is known of the account."""
        seller, market = self._settings.seller_id, self._settings.marketplace_id
        return StoreInfo(
            identity=f"{seller}@{market}",
            name=f"Amazon {market}",
            timezone="UTC",
            currency=self._account.currency,
            plan="",
        )

    def probe(self) -> tuple[Scope, ...]:
        """Find out which roles the app has, by one cheap read under each."""
        return store.probe(self._account, self.time() - A_DAY)

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when numbers move: Amazon lowers what is offered at order."""
        return dict.fromkeys(sources, LOWERED_AT_ORDER)

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question (Any: the stream's own record), each only when asked for."""
        if ask.stream not in CAPABILITIES.streams or (ask.ids is not None and ask.stream not in CAPABILITIES.by_id):
            message = f"{ask.stream} cannot be asked for like this"
            raise ValueError(message)
        if ask.stream is Stream.ORDERS:
            return orders.read_orders(self._account, ask, self.time)
        if ask.stream is Stream.LOCATIONS:
            return iter((Page(records=LOCATIONS, rejects=(), next=None),))
        reader = catalogue.read_products if ask.stream is Stream.PRODUCTS else catalogue.read_stock
        return reader(self._source, ask)

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the merchant's own number of each SKU, None where there is none."""
        check_kind(kind)
        return self._updates.read_back(targets)

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Write numbers; one outcome for each SKU, whatever happens."""
        for one in batch:
            check_kind(one.kind)
        return self._updates.write(batch, may_send)


def check_kind(kind: str) -> None:
    """Refuse what this channel never said it can do."""
    if kind not in CAPABILITIES.writes:
        message = f"Amazon cannot write {kind!r}"
        raise ValueError(message)
