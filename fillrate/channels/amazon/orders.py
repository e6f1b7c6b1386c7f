"""Orders with all their lines, by the time of their last update or by id.

The search may be asked once in three minutes, after twenty at once: pages are as large as they may be, and lines come with
their orders. It does not speak of the last two minutes.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from fillrate.channels.amazon import endpoints
from fillrate.channels.amazon.order_rows import OrderRow, order
from fillrate.channels.amazon.store import Account
from fillrate.channels.parsing import RowReader, build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Params
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Order, Reject, utc

T = TypeVar("T")
PAGE = 100
IDS_AT_ONCE = 30
SILENT = timedelta(minutes=2, seconds=1)  # so far back is what Amazon speaks of
KEPT = timedelta(days=729)  # Amazon tells of two years
DATA = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT"


class Pagination(msgspec.Struct):
    """Where the search goes on."""

    next: str | None = msgspec.field(name="nextToken", default=None)


class Found(msgspec.Struct, Generic[T]):
    """A page of the search."""

    orders: list[T]
    pagination: Pagination | None = None
    read_until: str | None = msgspec.field(name="lastUpdatedBefore", default=None)


class Batch(msgspec.Struct):
    """One page as received."""

    rows: list[OrderRow]
    rejects: list[Reject]
    next: str | None


class One(msgspec.Struct):
    """How one order is sent."""

    order: msgspec.Raw


ROWS = RowReader(OrderRow, Found, ("orderId",), has_text_ids=True)
ONE = msgspec.json.Decoder(One)


def decode_page(body: bytes) -> Batch:
    """Return a page; Malformed where it is none, so that the gateway asks again."""
    try:
        page, rows, rejects = ROWS.read(body, lambda page: page.orders)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    return Batch(rows, rejects, page.pagination.next if page.pagination else None)


def decode_one(body: bytes) -> OrderRow | Reject:
    """Return one order, or why it cannot be read."""
    try:
        return ROWS.one(bytes(ONE.decode(body).order))
    except msgspec.DecodeError as error:
        raise Malformed(str(error)) from None


def read_orders(account: Account, ask: Ask, now: Callable[[], datetime]) -> Iterator[Page[Order]]:
    """Yield orders changed in a window, or those asked for by id; `now` asks Amazon's clock where the window needs it."""
    if ask.ids is not None:
        yield from orders_by_id(account, ask.ids, int(ask.after or 0))
        return
    question = dict(parse_qsl(ask.after)) if ask.after else first_question(account, ask, now())
    asked: set[str] = set()
    while question is not None:
        token = urlencode(question)
        if token in asked:
            raise BadAnswer(what=f"{endpoints.ORDERS.label}: Amazon sent us in a circle.")
        asked.add(token)
        batch = account.http.get(endpoints.ORDERS, question, decode_page).needed()
        question = {**question, "paginationToken": batch.next} if batch.next else None
        yield page_of(account, batch.rows, batch.rejects, urlencode(question) if question else None)


def first_question(account: Account, ask: Ask, now: datetime) -> dict[str, str | int] | None:
    """Return what to ask for a window; None where it lies in the time of which Amazon does not speak yet.

    What is updated in that time has a stamp behind all that is saved, so the next window begins before it.
    """
    since = max(ask.since or now - KEPT, now - KEPT)
    latest = now - SILENT
    until = latest if ask.until is None else min(ask.until, latest)
    if since > until:
        return None
    return {
        "marketplaceIds": account.marketplace,
        "lastUpdatedAfter": stamp(since),
        "lastUpdatedBefore": stamp(until),
        "maxResultsPerPage": PAGE,
        "includedData": DATA,
    }


def stamp(moment: datetime) -> str:
    """Return a time as Amazon reads it."""
    return utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def orders_by_id(account: Account, ids: Sequence[str], start: int) -> Iterator[Page[Order]]:
    """Yield these orders, each asked for by itself; one is gone only if Amazon says so."""
    params: Params = {"includedData": DATA}
    for at in range(start, len(ids), IDS_AT_ONCE):
        asked, after = ids[at : at + IDS_AT_ONCE], at + IDS_AT_ONCE
        rows, rejects, gone = [], [], []
        for one in asked:
            endpoint = endpoints.below(endpoints.ORDER, one)
            reply = account.http.get(endpoint, params, decode_one, told={400})
            found = None if reply.status >= 300 else reply.needed()
            if found is None:
                gone.append(one)
            elif isinstance(found, Reject):
                rejects.append(msgspec.structs.replace(found, platform_id=one))
            else:
                rows.append(found)
        page = page_of(account, rows, rejects, str(after) if after < len(ids) else None)
        yield msgspec.structs.replace(page, gone=tuple(gone))


def page_of(account: Account, rows: Sequence[OrderRow], rejects: Sequence[Reject], token: str | None) -> Page[Order]:
    """Return a page of records."""
    records, bad = build_all(rows, lambda row: order(row, account.currency))
    return Page(records=tuple(records), rejects=(*rejects, *bad), next=token)
