"""A shop made from the half million real order lines beside the project, where they are there."""

import csv
import gzip
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox import Shop, ShopConfig
from sandbox.clock import DAY
from sandbox.stock import units_in
from tests.real_orders import REAL, only_with_real_orders
from tests.sandbox.conftest import Asker
from tests.sandbox.test_orders_csv import open_goods, orders
from tests.sandbox.test_stock import broken

Held = Counter[tuple[str, str, int, Decimal]]
pytestmark = only_with_real_orders


def pages(shop: Asker) -> Iterator[dict[str, Any]]:
    """All orders, walked by id."""
    low = 1
    while page := shop.get("/v2/orders", limit=250, min_id=low):
        yield from page
        low = page[-1]["id"] + 1


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with gzip.open(REAL, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made() -> tuple[Asker, float]:
    began = time.perf_counter()
    shop = Asker(Shop(ShopConfig(orders_csv=REAL)))
    return shop, time.perf_counter() - began


@pytest.fixture(scope="module")
def shop(made: tuple[Asker, float]) -> Asker:
    return made[0]


def test_it_is_a_shop_within_half_a_minute(made: tuple[Asker, float]) -> None:
    assert made[1] < 30


def test_every_row_is_a_line_or_refused(shop: Asker, rows: list[dict[str, str]]) -> None:
    held: Held = Counter()
    for order in orders(shop):
        sign = -1 if order.external_order_id.startswith("C") else 1
        for line in order.lines:
            price = Decimal(line.price * 100 + line.hundredths) / 10_000
            held[order.external_order_id, line.sku, sign * line.quantity, price] += 1
    for refused in shop.shop.state.refused:
        what = refused["what"]
        held[what["invoice"], what["code"], int(what["quantity"]), Decimal(what["price"])] += 1
    wanted = Counter(
        (row["InvoiceNo"], row["StockCode"], int(row["Quantity"]), Decimal(row["UnitPrice"])) for row in rows
    )

    assert held.total() == len(rows) == 541_909
    assert held == wanted


def test_sales_minus_refunds_of_each_invoice_equal_the_file(shop: Asker, rows: list[dict[str, str]]) -> None:
    refused = {refused["what"]["row"] for refused in shop.shop.state.refused}
    wanted: defaultdict[str, Decimal] = defaultdict(Decimal)
    for number, row in enumerate(rows, start=1):
        if number not in refused:
            wanted[row["InvoiceNo"]] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    names: dict[int, str] = {}
    for order in pages(shop):
        names[order["id"]] = order["external_order_id"]
        if order["status_id"] != 4:
            found[order["external_order_id"]] += Decimal(order["total_inc_tax"])
    for refund in shop.shop.state.refunds:
        found[names[refund.order_id]] -= Decimal(sum(cents for _, _, cents in refund.items)) / 100

    assert found == wanted


def test_a_third_of_the_open_lines_is_short(shop: Asker) -> None:
    lines = open_goods(shop)
    short = sum(units_in(line.deducted) < line.quantity for line in lines)

    assert len(lines) > 30_000
    assert abs(short / len(lines) - 1 / 3) < 0.03
    assert broken(shop.shop) == []


def test_open_invoices_are_those_of_the_last_fourteen_days(shop: Asker) -> None:
    start = shop.shop.state.clock.start
    waiting = {order.id for order in orders(shop) if order.status == 11}
    young = {
        order.id
        for order in orders(shop)
        if order.created > start - 14 * DAY and not order.external_order_id.startswith("C")
    }

    assert waiting == young
    assert all(order.created <= order.modified < start for order in orders(shop))


def test_its_traps_are_there(shop: Asker) -> None:
    skus = [product.sku for product in shop.shop.state.products]
    lines = Counter(len(order.lines) for order in orders(shop))

    assert len(skus) - len({sku.casefold() for sku in skus}) > 100
    assert len({product.name.casefold() for product in shop.shop.state.products}) == len(skus)
    assert sum(times for size, times in lines.items() if size > 250) > 100
    assert sum(order.customer_id == 0 for order in orders(shop)) > 1000
    assert {line.kind for order in orders(shop) for line in order.lines} == {"physical", "digital", "custom"}
