"""Refunds, order by order: an order names those that it has, and each has a list of its own.

A refund's lines are lines of its own, with quantities below nothing; which line of the order one is about stands in its
`_refunded_item_id`. Where a plugin left that out, lines of the same goods are taken in their turn.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import msgspec

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import INT32, Id, Level, Link, Money, amount_e4, text
from fillrate.channels.parsing import build_all
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.woocommerce import endpoints
from fillrate.channels.woocommerce.pages import PAGE, NoSuchList, Pages, changed_after, walk
from fillrate.channels.woocommerce.rest import Rest
from fillrate.channels.woocommerce.times import gmt
from fillrate.records import Refund, RefundLine, Reject

FIELDS = "id,date_created_gmt,amount,reason,line_items,shipping_lines,fee_lines"
REFUNDED_LINE = "_refunded_item_id"


class MetaRow(msgspec.Struct, gc=False):
    """A note that the shop or a plugin keeps with a line, as sent; a value may be anything."""

    key: str | int | None = None
    value: msgspec.Raw = msgspec.Raw(b"null")


class RefundedRow(msgspec.Struct, gc=False, kw_only=True):
    """Something given back, as sent."""

    id: Id
    product_id: Link | None = None
    variation_id: Link | None = None
    quantity: Level = 0
    total: Money = 0
    total_tax: Money = 0
    meta_data: list[MetaRow] = []


class RefundRow(msgspec.Struct, kw_only=True):
    """A refund, as sent."""

    id: Id
    date_created_gmt: str | None
    amount: Money
    reason: str | None = None
    line_items: list[RefundedRow]
    shipping_lines: list[RefundedRow] = []
    fee_lines: list[RefundedRow] = []


class RefundedOrderRow(msgspec.Struct):
    """An order with the refunds that it has, as sent."""

    id: Id
    refunds: list[msgspec.Raw]


class GivenBack(msgspec.Struct):
    """The refunds of an order: good ones, and those that cannot be read."""

    rows: list[RefundRow] = []
    rejects: list[Reject] = []


REFUNDS = Pages(endpoints.REFUNDS, RefundRow, FIELDS)
REFUNDED = Pages(endpoints.ORDERS, RefundedOrderRow, "id,refunds")
LINE_ID = msgspec.json.Decoder(int | str)


def read_refunds(rest: Rest, ask: Ask) -> Iterator[Page[Refund]]:
    """Yield refunds made in a window, or those of the orders asked for. A refund moves its order's modified time."""
    if ask.ids is not None:
        for asked, token in chunks(ask.ids, PAGE, int(ask.after or 0)):
            found = REFUNDED.these(rest, asked)
            yield refund_page(rest, [] if found is None else found.rows, token, ask)
        return
    for batch, token in walk(rest, REFUNDED, {"status": "any", **changed_after(ask.since)}, ask.after):
        yield refund_page(rest, batch.rows, token, ask)


def refund_page(rest: Rest, orders: Sequence[RefundedOrderRow], token: str | None, ask: Ask) -> Page[Refund]:
    """Return the refunds of a page of orders that were made in the window."""
    records: list[Refund] = []
    bad: list[Reject] = []
    for order in orders:
        if order.refunds:
            given = given_back(rest, order.id)
            some, unreadable = build_all(given.rows, refund_of(order.id))
            records += [one for one in some if is_within(one, ask)]
            bad += [*given.rejects, *unreadable]
    return Page(records=tuple(records), rejects=tuple(bad), next=token)


def is_within(one: Refund, ask: Ask) -> bool:
    """Tell whether a refund was made in the window that was asked for."""
    return (ask.since is None or one.created_at >= ask.since) and (ask.until is None or one.created_at <= ask.until)


def given_back(rest: Rest, order_id: int) -> GivenBack:
    """Return all refunds of one order; none where it is gone."""
    found = GivenBack([], [])
    with suppress(NoSuchList):
        for batch, _ in walk(rest, REFUNDS, {}, path=f"{endpoints.REFUNDS.path}/{order_id}/refunds"):
            found.rows += batch.rows
            found.rejects += batch.rejects
    return found


def refund_of(order_id: int) -> Callable[[RefundRow], Refund]:
    """Return what makes a record of a refund of this order."""

    def build(row: RefundRow) -> Refund:
        lines = [refund_line(one, "product") for one in row.line_items]
        others = [("shipping", row.shipping_lines), ("fee", row.fee_lines)]
        lines += [refund_line(one, kind) for kind, rows in others for one in rows]
        return Refund(
            platform_id=str(row.id),
            order_platform_id=str(order_id),
            created_at=gmt(row.date_created_gmt, "date_created_gmt"),
            total_e4=abs(amount_e4(row.amount, "amount")),
            reason=text(row.reason),
            lines=tuple(lines),
        )

    return build


def refund_line(row: RefundedRow, kind: str) -> RefundLine:
    """Return one thing given back."""
    line = refunded_line(row) if kind == "product" else 0
    return RefundLine(
        line_platform_id=str(line) if line else "",
        kind=kind,
        quantity=min(abs(row.quantity), INT32) if kind == "product" else 0,
        amount_e4=abs(amount_e4(row.total, "total") + amount_e4(row.total_tax, "total_tax")),
    )


def refunded_line(row: RefundedRow) -> int:
    """Return the order's line that a refunded one is about, 0 where it does not say."""
    for one in row.meta_data:
        if one.key == REFUNDED_LINE:
            with suppress(msgspec.DecodeError, ValueError):
                return max(0, int(LINE_ID.decode(one.value)))
    return 0
