"""Orders with all their lines, in as few requests as the shop allows.

The list brings the lines along; only orders that it cuts short cost a request of their own. Orders asked for by id come
in ranges of the list where ids lie close together, since the list costs one request and each single order one more.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec import structs

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.order_rows import OrderRow, OwnLineRow, OwnLines, needs_its_lines, order
from fillrate.channels.bigcommerce.pages import Batch, Meta, Pages
from fillrate.channels.bigcommerce.walks import by_id, by_page
from fillrate.channels.bigcommerce.window import stamp
from fillrate.channels.chunks import chunks
from fillrate.channels.parsing import Keyed, build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.gateway.http import Http, Params
from fillrate.records import Order, Reject

W = TypeVar("W", bound=Keyed)
PAGE = 250
IDS_AT_ONCE = 100
INCLUDE: Params = {
    "include": "consignments,consignments.line_items",
    "consignment_structure": "object",
}
LIST: Params = {**INCLUDE, "sort": "id:asc", "limit": PAGE}

ORDERS = Pages(endpoints.ORDERS, OrderRow, is_v2=True)
ORDER = Pages(endpoints.ORDER, OrderRow, is_v2=True)
LINES = Pages(endpoints.ORDER_LINES, OwnLineRow, is_v2=True)


def read_orders(http: Http, ask: Ask) -> Iterator[Page[Order]]:
    """Yield orders changed in a window, or those asked for by id, whatever their status."""
    if ask.ids is not None:
        yield from orders_by_id(http, ask.ids, int(ask.after or 0))
        return
    window = stamp("min_date_modified", ask.since) | stamp("max_date_modified", ask.until)
    for batch, token in by_id(http, ORDERS, {**LIST, **window}, ask.after, v2=True):
        yield order_page(http, batch, token)


def orders_by_id(http: Http, ids: tuple[str, ...], start: int) -> Iterator[Page[Order]]:
    """Yield these orders; one that the list leaves out is asked for alone, and is gone only if that says so."""
    for asked, token in chunks(ids, IDS_AT_ONCE, start):
        found = find(http, ORDERS, ORDER, LIST, INCLUDE, asked)
        wanted = [found[one] for one in asked if one in found]
        rows = [one for one in wanted if isinstance(one, OrderRow)]
        page = order_page(http, Batch(rows, [one for one in wanted if isinstance(one, Reject)], Meta()), token)
        gone = tuple(one for one in asked if one not in found)
        yield structs.replace(page, gone=gone)


def find(
    http: Http, listed: Pages[W], alone: Pages[W], in_list: Params, in_one: Params, asked: Sequence[str]
) -> dict[str, W | Reject]:
    """Return these orders by id; what the list leaves out is asked for alone, and what is not in the answer is gone."""
    found: dict[str, W | Reject] = {}
    for span in spans(asked):
        for batch, after in by_id(http, listed, {**in_list, "max_id": span[-1]}, str(span[0] - 1), v2=True):
            found |= {str(row.id): row for row in batch.rows} | {one.platform_id: one for one in batch.rejects}
            if int(after or 0) >= span[-1]:
                break
    answers = {one: alone.one(http, in_one, one) for one in asked if one not in found}
    return found | {one: answer for one, answer in answers.items() if answer is not None}


def spans(ids: Sequence[str]) -> Iterator[list[int]]:
    """Yield groups of two ids and more that one page of the list can hold, in ascending order."""
    group: list[int] = []
    for one in sorted({int(one) for one in ids}):
        if group and one - group[0] >= PAGE:
            if len(group) > 1:
                yield group
            group = []
        group.append(one)
    if len(group) > 1:
        yield group


def order_page(http: Http, batch: Batch[OrderRow], token: str | None) -> Page[Order]:
    """Return a page of records; the lines of orders that were cut short are read first."""
    own = {row.id: own_lines(http, row) for row in batch.rows if needs_its_lines(row)}
    records, bad = build_all(batch.rows, lambda row: order(row, own.get(row.id)))
    return Page(records=tuple(records), rejects=(*batch.rejects, *bad), next=token)


def own_lines(http: Http, row: OrderRow) -> OwnLines:
    """Return all lines of one order, from its own pages."""
    lines = OwnLines()
    path = f"{endpoints.ORDER_LINES.path}/{row.id}/products"
    for batch, _ in by_page(http, LINES, {"limit": PAGE}, None, path):
        lines.rows.extend(batch.rows)
        lines.rejects.extend(batch.rejects)
    return lines
