"""A till, a warehouse or an ERP behind the channel protocol, by the files that it writes and reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import structs

from fillrate.channels.files import shelves
from fillrate.channels.files.orders import STATUSES, Reading, orders_in
from fillrate.channels.files.places import Place
from fillrate.channels.files.settings import FilesSettings
from fillrate.channels.files.stock import stock_in
from fillrate.channels.protocol import STOCK, Ask, Capabilities, Outcome, Page, Scope, StockManner, Stream, Write
from fillrate.records import (
    Location,
    Order,
    Product,
    Record,
    Reject,
    StockItem,
    StockLevel,
    StockSettings,
    StoreInfo,
    Variant,
)

R = TypeVar("R", bound=Record)
PAGE = 1_000
NOBODY_KNOWS = datetime(1970, 1, 1, tzinfo=UTC)  # when a product was made: files do not tell
LOWERED_AT_ORDER = StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=True)
CAPABILITIES = Capabilities(
    streams=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.LOCATIONS, Stream.STOCK}),
    windowed=frozenset({Stream.ORDERS}),
    by_id=frozenset({Stream.PRODUCTS, Stream.ORDERS, Stream.STOCK}),
    writes=frozenset({STOCK}),
    write_batch=100_000,
    statuses=STATUSES,
    read_lag_seconds=60,
    stock=StockManner(
        reads=frozenset({"available"}),
        writes="available",
        answers="whole",
        takes_effect="later",
        locations=True,
        goes_negative=True,
    ),
    gives_promises=True,
)


class Files:
    """One place where another program and Fillrate lay down files for each other."""

    def __init__(self, settings: FilesSettings, place: Place) -> None:
        self._settings = settings
        self._place = place

    def __repr__(self) -> str:
        return f"Files({self.name})"

    @property
    def name(self) -> str:
        """The channel's name in the settings."""
        return self._settings.name

    def close(self) -> None:
        """Let go of the place."""
        self._place.close()

    def capabilities(self) -> Capabilities:
        """Say what this place can do: what is not read there, it has not."""
        if set(self._settings.reads) == {"stock", "orders"}:
            return CAPABILITIES
        has_stock = "stock" in self._settings.reads
        streams = CAPABILITIES.streams - {Stream.ORDERS} if has_stock else frozenset({Stream.ORDERS})
        return structs.replace(
            CAPABILITIES,
            streams=streams,
            windowed=CAPABILITIES.windowed & streams,
            by_id=CAPABILITIES.by_id & streams,
            writes=CAPABILITIES.writes if has_stock else frozenset(),
        )

    def time(self) -> datetime:
        """Return the clock of the place, this machine's where it has none."""
        return self._place.now()

    def store(self) -> StoreInfo:
        """Return what the settings say: files do not tell."""
        one = self._settings
        return StoreInfo(
            identity=f"files:{one.name}", name=one.name, timezone=one.timezone, currency=one.currency, plan=""
        )

    def probe(self) -> tuple[Scope, ...]:
        """Find out whether files can be read and put there."""
        return tuple(self._place.probe())

    def stock_settings(self, sources: Sequence[str]) -> dict[str, StockSettings]:
        """Return when numbers move: at order, since a file's number is what may still be sold."""
        return dict.fromkeys(sources, LOWERED_AT_ORDER)

    def read(self, ask: Ask) -> Iterator[Page[Any]]:
        """Yield the pages of one question (Any: the stream's own record)."""
        able = self.capabilities()
        if ask.stream not in able.streams or (ask.ids is not None and ask.stream not in able.by_id):
            message = f"{ask.stream} cannot be asked for like this"
            raise ValueError(message)
        readers: Mapping[Stream, Callable[[Ask], Iterator[Page[Any]]]] = {
            Stream.PRODUCTS: self._products,
            Stream.ORDERS: self._orders,
            Stream.LOCATIONS: self._locations,
            Stream.STOCK: self._stock,
        }
        return readers[ask.stream](ask)

    def read_back(self, kind: str, targets: Sequence[str]) -> dict[str, Any]:
        """Return the number of each target, by their newest file and ours."""
        check_kind(kind)
        return shelves.read_back(self._place, targets)

    def write(self, batch: Sequence[Write], may_send: Callable[[], None]) -> dict[str, Outcome]:
        """Tell new numbers in one file; one outcome for each target, whatever happens."""
        for one in batch:
            check_kind(one.kind)
        return shelves.write(self._place, batch, may_send, is_json=self._settings.format == "json")

    def _products(self, ask: Ask) -> Iterator[Page[Product]]:
        found = stock_in(self._place.stock())
        first = {row.sku: row for row in reversed(found.rows.values())}
        records = [product(row.sku, row.name, row.price_e4) for row in first.values()]
        there = {*first, *(one.platform_id for one in found.rejects)}
        gone = tuple(one for one in ask.ids or () if one not in there)
        yield from paged(records, found.rejects, ask, gone)

    def _locations(self, ask: Ask) -> Iterator[Page[Location]]:
        names = stock_in(self._place.stock()).locations()
        records = [
            Location(platform_id=one, code=one, name=one, is_enabled=True, is_default=one == names[0]) for one in names
        ]
        yield from paged(records, (), ask)

    def _stock(self, ask: Ask) -> Iterator[Page[StockItem]]:
        now = shelves.shelves(self._place)
        levels: dict[str, list[StockLevel]] = {}
        for sku, location in sorted(now.theirs.rows):
            levels.setdefault(sku, []).append(level(sku, location, now.quantity((sku, location))))
        records = [StockItem(platform_id=sku, levels=tuple(own)) for sku, own in levels.items()]
        yield from paged(records, now.theirs.rejects, ask)

    def _orders(self, ask: Ask) -> Iterator[Page[Order]]:
        papers = self._place.orders(ask.since, ask.until)
        found, rejects = orders_in(papers, Reading(self._settings.zone, self._settings.currency))
        yield from paged(list(found.values()), rejects, ask)


def paged(records: Sequence[R], rejects: Sequence[Reject], ask: Ask, gone: tuple[str, ...] = ()) -> Iterator[Page[R]]:
    """Yield records by id, so that a read that was cut off goes on behind the last one it had."""
    is_start, wanted = ask.after is None, None if ask.ids is None else set(ask.ids)
    told = [one for one in rejects if wanted is None or one.platform_id in wanted] if is_start else []
    rest = sorted(
        (one for one in records if wanted is None or one.platform_id in wanted), key=lambda one: one.platform_id
    )
    rest = [one for one in rest if ask.after is None or one.platform_id > ask.after]
    if not rest and (told or (gone and is_start)):
        yield Page(records=(), rejects=tuple(told), next=None, gone=gone)
    for start in range(0, len(rest), PAGE):
        part, is_first = rest[start : start + PAGE], is_start and start == 0
        yield Page(
            records=tuple(part),
            rejects=tuple(told) if is_first else (),
            next=part[-1].platform_id if start + PAGE < len(rest) else None,
            gone=gone if is_first else (),
        )


def product(sku: str, name: str, price_e4: int) -> Product:
    """Return the product of a SKU, with itself as its only variant."""
    variant = Variant(platform_id=sku, sku=sku, price_e4=None, cost_e4=None, is_purchasable=True, options="")
    return Product(
        platform_id=sku,
        name=name or sku,
        sku=sku,
        is_digital=False,
        tracking="variant",
        is_visible=True,
        availability="available",
        availability_text="",
        preorder_message="",
        preorder_release_at=None,
        price_e4=price_e4,
        cost_e4=None,
        brand_platform_id="",
        category_platform_ids=(),
        created_at=NOBODY_KNOWS,
        modified_at=NOBODY_KNOWS,
        variants=(variant,),
    )


def level(sku: str, location: str, shown: int) -> StockLevel:
    """Return the number of a SKU at a place."""
    return StockLevel(
        product_platform_id=sku,
        variant_platform_id=sku,
        sku=sku,
        location_platform_id=location,
        target=shelves.target_of((sku, location)),
        shown=shown,
    )


def check_kind(kind: str) -> None:
    """Refuse what this channel never said it can do."""
    if kind not in CAPABILITIES.writes:
        message = f"files cannot hold {kind!r}"
        raise ValueError(message)
