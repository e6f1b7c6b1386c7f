"""Orders with all their lines, by the time of their last change or by id.

The list tells whether a cancellation is under way, but not what became of the buyer's request, and of a line that is
shipped in part not how much: only such orders cost requests of their own.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from fillrate.channels.ebay import endpoints
from fillrate.channels.ebay.order_rows import IN_PROGRESS, OrderRow, Requests, Shipments, order
from fillrate.channels.ebay.pages import Pages, walk
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.gateway.http import Http, Params
from fillrate.gateway.strict_json import decode
from fillrate.records import Order, Reject, utc

T = TypeVar("T")
PAGE = 200
IDS_AT_ONCE = 50
KEPT = timedelta(days=729)  # eBay tells of two years; a filter that goes beyond may be refused


class OrdersPage(msgspec.Struct, Generic[T]):
    """A page of orders."""

    orders: list[T] = []
    total: int | None = None
    next: str | None = None


ORDERS = Pages(endpoints.ORDERS, OrderRow, OrdersPage, "orderId", lambda page: page.orders)
SHIPMENTS = msgspec.json.Decoder(Shipments)
REQUESTS = msgspec.json.Decoder(Requests)


def read_orders(http: Http, ask: Ask, now: datetime) -> Iterator[Page[Order]]:
    """Yield orders changed in a window, or those asked for by id, whatever their status."""
    if ask.ids is not None:
        yield from orders_by_id(http, ask.ids, int(ask.after or 0))
        return
    params: Params = {"filter": window(ask.since or now - KEPT, ask.until), "limit": PAGE, "offset": 0}
    for batch, token in walk(http, ORDERS, params, ask.after):
        yield page_of(http, batch.rows, batch.rejects, token)


def window(since: datetime, until: datetime | None) -> str:
    """Return the filter of a window, ends included; a creation date beside it would make eBay ignore it without a word."""
    return f"lastmodifieddate:[{stamp(since)}..{stamp(until) if until else ''}]"


def stamp(moment: datetime) -> str:
    """Return a time as eBay writes it."""
    return utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def orders_by_id(http: Http, ids: Sequence[str], start: int) -> Iterator[Page[Order]]:
    """Yield these orders; one that the list leaves out is asked for alone, and is gone only if that says so."""
    for at in range(start, len(ids), IDS_AT_ONCE):
        asked, after = ids[at : at + IDS_AT_ONCE], at + IDS_AT_ONCE
        found = listed(http, asked)
        found |= {one: row for one in asked if one not in found and (row := alone(http, one)) is not None}
        rows = [row for row in found.values() if isinstance(row, OrderRow)]
        rejects = [row for row in found.values() if isinstance(row, Reject)]
        gone = tuple(one for one in asked if one not in found)
        page = page_of(http, rows, rejects, str(after) if after < len(ids) else None)
        yield msgspec.structs.replace(page, gone=gone)


def listed(http: Http, asked: Sequence[str]) -> dict[str, OrderRow | Reject]:
    """Return the orders that the list tells of; none where it refuses the question because of one of them."""
    params: Params = {"orderIds": ",".join(asked)}
    reply = http.get(endpoints.ORDERS, params, ORDERS.decode, told={400})
    if reply.status >= 300:
        return {}
    batch = reply.needed()
    found: dict[str, OrderRow | Reject] = {row.id: row for row in batch.rows}
    found |= {one.platform_id: one for one in batch.rejects}
    return {one: row for one, row in found.items() if one in asked}


def alone(http: Http, order_id: str) -> OrderRow | Reject | None:
    """Ask for one order; None where eBay says that there is none."""
    reply = http.get(endpoints.ORDER.at(path_of(order_id)), {}, ORDERS.one, told={400})
    return None if reply.status >= 300 else reply.needed()


def path_of(order_id: str) -> str:
    """Return where an order is."""
    return f"{endpoints.ORDER.path}/{quote(order_id, safe='')}"


def page_of(http: Http, rows: Sequence[OrderRow], rejects: Sequence[Reject], token: str | None) -> Page[Order]:
    """Return a page of records; what the list does not tell of an order is asked for first."""
    shipped = {row.id: shipments(http, row.id) for row in rows if is_partly_shipped(row)}
    asked = {row.id: requests(http, row.id) for row in rows if row.cancel.state == IN_PROGRESS}
    records, bad = build_all(rows, lambda row: order(row, shipped.get(row.id), asked.get(row.id)))
    return Page(records=tuple(records), rejects=(*rejects, *bad), next=token)


def is_partly_shipped(row: OrderRow) -> bool:
    """Tell whether some units of a line are shipped and some are not."""
    return any(line.status == IN_PROGRESS and (line.quantity or 0) > 1 for line in row.lines)


def shipments(http: Http, order_id: str) -> Shipments:
    """Return what was shipped of an order."""
    endpoint = endpoints.SHIPMENTS.at(f"{path_of(order_id)}/shipping_fulfillment")
    reply = http.get(endpoint, {}, lambda body: decode(body, SHIPMENTS))
    return Shipments() if reply.is_gone else reply.needed()


def requests(http: Http, order_id: str) -> Requests:
    """Return what became of the requests to cancel an order."""
    reply = http.get(endpoints.ORDER.at(path_of(order_id)), {}, lambda body: decode(body, REQUESTS))
    return Requests() if reply.is_gone else reply.needed()
