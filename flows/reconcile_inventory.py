"""Read stock everywhere and book into the ledger what it does not know yet (the reading half of reconciliation)."""

from prefect import flow

from flows.parameters import Ended, ended
from tasks.artifacts import show_plans, show_sync
from tasks.coat import work
from tasks.steps import read_stock


@flow(name="reconcile-inventory")
async def reconcile_inventory(channel: str = "all", dry_run: bool = False) -> Ended:
    """Read each shop's stock between two reads of its orders, and count what differs from the ledger.

    Args:
        channel: Name of one channel in the settings, or "all".
        dry_run: Decide and show, but save nothing but the plan, and write nothing to a shop.
    """
    async with work("reconcile-inventory", channel, dry_run=dry_run) as run:
        for name in run.channels:
            await read_stock(name)
        await show_sync()
        await show_plans()
    return ended(run)
