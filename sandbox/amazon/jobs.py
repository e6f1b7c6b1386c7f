"""Feeds and reports take their time: they wait, run and end, each some requests or some minutes later."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.amazon.records import DONE, FATAL, QUEUED, RUNNING, Job, desk
from sandbox.times import iso_zulu

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon


def new_job(shop: "Amazon", what: str, kind: str, marketplaces: list[str], first: int) -> Job:
    """A feed or a report that begins later."""
    chance, table, now = shop.chance, desk(shop.state), shop.state.clock.now()
    waits, runs = chance.randint(1, 3), chance.randint(1, 4)
    seconds, more = chance.randint(10, 120), chance.randint(20, 600)
    made_id = str(shop.state.fresh_id(what, first))
    due = (table.asked + waits, table.asked + waits + runs), (now + seconds, now + seconds + more)
    return Job(made_id, kind, marketplaces, now, *due)


def advance(shop: "Amazon", job: Job, finish: Callable[["Amazon", Job], None]) -> None:
    """Let a job begin and end when it is due; `finish` does its work and sets the status."""
    asked, now = desk(shop.state).asked, shop.state.clock.now()
    starts, ends = (asked >= job.due_requests[n] or now >= job.due_seconds[n] for n in (0, 1))
    if job.status == QUEUED and starts:
        job.status, job.started = RUNNING, min(now, job.due_seconds[0])
    if job.status == RUNNING and ends:
        job.ended = min(now, job.due_seconds[1])
        finish(shop, job)


def over(job: Job) -> bool:
    """Whether nothing more becomes of a job."""
    return job.status in {DONE, FATAL}


def show_times(job: Job) -> dict[str, Any]:
    """The status of a job with its moments."""
    found = {"createdTime": iso_zulu(job.created), "processingStatus": job.status}
    if job.started is not None:
        found["processingStartTime"] = iso_zulu(job.started)
    if job.ended is not None:
        found["processingEndTime"] = iso_zulu(job.ended)
    return found
