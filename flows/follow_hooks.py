"""Read just what shops' hooks have hinted at; started by the receiver, and needless for being right."""

from prefect import flow

from flows.parameters import Ended, ended_or_unchanged
from tasks.artifacts import show_plans, show_sync
from tasks.coat import work
from tasks.steps import follow_hints


@flow(name="follow-hooks")
async def follow_hooks(channel: str = "all") -> Ended:
    """Read the records that hooks named, or what changed where a shop cannot be asked for them, and end those hints.

    Args:
        channel: Name of one channel in the settings, or "all".
    """
    async with work("follow-hooks", channel, dry_run=False) as run:
        for name in run.channels:
            await follow_hints(name)
        await show_sync()
        await show_plans()
    return ended_or_unchanged(run)
