"""The forms that wait for an answer, kept true: each shows its plan as it is now, and none asks about a plan that is decided."""

import asyncio
import json

from prefect import get_client, get_run_logger
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Cancelled

from fillrate.errors import FillrateError
from tasks.review import read_plan

REVIEWS = FlowFilter(name=FlowFilterName(any_=["review-plan"]))
SUSPENDED = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Suspended"])))


async def refresh_forms() -> None:
    """Let each form that waits show its plan as it is now; end the run of one about whose plan nothing is left to decide."""
    async with get_client() as client:
        for run in await client.read_flow_runs(flow_filter=REVIEWS, flow_run_filter=SUSPENDED):
            try:
                shown = await asyncio.to_thread(read_plan, str(run.parameters["plan"]))
            except FillrateError as error:
                await client.set_flow_run_state(run.id, Cancelled(message=error.what))
                get_run_logger().info("%s Its form was withdrawn.", error.what)
                continue
            await write_form(client, run, shown.markdown)


async def write_form(client: PrefectClient, run: FlowRun, markdown: str) -> None:
    """Write what a form shows."""
    if run.state is not None:
        key = keyset_from_paused_state(run.state)["description"]
        await client.delete_flow_run_input(run.id, key)
        await client.create_flow_run_input(run.id, key, json.dumps(markdown))  # as Prefect keeps it
