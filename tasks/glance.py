"""How both queues stand, for the people who look at the Prefect UI: numbers, a chart, the worst, and what waits for them."""

from collections.abc import Sequence
from typing import Any

from fillrate.db.queries import plans
from fillrate.decide.ageing import CLASSES
from fillrate.report.glance import counted, glance_artifact, time_artifact
from fillrate.report.markdown import escape
from fillrate.report.promises import kept_artifact
from fillrate.report.texts import text
from fillrate.steps.glance import glance, time_spent
from fillrate.steps.kept import By, promises_kept
from tasks.artifacts import review_form, show, where_to_decide
from tasks.coat import CURRENT

SHOWN = 10
BY: tuple[By, By] = ("supplier", "sku")


async def show_queue() -> None:
    """Show what is owed now, by age and reason, what is at risk, what waits longest, and which plans wait for a person."""
    this = CURRENT.get()
    with this.desk.db.read() as reading:
        found = glance(this.desk, reading, SHOWN)
        waiting = plans.plans(reading, ("waiting",))
        counts = plans.change_counts(reading, [row.id for row in waiting])
    for state in ("backlog", "backorder"):
        this.log.counts.setdefault(f"units_{state}", found["units"][state])
    sentences = await waiting_plans(waiting, {row.id: counts[row.id].get("planned", 0) for row in waiting})
    markdown = glance_artifact(found, CLASSES, this.desk.settings.store.zone, sentences)
    await show(this, "queue", "What is owed now, what it waits for, and what is at risk.", markdown)


async def show_time() -> None:
    """Show how long units stay in each state."""
    this = CURRENT.get()
    with this.desk.db.read() as reading:
        found = time_spent(this.desk, reading)
    await show(this, "time", "How long units stay where they are.", time_artifact(found, CLASSES))


async def show_promises() -> None:
    """Show what became of every promise: in all, by supplier, and of the SKUs that broke most."""
    this = CURRENT.get()
    with this.desk.db.read() as reading:
        found, worst = (promises_kept(this.desk, reading, by, shown=SHOWN) for by in BY)
    await show(this, "promises", "Whether promises are kept.", kept_artifact(found, worst))


async def waiting_plans(rows: Sequence[Any], changes: dict[str, int]) -> list[str]:  # Any: rows of Plan
    """Return a sentence in Markdown for each plan that waits: how much, why, and where it is decided."""
    form = await review_form() if rows else ""
    return [
        text(
            "glance",
            "plan",
            plan=row.id,
            changes=counted("changes", changes[row.id]),
            why=escape(row.waits_because),
            decide=where_to_decide(form, row.id) or text("glance", "decide_command", plan=row.id),
        )
        for row in rows
    ]
