"""One process of the measurement of `reconcile`: fill the tables, or compare what channels show with what we know.

`bare` is the engine's own comparison of the same numbers in the same tables: a left join for what differs, an anti join for
what is missing. `ours` is the step that decides: the same comparison, then everything about the few rows that differ.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.db.database import Database, Writing
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.stock import LastFacts, last_facts
from fillrate.db.tables import Item, Listing, Location, Product, ShownStock, Stock
from fillrate.gateway.outside import Outside
from fillrate.records import StockLevel
from fillrate.settings import DatabaseSettings, Settings
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.marks import mark
from fillrate.steps.reconciling.numbers import Numbers
from fillrate.steps.reconciling.reconcile import understand
from fillrate.steps.runs import RunLog

AT = datetime(2026, 3, 1, tzinfo=UTC)
OUTLETS = 5
EVERY = 1000  # one number in so many differs
LEFT = (
    "SELECT s.target, s.shown FROM seen_number s LEFT JOIN shown_stock k ON k.channel_id = {0} AND k.target = s.target"
)
BARE = (
    LEFT + " WHERE k.target IS NULL OR k.shown <> s.shown",
    "SELECT k.target FROM shown_stock k WHERE k.channel_id = {0}"
    " AND NOT EXISTS (SELECT 1 FROM seen_number s WHERE s.target = k.target)",
)


def desk_of(url: str) -> Any:  # Any: a context manager of a Desk
    channels = tuple(
        BigCommerceSettings(
            name=name, kind="bigcommerce", base_url="http://127.0.0.1/stores/x", token="t", practice=True
        )
        for name in ("hub", *(f"outlet{n}" for n in range(OUTLETS)))
    )
    return open_desk(Settings(database=DatabaseSettings(url=url), channel=channels), Outside())


def fill(desk: Desk, skus: int) -> None:
    place = {"is_enabled": True, "is_default": True, "code": "1", "name": "1", "content_hash": "", "platform_id": "1"}
    with desk.db.write("bench.fill") as tx:
        tx.insert(Location, [{"channel_id": shop.id, **place} for shop in desk.shops.values()])
        places = {row.channel_id: row.id for row in tx.rows(sa.select(*Location.__table__.c))}
        item = {"is_tracked": True, "discontinued_at": None}
        tx.insert(
            Item,
            [
                {"id": n, "origin": f"hub:{n}", "sku": f"S{n}", "sku_key": f"s{n}", "name": "x", **item}
                for n in range(1, skus + 1)
            ],
        )
        tx.insert(Stock, [{"item_id": n, "location_id": 1, "on_hand": 10, "allocated": 0} for n in range(1, skus + 1)])
        for number, shop in enumerate(list(desk.shops.values())[1:], 1):
            tx.insert(Product, [product(shop.id, number)])
            tx.insert(Listing, [listing(shop.id, number, n) for n in range(1, skus + 1)])
            tx.insert(ShownStock, [shown(shop.id, places[shop.id], n) for n in range(1, skus + 1)])
            mark(desk, tx, shop, last_facts(tx))
    with desk.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def product(channel: int, key: int) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("name", "sku", "availability", "availability_text", "preorder_message", "brand_platform_id"), ""
    )
    flags = {"is_digital": False, "is_visible": True, "tracking": "variant", "price_e4": 0, "category_platform_ids": []}
    times = {"created_at": AT, "modified_at": AT, "content_hash": "", "platform_id": "1"}
    return {"id": key, "channel_id": channel, **texts, **flags, **times}


def listing(channel: int, product_id: int, n: int) -> dict[str, Any]:
    ids = {"product_platform_id": str(n), "variant_platform_id": str(n), "item_id": n, "own_item_id": n, "pack": 1}
    facts = {"sku": f"S{n}", "sku_key": f"s{n}", "is_purchasable": True, "options": "", "match": "sku"}
    return {"channel_id": channel, "product_id": product_id, **ids, **facts}


def shown(channel: int, place: int, n: int) -> dict[str, Any]:
    whole = dict.fromkeys(("reserved", "taken", "returned", "parts", "line_id", "held", "odd"), 0)
    known = {
        "channel_id": channel,
        "target": f"{n}/{n}@1",
        "item_id": n,
        "location_id": place,
        "shown": 10,
        "wanted": 10,
    }
    return {**known, **whole, "read_at": AT, "odd_since": None, "is_settled": True}


def levels(skus: int) -> dict[str, StockLevel]:
    found = {}
    for n in range(1, skus + 1):
        one = StockLevel(
            product_platform_id=str(n), variant_platform_id=str(n), sku=f"S{n}", location_platform_id="1",
            target=f"{n}/{n}@1", shown=9 if n % EVERY == 0 else 10,
        )  # fmt: skip
        found[one.target] = one
    return found


def outlets(desk: Desk) -> Iterator[Shop]:
    yield from list(desk.shops.values())[1:]


def bare(desk: Desk, told: dict[str, StockLevel]) -> dict[str, float]:
    """Return what staging costs, and what comparing costs."""
    spent = {"stage_s": 0.0, "cpu_s": 0.0}
    for shop in outlets(desk):
        with desk.db.write("bench.bare") as tx:
            spent["stage_s"] += timed(tx, lambda tx=tx: queries.stage(tx, told.values(), []))
            spent["cpu_s"] += timed(
                tx, lambda tx=tx, shop=shop: [tx.rows(sa.text(one.format(shop.id))) for one in BARE]
            )
    return spent


def ours(desk: Desk, told: dict[str, StockLevel]) -> dict[str, float]:
    """Return what the comparison of ours costs alone, and what the whole step costs less the staging."""
    spent = {"stage_s": 0.0, "cpu_s": 0.0, "step_s": 0.0}
    for shop in outlets(desk):
        with desk.db.write("bench.ours") as tx:
            spent["stage_s"] += timed(tx, lambda tx=tx: queries.stage(tx, told.values(), []))
            spent["cpu_s"] += timed(
                tx, lambda tx=tx, shop=shop: (queries.differing(tx, shop.id), queries.untold(tx, shop.id))
            )
        log, numbers = (
            RunLog(f"bench-{time.time()}", "reconcile-inventory", shop.name),
            Numbers(AT, LastFacts(0, 0), told),
        )
        before = time.process_time()
        understand(desk, shop, log, numbers)
        spent["step_s"] += time.process_time() - before  # of our own process only
    return spent


def timed(tx: Writing, work: Callable[[], Any]) -> float:
    """Return the processor time of some work: ours, and that of the server's process that does it for us."""
    before = time.process_time() + backend(tx)
    work()
    return time.process_time() + backend(tx) - before


def backend(tx: Writing) -> float:
    """Return the processor time so far of PostgreSQL's own process for this connection, in seconds."""
    if tx.connection.dialect.name == "sqlite":
        return 0.0
    pid = tx.scalar(sa.text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.reconcile_run")
    options.add_argument("what", choices=("fill", "bare", "ours"))
    options.add_argument("url")
    options.add_argument("--skus", type=int, default=250_000)
    asked = options.parse_args()
    if asked.what == "fill":
        db = Database.open(asked.url, Outside())
        db.ensure()
        db.close()
    with desk_of(asked.url) as desk:
        if asked.what == "fill":
            fill(desk, asked.skus)
            print(json.dumps({}))
        else:
            print(json.dumps({"bare": bare, "ours": ours}[asked.what](desk, levels(asked.skus))))


if __name__ == "__main__":
    sys.exit(main())
