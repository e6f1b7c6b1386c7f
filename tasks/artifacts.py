"""What operations people see of a run in the Prefect UI: Markdown artifacts, a timeline for each flow."""

import json
from typing import Any
from urllib.parse import quote

from prefect import get_client
from prefect.artifacts import acreate_markdown_artifact
from prefect.exceptions import ObjectNotFound

from fillrate.db.queries import plans, status
from fillrate.db.queries import supply as supply_queries
from fillrate.report.drift import drift_artifact, headline
from fillrate.report.summary import plan_artifact, run_title, supply_artifact, sync_artifact
from fillrate.report.texts import text
from fillrate.steps.reconciling.found import drift
from fillrate.steps.show import in_words
from fillrate.steps.supply.summary import day_of, supply
from tasks.coat import CURRENT, Work

SHOWN = 500
DRIFT_DAYS = 7
REVIEW = "review-plan/fillrate"


async def show_sync() -> None:
    """Show what was read, what could not be, and what went wrong."""
    this = CURRENT.get()
    log = this.log
    with this.desk.db.read() as reading:
        _, rejected = status.rejected(reading, SHOWN)
    rows = [(row.stream, row.platform_id, row.reason) for row in rejected if row.channel in this.channels]
    title = run_title(log.flow, log.channel, log.counts, "problems" if log.problems else "done")
    await show(this, "read", "What was read, and what could not be.", sync_artifact(title, log.counts, rows))


async def show_supply() -> None:
    """Show what is on its way, what of it is overdue, and what this run learnt to come later."""
    this = CURRENT.get()
    log, desk = this.log, this.desk
    with desk.db.read() as reading:
        found = supply(desk, reading, SHOWN)
        later = supply_queries.slipped(reading, log.id, SHOWN)
    days = [
        [None if at is None else day_of(desk, at) for at in (row.expected_before, row.expected_after)] for row in later
    ]
    rows = [
        (row.reference, row.sku, row.supplier or "", row.units, *pair) for row, pair in zip(later, days, strict=True)
    ]
    title = run_title(log.flow, log.channel, log.counts, "problems" if log.problems else "done")
    bad = [(one["feed"], f"{one['file']}, row {one['row']}", one["reason"]) for one in found["bad_rows"]]
    markdown = supply_artifact(title, found["suppliers"], found["overdue"], rows, bad)
    await show(this, "supply", "What is on its way, overdue, and slipped.", markdown)


async def show_drift() -> None:
    """Show which numbers of channels differed lately, why, what it is worth, and what waits."""
    this = CURRENT.get()
    log = this.log
    with this.desk.db.read() as reading:
        found = drift(this.desk, reading, days=DRIFT_DAYS, most=SHOWN)
    title = run_title(log.flow, log.channel, log.counts, "problems" if log.problems else "done")
    await show(this, "drift", headline(found), drift_artifact(title, found))


async def show_plans() -> None:
    """Show what this run planned and what became of it, and what still waits of earlier runs of its flow."""
    this = CURRENT.get()
    with this.desk.db.read() as reading:
        waiting = plans.waiting(reading, this.log.flow, [this.desk.shop(name).id for name in this.channels])
    form = await review_form() if waiting else ""
    for plan_id in dict.fromkeys([*this.log.plans, *waiting]):
        with this.desk.db.read() as reading:
            plan, changes = plans.plan(reading, plan_id), plans.changes(reading, plan_id)
            rows = in_words(reading, changes[:SHOWN])
        told = f"Plan {plan_id}: {text('plan_state', plan.state)}."
        await show(this, "plan", told, plan_artifact(head(plan), rows, len(changes), where_to_decide(form, plan_id)))


def head(plan: Any) -> dict[str, str]:  # Any: a row of Plan
    """Return what a person needs of a plan."""
    return {
        "id": plan.id,
        "hash": plan.hash,
        "state": text("plan_state", plan.state),
        "waits_because": plan.waits_because if plan.state == "waiting" else "",
    }


async def review_form() -> str:
    """Return the address of the form that starts review-plan, to which its parameters are added; "" where nobody serves it."""
    async with get_client() as client:
        try:
            deployment = await client.read_deployment_by_name(REVIEW)
        except ObjectNotFound:
            return ""
    return f"/v2/deployments/deployment/{deployment.id}/run?parameters="


def where_to_decide(form: str, plan_id: str) -> str | None:
    """Return a link to the form, filled in for a plan; None without a form."""
    return text("glance", "decide", link=form + quote(json.dumps({"plan": plan_id}), safe="")) if form else None


async def show(this: Work, what: str, told: str, markdown: str) -> None:
    """Keep an artifact under a key of its own, so that each run adds to a timeline; `told` stands on its card."""
    await acreate_markdown_artifact(markdown, key=f"{this.log.flow}-{what}", description=told)
