"""Orders with all their lines; one with more than ten of them, or with refunds, costs a request more."""

from collections.abc import Iterator

from msgspec import structs

from fillrate.channels.chunks import chunks
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.shopify import documents
from fillrate.channels.shopify.gids import gid
from fillrate.channels.shopify.graph import Graph
from fillrate.channels.shopify.order_rows import LineRow, OrderRow, order
from fillrate.channels.shopify.pages import Batch, Rows
from fillrate.channels.shopify.refunds import given_back
from fillrate.channels.shopify.store import granted
from fillrate.channels.shopify.windows import updated
from fillrate.records import Order

ORDERS = Rows(OrderRow)
LINES = Rows(LineRow)


def read_orders(graph: Graph, ask: Ask) -> Iterator[Page[Order]]:
    """Yield orders changed in a window, or those asked for by id, whatever their status."""
    if ask.ids is not None:
        yield from orders_by_id(graph, ask.ids, int(ask.after or 0))
        return
    variables = {"q": updated(ask.since, ask.until)}
    for batch in ORDERS.walk(graph, documents.ORDERS, variables, ask.after):
        yield order_page(graph, batch, batch.next)


def orders_by_id(graph: Graph, ids: tuple[str, ...], start: int) -> Iterator[Page[Order]]:
    """Yield these orders. One that the shop answers with nothing is gone, unless it may only be too old for the token."""
    document = documents.ORDERS_BY_ID
    for asked, token in chunks(ids, document.first, start):
        batch = ORDERS.by_id(graph, document, [gid("Order", one) for one in asked])
        page = order_page(graph, batch, token)
        met = {str(row.id) for row in batch.rows} | {one.platform_id for one in batch.rejects}
        missing = () if "" in met else tuple(one for one in asked if one not in met)
        sees_all = bool(missing) and documents.OLD_ORDERS_SCOPE in granted(graph)
        yield structs.replace(page, gone=missing if sees_all else ())


def order_page(graph: Graph, batch: Batch[OrderRow], token: str | None) -> Page[Order]:
    """Return a page of records; lines that an order does not show and what was given back of it are read first."""
    spoiled = {row.id: complete(graph, row) for row in batch.rows}
    given = {row.id: given_back(graph, str(row.id)) for row in batch.rows if row.refunds}
    records, bad = build_all(batch.rows, lambda row: order(row, given.get(row.id), spoiled[row.id]))
    return Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def complete(graph: Graph, row: OrderRow) -> str:
    """Read the lines that an order does not show, and return what is wrong with them, "" for nothing."""
    after = row.line_items.page_info.next(documents.ORDERS.label)
    if after is None:
        return ""
    more = LINES.rest(graph, documents.MORE_LINES, row.gid, after)
    row.line_items.nodes.extend(more.rows)
    return f"line {more.rejects[0].platform_id}: {more.rejects[0].reason}" if more.rejects else ""
