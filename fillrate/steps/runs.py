"""The record of a run: what it was, what it did, and what it could not do."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fillrate.db.tables import Run
from fillrate.errors import FillrateError, LeaseBusy
from fillrate.steps.desk import Desk


def silent(sentence: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Problem:
    """Something that a person should know: what happened, to what, and what to do next."""

    where: str
    what: str
    next: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it for tables and --json."""
        return {"where": self.where, "what": self.what, "next": self.next}


@dataclass(slots=True)
class RunLog:
    """What one run has done so far; `id` is the Prefect run's id, or one of our own."""

    id: str
    flow: str
    channel: str
    is_dry: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)  # Any: JSON, what one flow alone has to tell
    stopped: dict[str, FillrateError] = field(default_factory=dict)  # channels that cannot be used in this run
    state: str = "running"
    say: Callable[[str], None] = silent  # where progress goes while long work is under way
    patience_s: float = 0.0  # how long it waits for another run that is at the same work

    def problem(self, where: str, error: FillrateError) -> None:
        """Note an error that ended a part of the run."""
        self.problems.append(Problem(where, error.what, error.next))

    def stop(self, channel: str, error: FillrateError) -> None:
        """Note that a channel cannot be used in this run; the others go on."""
        self.stopped[channel] = error
        self.problem(channel, error)


@contextmanager
def recorded(desk: Desk, log: RunLog) -> Iterator[RunLog]:
    """Keep a row about this run; an error leaves the run `failed` with its reason and goes on upwards.

    A dry run leaves no trace but its plan.
    """
    started = desk.outside.clock.now()
    if not log.is_dry:
        save(desk, log, {"started_at": started, "ended_at": None})
    try:
        yield log
        log.state = "problems" if log.problems else "done"
    except LeaseBusy as busy:
        log.problem(log.flow, busy)
        log.state = "skipped"
        raise
    except FillrateError as error:
        if error not in log.stopped.values():
            log.problem(log.flow, error)
        log.state = "failed"
        raise
    except Exception as defect:
        what = f"A defect in Fillrate ended the run: {type(defect).__name__}."
        log.problems.append(Problem(log.flow, what, "Run it again; report it with the log if it lasts."))
        log.state = "failed"
        raise
    finally:
        if not log.is_dry and log.state != "running":
            save(desk, log, {"started_at": started, "ended_at": desk.outside.clock.now()})


def save(desk: Desk, log: RunLog, times: dict[str, Any]) -> None:  # Any: times, or none yet
    """Write the row of this run."""
    row = {
        "id": log.id,
        "flow": log.flow,
        "channel": log.channel,
        "state": log.state,
        "counts": dict(sorted(log.counts.items())),
        "problems": [problem.as_json() for problem in log.problems],
        **times,
    }
    with desk.db.write("run.note") as tx:
        tx.upsert(Run, [row], key=("id",))
