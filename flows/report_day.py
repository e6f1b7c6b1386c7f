"""The report of the day: both queues by age and reason, what is at risk and due, and how long units stay in each state."""

from prefect import flow

from flows.parameters import Ended, ended
from tasks.coat import work
from tasks.glance import show_queue, show_time


@flow(name="report-day")
async def report_day() -> Ended:
    """Look at the tables, and show how both queues stand; changes nothing."""
    async with work("report-day", "all", dry_run=False) as run:
        await show_queue()
        await show_time()
    return ended(run)
