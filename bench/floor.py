"""The least that a sync can cost: the same HTTP client, the same typed decoding, the same tables, a transaction a page.

Rows go out as they came: nothing is compared, checked, decided or remembered, and their keys are the shop's own.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from pydantic import SecretStr

from fillrate.channels.bigcommerce.catalog import PRODUCTS, ProductRow
from fillrate.channels.bigcommerce.order_rows import OrderRow, lines_of, parts_of
from fillrate.channels.bigcommerce.orders import LIST, ORDERS
from fillrate.channels.bigcommerce.walks import by_id
from fillrate.gateway.auth import Headers
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.http import Http
from fillrate.gateway.outside import Outside

PRODUCT_LIST = {"include": "variants", "sort": "id", "limit": 250}
WHEN = "2026-01-01T00:00:00.000000+00:00"
Rows = list[tuple[Any, ...]]
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "product": (
        "id channel_id platform_id name sku is_digital tracking is_visible availability price_e4 brand_platform_id "
        "category_platform_ids created_at modified_at content_hash missing_sweeps",
        ("channel_id", "platform_id"),
    ),
    "item": ("id origin sku sku_key name is_tracked", ("origin",)),
    "listing": (
        "id channel_id product_id product_platform_id variant_platform_id pack item_id sku sku_key price_e4 "
        "is_purchasable options missing_sweeps",
        ("channel_id", "product_platform_id", "variant_platform_id", "pack"),
    ),
    "sales_order": (
        "id channel_id platform_id status placed_at modified_at customer_platform_id email recipient destination currency "
        "total_e4 external_order_id source_channel is_archived note content_hash missing_sweeps",
        ("channel_id", "platform_id"),
    ),
    "order_line": (
        "channel_id order_id platform_id product_platform_id variant_platform_id sku name needs_stock unit_price_e4 "
        "qty_ordered qty_shipped qty_shipped_told qty_cancelled qty_refunded is_removed",
        ("channel_id", "platform_id"),
    ),
}


def sync(url: str, base_url: str, streams: tuple[str, ...]) -> None:
    """Read all products and all orders into the tables of a fresh database."""
    outside = Outside()
    http = Http(
        base_url, Headers({"X-Auth-Token": SecretStr("x")}), outside, Budget(LocalTokens(outside.clock), outside)
    )
    load = into_sqlite if url.startswith("sqlite") else into_postgres
    with load(url) as save:
        for products, _ in by_id(http, PRODUCTS, PRODUCT_LIST, None) if "products" in streams else ():
            save(product_rows(products.rows))
        for orders, _ in by_id(http, ORDERS, LIST, None, v2=True) if "orders" in streams else ():
            save(order_rows(orders.rows))
    http.close()


def product_rows(rows: Iterable[ProductRow]) -> dict[str, Rows]:
    """Return the rows of one page of products."""
    made: dict[str, Rows] = {"product": [], "item": [], "listing": []}
    for p in rows:
        pid, price = str(p.id), int(float(p.price) * 10_000)
        made["product"].append(
            (p.id, 1, pid, p.name, p.sku, p.type == "digital", p.inventory_tracking, p.is_visible, p.availability, price,
             str(p.brand_id), "[]", p.date_created, p.date_modified, "", 0)
        )  # fmt: skip
        for v in p.variants:
            vid = str(v.id)
            made["item"].append((v.id, f"main:{pid}/{vid}", v.sku, v.sku, p.name, True))
            made["listing"].append(
                (v.id, 1, p.id, pid, vid, 1, v.id, v.sku, v.sku, None, not v.purchasing_disabled, "", 0)
            )
    return made


def order_rows(rows: Iterable[OrderRow]) -> dict[str, Rows]:
    """Return the rows of one page of orders."""
    made: dict[str, Rows] = {"sales_order": [], "order_line": []}
    for o in rows:
        total = int(float(o.total_inc_tax) * 10_000)
        email = getattr(o.billing_address, "email", "") or ""
        made["sales_order"].append(
            (o.id, 1, str(o.id), str(o.status_id), WHEN, WHEN, str(o.customer_id), email, "", o.default_currency_code,
             total, str(o.external_order_id), str(o.channel_id), o.is_deleted, "", "", 0)
        )  # fmt: skip
        for part, needs in parts_of(o.consignments) if o.consignments else ():  # type: ignore[arg-type]  # never a list here
            for n in lines_of(part):
                price = int(float(n.price_inc_tax or 0) * 10_000)
                made["order_line"].append(
                    (1, o.id, str(n.id), str(n.product_id), str(n.variant_id), n.sku, n.name, needs, price,
                     n.quantity, n.quantity, n.quantity_shipped, 0, n.quantity_refunded, False)
                )  # fmt: skip
    return made


class into_sqlite:
    """Save pages into SQLite: executemany, one transaction a page."""

    def __init__(self, url: str) -> None:
        self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("INSERT INTO channel (id, name, kind, identity) VALUES (1, 'main', 'x', '')")
        self.statements = {table: upsert(table, ",".join("?" * len(spec[0].split()))) for table, spec in TABLES.items()}

    def __enter__(self) -> Callable[[dict[str, Rows]], None]:
        return self.save

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def save(self, page: dict[str, Rows]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for table, rows in page.items():
            self.connection.executemany(self.statements[table], rows)
        self.connection.execute("COMMIT")


class into_postgres:
    """Save pages into PostgreSQL: COPY into a temporary table and merge, one transaction a page."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        with self.connection.transaction():
            self.connection.execute("INSERT INTO channel (id, name, kind, identity) VALUES (1, 'main', 'x', '')")

    def __enter__(self) -> Callable[[dict[str, Rows]], None]:
        return self.save

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def save(self, page: dict[str, Rows]) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for table, rows in page.items():
                names = ", ".join(TABLES[table][0].split())
                cursor.execute(f"CREATE TEMP TABLE s_{table} ON COMMIT DROP AS SELECT {names} FROM {table} LIMIT 0")
                with cursor.copy(f"COPY s_{table} FROM STDIN") as target:
                    for row in rows:
                        target.write_row(row)
                cursor.execute(upsert(table, None))


def upsert(table: str, marks: str | None) -> str:
    """Return the statement that adds or changes rows; from the staging table where there are no marks."""
    names, key = TABLES[table][0].split(), TABLES[table][1]
    source = f"VALUES ({marks})" if marks else f"SELECT {', '.join(names)} FROM s_{table}"
    others = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"INSERT INTO {table} ({', '.join(names)}) {source} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"
