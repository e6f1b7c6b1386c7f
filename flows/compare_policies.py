"""Show what other policies would make of today's queue."""

from datetime import datetime

from prefect import flow

from flows.parameters import Ended, ended, in_utc
from tasks.coat import work
from tasks.compare import compare_all_policies


@flow(name="compare-policies")
async def compare_policies(channel: str = "all", as_of: datetime | None = None) -> Ended:
    """Lay today's stock along the queue once for each policy and show what would come of it; nothing is saved.

    Args:
        channel: Whose orders the figures are of: one channel in the settings, or "all". All compete for the stock.
        as_of: Decide as of this time (UTC unless it names its zone); the shop's own time if empty.
    """
    async with work("compare-policies", channel, dry_run=False) as run:
        await compare_all_policies(None if channel == "all" else channel, in_utc(as_of))
    return ended(run)
