"""One reader in a process of its own: reads the store into a fresh database and tells what it cost."""

import argparse
import json
import resource
import sys
import time
from typing import Any

from bench import floor
from fillrate.bootstrap import open_desk
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from fillrate.settings import ChannelSettings, DatabaseSettings, Settings, StoreSettings
from fillrate.steps.intake import catalog, orders
from fillrate.steps.intake.stream import read_in
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog


def fillrate(url: str, base_url: str) -> None:
    """Read what has changed of products and of orders, the first time all of it."""
    with desk_of(url, base_url) as desk:
        shop, log = desk.shop("main"), RunLog("bench", "bench", "main")
        with desk.db.hold("channel:main:bench", wait_s=0) as lease:
            for intake in (catalog.products(desk, shop, log), orders.orders(desk, shop, log)):
                read_in(desk, shop, log, intake, Asked(), lease)


def desk_of(url: str, base_url: str) -> Any:  # Any: a context manager of Desk
    """Open a desk for this store."""
    channel = ChannelSettings(name="main", kind="bigcommerce", base_url=base_url, practice=True, token="x")
    return open_desk(Settings(database=DatabaseSettings(url=url), store=StoreSettings(), channel=(channel,)))


READERS = {"fillrate": fillrate, "floor": floor.sync}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("reader", choices=READERS)
    options.add_argument("url")
    options.add_argument("base_url")
    options.add_argument("--prefect", action="store_true", help="with Prefect in memory, as in a flow")
    asked = options.parse_args()
    db = Database.open(asked.url, Outside())
    db.ensure()
    db.close()
    if asked.prefect:
        import prefect  # noqa: F401
    began, cpu = time.perf_counter(), time.process_time()
    READERS[asked.reader](asked.url, asked.base_url)
    told = {
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
