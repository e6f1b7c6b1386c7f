"""Release backlog, and show the pick lists that came of it."""

from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from fillrate.report.picks import pick_artifact
from fillrate.report.summary import run_title
from fillrate.steps.picking.outlook import worked_off_sentence
from fillrate.steps.picking.release import release_backlog
from fillrate.steps.picking.shelves import in_doubt
from fillrate.steps.picking.show import shown, with_lines
from tasks.artifacts import show
from tasks.coat import CURRENT, in_coat
from tasks.steps import Counts


@task(task_run_name="release", cache_policy=NO_CACHE)
async def release_what_fits(as_of: datetime | None) -> Counts:
    """Release what the warehouse can do now, as one pick list for each location."""
    return await in_coat(lambda w: release_backlog(w.desk, w.log, as_of))


async def show_pick_lists() -> None:
    """Show the lists that this run made, shelves in doubt, and when the backlog is worked off."""
    this = CURRENT.get()
    log, desk = this.log, this.desk
    with desk.db.read() as reading:
        made = [one for one in shown(desk, reading) if one["run_id"] == log.id]
        lines = with_lines(reading, [one["id"] for one in made])
        doubts = in_doubt(reading)
        outlook = worked_off_sentence(desk, reading)
    title = run_title(log.flow, log.channel, log.counts, "problems" if log.problems else "done")
    markdown = pick_artifact(title, outlook, [(one, lines[one["id"]]) for one in made], doubts)
    await show(this, "picks", "What the warehouse picks now.", markdown)
