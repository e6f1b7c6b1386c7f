"""A store's queue, made up: open lines of many orders over many SKUs, stock for most of them, and deliveries for the rest.

All of it is a function of the sizes. A tenth of the orders is of customers in the group `whole`, who have every third SKU
at two locations.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from fillrate.db.database import Database
from fillrate.db.tables import (
    Channel,
    Customer,
    Inbound,
    Item,
    Listing,
    Location,
    OpenUnit,
    Order,
    OrderLine,
    Product,
    Stock,
    StockReading,
    Supplier,
)
from fillrate.db.tables.columns import Model

AS_OF = datetime(2026, 6, 1, 8, tzinfo=UTC)
LINES_AN_ORDER = 4
LINES_A_SKU = 10
DELIVERIES_A_SKU = 3
TENTH = 10
AT_ONCE = 20_000
ME: dict[str, Any] = {"channel_id": 1, "content_hash": ""}
PRODUCT = {
    "is_digital": False,
    "tracking": "variant",
    "is_visible": True,
    "availability": "available",
    "availability_text": "",
    "preorder_message": "",
    "price_e4": 90_000,
}
LISTED = {"channel_id": 1, "pack": 1, "price_e4": None, "is_purchasable": True, "options": ""}
ORDER = {"status": "11", "email": "", "recipient": "", "destination": "US", "currency": "USD", "total_e4": 0}
SHIPPED = {"qty_shipped": 0, "qty_shipped_told": 0, "qty_cancelled": 0, "qty_refunded": 0}
DELIVERY = {"source": "erp", "position": "1", "kind": "purchase", "supplier_id": 1, "status": "open", "told_by": ""}
NONE_YET = {"qty_received": 0, "qty_cancelled": 0, "qty_seen": 0, "content_hash": ""}

Rows = Iterator[tuple[type[Model], dict[str, Any]]]  # Any: a table's row


def fill(db: Database, lines: int) -> None:
    """Put a queue of so many open lines into an empty database whose channel has key 1."""
    waiting: dict[type[Model], list[dict[str, Any]]] = {}

    def flush(least: int) -> None:
        """Write in the order in which tables refer to each other."""
        if any(len(rows) >= least for rows in waiting.values()):
            with db.write("bench.fill") as tx:
                for table, rows in waiting.items():
                    tx.insert(table, rows)
                    rows.clear()

    for table, row in (*shop(), *goods(lines // LINES_A_SKU), *orders(lines)):
        waiting.setdefault(table, []).append(row)
        flush(AT_ONCE)
    flush(1)


def shop() -> Rows:
    """Yield what there is once."""
    yield Supplier, {"id": 1, "code": "S", "name": "S"}
    names = {"email": "", "first_name": "", "last_name": "", "company": "", "phone": ""}
    times = {"created_at": AS_OF, "modified_at": AS_OF}
    for key, group in (1, ""), (2, "whole"):
        yield Customer, {**ME, "id": key, "platform_id": str(key), "group_platform_id": group, **names, **times}
    for key in (1, 2):
        place = {"id": key, "platform_id": str(key), "code": f"L{key}", "name": f"L{key}", "is_enabled": True}
        yield Location, {**ME, **place, "is_default": key == 1}


def goods(skus: int) -> Rows:
    """Yield SKUs, each with the stock for two thirds of what is wanted of it and a delivery for most of the rest."""
    for key in range(1, skus + 1):
        sku, times = f"SKU-{key}", {"created_at": AS_OF, "modified_at": AS_OF}
        names = {"name": sku, "sku": sku}
        yield Product, {
            **ME, **PRODUCT, **names, **times, "id": key, "platform_id": str(key), "brand_platform_id": "",
            "category_platform_ids": [],
        }  # fmt: skip
        yield Item, {"id": key, "origin": f"main:{key}", "sku_key": sku, **names, "is_tracked": True}
        yield Listing, {
            **LISTED, "id": key, "product_id": key, "product_platform_id": str(key), "variant_platform_id": str(key),
            "item_id": key, "own_item_id": key, "sku": sku, "sku_key": sku,
        }  # fmt: skip
        for place in (1, 2) if key % 3 == 0 else (1,):
            on_hand = 12 if place == 1 else 3
            shelf = {"item_id": key, "location_id": place}
            yield Stock, {**shelf, "on_hand": on_hand, "allocated": 0}
            read = {"first_read_at": AS_OF, "read_at": AS_OF, "shown": 0, "safety_stock": 0, "deducted": 0}
            yield StockReading, {"channel_id": 1, **shelf, **read}
        for number in range(DELIVERIES_A_SKU):
            expected = AS_OF + timedelta(days=1 + (key * 7 + number * 20) % 60)
            yield Inbound, {
                **DELIVERY, **NONE_YET, "reference": f"PO-{key}-{number}", "item_id": key, "sku": sku, "sku_key": sku,
                "location_id": 1, "qty_ordered": 2, "ordered_at": AS_OF, "first_expected_at": expected,
                "expected_at": expected, "told_at": AS_OF,
            }  # fmt: skip


def orders(lines: int) -> Rows:
    """Yield orders of the last months with open lines that nobody has looked at yet."""
    skus = lines // LINES_A_SKU
    chance = np.random.default_rng(7)
    item, quantity = chance.integers(1, skus + 1, lines).tolist(), chance.integers(1, 4, lines).tolist()
    minutes = chance.integers(0, 90 * 24 * 60, -(-lines // LINES_AN_ORDER)).tolist()
    for order, minute in enumerate(minutes, 1):
        placed = AS_OF - timedelta(minutes=minute + 1)
        yield Order, {
            **ME, **ORDER, "id": order, "platform_id": str(order), "placed_at": placed, "modified_at": placed,
            "customer_platform_id": "2" if order % TENTH == 0 else "1", "external_order_id": "", "source_channel": "1",
            "is_archived": False,
        }  # fmt: skip
        first = (order - 1) * LINES_AN_ORDER
        for at in range(first, min(first + LINES_AN_ORDER, lines)):
            product = str(item[at])
            yield OrderLine, {
                **SHIPPED, "id": at + 1, "channel_id": 1, "order_id": order, "platform_id": str(at + 1), "name": "",
                "product_platform_id": product, "variant_platform_id": product, "sku": f"SKU-{product}",
                "needs_stock": True, "unit_price_e4": 90_000, "item_id": item[at], "qty_ordered": quantity[at],
            }  # fmt: skip
            yield (
                OpenUnit,
                {"line_id": at + 1, "state": "new", "reason": "", "queued_at": placed, "quantity": quantity[at]},
            )


def channel(db: Database) -> None:
    """Name the one channel, as settings would."""
    with db.write("bench.channel") as tx:
        tx.insert(Channel, [{"id": 1, "name": "main", "kind": "bigcommerce", "identity": ""}])
