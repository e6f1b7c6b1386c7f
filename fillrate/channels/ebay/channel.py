"""eBay behind the channel protocol: what was put up through the Inventory API, and all orders."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from fillrate.channels.ebay import items, orders, store
from fillrate.channels.ebay.order_rows import STATUSES
from fillrate.channels.ebay.settings import EbaySettings
from fillrate.channels.ebay.updates import Updates
from fillrate.channels.protocol import STOCK, Ask, Capabilities, Outcome, Page, Scope, StockManner, Stream, Write
from fillrate.gateway.budget import Budget
from fillrate.gateway.http import Http
from fillrate.gateway.oauth import Refreshed
from fillrate.gateway.outside import Outside
from fillrate.records import Location, StockSettings, StoreInfo

LOWERED_AT_ORDER = StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=True)
CAPABILITIES = Capabilities(
    streams=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.LOCATIONS, Stream.STOCK}),
    windowed=frozenset({Stream.ORDERS}),
    by_id=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.STOCK}),
    writes=frozenset({STOCK}),
    write_batch=100,
    statuses=STATUSES,
    read_lag_seconds=60,
    stock=StockManner(reads=frozenset({"available"}), writes="available", answers="each"),
    gives_promises=True,
)


class Ebay:
    """One seller's account on one marketplace."""

    def __init__(self, settings: EbaySettings, http: Http, token: Refreshed, budget: Budget, outside: Outside) -> None:
        self._settings = settings
        self._http = http
        self._token = token
        self._budget = budget
        self._outside = outside
        self._updates = Updates(http, settings.items_per_update)

    def __repr__(self) -> str:
        return f"Ebay({self.name})"

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        return self._settings.name

    def close(self) -> None:
        """Close the connections to eBay."""
        self._http.close()
        self._token.close()

    def capabilities(self) -> Capabilities:
        """Say what this channel can do, without asking eBay."""
        return CAPABILITIES

    def time(self) -> datetime:
        """Return eBay's own clock."""
        return store.shop_time(self._http, self._budget)

    def store(self) -> StoreInfo:
        """Return what is known of the account: the API names it nowhere, so its keys do."""
        market = self._settings.marketplace_id
        return StoreInfo(
            identity=f"{market}:{self._settings.client_id.get_secret_value()}",
            name=f"eBay {market}",
            timezone="UTC",
            currency=store.currency_of(market),
            plan="",
        )

    def probe(self) -> tuple[Scope, ...]:
        """Find out which scopes the token has, by one cheap read under each."""
        return store.probe(self._http)

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when numbers move: eBay lowers them at order, and raises them when one is cancelled."""
        return dict.fromkeys(sources, LOWERED_AT_ORDER)

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question (Any: the stream's own record), each only when asked for."""
        if ask.stream not in CAPABILITIES.streams or (ask.ids is not None and ask.stream not in CAPABILITIES.by_id):
            message = f"{ask.stream} cannot be asked for like this"
            raise ValueError(message)
        if ask.stream is Stream.ORDERS:
            return orders.read_orders(self._http, ask, self._outside.clock.now())
        if ask.stream is Stream.LOCATIONS:
            return iter((Page(records=(EVERYWHERE,), rejects=(), next=None),))
        reader = items.read_products if ask.stream is Stream.PRODUCTS else items.read_stock
        return reader(self._http, ask)

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the present number of each SKU, None where there is none."""
        check_kind(kind)
        return self._updates.read_back(targets)

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Write numbers; one outcome for each SKU, whatever happens."""
        for one in batch:
            check_kind(one.kind)
        return self._updates.write(batch, may_send)


EVERYWHERE = Location(
    platform_id=items.EVERYWHERE, code=items.EVERYWHERE, name="Ship to home", is_enabled=True, is_default=True
)


def check_kind(kind: str) -> None:
    """Refuse what this channel never said it can do."""
    if kind not in CAPABILITIES.writes:
        message = f"eBay cannot write {kind!r}"
        raise ValueError(message)
