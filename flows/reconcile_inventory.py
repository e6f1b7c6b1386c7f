"""Read stock everywhere, bring the ledger up to it where it lies, and have every channel show what may be sold."""

from prefect import flow

from fillrate.steps.reconcile import in_turn
from flows.parameters import Ended, ended
from tasks.artifacts import show_drift, show_plans, show_sync
from tasks.coat import work
from tasks.steps import apply_changes, read_stock


@flow(name="reconcile-inventory")
async def reconcile_inventory(channel: str = "all", dry_run: bool = False) -> Ended:
    """Read each channel's stock between two reads of its orders, say why it differs, and put right what is explained.

    Args:
        channel: Name of one channel in the settings, or "all".
        dry_run: Decide and show, but save nothing but the plan, and write nothing to a shop.
    """
    async with work("reconcile-inventory", channel, dry_run=dry_run) as run:
        for name in in_turn(run.desk, run.channels):
            await read_stock(name)
            await apply_changes(name)
        await show_sync()
        await show_drift()
        await show_plans()
    return ended(run)
