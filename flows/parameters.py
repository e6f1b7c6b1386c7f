"""What flows share: the window that was asked for, and the small typed result that each returns.

The parameters themselves are described in each flow: they become the form in the Prefect UI.
"""

from datetime import UTC, datetime
from typing import Any, TypeAlias

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import BaseModel

from fillrate.errors import FixSettings
from fillrate.steps.intake.windows import Asked
from tasks.coat import Work

NO_NEWS = ("_unchanged", "_followed", "_read")  # ends of names of counts


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
    details: dict[str, Any] = {}  # Any: JSON, what one flow alone has to tell


Ended: TypeAlias = FlowResult | State[FlowResult]


def ended(run: Work) -> Ended:
    """Return what a run did in a state that Prefect's lists show: green, green and skipped, or red with its problem."""
    found = FlowResult(**run.told)
    told = "; ".join(f"{one['where']}: {one['what']}" for one in found.problems)
    if found.state == "skipped":
        return Completed(name="Skipped", message=told, data=found)
    return Failed(name="Problems", message=told, data=found) if found.problems else found


def ended_or_unchanged(run: Work) -> Ended:
    """Return the same, but "Unchanged" of a run that found nothing new: what is to follow on news need not begin."""
    found = ended(run)
    if not isinstance(found, FlowResult) or any(n and not name.endswith(NO_NEWS) for name, n in found.counts.items()):
        return found
    return Completed(name="Unchanged", message="Nothing new was found.", data=found)


def in_utc(time: datetime | None) -> datetime | None:
    """Return a time as it is, one without a zone as UTC."""
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def asked(since: datetime | None, until: datetime | None, full: bool) -> Asked:
    """Return the window that was asked for, a time without a zone taken as UTC; FixSettings for one that makes no sense."""
    since, until = in_utc(since), in_utc(until)
    if since is not None and until is not None and since > until:
        raise FixSettings("The time to read since is later than the time to read until.", next="Swap the two.")
    return Asked(since=since, until=until, full=full)
