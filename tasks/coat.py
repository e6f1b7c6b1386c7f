"""What every task wears: the run's Desk at hand, the step off the event loop, its counts in the log.

A run keeps its Desk and its log in a context variable, so that tasks take plain values only. Steps run in one thread
at a time; retries and deadlines live in the gateway, never here.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from prefect import get_client, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.context import FlowRunContext

from fillrate.bootstrap import open_desk
from fillrate.db.database import Reading
from fillrate.db.lease import TTL
from fillrate.db.queries import plans, status
from fillrate.errors import FixSettings, LeaseBusy, RetryLater, StopChannel
from fillrate.report.summary import counted, problem_artifact, run_title
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog, recorded

PROGRESS_EVERY_S = 5.0
COMMAND_WAITS_S = TTL.total_seconds()


@dataclass(slots=True)
class Work:
    """One flow run at work."""

    desk: Desk
    log: RunLog
    channels: tuple[str, ...]
    began: float = field(default_factory=monotonic)
    told: dict[str, Any] = field(default_factory=dict)  # Any: what the run did, kept when it has ended

    def tell(self) -> None:
        """Keep what the run did."""
        self.told = result(self)


CURRENT: ContextVar[Work] = ContextVar("work")


@asynccontextmanager
async def work(flow: str, channel: str, *, dry_run: bool) -> AsyncIterator[Work]:
    """Open the Desk for one flow run, keep the record of the run, and name the run after what it did.

    A run that another one keeps from its work ends here, as skipped.
    """
    with open_desk() as desk, suppress(LeaseBusy):
        log = RunLog(
            run_id(desk), flow, channel, is_dry=dry_run, say=Progress(get_run_logger()), patience_s=patience_s()
        )
        names = tuple(desk.shops) if channel == "all" else (desk.shop(channel).name,)
        this = Work(desk, log, names)
        token = CURRENT.set(this)
        try:
            with recorded(desk, log):
                yield this
        finally:
            CURRENT.reset(token)
            this.tell()
            await show_problems(log)
            await rename_run(log)


def patience_s() -> float:
    """Return how long a run waits for another that is at the same work: a scheduled one has its next turn, a command has none."""
    context = FlowRunContext.get()
    is_scheduled = context is not None and context.flow_run is not None and context.flow_run.deployment_id is not None
    return 0.0 if is_scheduled else COMMAND_WAITS_S


async def show_problems(log: RunLog) -> None:
    """Show what went wrong, however the run ended."""
    if log.problems and FlowRunContext.get() is not None:
        title = run_title(log.flow, log.channel, {}, log.state)
        await acreate_markdown_artifact(
            problem_artifact(title, [problem.as_json() for problem in log.problems]),
            key=f"{log.flow}-problems",
            description="What went wrong, and what to do.",
        )


def run_id(desk: Desk) -> str:
    """Return the Prefect run's id with its attempt, or a new one outside a run."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return desk.outside.new_id()
    return f"{context.flow_run.id}-{context.flow_run.run_count}"


async def rename_run(log: RunLog) -> None:
    """Give the flow run a name that says what it did."""
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None:
        async with get_client() as client:
            await client.update_flow_run(
                context.flow_run.id, name=run_title(log.flow, log.channel, log.counts, log.state)
            )


async def in_coat(
    step: Callable[[Work], Any], channel: str = ""
) -> dict[str, int]:  # Any: what a step returns is its own
    """Run one step off the loop and log what it counted; a channel that cannot be used now is noted, not fatal.

    Where every channel of the run waits for a person to mend its settings, nothing is left to go on with, and the run fails.
    """
    this = CURRENT.get()
    if channel in this.log.stopped:
        return {}
    before, stopped_before = this.log.counts.copy(), set(this.log.stopped)
    try:
        await asyncio.to_thread(step, this)
    except LeaseBusy:
        raise
    except (StopChannel, RetryLater) as error:
        this.log.stop(channel or this.log.flow, error)
    for name in this.log.stopped.keys() - stopped_before:
        get_run_logger().error("%s", this.log.stopped[name])
    stopped = [this.log.stopped.get(name) for name in this.channels]
    to_mend = [error for error in stopped if isinstance(error, FixSettings)]
    if to_mend and len(to_mend) == len(stopped):
        raise to_mend[-1]
    done = {name: n - before[name] for name, n in this.log.counts.items() if n != before[name]}
    get_run_logger().info("%s", counted(done))
    return done


def result(this: Work) -> dict[str, Any]:  # Any: plain values of the flow's result
    """Return what a run did, as plain values."""
    log = this.log
    with this.desk.db.read() as reading:
        channels = [this.desk.shop(name).id for name in this.channels]
        shown = plans_to_tell(log, plans.waiting(reading, log.flow, channels))
        plan = plan_result(reading, shown[0]) if shown else None
        rows = status.cursors(reading)
    return {
        "flow": log.flow,
        "run_id": log.id,
        "state": log.state,
        "seconds": round(monotonic() - this.began, 3),
        "counts": {name: n for name, n in sorted(log.counts.items()) if n},
        "plan": plan,
        "cursors": {f"{row.channel}:{row.stream}": row.saved_until.isoformat() for row in rows if row.saved_until},
        "problems": [problem.as_json() for problem in log.problems],
        "details": log.details,
    }


def plans_to_tell(log: RunLog, waiting: Sequence[str]) -> Sequence[str]:
    """Return the plans that a result may name: those that wait come first, this run's own before others of its flow.

    A dry run names what it shows.
    """
    own = [plan_id for plan_id in log.plans if plan_id in waiting]
    return own or (log.plans if log.is_dry else []) or waiting or log.plans


def plan_result(reading: Reading, plan_id: str) -> dict[str, Any]:  # Any: as above
    """Return a plan's id, hash, and how many of its changes are where."""
    plan = plans.plan(reading, plan_id)
    counts = plans.change_counts(reading, [plan_id])[plan_id]
    return {
        "id": plan_id,
        "hash": plan.hash,
        "changes": sum(counts.values()),
        "applied": counts.get("done", 0),
        "waiting": counts.get("planned", 0),
        "stale": counts.get("stale", 0),
        "failed": counts.get("failed", 0),
    }


class Progress:
    """Log a sentence of progress, at most one every few seconds."""

    def __init__(self, logger: "logging.Logger | logging.LoggerAdapter[Any]") -> None:  # Any: Prefect's own adapter
        self.logger = logger
        self.last = monotonic()

    def __call__(self, sentence: str) -> None:
        """Log it, unless another was logged just now."""
        if monotonic() - self.last >= PROGRESS_EVERY_S:
            self.last = monotonic()
            self.logger.info("%s", sentence)
