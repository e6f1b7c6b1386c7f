"""A replayed year, against a count by hand from the raw rows of a few SKUs."""

import csv
import gzip
import random
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from fillrate.errors import FixSettings
from fillrate.settings import Settings
from fillrate.steps.replay import COLUMNS, read_orders, replay
from fillrate.steps.replayed_shop import Shop
from tests.real_orders import REAL, only_with_real_orders

NOON = timedelta(hours=12)
Row = dict[str, str]


class Count(NamedTuple):
    """What was counted by hand: units at once, units that waited at each noon, and the day on which each line was full."""

    at_once: int
    backorder_days: int
    full: dict[tuple[str, str, datetime], list[date]]


def by_hand(rows: list[Row], there: dict[str, int], came: Iterable[tuple[str, date, int]]) -> Count:
    """First come, first served, SKU by SKU: what lies there, then each delivery on its day."""
    lines = sorted((datetime.fromisoformat(r["InvoiceDate"]), i, r) for i, r in enumerate(rows) if is_sale(r))
    comes, queue, there = defaultdict(int), defaultdict(deque), dict(there)
    for sku, on, quantity in came:
        comes[sku, on] += quantity
    at_once = waited = 0
    full: dict[tuple[str, str, datetime], list[date]] = defaultdict(list)
    day, at = lines[0][0].date(), 0
    while at < len(lines) or any(queue.values()):
        new = at
        while at < len(lines) and lines[at][0] <= datetime.combine(day, datetime.min.time()) + NOON:
            row = lines[at][2]
            queue[row["StockCode"].upper()].append([at, int(row["Quantity"]), row])
            at += 1
        for sku, waiting in queue.items():
            there[sku] += comes[sku, day]
            while waiting and there[sku]:
                units = min(there[sku], waiting[0][1])
                there[sku] -= units
                waiting[0][1] -= units
                at_once += units if waiting[0][0] >= new else 0
                if not waiting[0][1]:
                    row = waiting.popleft()[2]
                    placed = datetime.fromisoformat(row["InvoiceDate"])
                    full[row["InvoiceNo"], row["StockCode"].upper(), placed].append(day)
            waited += sum(left for _, left, _ in waiting)
        for sku in there.keys() - queue.keys():
            there[sku] += comes[sku, day]
        day += timedelta(days=1)
    return Count(at_once, waited, full)


def is_sale(row: Row) -> bool:
    return int(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0


def next_working_day(day: date) -> date:
    day += timedelta(days=1)
    return day if day.weekday() < 5 else next_working_day(day)


def ships(ready: date) -> date:
    """One working day after the one on which, or after which, it was ready."""
    return next_working_day(ready if ready.weekday() < 5 else next_working_day(ready))


def facts_of(shop: Shop, rows: list[Row]) -> tuple[dict[str, int], list[tuple[str, date, int]]]:
    """What the made-up supplier gave of these SKUs: what lay there, and each delivery."""
    skus = {row["StockCode"].upper() for row in rows}
    names = shop.orders.drop_duplicates("item_id").set_index("item_id")["sku"].str.upper()
    came = pd.concat(shop.came)
    deliveries = [(names[row.item_id], row.comes_on, row.quantity) for row in came.itertuples()]
    there = {sku: int(shop.supplier.high[item]) for item, sku in names.items() if sku in skus}
    return there, [one for one in deliveries if one[0] in skus]


def check(rows: list[Row], shop: Shop, count: Count) -> None:
    """Each line left on the day that was counted, and each promise was kept or broken by that."""
    skus = {row["StockCode"].upper() for row in rows}
    orders = shop.orders[shop.orders["sku"].str.upper().isin(skus)]
    left = pd.concat(shop.exits).groupby("line_id")["at"].max()
    found, counted = [], sorted(ships(day) for days in count.full.values() for day in days)
    found = sorted(at.date() for at in left.loc[orders["line_id"]])
    at_once = pd.concat(shop.at_once)
    assert found == counted
    assert at_once.loc[at_once["line_id"].isin(orders["line_id"]), "quantity"].sum() == count.at_once


def written(file: Path, rows: list[Row]) -> Path:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, [*COLUMNS])
        writer.writeheader()
        writer.writerows({name: row[name] for name in COLUMNS} for row in rows)
    return file


def replayed(file: Path, policy: str = "as_set") -> tuple[dict[str, Any], Shop]:
    return replay(Settings(), read_orders(file)[0], policy, 1)


def made_up_rows(orders: int, days: int) -> list[Row]:
    """Orders for five SKUs that come in bursts, with returns and samples between them."""
    chance, rows = random.Random(5), []
    first = datetime.fromisoformat("2026-01-01 08:00")
    for number in range(orders):
        placed = first + timedelta(days=int(days * chance.random() ** 2), minutes=number)
        for sku in chance.sample(("A1", "A2", "B1", "B2", "b3"), chance.randint(1, 3)):
            units, price = chance.choice((1, 2, 2, 30, -1)), chance.choice(("2.5", "9", "0"))
            order = {"InvoiceNo": str(1000 + number), "StockCode": sku, "Quantity": str(units)}
            rows.append({**order, "InvoiceDate": placed.isoformat(sep=" "), "UnitPrice": price})
    return rows


ROWS = made_up_rows(300, 75)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("replay") / "orders.csv", ROWS)


@pytest.fixture(scope="module")
def as_set(file: Path) -> tuple[dict[str, Any], Shop]:
    return replayed(file)


def test_a_few_skus_fill_wait_and_leave_as_counted_by_hand(as_set: tuple[dict[str, Any], Shop]) -> None:
    told, shop = as_set
    rows, count = ROWS, by_hand(ROWS, *facts_of(shop, ROWS))

    check(rows, shop, count)
    assert told["backorder_days"] == count.backorder_days > 100
    assert told["at_once"]["units"] == round(count.at_once / sum(int(r["Quantity"]) for r in rows if is_sale(r)), 4) < 1
    assert told["in_the_end"] == {"units": 1, "lines": 1, "orders": 1}
    promised = pd.concat(shop.promises).set_index("line_id")["ship_by"]
    left = pd.concat(shop.exits).groupby("line_id")["at"].max()
    kept = sum(at.date() <= promised[line].date() for line, at in left.items())
    assert (told["promises"]["kept"], told["promises"]["due"]) == (kept, len(promised))
    assert told["promises"]["broken"] > 0


@pytest.mark.slow
def test_a_policy_changes_what_leaves_first(file: Path, as_set: tuple[dict[str, Any], Shop]) -> None:
    whole = replayed(file, "ship_complete")[0]

    assert whole["at_once"]["units"] < as_set[0]["at_once"]["units"]
    assert whole["in_the_end"]["orders"] == 1


def test_a_file_without_a_column_is_told(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("InvoiceNo,Quantity\n1,2\n")

    with pytest.raises(FixSettings, match="is no file of order lines"):
        read_orders(tmp_path / "orders.csv")


@only_with_real_orders
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_real_year_replays_in_minutes_and_thirty_skus_of_it_are_as_counted_by_hand() -> None:
    began = time.monotonic()
    told, shop = replayed(REAL)
    took = time.monotonic() - began
    with gzip.open(REAL, "rt", encoding="utf-8", newline="") as file:
        every = list(csv.DictReader(file))
    wanted = set(sorted({row["StockCode"].upper() for row in every if is_sale(row)})[::130])
    rows = [row for row in every if row["StockCode"].upper() in wanted]

    check(rows, shop, by_hand(rows, *facts_of(shop, rows)))
    assert len(wanted) >= 30
    assert told["lines"] == sum(is_sale(row) for row in every)
    assert took < 600
    assert replayed(REAL)[0] == told
