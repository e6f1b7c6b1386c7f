"""Reads order lines from a CSV file, plain or gzipped; every row is either fit for a shop or refused with a reason."""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple, TextIO

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
MOST_UNITS = 2_147_483_647
GZIP = b"\x1f\x8b"


class Unfit(Exception):
    """A row that no shop can hold; says why."""


class Row(NamedTuple):
    """A line as the shop will hold it: units above zero, the price in ten-thousandths, `customer` 0 for a guest."""

    invoice: str
    code: str
    description: str
    units: int
    when: int
    price: int
    customer: int
    country: str


@dataclass(slots=True)
class Sheet:
    """All rows of a file; `last` is the latest moment in it, whatever became of its row."""

    rows: list[Row] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    last: int | None = None


def is_cancellation(invoice: str) -> bool:
    """Whether an invoice takes another one back."""
    return invoice[:1] in {"C", "c"}


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    opener: Any = gzip.open if packed else Path.open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as text:
        yield text


def read_sheet(path: Path) -> Sheet:
    """Read a file. Raises ValueError when it is no such table at all."""
    try:
        with _opened(path) as file:
            return _read(csv.reader(file))
    except (csv.Error, EOFError, UnicodeDecodeError, zlib.error) as error:
        message = f"{path} cannot be read as CSV: {error}"
        raise ValueError(message) from error


def _read(table: Iterator[list[str]]) -> Sheet:
    header = next(table, [])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        message = f"the CSV file lacks the columns {', '.join(missing)}"
        raise ValueError(message)
    sheet = Sheet()
    places = [header.index(name) for name in COLUMNS]
    _sort(sheet, places, enumerate(filter(None, table), start=1))
    return sheet


def _sort(sheet: Sheet, places: Sequence[int], numbered: Iterable[tuple[int, list[str]]]) -> None:
    """Each row to the fit or to the refused ones."""
    for number, cells in numbered:
        texts = [cells[place] if place < len(cells) else "" for place in places]
        try:
            when = _moment(texts[4])
            sheet.last = when if sheet.last is None else max(sheet.last, when)
            sheet.rows.append(_row(texts, when))
        except Unfit as reason:
            invoice, code, _, quantity, _, price, _, _ = texts
            what = {"row": number, "invoice": invoice, "code": code, "quantity": quantity, "price": price}
            sheet.refused.append({"what": what, "reason": str(reason)})


def _row(texts: Sequence[str], when: int) -> Row:
    invoice, code, description, quantity, _, unit_price, customer, country = texts
    units, price = _whole(quantity, "quantity"), _price(unit_price)
    if not invoice:
        raise Unfit("an order needs an invoice number")
    if is_cancellation(invoice):
        units = _taken_back(units, price)
    elif units < 0:
        raise Unfit("a quantity below zero, and the invoice is no cancellation")
    if units == 0:
        raise Unfit("a quantity of zero")
    if units > MOST_UNITS:
        raise Unfit("a quantity beyond what a shop can count")
    buyer = _whole(customer, "customer") if customer else 0
    if buyer < 0:
        raise Unfit("a customer number below zero")
    return Row(intern(invoice), intern(code), intern(description), units, when, price, buyer, intern(country))


def _taken_back(units: int, price: int) -> int:
    """The units of a cancellation, positive. Refunds are in cents (v3 rounds them), unlike prices."""
    if units > 0:
        raise Unfit("a quantity above zero on a cancellation")
    if units * price % 100:
        raise Unfit("a refund of less than whole cents")
    return -units


@lru_cache(maxsize=65536)
def _moment(text: str) -> int:
    """Seconds since 1970; what names no zone is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unfit("the date cannot be read") from error
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _number(text: str, what: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        message = f"the {what} is no number"
        raise Unfit(message) from error
    if not found.is_finite() or found.adjusted() > 15:
        message = f"the {what} is no number that a shop can hold"
        raise Unfit(message)
    return found


@lru_cache(maxsize=65536)
def _whole(text: str, what: str) -> int:
    found = _number(text, what)
    if found % 1:
        message = f"the {what} is no whole number"
        raise Unfit(message)
    return int(found)


@lru_cache(maxsize=65536)
def _price(text: str) -> int:
    """A price in ten-thousandths: what v2 can show."""
    found = _number(text, "price") * 10_000
    if found < 0:
        raise Unfit("a price below zero")
    if found % 1:
        raise Unfit("a price with more than four decimals")
    return int(found)
