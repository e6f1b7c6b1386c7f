"""Orders as BigCommerce sends them, and the records that they become.

Lines stand in the parts of `consignments`: shipping and pickups leave a shelf; downloads and gift certificates never
do, nor do custom lines (they name no product). Empty objects may arrive as empty arrays.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from fillrate.channels.fields import (
    Count,
    Id,
    Link,
    Money,
    amount_e4,
    currency,
    identifier,
    link,
    text,
    when,
    when_or_none,
)
from fillrate.errors import SkipRecord
from fillrate.records import Line, Order, Reject

LOCALE = re.compile("([a-zA-Z]{2})([-_].*)?")
LINES_SHOWN = 50  # a consignment shows so many at most
NEVER_ON_A_SHELF = frozenset({"digital", "giftcertificate"})


class LineRow(msgspec.Struct, kw_only=True, gc=False):
    """A line, or the mere link to one: then everything is missing."""

    id: Id | None = None
    product_id: Link | None = None
    variant_id: Link | None = None  # custom lines have none
    sku: str | None = None
    name: str | None = None
    type: str | None = None
    quantity: Count | None = None
    quantity_shipped: Count | None = None
    quantity_refunded: Count | None = None
    quantity_backordered: Count | None = None  # only in shops with native backorders
    price_inc_tax: Money | None = None
    warning: Any = msgspec.field(name="__warning__", default=None)  # Any: that it is there is all that counts


class OwnLineRow(LineRow, kw_only=True, gc=False):
    """A line from an order's own list of lines, where nothing that we need may be missing."""

    id: Id
    order_id: Id
    product_id: Link
    sku: str | None
    type: str
    quantity: Count
    quantity_shipped: Count
    quantity_refunded: Count
    price_inc_tax: Money


class OwnLines(msgspec.Struct, gc=False):
    """What an order's own list of lines held."""

    rows: list[OwnLineRow] = []
    rejects: list[Reject] = []


Lines = list[LineRow] | LineRow | None


class Part(msgspec.Struct, gc=False):
    """A part of an order that goes to one place by one road."""

    line_items: Lines = None
    first_name: str | None = None
    last_name: str | None = None
    country_iso2: str | None = None
    state: str | None = None
    zip: str | None = None
    warning: Any = msgspec.field(name="__warning__", default=None)  # Any: that it is there is all that counts


class ByMail(msgspec.Struct, gc=False):
    """What is sent by e-mail."""

    gift_certificates: list[Part] = []


class Consignments(msgspec.Struct, gc=False):
    """All parts of an order, or the mere link to them."""

    shipping: list[Part] = []
    pickups: list[Part] = []
    downloads: list[Part] = []
    email: ByMail | list[Part] = []
    url: str | None = None
    warning: Any = msgspec.field(name="__warning__", default=None)  # Any: that it is there is all that counts


class Billing(msgspec.Struct, gc=False):
    """Who pays."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class OrderRow(msgspec.Struct, gc=False):
    """An order, as sent."""

    id: Id
    status_id: Count
    date_created: str
    date_modified: str
    total_inc_tax: Money
    date_shipped: str | None
    customer_id: Link
    billing_address: Billing | list[Billing]
    default_currency_code: str
    channel_id: Link
    is_deleted: bool
    order_source: str | None
    items_total: Count
    external_order_id: str | int | None = None
    external_source: str | None = None
    customer_locale: str | None = None
    consignments: Consignments | list[Part] | None = None
    warning: Any = msgspec.field(name="__warning__", default=None)  # Any: that it is there is all that counts


def needs_its_lines(row: OrderRow) -> bool:
    """Tell whether the list shows less than the whole order, so that its lines must be read on their own."""
    told = row.consignments
    if not isinstance(told, Consignments):
        return told is None or bool(told) or bool(row.items_total)
    if told.url is not None or row.warning is not None or told.warning is not None:
        return True
    parts = [part for part, _ in parts_of(told)]
    if not parts:
        return bool(row.items_total)
    return any(is_cut(part) for part in parts)


def is_cut(part: Part) -> bool:
    """Tell whether a part shows less than all its lines with all that we need of them."""
    lines = lines_of(part)
    if not lines or part.warning is not None or len(lines) >= LINES_SHOWN:
        return True
    return any(lacks_something(one) or one.warning is not None for one in lines)


def lacks_something(row: LineRow) -> bool:
    """Tell whether a line lacks what no line can do without."""
    needed = (row.id, row.product_id, row.type, row.price_inc_tax)
    return None in (*needed, row.quantity, row.quantity_shipped, row.quantity_refunded)


def parts_of(told: Consignments) -> Iterator[tuple[Part, bool]]:
    """Yield each part with whether it leaves a shelf."""
    for part in (*told.shipping, *told.pickups):
        yield part, True
    by_mail = told.email.gift_certificates if isinstance(told.email, ByMail) else told.email
    for part in (*told.downloads, *by_mail):
        yield part, False


def lines_of(part: Part) -> list[LineRow]:
    """Return a part's lines; a single one may come without a list around it."""
    if part.line_items is None:
        return []
    return part.line_items if isinstance(part.line_items, list) else [part.line_items]


def order(row: OrderRow, own: OwnLines | None) -> Order:
    """Return an order; `own` are its lines read on their own, None where the order shows them all."""
    billing = row.billing_address if isinstance(row.billing_address, Billing) else Billing()
    return Order(
        platform_id=str(row.id),
        status=str(row.status_id),
        placed_at=when(row.date_created, "date_created"),
        modified_at=when(row.date_modified, "date_modified"),
        shipped_at=shipped_at(row),
        customer_platform_id=link(row.customer_id),
        email=text(billing.email, 255),
        recipient=recipient(row, billing),
        destination=destination(row),
        currency=currency(row.default_currency_code, "default_currency_code"),
        total_e4=amount_e4(row.total_inc_tax, "total_inc_tax"),
        external_order_id=identifier(row.external_order_id, "external_order_id"),
        source_channel=f"{row.channel_id}:{text(row.external_source or row.order_source, 50)}",
        is_archived=row.is_deleted,
        language=language(row.customer_locale),
        lines=unique(shown_lines(row) if own is None else told_lines(row, own)),
    )


def language(locale: str | None) -> str:
    """Return the language of "en", "de-AT" or "pt_BR" as two small letters, "" for what is none."""
    found = LOCALE.fullmatch(locale or "")
    return found[1].lower() if found else ""


def shipped_at(row: OrderRow) -> datetime | None:
    """Return when the order was fully shipped; the epoch is PHP's way of saying never."""
    moment = when_or_none(row.date_shipped, "date_shipped")
    return None if moment is None or moment <= datetime(1970, 1, 2, tzinfo=UTC) else moment


def recipient(row: OrderRow, billing: Billing) -> str:
    """Return whom the goods go to: the first shipping address, else who pays."""
    shipping = row.consignments.shipping if isinstance(row.consignments, Consignments) else []
    names = [(part.first_name, part.last_name) for part in shipping] + [(billing.first_name, billing.last_name)]
    return next((name for first, last in names if (name := text(f"{first or ''} {last or ''}"))), "")


def destination(row: OrderRow) -> str:
    """Return where the goods go: country, state and postcode of the first shipping address that names a country."""
    shipping = row.consignments.shipping if isinstance(row.consignments, Consignments) else []
    for part in shipping:
        if country := text(part.country_iso2, 2):
            return "/".join(one.replace("/", " ") for one in (country, text(part.state, 100), text(part.zip, 30)))
    return ""


def shown_lines(row: OrderRow) -> list[Line]:
    """Return the lines that the order itself shows."""
    if not isinstance(row.consignments, Consignments):
        return []
    return [
        line(one, leaves_a_shelf=leaves_a_shelf)
        for part, leaves_a_shelf in parts_of(row.consignments)
        for one in lines_of(part)
    ]


def told_lines(row: OrderRow, own: OwnLines) -> list[Line]:
    """Return the lines read on their own; an order of which a line cannot be read is not half an order."""
    if own.rejects:
        raise SkipRecord(f"line {own.rejects[0].platform_id}: {own.rejects[0].reason}", path="line_items")
    if any(one.order_id != row.id for one in own.rows):
        raise SkipRecord("order_id of a line: the shop told another order's lines", path="line_items")
    if not own.rows and row.items_total:
        raise SkipRecord("the order has items and shows no lines", path="line_items")
    return [line(one, leaves_a_shelf=True) for one in own.rows]


def unique(lines: list[Line]) -> tuple[Line, ...]:
    """Return the lines in the order of their ids, each once."""
    by_id = {one.platform_id: one for one in lines}
    return tuple(by_id[key] for key in sorted(by_id, key=int))


def line(row: LineRow, *, leaves_a_shelf: bool) -> Line:
    """Return a line; its price is what the customer paid for one unit, tax included, like the order's total."""
    return Line(
        platform_id=str(row.id),
        product_platform_id=link(row.product_id),
        variant_platform_id=link(row.variant_id) if row.product_id else "",
        sku=identifier(row.sku, f"sku of line {row.id}"),
        name=text(row.name),
        quantity=row.quantity or 0,
        quantity_shipped=row.quantity_shipped or 0,
        quantity_refunded=row.quantity_refunded or 0,
        quantity_backordered=row.quantity_backordered,
        needs_stock=leaves_a_shelf and bool(row.product_id) and row.type not in NEVER_ON_A_SHELF,
        unit_price_e4=amount_e4(row.price_inc_tax or 0, f"price_inc_tax of line {row.id}"),
    )
