"""The report of the day: both queues by age and reason, what is at risk and due, times in each state, promises kept."""

from prefect import flow

from flows.parameters import Ended, ended
from tasks.coat import work
from tasks.glance import show_promises, show_queue, show_time


@flow(name="report-day")
async def report_day() -> Ended:
    """Look at the tables, and show how both queues stand; changes nothing."""
    async with work("report-day", "all", dry_run=False) as run:
        await show_queue()
        await show_time()
        await show_promises()
    return ended(run)
