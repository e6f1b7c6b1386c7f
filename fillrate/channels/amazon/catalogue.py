"""How products and stock are read: page by page of the search, in one piece of the report, or by SKU."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from fillrate.channels.amazon import endpoints, fba, listings, reports
from fillrate.channels.amazon.listings import SEARCHABLE, ListingRow
from fillrate.channels.amazon.records import product, stock_item
from fillrate.channels.amazon.store import Account
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.gateway.documents import Documents
from fillrate.gateway.http import Endpoint
from fillrate.gateway.outside import Clock
from fillrate.records import Product, Record, Reject, StockItem

R = TypeVar("R", bound=Record)
OF_A_REPORT = 1_000
IDS_AT_ONCE = 100
REPORTED = "report:"  # how a token of the report begins; what follows is the last SKU that was had


class Source(NamedTuple):
    """Where listings come from."""

    account: Account
    documents: Documents
    clock: Clock


def read_products(source: Source, ask: Ask) -> Iterator[Page[Product]]:
    """Yield every listing as a product, or those asked for by SKU."""
    for rows, rejects, token, gone in listed(source, endpoints.CATALOGUE, ask):
        records, bad = build_all(rows, product)
        yield Page(records=tuple(records), rejects=(*rejects, *bad), next=token, gone=gone)


def read_stock(source: Source, ask: Ask) -> Iterator[Page[StockItem]]:
    """Yield the numbers of every listing, or of those asked for by SKU."""
    for rows, rejects, token, _ in listed(source, endpoints.STOCK, ask):
        counted = [row for row in rows if row.availability]
        at_amazon = fba.fulfillable(source.account, [row.id for row in counted if row.is_fba])
        items, bad = build_all(counted, with_fba(at_amazon))
        yield Page(records=tuple(items), rejects=(*rejects, *bad), next=token)


def with_fba(at_amazon: dict[str, int]) -> Callable[[ListingRow], StockItem]:
    """Return how a listing becomes stock, with what lies at Amazon."""
    return lambda row: stock_item(row, at_amazon)


Listed = tuple[Sequence[ListingRow], Sequence[Reject], str | None, tuple[str, ...]]


def listed(source: Source, endpoint: Endpoint, ask: Ask) -> Iterator[Listed]:
    """Yield listings, those that cannot be read, the next page's token, and SKUs that are not there."""
    if ask.ids is not None:
        yield from asked_for(source, ask.ids, int(ask.after or 0))
        return
    if ask.after is not None and ask.after.startswith(REPORTED):
        yield from reported(source, ask.after.removeprefix(REPORTED))
        return
    for batch, token in listings.search(source.account, endpoint, ask.after):
        if ask.after is None and batch.total > SEARCHABLE:
            yield from reported(source, "")
            return
        yield batch.rows, batch.rejects, token, ()


def reported(source: Source, behind: str) -> Iterator[Listed]:
    """Yield the listings of a new report that come behind a SKU."""
    rows, rejects = reports.all_listings(*source)
    rest = [row for row in rows if row.id > behind]
    told = [] if behind else rejects
    for start in range(0, max(len(rest), 1), OF_A_REPORT):
        part, is_last = rest[start : start + OF_A_REPORT], start + OF_A_REPORT >= len(rest)
        if part or told:
            yield part, told if start == 0 else [], None if is_last else f"{REPORTED}{part[-1].id}", ()


def asked_for(source: Source, skus: Sequence[str], start: int) -> Iterator[Listed]:
    """Yield these listings, so many at a time."""
    for at in range(start, len(skus), IDS_AT_ONCE):
        asked, after = skus[at : at + IDS_AT_ONCE], at + IDS_AT_ONCE
        rows, rejects = listings.by_sku(source.account, asked)
        gone = tuple(one for one in asked if one not in rows and one not in rejects)
        yield list(rows.values()), list(rejects.values()), str(after) if after < len(skus) else None, gone
