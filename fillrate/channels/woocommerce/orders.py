"""Orders with their lines, those in the trash too: they vanish from every other list, and their units stay taken off."""

from collections.abc import Iterator

from msgspec import structs

from fillrate.channels.chunks import chunks
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.order_rows import FIELDS, TRASH, OrderRow, order
from fillrate.channels.woocommerce.pages import PAGE, NoSuchList, Pages, changed_after, walk
from fillrate.channels.woocommerce.refunds import given_back
from fillrate.channels.woocommerce.rest import Rest
from fillrate.records import Order, Reject

ORDERS = Pages(endpoints.ORDERS, OrderRow, FIELDS)
ORDER = Pages(endpoints.ORDER, OrderRow, FIELDS)
LISTS = ("any", TRASH)


def read_orders(rest: Rest, ask: Ask) -> Iterator[Page[Order]]:
    """Yield orders changed in a window, or those asked for by id, whatever their status."""
    if ask.ids is not None:
        yield from orders_by_id(rest, ask.ids, int(ask.after or 0))
        return
    first, _, place = (ask.after or LISTS[0]).partition("/")
    for at in range(LISTS.index(first), len(LISTS)):
        status, following = LISTS[at], LISTS[at + 1 : at + 2]
        params = {"status": status, **changed_after(ask.since)}
        for batch, token in walk(rest, ORDERS, params, place or None):
            after = f"{status}/{token}" if token else following[0] if following else None
            page = order_page(rest, batch.rows, batch.rejects, after)
            in_time = (one for one in page.records if ask.until is None or one.modified_at <= ask.until)
            yield structs.replace(page, records=tuple(in_time))
        place = ""


def orders_by_id(rest: Rest, ids: tuple[str, ...], start: int) -> Iterator[Page[Order]]:
    """Yield these orders; one that the list leaves out is asked for alone, and is gone only if that says so."""
    for asked, token in chunks(ids, PAGE, start):
        batch = ORDERS.these(rest, asked)
        if batch is None:
            raise NoSuchList(what=f"{endpoints.ORDERS.label}: the shop has no such list.")
        met = {str(one) for one in batch.ids()}
        alone = {one: ORDER.one(rest, one) for one in asked if one not in met}
        rows = [*batch.rows, *(one for one in alone.values() if isinstance(one, OrderRow))]
        rejects = [*batch.rejects, *(one for one in alone.values() if isinstance(one, Reject))]
        page = order_page(rest, rows, rejects, token)
        yield structs.replace(page, gone=tuple(one for one, found in alone.items() if found is None))


def order_page(rest: Rest, rows: list[OrderRow], rejects: list[Reject], token: str | None) -> Page[Order]:
    """Return a page of records; what was given back of them is read first."""
    given = {row.id: given_back(rest, row.id) for row in rows if row.refunds}
    records, bad = build_all(rows, lambda row: order(row, given.get(row.id)))
    return Page(records=tuple(records), rejects=(*rejects, *bad), next=token)
