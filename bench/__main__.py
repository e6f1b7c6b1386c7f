"""All measurements, each a ratio beside a peer, a floor or a limit in the same run: `make bench`.

`python -m bench allocation touched` measures some of them. `--products` and `--orders` set the size of the store, `--lines`
that of the queue, `--runs` how many runs a median is of.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from bench import oversell, oversell_shops, queue, run
from bench.pages import PAGE
from bench.run import Cost, middle

QUOTA = 150  # requests in 30 seconds: BigCommerce's smallest plan
OURS = 0.8  # the share of it that we may use
ENGINES = ("sqlite", "postgresql")


@contextmanager
def server_of(engine: str) -> Iterator[str]:
    """Yield what `fresh` makes databases from."""
    with run.postgres() if engine == "postgresql" else nullcontext(engine) as server:
        yield server


def full(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure a first full sync beside the floor and beside dlt."""
    yield "| full sync into | floor | Fillrate | dlt | Fillrate ÷ floor | dlt ÷ Fillrate |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    pages = -(-max(asked.products, asked.orders) // PAGE)
    with run.store(asked.products, asked.orders) as base_url:
        for engine in ENGINES:
            costs: dict[str, list[Cost]] = {"floor": [], "fillrate": [], "dlt": []}
            with server_of(engine) as server:
                for turn in range(asked.runs):
                    for reader in ("floor", "fillrate"):
                        costs[reader].append(run.read(reader, run.fresh(server, folder), base_url))
                    home = folder / f"dlt-{engine}-{turn}"
                    costs["dlt"].append(run.read_with_dlt(run.fresh(server, folder), base_url, pages, home))
            floor, ours, peer = (middle(costs[name], "cpu_s") for name in costs)
            yield f"| {engine} | {floor:.1f} s | {ours:.1f} s | {peer:.1f} s | {ours / floor:.2f} | {peer / ours:.1f} |"
            yield from (f"<!-- {engine} {name}: {found[-1]['rows']} -->" for name, found in costs.items())


def incremental(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure the sync of the day after, when one in a thousand has changed."""
    yield "| incremental, 0.1 % changed, into (one run) | Fillrate, CPU | wall |"
    yield "| --- | ---: | ---: |"
    for engine in ENGINES:
        with server_of(engine) as server:
            url = run.fresh(server, folder)
            with run.store(asked.products, asked.orders) as base_url:
                run.read("fillrate", url, base_url)
            with run.store(asked.products, asked.orders, "--later") as base_url:
                cost = run.read("fillrate", url, base_url)
        yield f"| {engine} | {cost['cpu_s']:.2f} s | {cost['wall_s']:.2f} s |"


def quota(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure a full sync from a store with a quota."""
    yield "| full sync at 150 requests in 30 s | requests | limit | Fillrate, wall | ÷ limit |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    with run.store(asked.products, asked.orders, "--requests-per-window", str(QUOTA)) as base_url:
        cost = run.read("fillrate", run.fresh("sqlite", folder), base_url)
        count = run.requests(base_url)
    limit = count / (QUOTA * OURS) * 30
    yield f"| sqlite | {count} | {limit:.0f} s | {cost['wall_s']:.0f} s | {cost['wall_s'] / limit:.2f} |"


def memory(_: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure the peak of a first sync of few and of many orders, with Prefect loaded."""
    yield "| orders | peak memory of the sync, Prefect loaded |"
    yield "| ---: | ---: |"
    for times in (1, 100):
        with run.store(100, 10_000, "--times", str(times)) as base_url:
            cost = run.read("fillrate", run.fresh("sqlite", folder), base_url, "--only", "orders", "--prefect")
        yield f"| {times * 10_000:,} | {cost['peak_mb']:.0f} MB |"


def prefect(asked: argparse.Namespace, _: Path) -> Iterator[str]:
    """Measure what Prefect adds to a run with nothing to do."""
    yield "| sync-orders with nothing to do (a shop of 200 orders) | wall |"
    yield "| --- | ---: |"
    cost = run.told([sys.executable, "-m", "bench.prefect_cost", str(asked.runs)])
    yield f"| its steps alone | {cost['steps_s']:.2f} s |"
    yield f"| as a flow, on a running server | {cost['flow_s']:.2f} s |"


def allocation(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure a ranking of everything, of which the goods of one SKU in a hundred have come, beside its floor."""
    yield f"| {asked.lines:,} open lines | floor | Fillrate | Fillrate ÷ floor | rows written | peak memory |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for engine in ENGINES:
        with server_of(engine) as server:
            url = run.fresh(server, folder)
            queue.filled(url, asked.lines)
            for name, special in ("plain", ()), ("a tenth ship complete, by most stock", ("--special",)):
                floor, ours = queue.ranked(server, folder, url, asked.lines, asked.runs, special)
                least, cost = middle(floor, "cpu_s"), middle(ours, "cpu_s")
                rows, peak = ours[0]["rows"], middle(ours, "peak_mb")
                yield (
                    f"| {engine}, {name} | {least:.1f} s | {cost:.1f} s | {cost / least:.2f} | {rows:,} | {peak:.0f} MB |"
                )


def touched(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure a run in which ten SKUs, with about a hundred lines, were touched, in a small and in a large queue."""
    yield "| open lines | lines ranked | Fillrate, CPU |"
    yield "| ---: | ---: | ---: |"
    for lines in (asked.lines // 100, asked.lines):
        url = run.fresh("sqlite", folder)
        queue.filled(url, lines)
        costs = queue.touched(folder, url, asked.runs)
        yield f"| {lines:,} | {costs[0]['told']['lines_ranked']} | {middle(costs, 'cpu_s'):.2f} s |"


def reconcile(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure the comparison of what five channels show of many SKUs, one number in a thousand changed, beside the bare SQL."""
    yield f"| {asked.skus:,} SKUs × 5 channels | bare SQL | Fillrate's comparison | ÷ bare | staging | whole decision |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for engine in ENGINES:
        with server_of(engine) as server:
            url = run.fresh(server, folder)
            one = [sys.executable, "-m", "bench.reconcile_run"]
            run.told([*one, "fill", url, "--skus", str(asked.skus)])
            costs = {
                what: [run.told([*one, what, url, "--skus", str(asked.skus)]) for _ in range(asked.runs)]
                for what in ("bare", "ours")
            }
            bare, ours = (middle(costs[what], "cpu_s") for what in costs)
            stage, step = (middle(costs["ours"], name) for name in ("stage_s", "step_s"))
            yield f"| {engine} | {bare:.2f} s | {ours:.2f} s | {ours / bare:.2f} | {stage:.1f} s | {step:.1f} s |"


def oversold(asked: argparse.Namespace, _: Path) -> Iterator[str]:
    """Measure a simulated week of shoppers on three channels of one stock, under reckoned and fixed buffers and without."""
    yield from oversell.tables(range(1, asked.runs + 1))


def shops(_: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure a day of shoppers in two practice shops, by the real steps."""
    yield from oversell_shops.table(folder)


JOBS: dict[str, Callable[[argparse.Namespace, Path], Iterator[str]]] = {
    "full": full,
    "incremental": incremental,
    "quota": quota,
    "memory": memory,
    "prefect": prefect,
    "allocation": allocation,
    "touched": touched,
    "reconcile": reconcile,
    "oversell": oversold,
    "shops": shops,
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description="Measure all of it, or some jobs.")
    options.add_argument("jobs", nargs="*", metavar="job", help=", ".join(JOBS))
    options.add_argument("--products", type=int, default=100_000, help="of the store of full, incremental and quota")
    options.add_argument("--orders", type=int, default=100_000, help="of the same store")
    options.add_argument("--lines", type=int, default=1_000_000, help="open lines of allocation and touched")
    options.add_argument("--skus", type=int, default=250_000, help="of reconcile")
    options.add_argument("--runs", type=int, default=3, help="how many a median is of")
    asked = options.parse_args()
    if unknown := [name for name in asked.jobs if name not in JOBS]:
        options.error(f"there is no job {unknown[0]}; there are {', '.join(JOBS)}")
    size = f"a store of {asked.products:,} products and {asked.orders:,} orders where no other is named"
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{time.strftime('%Y-%m-%d')}, {machine}, median of {asked.runs}; {size}\n")
    for name in asked.jobs or JOBS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for line in JOBS[name](asked, Path(folder)):
                print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
