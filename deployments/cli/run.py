"""`fillrate run FLOW`: run a flow now, on the Prefect server of PREFECT_API_URL or a temporary one."""

import asyncio
import importlib
import logging
import os
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from deployments.cli.terminal import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_REJECTED,
    EXIT_SKIPPED,
    EXIT_TERMINATED,
    EXIT_WAITING,
    AsJson,
    print_json,
    say,
)
from fillrate.decide.plans import BY_WORD
from fillrate.errors import FillrateError, FixSettings, StopRun
from fillrate.settings import load

DRY = "Nothing was saved but a plan that shows it (dry run)."
LAST_S = 5.0  # for Prefect to hear of the end


class Flow(StrEnum):
    """The flows that can be run."""

    SYNC_CATALOG = "sync-catalog"
    SYNC_ORDERS = "sync-orders"
    RECONCILE_INVENTORY = "reconcile-inventory"
    SYNC_INBOUND = "sync-inbound"
    ALLOCATE_ORDERS = "allocate-orders"
    RELEASE_BACKLOG = "release-backlog"
    REPORT_DAY = "report-day"
    FOLLOW_HOOKS = "follow-hooks"
    REVIEW_PLAN = "review-plan"
    HOLD = "hold"
    RELEASE = "release"
    SET_PRIORITY = "set-priority"
    MOVE_PROMISE = "move-promise"
    DO_NOT_CANCEL = "do-not-cancel"
    CANCEL_UNITS = "cancel-units"
    MARK_RECEIVED = "mark-received"
    PUT_BACK = "put-back"
    ADOPT_DRIFT = "adopt-drift"
    COMPARE_POLICIES = "compare-policies"
    ADOPT_BACKORDERS = "adopt-backorders"


NOT_IN_ORDER = {
    Flow.FOLLOW_HOOKS.value,
    Flow.REPORT_DAY.value,
    Flow.REVIEW_PLAN.value,
    Flow.COMPARE_POLICIES.value,
    Flow.ADOPT_BACKORDERS.value,
    *BY_WORD,
}
FLOWS_IN_ORDER = tuple(flow.value for flow in Flow if flow.value not in NOT_IN_ORDER)


def run(
    flow: Annotated[Flow, typer.Argument(help="Which flow to run.")],
    channel: Annotated[str, typer.Option(help='One channel of the settings, or "all".')] = "all",
    since: Annotated[
        datetime | None, typer.Option(help="Read what changed since this time (UTC), such as 2026-03-31.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Read what changed up to this time (UTC).")] = None,
    as_of: Annotated[datetime | None, typer.Option(help="Decide as of this time (UTC).")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything, and find what was deleted.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Save nothing but the plan, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a flow now."""
    if flow is Flow.REVIEW_PLAN:
        what = "review-plan waits for a form in the Prefect UI, which only the run of a deployment can do."
        raise FixSettings(what, next="Decide here instead: fillrate plans, then fillrate approve or fillrate reject.")
    if flow.value in BY_WORD:
        what = f"{flow.value} says who and why, which fillrate run cannot."
        raise FixSettings(what, next=f"Say it so: fillrate {flow.value} --help")
    load()  # mistakes in the settings are told before anything starts
    wishes = {"channel": channel, "since": since, "until": until, "as_of": as_of, "full": full, "dry_run": dry_run}
    result = run_flow(flow.value, {name: value for name, value in wishes.items() if value not in {None, False, "all"}})
    if as_json:
        print_json(result)
    else:
        say(*sentences(result), *([DRY] if dry_run else []))
    sys.exit(exit_code(result))


class PlainRecord(logging.LogRecord):
    """A log entry that tells an error of ours by its sentence; Prefect would add the traceback of every layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as logging gives them
        super().__init__(*args, **kwargs)
        if self.exc_info and isinstance(self.exc_info[1], FillrateError):
            self.exc_info = None


def run_flow(flow: str, parameters: dict[str, Any]) -> dict[str, Any]:  # Any: parameters and JSON
    """Run a flow to its end and return its result; Prefect is imported only now."""

    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")  # a temporary server of ours tells nobody of us
    os.environ.setdefault(
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120"
    )  # its first start on a busy machine
    logging.setLogRecordFactory(PlainRecord)
    name = flow.replace("-", "_")
    function = getattr(importlib.import_module(f"flows.{name}"), name)
    unknown = sorted(set(parameters) - set(function.parameters.properties))
    if unknown:
        wrong = ", ".join(f"--{one.replace('_', '-')}" for one in unknown)
        raise FixSettings(f"{flow} has no {wrong}.", next="Leave it out, or see: fillrate run --help")
    from prefect.exceptions import TerminationSignal

    runner = asyncio.Runner()
    try:
        result = runner.run(end_of(function, parameters))
    except TerminationSignal:  # Prefect's own way to say SIGTERM; raised in the loop, so that the flow has not heard it
        runner.run(cancel_all())
        sys.exit(EXIT_TERMINATED)
    runner.close()  # not after Ctrl-C: it would wait for the step at work, whose thread cannot be stopped
    return result


async def cancel_all() -> None:
    """Cancel the flow, which then tells Prefect that it ended here, as after Ctrl-C."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=LAST_S)


async def end_of(flow: Any, parameters: dict[str, Any]) -> dict[str, Any]:  # Any: a flow, its parameters, JSON
    """Return a flow's result, however its state is coloured; an error that ended it is raised."""
    await reach_prefect()
    state = await flow(**parameters, return_state=True)
    found = await state.result(raise_on_failure=False)
    if isinstance(found, BaseException):
        raise found
    return dict(found.model_dump())


async def reach_prefect() -> None:
    """Raise StopRun where Prefect does not answer; a temporary server is started where none is named."""
    import httpx
    from prefect import get_client

    try:
        async with get_client() as client:
            await client.raise_for_api_version_mismatch_once()
    except (RuntimeError, httpx.HTTPError) as error:
        what = f"Prefect: {str(error).splitlines()[0]}"
        raise StopRun(what, next="Start its server (prefect server start), or mend or unset PREFECT_API_URL.") from None


def sentences(result: dict[str, Any]) -> list[str]:  # Any: JSON
    """Return what a run did, for people."""
    from fillrate.report.summary import counted

    lines = [f"{result['flow']}: {result['state']} in {result['seconds']:.1f} s. {counted(result['counts'])}"]
    if result["plan"]:
        plan = result["plan"]
        lines.append(
            f"Plan {plan['id']}: {plan['changes']} change(s), {plan['applied']} applied, {plan['waiting']} waiting."
        )
        if plan["waiting"]:
            lines.append(f"Look at it with: fillrate show {plan['id']}    All that wait: fillrate plans")
    lines += [f"Problem in {one['where']}: {one['what']} {one['next']}" for one in result["problems"]]
    return lines


def exit_code(result: dict[str, Any]) -> int:  # Any: JSON
    """Return the exit code that tells how a run ended."""
    if result["state"] == "skipped":
        return EXIT_SKIPPED
    if result["state"] in {"failed", "problems"}:
        return EXIT_FAILED
    if result["plan"] and result["plan"]["waiting"]:
        return EXIT_WAITING
    refused = any(name.endswith(("_rejected", "_failed")) and n for name, n in result["counts"].items())
    return EXIT_REJECTED if refused else EXIT_DONE
