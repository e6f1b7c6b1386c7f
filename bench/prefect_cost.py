"""What Prefect adds to a run with nothing to do: the flow on a running server, beside its steps alone.

`python -m bench.prefect_cost RUNS` starts a server and a practice shop, and tells seconds as one line of JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from bench.run import free_port

FILLRATE = Path(sysconfig.get_path("scripts")) / "fillrate"
PREFECT = FILLRATE.with_name("prefect")


@contextmanager
def serving(address: str, *command: str) -> Iterator[None]:
    """Run a server until the block ends; begin when it answers."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until_it_answers(address)
            yield
        finally:
            process.terminate()


def until_it_answers(address: str) -> None:
    """Wait for a server, at most a minute."""
    end = time.monotonic() + 60
    while True:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def steps_alone() -> None:
    """Read the orders without Prefect."""
    from fillrate.bootstrap import open_desk
    from fillrate.steps.intake.windows import Asked
    from fillrate.steps.runs import RunLog, recorded
    from fillrate.steps.sync import sync_orders

    with open_desk() as desk, recorded(desk, RunLog(str(time.time_ns()), "sync-orders", "main")) as log:
        sync_orders(desk, desk.shop("main"), log, Asked())


def whole_flow() -> None:
    """Read the orders as the schedule does."""
    from flows.sync_orders import sync_orders

    asyncio.run(sync_orders())  # type: ignore[arg-type]  # Prefect types a flow as what it returns


def seconds(work: Callable[[], None]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    runs = int(sys.argv[1])
    folder, shop, server = tempfile.mkdtemp(prefix="bench-"), free_port(), free_port()
    os.environ.update(
        PREFECT_HOME=f"{folder}/prefect",
        PREFECT_API_URL=f"http://127.0.0.1:{server}/api",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_LOGGING_LEVEL="ERROR",
        FILLRATE_CONFIG=f"{folder}/fillrate.toml",
    )
    sandbox = (
        str(FILLRATE),
        "sandbox",
        "--port",
        str(shop),
        "--products",
        "100",
        "--orders",
        "200",
        "--write-config",
        folder,
    )
    prefect = (str(PREFECT), "server", "start", "--port", str(server))
    with serving(f"http://127.0.0.1:{shop}/", *sandbox), serving(f"http://127.0.0.1:{server}/api/health", *prefect):
        os.chdir(folder)
        steps_alone()
        whole_flow()  # the first one imports Prefect
        pairs = [(seconds(steps_alone), seconds(whole_flow)) for _ in range(runs)]
    steps, flow = (median(one) for one in zip(*pairs, strict=True))
    print(json.dumps({"steps_s": steps, "flow_s": flow}))


if __name__ == "__main__":
    main()
