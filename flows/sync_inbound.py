"""Read what is on its way: purchase orders and transfers, from the files of every feed."""

from prefect import flow

from flows.parameters import Ended, ended
from tasks.artifacts import show_supply
from tasks.coat import work
from tasks.steps import read_inbound


@flow(name="sync-inbound")
async def sync_inbound(dry_run: bool = False) -> Ended:
    """Read the files of every feed that are new or changed, and note what became of each line on its way.

    Args:
        dry_run: Read, decide and show, but save nothing.
    """
    async with work("sync-inbound", "all", dry_run=dry_run) as run:
        await read_inbound()
        await show_supply()
    return ended(run)
