"""Orders with all their lines; one with more than ten of them, or with refunds, costs a request more."""

import logging
from collections.abc import Iterator

from msgspec import structs

from fillrate.channels.chunks import chunks
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.shopify import documents
from fillrate.channels.shopify.gids import gid
from fillrate.channels.shopify.graph import Denied, Graph
from fillrate.channels.shopify.order_rows import LineRow, OrderRow, order
from fillrate.channels.shopify.pages import Batch, Rows
from fillrate.channels.shopify.refunds import given_back
from fillrate.channels.shopify.store import granted
from fillrate.channels.shopify.windows import updated
from fillrate.records import Order

log = logging.getLogger(__name__)
ORDERS = Rows(OrderRow)
LINES = Rows(LineRow)


def read_orders(graph: Graph, ask: Ask) -> Iterator[Page[Order]]:
    """Yield orders changed in a window, or those asked for by id, whatever their status."""
    if ask.ids is not None:
        yield from orders_by_id(graph, ask.ids, int(ask.after or 0))
        return
    variables, after = {"q": updated(ask.since, ask.until)}, ask.after
    try:
        document = documents.ORDERS if graph.sees_customers else documents.BARE_ORDERS
        for batch in ORDERS.walk(graph, document, variables, after):
            yield order_page(graph, batch, batch.next)
            after = batch.next
    except Denied as denied:
        look_away(graph, denied)
        for batch in ORDERS.walk(graph, documents.BARE_ORDERS, variables, after):
            yield order_page(graph, batch, batch.next)


def look_away(graph: Graph, denied: Denied) -> None:
    """Do without the data of customers from now on; raises what was denied where that was done before."""
    if not graph.sees_customers:
        raise denied
    graph.sees_customers = False
    log.warning("%s Orders are read without e-mail, name and address.", denied.what)


def orders_by_id(graph: Graph, ids: tuple[str, ...], start: int) -> Iterator[Page[Order]]:
    """Yield these orders. One that the shop answers with nothing is gone, unless it may only be too old for the token."""
    for asked, token in chunks(ids, documents.ORDERS_BY_ID.first, start):
        batch = these(graph, [gid("Order", one) for one in asked])
        page = order_page(graph, batch, token)
        met = {str(row.id) for row in batch.rows} | {one.platform_id for one in batch.rejects}
        missing = () if "" in met else tuple(one for one in asked if one not in met)
        sees_all = bool(missing) and documents.OLD_ORDERS_SCOPE in granted(graph)
        yield structs.replace(page, gone=missing if sees_all else ())


def these(graph: Graph, gids: list[str]) -> Batch[OrderRow]:
    """Return orders by their ids, without the data of customers where that is kept from us."""
    if graph.sees_customers:
        try:
            return ORDERS.by_id(graph, documents.ORDERS_BY_ID, gids)
        except Denied as denied:
            look_away(graph, denied)
    return ORDERS.by_id(graph, documents.BARE_ORDERS_BY_ID, gids)


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
