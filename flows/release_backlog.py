"""Release what the warehouse can do now, as one pick list for each location."""

from datetime import datetime

from prefect import flow

from flows.parameters import Ended, ended, in_utc
from tasks.coat import work
from tasks.releasing import release_what_fits, show_pick_lists


@flow(name="release-backlog")
async def release_backlog(as_of: datetime | None = None, dry_run: bool = False) -> Ended:
    """Rank what is ready, release what fits into the day of each location, and show the pick lists.

    Args:
        as_of: Release on the day of this time (UTC unless it names its zone); the shop's own time if empty.
        dry_run: Decide and count, but save nothing.
    """
    async with work("release-backlog", "all", dry_run=dry_run) as run:
        await release_what_fits(in_utc(as_of))
        await show_pick_lists()
    return ended(run)
