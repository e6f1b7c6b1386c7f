"""The comparison of policies as a task, and its artifact."""

from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from fillrate.report.compare import as_markdown
from fillrate.steps.compare import compare
from tasks.artifacts import show
from tasks.coat import CURRENT, Work, in_coat


@task(task_run_name="policies", cache_policy=NO_CACHE)
async def compare_all_policies(channel: str | None, as_of: datetime | None) -> dict[str, int]:
    """Lay the stock along the queue once for each policy, save nothing, and show what would come of it."""
    found: dict[str, Any] = {}  # Any: JSON

    def step(w: Work) -> None:
        found.update(compare(w.desk, w.log, channel, as_of))
        w.log.counts["policies_compared"] = len(found["policies"])

    counts = await in_coat(step)
    await show(CURRENT.get(), "policies", "What other policies would make of today's queue.", as_markdown(found))
    return counts
