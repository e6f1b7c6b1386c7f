"""`python -m deployments.serve`: the process beside the Prefect server that `fillrate up` runs; every run is its child."""

import asyncio
import os
import sys
import warnings

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import StateType
from prefect.runner import Runner
from prefect.states import Crashed

from deployments.schedules import served
from fillrate.settings import load

AT_WORK = {"state": {"type": {"any_": [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]}}}
LOOKS_EVERY_S = 2  # for runs that are due: hooks are followed within seconds
ALONE = "--alone"  # nobody else runs anything on this server


def main() -> None:
    """Register all deployments and run what falls due, until a signal; their schedules stay on."""
    timezone = load().store.timezone
    if ALONE in sys.argv:
        asyncio.run(bury_the_dead())
    runner = Runner(name="fillrate-up", pause_on_shutdown=False, query_seconds=LOOKS_EVERY_S)
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


async def bury_the_dead() -> None:
    """Mark runs as crashed that were at work when the last `fillrate up` was killed; their slots become free at once."""
    wanted = FlowRunFilter.model_validate({**AT_WORK, "tags": FlowRunFilterTags(all_=["fillrate"])})
    message = "fillrate up was ended while this ran. Run it again; that is harmless."
    async with get_client() as client:
        for run in await client.read_flow_runs(flow_run_filter=wanted):
            await client.set_flow_run_state(run.id, Crashed(message=message), force=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
