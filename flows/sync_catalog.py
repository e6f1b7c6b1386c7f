"""Read the catalogue of every channel: brands, categories, products with their listings, customers, and deletions."""

from prefect import flow

from flows.parameters import Channel, DryRun, FlowResult, Full, Since, Until, asked
from tasks.artifacts import show_sync
from tasks.coat import result, work
from tasks.steps import read_catalog


@flow(name="sync-catalog")
async def sync_catalog(
    channel: Channel = "all", since: Since = None, until: Until = None, full: Full = False, dry_run: DryRun = False
) -> FlowResult:
    """Read what changed in the catalogue; with `full`, read all of it and find what was deleted."""
    async with work("sync-catalog", channel, dry_run=dry_run) as run:
        for name in run.channels:
            await read_catalog(name, asked(since, until, full))
        await show_sync()
    return FlowResult(**result(run))
