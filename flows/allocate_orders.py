"""Move every open unit into backlog or backorder, and tell the shops which orders have backordered units."""

from datetime import datetime

from prefect import flow

from flows.parameters import Ended, ended, in_utc
from tasks.artifacts import show_plans
from tasks.coat import work
from tasks.forms import refresh_forms
from tasks.glance import show_queue
from tasks.steps import apply_changes, lay_stock_along_the_queue, send_mails


@flow(name="allocate-orders")
async def allocate_orders(channel: str = "all", as_of: datetime | None = None, dry_run: bool = False) -> Ended:
    """Lay the stock along the queue of all that is owed; then write what may be written.

    Args:
        channel: Name of one channel in the settings, or "all".
        as_of: Decide as of this time (UTC unless it names its zone); the shop's own time if empty.
        dry_run: Decide and show, but save nothing but the plan, and write nothing to a shop.
    """
    async with work("allocate-orders", channel, dry_run=dry_run) as run:
        await lay_stock_along_the_queue(run.channels, in_utc(as_of))
        for name in run.channels:
            await apply_changes(name)
            await send_mails(name)
        await show_queue()
        await show_plans()
        await refresh_forms()
    return ended(run)
