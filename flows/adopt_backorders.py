"""Take over from an app that sold backorders by switching stock tracking off; nothing is written before a person agrees."""

from prefect import flow

from flows.parameters import Ended, ended
from tasks.adopting import show_adopted, take_over
from tasks.artifacts import show_plans
from tasks.coat import work


@flow(name="adopt-backorders")
async def adopt_backorders(channel: str = "all", counts: str = "", dry_run: bool = False) -> Ended:
    """Find what an app left behind, plan tracking, numbers and limits, and write what a person has let through.

    Args:
        channel: Name of one channel in the settings, or "all".
        counts: File (CSV or JSON) with what lies on the shelves: sku, location, on_hand. What it leaves out begins at 0.
        dry_run: Decide by what was read last and show the plan, but save and write nothing.
    """
    async with work("adopt-backorders", channel, dry_run=dry_run) as run:
        await take_over(run.channels, counts)
        await show_adopted()
        await show_plans()
    return ended(run)
