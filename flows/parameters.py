"""The parameters that flows share, described once: they become the form in the Prefect UI."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from fillrate.steps.intake.windows import Asked
from tasks.coat import Work

Channel = Annotated[str, Field(description='Name of one channel in the settings, or "all".')]
Full = Annotated[
    bool, Field(description="Read everything again and look for what was deleted, instead of changes only.")
]
Since = Annotated[
    datetime | None,
    Field(description="Read what changed since this time, with its zone, instead of since the last run."),
]
Until = Annotated[datetime | None, Field(description="Read what changed up to this time, with its zone.")]
DryRun = Annotated[
    bool, Field(description="Decide and show, but save nothing but the plan and write nothing to a shop.")
]
AsOf = Annotated[
    datetime | None, Field(description="Decide as of this time, with its zone; the shop's own time if empty.")
]


class FlowResult(BaseModel):
    """What a flow run did, in a few plain values; `fillrate run --json` prints it."""

    flow: str
    run_id: str
    state: str
    seconds: float
    counts: dict[str, int]
    plan: dict[str, Any] | None  # Any: id, hash and counts of changes
    cursors: dict[str, str]
    problems: list[dict[str, str]]


def asked(since: datetime | None, until: datetime | None, full: bool) -> Asked:
    """Return the window that was asked for."""
    return Asked(since=since, until=until, full=full)


__all__ = ["AsOf", "Channel", "DryRun", "FlowResult", "Full", "Since", "Until", "Work", "asked"]
