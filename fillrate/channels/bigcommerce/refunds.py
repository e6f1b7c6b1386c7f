"""Refunds: what was given back, for which lines. An order's own `refunded_amount` is always 0 and is never read."""

from collections.abc import Iterator

import msgspec

from fillrate.channels.bigcommerce import endpoints
from fillrate.channels.bigcommerce.pages import Pages
from fillrate.channels.bigcommerce.walks import by_page
from fillrate.channels.bigcommerce.window import stamp
from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Count, Id, Link, Money, amount_e4, text, when
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.errors import SkipRecord
from fillrate.gateway.http import Http, Params
from fillrate.records import Refund, RefundLine, Reject

PAGE = 250
IDS_AT_ONCE = 100
OF_A_LINE = frozenset({"PRODUCT", "GIFT_WRAPPING"})


class RefundLineRow(msgspec.Struct):
    """One thing given back, as sent; what `item_id` names depends on the type."""

    item_type: str
    item_id: Link | None = None
    quantity: Count | None = None
    requested_amount: Money | None = None


class RefundRow(msgspec.Struct):
    """A refund, as sent."""

    id: Id
    order_id: Id
    created: str
    total_amount: Money
    items: list[RefundLineRow]
    reason: str | None = None


REFUNDS = Pages(endpoints.REFUNDS, RefundRow)


def read_refunds(http: Http, ask: Ask) -> Iterator[Page[Refund]]:
    """Yield refunds made in a window, or those of the orders asked for; the list grows only at its end."""
    if ask.ids is None:
        window = stamp("created:min", ask.since) | stamp("created:max", ask.until)
        for batch, token in by_page(http, REFUNDS, {"limit": PAGE, **window}, ask.after):
            yield refund_page(batch.rows, batch.rejects, token)
        return
    for asked, token in chunks(ask.ids, IDS_AT_ONCE, int(ask.after or 0)):
        params: Params = {"limit": PAGE, "order_id:in": ",".join(asked)}
        answers = [batch for batch, _ in by_page(http, REFUNDS, params, None)]
        rows = [row for batch in answers for row in batch.rows if str(row.order_id) in asked]
        yield refund_page(rows, [one for batch in answers for one in batch.rejects], token)


def refund_page(rows: list[RefundRow], rejects: list[Reject], token: str | None) -> Page[Refund]:
    """Return a page of records from rows."""
    records, bad = build_all(rows, refund)
    return Page(records=tuple(records), rejects=(*rejects, *bad), next=token)


def refund(row: RefundRow) -> Refund:
    """Return a refund."""
    return Refund(
        platform_id=str(row.id),
        order_platform_id=str(row.order_id),
        created_at=when(row.created, "created"),
        total_e4=amount_e4(row.total_amount, "total_amount"),
        reason=text(row.reason),
        lines=tuple(refund_line(one) for one in row.items),
    )


def refund_line(row: RefundLineRow) -> RefundLine:
    """Return one thing given back; only products carry a quantity, and they must."""
    if row.item_type == "PRODUCT" and not (row.item_id and row.quantity is not None):
        raise SkipRecord("items: a refunded product lacks its item_id or its quantity", path="items")
    return RefundLine(
        line_platform_id=str(row.item_id) if row.item_type in OF_A_LINE and row.item_id else "",
        kind=text(row.item_type, 50).lower(),
        quantity=row.quantity or 0,
        amount_e4=amount_e4(row.requested_amount or 0, "requested_amount"),
    )
