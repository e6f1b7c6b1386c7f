"""Half a million real order lines through the commands: nothing is lost, all sums agree, and it takes minutes.

The file lies beside the project; without it the proof is skipped.
"""

import csv
import gzip
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.cli.merchant import Merchant
from tests.deployments.server import free_port, program, until
from tests.real_orders import REAL, only_with_real_orders

FLOWS = ("sync-catalog", "sync-orders", "reconcile-inventory", "allocate-orders")
REFUNDED = "4"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    only_with_real_orders,
]
Sums = dict[str, Decimal]


@pytest.fixture(scope="module")
def merchant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """A merchant with a practice shop made from the file, in a program of its own."""
    folder, port = tmp_path_factory.mktemp("real"), str(free_port())
    command = ("--orders-csv", str(REAL), "--port", port, "--write-config", str(folder))
    with program("-m", "sandbox", *command, cwd=folder, log=folder / "sandbox.log"):
        until(lambda: "ready" in (folder / "sandbox.log").read_text(), "the shop")
        yield Merchant(folder)


@pytest.fixture(scope="module")
def told(merchant: Merchant) -> dict[str, Any]:
    """What each flow told, and what the audit found."""
    found: dict[str, Any] = {}
    began = time.monotonic()
    for flow in FLOWS:
        said = merchant.fillrate("run", flow, "--json", timeout_s=900)
        found[flow] = {"code": said.code, **said.json}
    found["audit"] = merchant.fillrate("audit", "--shop", timeout_s=600)
    found["seconds"] = time.monotonic() - began
    return found


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with gzip.open(REAL, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def truth(merchant: Merchant, told: dict[str, Any]) -> dict[str, Any]:
    """What is so in the shop, after all flows."""
    assert told["audit"].code == 0
    settings = (merchant.folder / "fillrate.toml").read_text()
    root = next(line for line in settings.splitlines() if line.startswith("base_url")).split('"')[1].split("/stores")[0]
    found: dict[str, Any] = httpx.get(f"{root}/_practice/state", timeout=120).json()
    return found


@pytest.fixture(scope="module")
def refused(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines that no such shop can hold, as the shop lists them."""
    return [one["what"] for one in truth["refused"]]


def query(merchant: Merchant, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(merchant.folder / "fillrate.db")) as connection:
        return connection.execute(statement).fetchall()


def test_every_flow_is_done(told: dict[str, Any]) -> None:
    assert {flow: told[flow]["code"] for flow in FLOWS} == dict.fromkeys(FLOWS, 0)
    assert [told[flow]["problems"] for flow in FLOWS] == [[]] * len(FLOWS)


def test_every_line_is_in_a_table_or_rejected_or_refused(
    merchant: Merchant, rows: list[dict[str, str]], refused: list[dict[str, Any]]
) -> None:
    lines = "SELECT o.external_order_id, l.sku, l.qty_ordered, l.unit_price_e4 FROM order_line l JOIN sales_order o"
    held: Counter[tuple[str, str, int, Decimal]] = Counter()
    for invoice, sku, quantity, price in query(merchant, f"{lines} ON o.id = l.order_id"):
        held[invoice, sku, -quantity if invoice.startswith("C") else quantity, Decimal(price) / 10_000] += 1
    for one in refused:
        held[one["invoice"], one["code"], int(one["quantity"]), Decimal(one["price"])] += 1
    wanted = Counter(
        (row["InvoiceNo"], row["StockCode"], int(row["Quantity"]), Decimal(row["UnitPrice"])) for row in rows
    )

    assert query(merchant, "SELECT count(*) FROM rejected_record") == [(0,)]
    assert held.total() == len(rows) == 541_909
    assert held == wanted


def test_sales_minus_refunds_of_each_invoice_equal_the_file(
    merchant: Merchant, rows: list[dict[str, str]], refused: list[dict[str, Any]]
) -> None:
    left_out = {one["row"] for one in refused}
    wanted: Sums = defaultdict(Decimal)
    for number, row in enumerate(rows, start=1):
        if number not in left_out:
            wanted[row["InvoiceNo"]] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
    found: Sums = defaultdict(Decimal)
    for invoice, status, total in query(merchant, "SELECT external_order_id, status, total_e4 FROM sales_order"):
        found[invoice] += 0 if status == REFUNDED else Decimal(total) / 10_000
    refunds = "SELECT o.external_order_id, r.total_e4 FROM refund r JOIN sales_order o"
    for invoice, total in query(merchant, f"{refunds} ON o.platform_id = r.order_platform_id"):
        found[invoice] -= Decimal(total) / 10_000

    assert found == wanted


def test_what_the_shop_sold_beyond_its_stock_waits(merchant: Merchant, truth: dict[str, Any]) -> None:
    units = dict(query(merchant, "SELECT state, sum(quantity) FROM open_unit GROUP BY state"))
    sold_beyond = sum(shelf["backordered"] for shelves in truth["stock"].values() for shelf in shelves.values())

    assert units["backorder"] == sold_beyond > 10_000
    assert set(units) == {"backlog", "backorder"}


def test_the_audit_finds_nothing_in_the_tables_and_in_the_shop(told: dict[str, Any]) -> None:
    assert told["audit"].code == 0, told["audit"].out
    assert told["audit"].out.splitlines()[-1].endswith("checks, 0 broken.")


def test_all_of_it_takes_minutes(told: dict[str, Any]) -> None:
    assert told["seconds"] < 10 * 60
