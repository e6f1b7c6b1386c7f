"""One reader in a process of its own: reads the store into a database and tells what it cost, as one line of JSON."""

import argparse
import json
import resource
import sys
import time
from typing import Any

import sqlalchemy as sa

from bench import floor
from fillrate.bootstrap import open_desk
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, DatabaseSettings, Settings, StoreSettings
from fillrate.steps.intake import catalog, orders
from fillrate.steps.intake.stream import read_in
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog

STREAMS = ("products", "orders")


def fillrate(url: str, base_url: str, streams: tuple[str, ...]) -> None:
    """Read what has changed of products and of orders, the first time all of it."""
    channel = ChannelSettings(name="main", kind="bigcommerce", base_url=base_url, practice=True, token="x")
    settings = Settings(database=DatabaseSettings(url=url), store=StoreSettings(), channel=(channel,))
    with open_desk(settings) as desk, desk.db.hold("channel:main:bench", wait_s=0) as lease:
        shop, log = desk.shop("main"), RunLog("bench", "bench", "main")
        intakes = {"products": catalog.products(desk, shop, log), "orders": orders.orders(desk, shop, log)}
        for stream in streams:
            read_in(desk, shop, log, intakes[stream], Asked(), lease)


READERS = {"fillrate": fillrate, "floor": floor.sync}


def rows_in(db: Database) -> dict[str, int]:
    """Return how many rows the tables hold."""
    with db.read() as reading:
        return {table: int(reading.scalar(sa.text(f"SELECT count(*) FROM {table}"))) for table in floor.TABLES}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("reader", choices=READERS)
    options.add_argument("url")
    options.add_argument("base_url")
    options.add_argument("--only", choices=STREAMS)
    options.add_argument("--prefect", action="store_true", help="with Prefect in memory, as in a flow")
    asked = options.parse_args()
    db = Database.open(asked.url, Outside())
    db.ensure()
    if asked.prefect:
        import prefect  # noqa: F401
    began, cpu = time.perf_counter(), time.process_time()
    READERS[asked.reader](asked.url, asked.base_url, (asked.only,) if asked.only else STREAMS)
    told: dict[str, Any] = {
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": rows_in(db),
    }
    db.close()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
