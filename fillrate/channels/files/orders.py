"""Files of orders: a row for each line, the order's own words repeated in each of its rows.

An order of which a row cannot be read is no order: what it lacks would count as cancelled. Where a row does not even say
whose it is, the orders of the rows beside it are left out too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fillrate.channels.fields import currency, identifier, text
from fillrate.channels.files.places import Paper
from fillrate.channels.files.spellings import QUANTITY, SKU
from fillrate.channels.files.stock import once_each, reject
from fillrate.channels.row_files import Cells, amount, moment, rows_in, told, whole, word
from fillrate.errors import SkipRecord
from fillrate.records import Line, Order, Reject

NEEDED = ("order", "sku", "quantity", "ordered")
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "order": ("order_number", "order_no", "order_id", "receipt", "invoice", "bestellnummer", "auftrag", "belegnummer"),
    "line": ("line_number", "line_no", "line_id", "position", "pos"),
    "sku": SKU,
    "quantity": QUANTITY,
    "ordered": ("ordered_at", "order_date", "placed", "placed_at", "date", "created", "bestelldatum", "datum"),
    "modified": ("modified_at", "last_modified", "updated", "updated_at", "changed"),
    "shipped": ("shipped_quantity", "delivered", "geliefert"),
    "cancelled": ("canceled", "cancelled_quantity", "storniert"),
    "refunded": ("returned", "refunded_quantity"),
    "ship_by": ("promised", "due", "due_date", "liefertermin"),
    "price": ("unit_price", "preis"),
    "recipient": ("customer_name", "ship_to", "name"),
    "email": ("e_mail", "customer_email"),
    "customer": ("customer_number", "customer_id", "kundennummer"),
    "postcode": ("zip", "postal_code", "plz"),
}
SAME_AS = {
    "": "open",
    "new": "open",
    "paid": "open",
    "processing": "open",
    "pending": "unpaid",
    "awaiting_payment": "unpaid",
    "hold": "review",
    "on_hold": "review",
    "partially_shipped": "part_shipped",
    "partly_shipped": "part_shipped",
    "delivered": "shipped",
    "completed": "done",
    "complete": "done",
    "closed": "done",
    "canceled": "cancelled",
    "void": "cancelled",
}
STATUSES = {
    "draft": "Draft",
    "unpaid": "Unpaid",
    "review": "Under review",
    "open": "Open",
    "part_shipped": "Shipped in part",
    "shipped": "Shipped",
    "done": "Done",
    "cancelled": "Cancelled",
    "declined": "Declined",
}


class Reading(NamedTuple):
    """How a file's texts are meant where they leave something out."""

    zone: ZoneInfo
    currency: str


@dataclass(slots=True)
class OrderRows:
    """The rows of one order in one file, and why it cannot be used."""

    rows: list[tuple[int, Cells]] = field(default_factory=list)
    wrong: str = ""


def orders_in(papers: Sequence[Paper | SkipRecord], reading: Reading) -> tuple[dict[str, Order], tuple[Reject, ...]]:
    """Return the orders that these files tell of, the newest file's word for each, and what cannot be read."""
    orders: dict[str, Order] = {}
    rejects: dict[str, Reject] = {}
    nameless: list[Reject] = []
    for paper in papers:
        good, bad = ({}, [refused(paper)]) if isinstance(paper, SkipRecord) else orders_of(paper, reading)
        named = {one.platform_id: one for one in bad if one.platform_id}
        nameless += [one for one in bad if not one.platform_id]
        told_now = good.keys() | named.keys()
        orders = {key: one for key, one in orders.items() if key not in told_now} | good
        rejects = {key: one for key, one in rejects.items() if key not in told_now} | named
    return orders, (*rejects.values(), *nameless)


def refused(skip: SkipRecord) -> Reject:
    """Return a file that is none."""
    return reject("", skip.what, skip.what)


def orders_of(paper: Paper, reading: Reading) -> tuple[dict[str, Order], list[Reject]]:
    """Return the orders of one file, and its bad rows."""
    try:
        groups, bad = grouped(rows_in(paper.body, NEEDED, SPELLINGS), paper.name)
    except SkipRecord as skip:
        return {}, [refused(SkipRecord(f"{paper.name}: {skip.what}"))]
    orders: dict[str, Order] = {}
    for number, group in groups.items():
        try:
            orders[number] = order_of(number, group, paper, reading)
        except SkipRecord as skip:
            bad.append(reject(number, skip.what, group.rows[0][1] if group.rows else number))
    return orders, list(once_each(bad))


def grouped(rows: Iterable[tuple[int, Cells | str]], name: str) -> tuple[dict[str, OrderRows], list[Reject]]:
    """Return the rows by order, and those that do not say whose they are, which spoil their neighbours."""
    groups: dict[str, OrderRows] = {}
    bad: list[Reject] = []
    last, gap = "", ""
    for number, cells in rows:
        try:
            order = told(whole_row(cells), "order")
        except SkipRecord as skip:
            bad.append(reject("", f"{name} row {number}: {skip.what}", cells))
            gap = f"{name} row {number} cannot be read and may be a line of this order"
            if last:
                groups[last].wrong = gap
            continue
        group = groups.setdefault(order, OrderRows())
        group.rows.append((number, whole_row(cells)))
        group.wrong = group.wrong or gap
        last, gap = order, ""
    return groups, bad


def whole_row(cells: Cells | str) -> Cells:
    """Return a row that has all its cells."""
    if isinstance(cells, str):
        raise SkipRecord(cells)
    return cells


def order_of(number: str, group: OrderRows, paper: Paper, reading: Reading) -> Order:
    """Return one order of all its rows."""
    if group.wrong:
        raise SkipRecord(group.wrong)
    rows = group.rows
    turns: Counter[str] = Counter()
    lines: dict[str, Line] = {}
    for row, cells in rows:
        try:
            line = line_of(number, cells, turns)
        except SkipRecord as skip:
            raise SkipRecord(f"{paper.name} row {row}: {skip.what}") from None
        if line.platform_id in lines:
            raise SkipRecord(f"{paper.name} row {row}: line {word(cells, 'line')} stands there twice")
        lines[line.platform_id] = line
    try:
        return head_of(number, [cells for _, cells in rows], tuple(lines.values()), paper, reading)
    except SkipRecord as skip:
        raise SkipRecord(f"{paper.name} row {rows[0][0]}: {skip.what}") from None


def line_of(number: str, cells: Cells, turns: Counter[str]) -> Line:
    """Return the line of one row; one without a name is called after its SKU, and after its turn from the second on."""
    sku, position = word(cells, "sku"), word(cells, "line")
    if not position:
        turns[sku] += 1
        position = (sku or "line") if turns[sku] == 1 else f"{sku or 'line'} #{turns[sku]}"
    quantity, shipped, cancelled, refunded_units = (
        whole(cells, name) or 0 for name in ("quantity", "shipped", "cancelled", "refunded")
    )
    if whole(cells, "quantity") is None:
        raise SkipRecord("quantity is missing", path="quantity")
    if cancelled > quantity:
        raise SkipRecord(f"cancelled is more than quantity: {cancelled} of {quantity}", path="cancelled")
    return Line(
        platform_id=identifier(f"{number.replace('%', '%25').replace('/', '%2F')}/{position}", "line"),
        product_platform_id=sku,
        variant_platform_id=sku,
        sku=sku,
        name=text(str(cells.get("item_name") or "")),
        quantity=quantity - cancelled,
        quantity_shipped=shipped,
        quantity_refunded=refunded_units,
        quantity_backordered=None,
        needs_stock=bool(sku),
        unit_price_e4=amount(cells, "price"),
    )


def head_of(number: str, rows: Sequence[Cells], lines: tuple[Line, ...], paper: Paper, reading: Reading) -> Order:
    """Return an order from what its rows say together."""
    statuses = {status_of(cells) for cells in rows}
    if len(statuses) > 1:
        raise SkipRecord(f"its rows do not agree on the status: {', '.join(sorted(statuses))}", path="status")
    ordered, modified, ship_by = (
        next((at for cells in rows if (at := moment(cells, name, reading.zone))), None)
        for name in ("ordered", "modified", "ship_by")
    )
    if ordered is None:
        raise SkipRecord("ordered is missing", path="ordered")
    total = next((amount(cells, "total") for cells in rows if said(cells, "total")), None)
    return Order(
        platform_id=number,
        status=statuses.pop(),
        placed_at=ordered,
        modified_at=modified or paper.written_at or ordered,
        shipped_at=None,
        customer_platform_id=first(rows, "customer", 255),
        email=first(rows, "email", 255),
        recipient=first(rows, "recipient"),
        destination=destination(rows),
        currency=currency(first(rows, "currency", 10) or reading.currency, "currency"),
        total_e4=sum(one.quantity * one.unit_price_e4 for one in lines) if total is None else total,
        external_order_id=first(rows, "external_order", 255),
        source_channel=source(rows),
        is_archived=False,
        language="",
        ship_by=ship_by,
        lines=lines,
    )


def status_of(cells: Cells) -> str:
    """Return a status in our own word, or the file's where we have none."""
    told_status = word(cells, "status").lower().replace(" ", "_").replace("-", "_")
    return SAME_AS.get(told_status, told_status)


def said(cells: Cells, name: str) -> bool:
    """Tell whether a cell holds anything."""
    value = cells.get(name)
    return value is not None and str(value).strip() != ""


def first(rows: Sequence[Cells], name: str, longest: int = 1_000) -> str:
    """Return what the first row says that says something."""
    return next((text(str(cells[name]), longest) for cells in rows if said(cells, name)), "")


def destination(rows: Sequence[Cells]) -> str:
    """Return where the goods go: country, region and postcode; "" where no country is told."""
    parts = [first(rows, name, longest) for name, longest in (("country", 2), ("region", 100), ("postcode", 30))]
    return "/".join(one.replace("/", " ") for one in parts) if parts[0] else ""


def source(rows: Sequence[Cells]) -> str:
    """Return what made the order, in the form in which `mirrors` names it."""
    made_by = first(rows, "source", 50)
    return f":{made_by}" if made_by else ""
