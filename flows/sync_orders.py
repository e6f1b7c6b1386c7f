"""Read the orders of every channel: lines, shipments, refunds, and what each change means for open units."""

from prefect import flow

from flows.parameters import Channel, DryRun, FlowResult, Full, Since, Until, asked
from tasks.artifacts import show_sync
from tasks.coat import result, work
from tasks.steps import read_orders


@flow(name="sync-orders")
async def sync_orders(
    channel: Channel = "all", since: Since = None, until: Until = None, full: Full = False, dry_run: DryRun = False
) -> FlowResult:
    """Read what changed in the orders; with `full`, read all of them and find what was deleted."""
    async with work("sync-orders", channel, dry_run=dry_run) as run:
        for name in run.channels:
            await read_orders(name, asked(since, until, full))
        await show_sync()
    return FlowResult(**result(run))
