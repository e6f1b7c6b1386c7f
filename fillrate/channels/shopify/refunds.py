"""Refunds, order by order: what was given back, of which lines, and whether it went back to a shelf.

`kind` of a line is the shop's own word for that: `cancel` (unshipped, back to available), `return` (had left, came back),
`no_restock`, `legacy_restock`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import structs

from fillrate.channels.chunks import chunks
from fillrate.channels.fields import Count, Money, amount_e4, text, when
from fillrate.channels.parsing import RowReader, build_all, digest
from fillrate.channels.protocol import Ask, Page
from fillrate.channels.shopify import documents
from fillrate.channels.shopify.gids import Gid, Ref, gid, number
from fillrate.channels.shopify.graph import Beside, Graph
from fillrate.channels.shopify.pages import Connection, Rows, empty
from fillrate.channels.shopify.windows import updated
from fillrate.gateway.strict_json import Malformed, decode
from fillrate.records import Refund, RefundLine, Reject

IDS_AT_ONCE = 50
MOST = documents.REFUNDS.first - 1  # one more is asked for, so that more would show
TOO_MANY = f"an order with more than {MOST} refunds: the shop tells no more of them"


class ShopMoney(msgspec.Struct, gc=False):
    """An amount in the shop's own currency, as sent."""

    amount: Money


class MoneyBag(msgspec.Struct, gc=False, rename="camel"):
    """An amount in all its currencies, of which we take the shop's own."""

    shop_money: ShopMoney


class RefundLineRow(msgspec.Struct, gc=False, rename="camel"):
    """Units of a line given back, as sent."""

    quantity: Count
    restock_type: str
    line_item: Ref
    subtotal_set: MoneyBag

    @property
    def id(self) -> int:
        """Its line's number."""
        return int(self.line_item.number)


class RefundRow(msgspec.Struct, rename="camel"):
    """A refund, as sent."""

    gid: Gid = msgspec.field(name="id")
    created_at: str | None
    total_refunded_set: MoneyBag
    refund_line_items: Connection[RefundLineRow]
    note: str | None = None

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class RefundedRow(msgspec.Struct):
    """An order with one of its refunds, where it has any."""

    refunds: list[Ref]
    gid: Gid = msgspec.field(name="id")

    @property
    def id(self) -> int:
        """Its number."""
        return int(number(self.gid))


class Refunding(msgspec.Struct):
    """An order with all its refunds."""

    refunds: list[msgspec.Raw]


class RefundingData(msgspec.Struct):
    """The data of an order with its refunds; null where it is gone."""

    owner: Refunding | None


class RefundingAnswer(Beside):
    """An answer that holds an order with its refunds."""

    data: RefundingData | None = None


class GivenBack(msgspec.Struct):
    """The refunds of an order: good ones, and those that cannot be read."""

    rows: list[RefundRow] = []
    rejects: list[Reject] = []


REFUNDED = Rows(RefundedRow)
ROW = RowReader(RefundRow, list)
LINES = Rows(RefundLineRow, ("lineItem", "id"))
ANSWER = msgspec.json.Decoder(RefundingAnswer)


def read_refunds(graph: Graph, ask: Ask) -> Iterator[Page[Refund]]:
    """Yield refunds made in a window, or those of the orders asked for. A refund moves its order's modified time."""
    if ask.ids is not None:
        for asked, token in chunks(ask.ids, IDS_AT_ONCE, int(ask.after or 0)):
            yield refund_page(graph, asked, token, ask)
        return
    for batch in REFUNDED.walk(graph, documents.REFUNDED, {"q": updated(ask.since, None)}, ask.after):
        orders = [str(row.id) for row in batch.rows if row.refunds]
        yield refund_page(graph, orders, batch.next, ask, batch.rejects)


def refund_page(
    graph: Graph, orders: Sequence[str], token: str | None, ask: Ask, rejects: Sequence[Reject] = ()
) -> Page[Refund]:
    """Return the refunds of these orders that were made in the window."""
    records: list[Refund] = []
    bad = list(rejects)
    for one in orders:
        given = given_back(graph, one)
        some, unreadable = build_all(given.rows, refund_of(one))
        records += [refund for refund in some if is_within(refund.created_at, ask)]
        bad += [*given.rejects, *unreadable]
    return Page(records=tuple(records), rejects=tuple(bad), next=token)


def is_within(made_at: datetime, ask: Ask) -> bool:
    """Tell whether a refund was made in the window that was asked for."""
    return (ask.since is None or made_at >= ask.since) and (ask.until is None or made_at <= ask.until)


def given_back(graph: Graph, order: str) -> GivenBack:
    """Return all refunds of one order; none where it is gone."""
    found = graph.ask(documents.REFUNDS, {"id": gid("Order", order)}, refunding)
    for row in list(found.rows):
        after = row.refund_line_items.page_info.next(documents.REFUNDS.label)
        if after is not None:
            more = LINES.rest(graph, documents.MORE_REFUND_LINES, row.gid, after)
            row.refund_line_items.nodes.extend(more.rows)
            if more.rejects:
                found.rows.remove(row)
                found.rejects.append(structs.replace(more.rejects[0], platform_id=str(row.id)))
    return found


def refunding(body: bytes) -> tuple[Beside, GivenBack]:
    """Return an answer with the refunds that it holds; Malformed for what is none."""
    try:
        answer = decode(body, ANSWER)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    if answer.data is None:
        empty(answer)
    told = [ROW.one(bytes(raw)) for raw in (answer.data.owner.refunds if answer.data and answer.data.owner else ())]
    good = [one for one in told if isinstance(one, RefundRow)]
    bad = [one for one in told if isinstance(one, Reject)]
    if len(told) > MOST:
        bad.append(Reject(platform_id="", reason=TOO_MANY, payload_hash=digest(body)))
    return answer, GivenBack(good, bad)


def refund_of(order: str) -> Callable[[RefundRow], Refund]:
    """Return what makes a record of a refund of this order."""

    def build(row: RefundRow) -> Refund:
        return Refund(
            platform_id=str(row.id),
            order_platform_id=order,
            created_at=when(row.created_at, "createdAt"),
            total_e4=amount_e4(row.total_refunded_set.shop_money.amount, "totalRefundedSet"),
            reason=text(row.note),
            lines=tuple(refund_line(one) for one in row.refund_line_items.nodes),
        )

    return build


def refund_line(row: RefundLineRow) -> RefundLine:
    """Return units of a line that were given back."""
    return RefundLine(
        line_platform_id=row.line_item.number,
        kind=text(row.restock_type, 50).lower(),
        quantity=row.quantity,
        amount_e4=amount_e4(row.subtotal_set.shop_money.amount, "subtotalSet"),
    )
