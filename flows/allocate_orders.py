"""Move every open unit into backlog or backorder, and tell the shops which orders have backordered units."""

from prefect import flow

from flows.parameters import AsOf, Channel, DryRun, FlowResult
from tasks.artifacts import show_plans, show_queue
from tasks.coat import result, work
from tasks.steps import apply_changes, lay_stock_along_the_queue


@flow(name="allocate-orders")
async def allocate_orders(channel: Channel = "all", as_of: AsOf = None, dry_run: DryRun = False) -> FlowResult:
    """Lay the stock along the queue of all that is owed; then write what may be written."""
    async with work("allocate-orders", channel, dry_run=dry_run) as run:
        await lay_stock_along_the_queue(run.channels, as_of)
        for name in run.channels:
            await apply_changes(name)
        await show_queue()
        await show_plans()
    return FlowResult(**result(run))
