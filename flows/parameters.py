"""What flows share: the window that was asked for, and the small typed result that each returns.

The parameters themselves are described in each flow: they become the form in the Prefect UI.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from fillrate.errors import FixSettings
from fillrate.steps.intake.windows import Asked


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
    """Return the window that was asked for; raises FixSettings for one that makes no sense."""
    if any(one is not None and one.tzinfo is None for one in (since, until)):
        raise FixSettings("A time without its zone was given.", next="Write it like 2026-03-01T08:00:00+01:00.")
    if since is not None and until is not None and since > until:
        raise FixSettings("The time to read since is later than the time to read until.", next="Swap the two.")
    return Asked(since=since, until=until, full=full)
