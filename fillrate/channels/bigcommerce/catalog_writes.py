"""What a product's page says of when it leaves, and whether a variant can be bought."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fillrate.channels.batch_writes import Item, Kind, MaySend, Sent
from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.bigcommerce.walks import by_page
from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Id
from fillrate.channels.parsing import Keyed
from fillrate.gateway.http import Endpoint, Http, Params
from fillrate.records import Reject

IDS_AT_ONCE = 100  # keeps the address short
PAGE = 250
PAGE_FIELDS = ("availability_description", "preorder_message")


class PageRow(msgspec.Struct):
    """What a product's page says, as sent; all of it must be told, or what stands there would be overwritten."""

    id: Id
    availability_description: str | None
    preorder_message: str | None


class BuyingRow(msgspec.Struct):
    """A variant with whether it can be bought, as sent."""

    id: Id
    purchasing_disabled: bool


def page_of(row: PageRow) -> dict[str, str]:
    """Return what a page says; PostgreSQL keeps no NUL."""
    return {name: (getattr(row, name) or "").replace("\0", "\ufffd") for name in PAGE_FIELDS}


def page_body(item: Item) -> dict[str, Any]:  # Any: JSON
    """Return what of a page changes."""
    now = page_of(item.row)
    return {"id": item.row.id} | {name: item.after[name] for name in PAGE_FIELDS if item.after[name] != now[name]}


def buying_body(item: Item) -> dict[str, Any]:  # Any: JSON
    """Return what is sent to let a variant be bought, or not."""
    return {"id": item.row.id, "purchasing_disabled": item.after}


def kind(
    size: int,
    read: Endpoint,
    update: Endpoint,
    row: type[Keyed],
    value: Callable[[Any], Any],
    body: Callable[[Item], dict[str, Any]],
    asked_by: str,
    more: Params,
) -> Kind:  # Any: see Kind
    """Return a part of the catalogue that is read as these rows and written by these bodies.

    A target is "product" or "product/variant"; the shop is `asked_by` products.
    """
    pages = Pages(read, row)

    def rows(http: Http, targets: Sequence[str]) -> Mapping[str, Any | Reject]:
        wanted = {one.rpartition("/")[2]: one for one in targets}
        products = tuple(dict.fromkeys(one.partition("/")[0] for one in targets))
        found: dict[str, Any | Reject] = {}
        for asked, _ in chunks(products, IDS_AT_ONCE, 0):
            for batch, _ in by_page(http, pages, {asked_by: ",".join(asked), "limit": PAGE, **more}, None):
                found |= {str(one.id): one for one in batch.rows} | {one.platform_id: one for one in batch.rejects}
        return {wanted[one]: answer for one, answer in found.items() if one in wanted}

    def send(http: Http, items: Sequence[Item], may_send: MaySend) -> Sent:
        return Sent(http.send(update, "PUT", [body(one) for one in items], bytes, may_send).status)

    return Kind(size, rows, value, send)


PAGES = (endpoints.PAGES, endpoints.PAGES_UPDATE)
BUYING = (endpoints.BUYING, endpoints.BUYING_UPDATE)
KINDS: Mapping[str, Kind] = {
    "product_page": kind(10, *PAGES, PageRow, page_of, page_body, "id:in", {"include_fields": ",".join(PAGE_FIELDS)}),
    "purchasing": kind(50, *BUYING, BuyingRow, lambda one: one.purchasing_disabled, buying_body, "product_id:in", {}),
}
