"""Read the orders of every channel, with what each change means for open units; and see that their hooks come."""

from datetime import datetime

from prefect import flow

from flows.parameters import Ended, asked, ended
from tasks.artifacts import show_plans, show_sync
from tasks.coat import work
from tasks.steps import read_orders, watch_hooks


@flow(name="sync-orders")
async def sync_orders(
    channel: str = "all",
    since: datetime | None = None,
    until: datetime | None = None,
    full: bool = False,
    dry_run: bool = False,
) -> Ended:
    """Read what changed in the orders; with `full`, read all of them and find what was deleted.

    Args:
        channel: Name of one channel in the settings, or "all".
        since: Read what changed since this time (UTC unless it names its zone) instead of since the last run.
        until: Read what changed up to this time (UTC unless it names its zone).
        full: Read everything again and look for what was deleted, instead of changes only.
        dry_run: Decide and show, but save nothing but the plan, and write nothing to a shop.
    """
    async with work("sync-orders", channel, dry_run=dry_run) as run:
        for name in run.channels:
            wanted = asked(since, until, full)
            await watch_hooks(name, wanted, await read_orders(name, wanted))
        await show_sync()
        await show_plans()
    return ended(run)
