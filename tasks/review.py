"""The form by which a person decides about a plan, and what comes of the answer.

The run suspends before it does anything: it ends its process, holds no lease, and begins again from the top when somebody
answers. Its pause is named after the hash, so an answer counts for the plan that was shown and for no other.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from prefect import get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.context import FlowRunContext
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from pydantic import BaseModel, Field

from fillrate.bootstrap import open_desk
from fillrate.db.queries import plans
from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.report.markdown import escape
from fillrate.report.summary import plan_artifact
from fillrate.report.texts import text
from fillrate.steps import plan as planning
from fillrate.steps.days import time_now
from fillrate.steps.show import in_words
from tasks.artifacts import SHOWN, head

OPEN = ("waiting", "dry_run")
ENDED = ("superseded", "stale", "done")  # nothing of these will be written
PATIENCE_S = 7 * 24 * 3600


class Review(RunInput):
    """What a person says about a plan."""

    decision: Literal["approve", "reject", "defer"] = Field(
        default="defer",
        description="approve: the next run writes it, promises move at once. reject: nothing is written. defer: it waits.",
    )
    who: str = Field(description="Your name; it is kept with the plan", min_length=1, max_length=100)
    reason: str = Field(default="", description="Why; it is kept with this run", max_length=500)


class Decision(BaseModel):
    """What was decided about which plan, by whom."""

    plan: str
    hash: str
    decision: Literal["approve", "reject", "defer"]
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan as a person sees it."""

    id: str
    hash: str
    flow: str
    markdown: str


async def plan_to_review(plan_id: str) -> Shown:
    """Return a plan that can still be decided about; raises where there is none, or where nobody could be asked."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        raise without_a_deployment(plan_id)
    return await asyncio.to_thread(read_plan, plan_id)


def without_a_deployment(plan_id: str) -> FixSettings:
    """Return the error of a run that nobody could answer: only a deployment's run is started again with the answer."""
    what = "review-plan waits for a form in the Prefect UI, which only the run of a deployment can do."
    return FixSettings(what, next=f"Decide here instead: fillrate approve {plan_id}, or fillrate reject {plan_id}")


def read_plan(plan_id: str) -> Shown:
    """Read a plan with its changes from the tables."""
    with open_desk() as desk, desk.db.read() as reading:
        plan = plans.plan(reading, plan_id)
        if plan is None:
            raise NotFound(f"There is no plan {plan_id}.", next="List them: fillrate plans")
        changes = plans.changes(reading, plan_id)
        still = [one for one in changes if one.state not in ENDED]
        rows = in_words(reading, still[:SHOWN])
        as_of = time_now(desk, reading).astimezone(desk.settings.store.zone)
    if plan.state not in OPEN:
        what = f"There is nothing to decide about plan {plan_id} any more: {text('plan_state', plan.state)}."
        raise FillrateError(what, next=f"See what became of it: fillrate show {plan_id}")
    replaced = len(changes) - len(still)
    more = [text("review", "replaced", n=replaced)] if replaced else []
    told = [
        plan_artifact(head(plan), rows, len(still), ""),
        *more,
        text("review", "as_of", at=f"{as_of:%Y-%m-%d %H:%M}"),
    ]
    return Shown(plan_id, plan.hash, plan.flow, "\n\n".join(told))


async def ask(shown: Shown) -> Review:
    """Suspend this run until somebody answers; the run that begins again gets the answer at once."""
    form: Any = Review.with_initial_data(description=shown.markdown)  # Any: a class made for this form
    answer: Review = await asuspend_flow_run(wait_for_input=form, timeout=PATIENCE_S, key=shown.hash)
    return answer


async def keep(shown: Shown, answer: Review) -> Decision:
    """Approve or reject the plan that was shown, and show who decided what and why."""
    is_done = await asyncio.to_thread(decide, shown, answer)
    told = sentence(shown, answer, is_done=is_done)
    get_run_logger().info("%s", told)
    why = f"\n\n> {escape(answer.reason)}" if answer.reason else ""
    markdown = f"## {escape(told)}{why}\n\n{shown.markdown}"
    await acreate_markdown_artifact(markdown, key="review-plan-decision", description="Who decided what, and why.")
    return Decision(plan=shown.id, hash=shown.hash, decision=answer.decision, who=answer.who, reason=answer.reason)


def decide(shown: Shown, answer: Review) -> bool:
    """Write the decision into the tables; tells whether that was all that was to be done."""
    if answer.decision == "defer":
        return False
    with open_desk() as desk:
        if answer.decision == "approve":
            return bool(planning.approve(desk, shown.id, shown.hash, answer.who).state == "applied")
        planning.reject(desk, shown.id, answer.who)
    return True


def sentence(shown: Shown, answer: Review, *, is_done: bool) -> str:
    """Return what was decided and what comes next."""
    next_step = "It is done." if is_done else f"The next run of {shown.flow} writes it."
    return {
        "approve": f"{answer.who} approved plan {shown.id}. {next_step}",
        "reject": f"{answer.who} rejected plan {shown.id}. Nothing of it will be written.",
        "defer": f"{answer.who} deferred plan {shown.id}. It goes on waiting.",
    }[answer.decision]
