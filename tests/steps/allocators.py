"""Allocators as processes, each with its own connections and no lease: only the database stands between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.db import database
from fillrate.db.database import Database, Reading, Writing
from fillrate.db.tables import OpenUnit, Order, OrderLine, Transition
from fillrate.settings import DatabaseSettings, Settings
from fillrate.steps.allocate import allocate
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch
from tests.kills.child import FORKING

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATIENT_MS = 600_000  # on a busy machine the last of many waits long for an SQLite file


class NoLease:
    """What stands for a lease where leases are switched off."""

    def check(self, _: Reading) -> None:
        """Let everything pass."""


@contextmanager
def no_lease(_: Database, name: str, *, wait_s: float) -> Iterator[NoLease]:
    """Hold nothing."""
    yield NoLease()


def order_of_one(tx: Writing, item_id: int, number: int) -> None:
    """Save an order of one unit, as an intake does, and note it for the allocation."""
    placed = NOON - timedelta(minutes=number)
    order = {"channel_id": 1, "id": number, "platform_id": str(number), "status": "11", "placed_at": placed}
    names = dict.fromkeys(("customer_platform_id", "email", "recipient", "destination", "external_order_id"), "")
    rest = {"currency": "EUR", "total_e4": 0, "source_channel": "1", "is_archived": False, "content_hash": ""}
    tx.insert(Order, [{**order, "modified_at": placed, **names, **rest}])
    line = {"id": number, "channel_id": 1, "order_id": number, "platform_id": str(number), "item_id": item_id}
    names = {"product_platform_id": "A", "variant_platform_id": "A", "sku": "A", "name": "A"}
    units = {"qty_ordered": 1, "qty_shipped": 0, "qty_shipped_told": 0, "qty_cancelled": 0, "qty_refunded": 0}
    tx.insert(OrderLine, [{**line, **names, **units, "needs_stock": True, "unit_price_e4": 0}])
    tx.insert(OpenUnit, [{"line_id": number, "state": "new", "reason": "", "queued_at": placed, "quantity": 1}])
    move = {"from_state": "none", "from_reason": "", "to_state": "new", "to_reason": "", "cause": "ordered"}
    tx.insert(Transition, [{"line_id": number, "quantity": 1, **move, "run_id": "", "at": placed}])
    touch(tx, [item_id])


def rank(desk: Desk, number: int) -> None:
    """Allocate once."""
    allocate(desk, RunLog(f"run-{number}", "allocate-orders", "main"), [], NOON)


def order_and_rank(url: str, item_id: int, number: int, gate: Barrier) -> None:
    """Wait for all others, then save an order of one's own and allocate at once."""
    database.BUSY_MS = PATIENT_MS
    Database.hold = no_lease  # type: ignore[method-assign,assignment]
    shop = BigCommerceSettings(
        name="main", kind="bigcommerce", base_url="https://api.bigcommerce.com/stores/x", token="t"
    )
    with open_desk(Settings(database=DatabaseSettings(url=url), channel=(shop,))) as desk:
        with desk.db.read() as reading:
            reading.scalar(sa.text("SELECT 1"))
        gate.wait()
        with desk.db.write("order", lock=True) as tx:
            order_of_one(tx, item_id, number)
        rank(desk, number)


def run_together(url: str, item_id: int, allocators: int) -> list[int | None]:
    """Let so many order and allocate at the same time, and return how each of them ended."""
    gate = FORKING.Barrier(allocators)
    crowd = [FORKING.Process(target=order_and_rank, args=(url, item_id, n + 1, gate)) for n in range(allocators)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return [one.exitcode for one in crowd]
