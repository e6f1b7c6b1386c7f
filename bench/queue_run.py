"""One ranking of a made-up queue in a process of its own, or the least that it can cost; tells its cost as JSON.

`fill` makes the queue and gives everything its first place. `receive` lets goods come for some SKUs, so that the next
ranking has something to move; `rules` lets the rules differ, so that it looks at everything. `rank` ranks as a run does,
and keeps what it wrote; `floor` reads the same in columns, sorts it, and writes the same rows.
"""

import argparse
import json
import pickle
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from bench.queue_store import AS_OF, channel, fill
from fillrate.bootstrap import open_desk
from fillrate.db.database import Database, Writing
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, DatabaseSettings, Policy, PolicySettings, Settings
from fillrate.settings.policy import Match, PolicyPart, PolicyRule
from fillrate.steps.allocate import allocate
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch, touch_all

WHOLE = PolicyRule(match=Match(group="whole"), set=PolicyPart(ship_complete=True, locations="most_stock"))
READ = (
    "SELECT u.line_id, u.quantity, u.queued_at, o.placed_at, l.item_id, l.order_id, u.state FROM open_unit u "
    "JOIN order_line l ON l.id = u.line_id JOIN sales_order o ON o.id = l.order_id",
    "SELECT item_id, location_id, on_hand FROM stock",
    "SELECT line_id, item_id, location_id, quantity FROM allocation",
    "SELECT id, item_id, qty_ordered, expected_at FROM inbound WHERE status = 'open'",
)
Write = tuple[str, Any, list[dict[str, Any]], tuple[str, ...]]  # Any: a table, and its rows


def settings_of(url: str, special: bool) -> Settings:
    """Return plain settings, or those in which a tenth of the orders is special."""
    shop = ChannelSettings(name="main", kind="bigcommerce", base_url="http://localhost/x", practice=True, token="x")
    policy = PolicySettings(default=Policy(), rule=(WHOLE,) if special else ())
    return Settings(database=DatabaseSettings(url=url), channel=(shop,), policy=policy)


def rank(desk: Desk, *, told: bool) -> dict[str, Any]:
    """Rank what has to be ranked, as a run does."""
    log = RunLog(desk.outside.new_id(), "allocate-orders", "main")
    allocate(desk, log, list(desk.shops.values()) if told else [], AS_OF)
    return dict(log.counts)


def floor(url: str, writes: list[Write]) -> dict[str, Any]:
    """Read the queue, the shelves, what is set aside and what is on its way in columns; sort; write the same rows."""
    queue, shelves, _, inbound = columns(url)
    quantity, item = np.array(queue[1]), np.array(queue[4])
    times = [
        np.array([one[:26] if isinstance(one, str) else one for one in column], dtype="datetime64[us]")
        for column in naive(queue[2:4])
    ]
    order = np.lexsort((np.array(queue[0]), times[1], times[0], item))
    there = np.bincount(np.array(shelves[0]), np.array(shelves[2]), item.max() + 1)
    there += np.bincount(np.array(inbound[1]), np.array(inbound[2]), item.max() + 1)
    served = np.cumsum(quantity[order]) <= there[item[order]].cumsum()
    with Database.open(url, Outside()).write("bench.floor") as tx:
        for kind, table, rows, key in writes:
            getattr(tx, kind)(table, rows, **({"key": key} if key else {}))
    return {"served": int(served.sum())}


def naive(columns: list[tuple[Any, ...]]) -> list[list[Any]]:  # Any: texts or times
    """Return times of PostgreSQL without their zone, which is UTC."""
    return [[one if isinstance(one, str) else one.replace(tzinfo=None) for one in column] for column in columns]


def columns(url: str) -> list[list[tuple[Any, ...]]]:  # Any: a column's values
    """Return the columns of each table."""
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
    else:
        import psycopg

        connection = psycopg.connect(url)
        connection.execute("SET TIME ZONE 'UTC'")
    found = [list(zip(*connection.execute(one).fetchall(), strict=True)) for one in READ]
    connection.close()
    return found


@contextmanager
def remembered(into: list[Write]) -> Iterator[None]:
    """Keep what is written to the tables meanwhile."""
    kinds = ("insert", "upsert", "update", "delete")
    usual = {kind: getattr(Writing, kind) for kind in kinds}

    def keeping(kind: str) -> Callable[..., Any]:
        def keep(tx: Writing, table: Any, rows: Any, **more: Any) -> Any:
            into.append((kind, table, list(rows), more.get("key", ())))
            return usual[kind](tx, table, rows, **more)

        return keep

    for kind in kinds:
        setattr(Writing, kind, keeping(kind))
    try:
        yield
    finally:
        for kind in kinds:
            setattr(Writing, kind, usual[kind])


def prepared(desk: Desk, what: str, amount: int) -> None:
    """Make the queue, or let something happen to it."""
    if what == "fill":
        fill(desk.db, amount)
        rank(desk, told=True)
    with desk.db.write("bench.prepare") as tx:
        if what == "fill":  # as if the shop had been told
            tx.execute(sa.text("UPDATE change SET state = 'done'"))
            tx.execute(sa.text("UPDATE plan SET state = 'applied'"))
        if what == "receive":
            items = [
                row.item_id for row in tx.rows(sa.text(f"SELECT item_id FROM stock ORDER BY item_id LIMIT {amount}"))
            ]
            tx.execute(
                sa.text(f"UPDATE stock SET on_hand = on_hand + 2 WHERE location_id = 1 AND item_id <= {max(items)}")
            )
            touch(tx, items)
        if what == "rules":
            touch_all(tx)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("what", choices=("fill", "receive", "rules", "rank", "floor"))
    options.add_argument("url")
    options.add_argument("--amount", type=int, default=0, help="lines of fill, SKUs of receive")
    options.add_argument("--special", action="store_true")
    options.add_argument("--told", action="store_true", help="plan what the shop should know as well")
    options.add_argument("--writes", type=Path, help="where rank leaves what it wrote, for floor")
    asked = options.parse_args()
    if asked.what == "fill":
        db = Database.open(asked.url, Outside())
        db.ensure()
        channel(db)
        db.close()
    with open_desk(settings_of(asked.url, asked.special)) as desk:
        writes: list[Write] = []
        if asked.what == "floor":
            writes = pickle.loads(asked.writes.read_bytes())
        import pandas as pd  # noqa: F401

        import fillrate.steps.allocating.save  # noqa: F401

        began, cpu = time.perf_counter(), time.process_time()
        if asked.what == "rank":
            with remembered(writes):
                told = rank(desk, told=asked.told)
            asked.writes.write_bytes(pickle.dumps(writes))
        elif asked.what == "floor":
            told = floor(asked.url, writes)
        else:
            prepared(desk, asked.what, asked.amount)
            told = {}
        cost = {
            "wall_s": time.perf_counter() - began,
            "cpu_s": time.process_time() - cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "rows": sum(len(rows) for _, _, rows, _ in writes),
        }
    json.dump({**cost, "told": told}, sys.stdout)


if __name__ == "__main__":
    main()
