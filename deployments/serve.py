"""`python -m deployments.serve`: the process beside the Prefect server that `fillrate up` runs; every run is its child."""

import asyncio
import os
import sys
import warnings

from prefect.runner import Runner

from deployments.automations import put_on_the_server
from deployments.schedules import served
from fillrate.settings import load


def main() -> None:
    """Register all deployments and run what falls due, until a signal; their schedules stay on."""
    timezone = load().store.timezone
    asyncio.run(put_on_the_server())
    runner = Runner(name="fillrate-up", pause_on_shutdown=False)
    found = served(timezone)
    for deployment in found:
        runner.add_deployment(deployment)
    server = os.environ.get("PREFECT_API_URL", "").removesuffix("/api")
    sys.stdout.write(
        f"{len(found)} deployments are served, their schedules are on, in the zone {timezone}.\n"
        f"The Prefect UI is at {server} — Ctrl-C ends all of it.\n"
    )
    sys.stdout.flush()
    asyncio.run(runner.start())


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
