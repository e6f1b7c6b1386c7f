"""Taking over from another app as a task for each channel, and what came of it."""

from pathlib import Path

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from fillrate.channels.count_files import Counts
from fillrate.report.adopting import adopted_artifact
from fillrate.report.summary import run_title
from fillrate.steps.adopting.adopt import adopt, told
from fillrate.steps.adopting.counts import read_counts
from tasks.artifacts import show
from tasks.coat import CURRENT, Work, in_coat
from tasks.steps import Counts as Counted


async def take_over(channels: tuple[str, ...], counts: str) -> None:
    """Take over in each channel; a row of the file that fits none of them is told with its reason."""
    read = read_counts(Path(counts)) if counts else Counts()
    for name in channels:
        await adopt_in(name, read)
    for one in CURRENT.get().log.details.get("bad_rows", ()):
        get_run_logger().warning("%s, row %s: %s", Path(counts).name, one["row"], one["reason"])


@task(task_run_name="goods of {channel}", cache_policy=NO_CACHE)
async def adopt_in(channel: str, counts: Counts) -> Counted:
    """Write what was let through, compare what is owed, and plan what is left."""

    def step(w: Work) -> None:
        told(w.log, channel, adopt(w.desk, w.desk.shop(channel), w.log, counts))

    return await in_coat(step, channel)


async def show_adopted() -> None:
    """Show what is owed before and after, and what is known of the shelves."""
    this = CURRENT.get()
    log = this.log
    title = run_title(log.flow, log.channel, log.counts, "problems" if log.problems else "done")
    await show(this, "owed", "What is owed, before and after.", adopted_artifact(title, log.details))
