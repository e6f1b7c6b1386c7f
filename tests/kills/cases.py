"""One case: a process is struck, the work is run once more, and the end is that of a day on which nothing happened."""

import signal
from itertools import takewhile
from typing import Any

from tests.kills.child import Struck, states_of
from tests.kills.history import Calm, Morning, Place
from tests.kills.moments import COMMITTED, REQUEST, Moment, Strike, before_the_last_commits
from tests.simulation.history import difference

ENDED_BY_SIGTERM = 143
OF_NO_MATTER = ("lease.", "run.note", "quota.")
LOST = ("Another run has taken over the lease", "idle-in-transaction timeout")
Wrong = dict[str, Any]  # Any: what differs, for people


def struck(morning: Morning, calm: Calm, strike: Strike) -> Wrong:
    """Return what is wrong after a strike and one rerun; nothing, if all is well."""
    try:
        with morning.place() as place:
            return outcome(morning, calm, place, strike)
    except AssertionError as error:
        return {"case": str(error)}


def outcome(morning: Morning, calm: Calm, place: Place, strike: Strike) -> Wrong:
    """Strike, run once more, and compare."""
    if strike.kind == "pause":
        return paused(place, calm, strike.moment)
    if strike.kind == "power":
        lose_power(morning, calm, place, strike)
    else:
        cut(place, strike.kind, strike.moment)
    place.again()
    return wrong(place, calm)


def cut(place: Place, kind: str, moment: Moment) -> Struck:
    """Start the day and end it at a moment; fails unless the process has died there, and of that."""
    place.kill_at(moment if moment.label == REQUEST else None)
    process = place.start("first", kind=kind, moment=moment)
    code = process.ended()
    assert place.has_struck or process.has_hit(), f"it never came to {moment}: {process.said()}"
    assert code == (ENDED_BY_SIGTERM if kind == "term" else -signal.SIGKILL), (code, process.said())
    is_taking = moment.label.startswith("lease.take")  # at that very moment a lease is not known as held yet
    if kind == "term" and not is_taking and not is_in_transaction(place, moment):
        assert place.leases() == {}, "a lease was not given back"
    return process


def lose_power(morning: Morning, calm: Calm, place: Place, strike: Strike) -> None:
    """Leave the tables as they were some commits before the moment, and the shop as it was at the moment.

    The day passes the same points in every copy, so a process that was killed before those commits has left just such
    tables.
    """
    earlier = before_the_last_commits(calm.moments, strike.moment, strike.lost)
    if earlier is not None:
        cut(place, "kill", earlier)
    with morning.place() as other:
        cut(other, "kill", strike.moment)
        place.take_shop_of(other)


def paused(place: Place, calm: Calm, moment: Moment) -> Wrong:
    """Freeze a process, let another one take over when the lease has run out, and wake the first one: it does nothing more."""
    process = place.start("first", kind="pause", moment=moment)
    assert process.stopped(), f"it never came to {moment}: {process.said()}"
    assert process.has_hit()
    if place.is_file and is_in_transaction(place, moment):
        return frozen_with_the_file(place, calm, process)
    held = [name for name, pid in place.leases().items() if pid == process.pid]
    place.age_leases()
    place.again()
    before, written = place.ending(), place.writes()
    process.send(signal.SIGCONT)
    code = process.ended()
    assert code in {0, 1}
    assert code == 0 or any(one in process.said() for one in LOST), process.said()
    found = wrong(place, calm)
    if held and (committed := committed_after(place, moment, process)):
        found["committed by the woken"] = committed
    if written != place.writes():
        found["written by the woken"] = place.writes() - written
    changed = difference(before, place.ending())
    changed.pop("broken", None)
    if changed:
        found["changed by the woken"] = changed
    return found


def committed_after(place: Place, moment: Moment, process: Struck) -> list[str]:
    """Return what a process committed after a moment under the lease that it had lost, its own record and the budget aside.

    A lease that it takes anew, once the other process has ended, is rightfully its own.
    """
    later = process.passed()[place.moments.index(moment) + 1 :]
    under_the_lost = takewhile(lambda passed: not passed[0].startswith("lease.take"), later)
    return [label for label, phase in under_the_lost if phase == COMMITTED and not label.startswith(OF_NO_MATTER)]


def frozen_with_the_file(place: Place, calm: Calm, process: Struck) -> Wrong:
    """A process frozen inside a transaction keeps an SQLite file to itself: the other one says so, and it goes on later."""
    other = place.start("other")
    assert other.ended() == 1
    assert "is locked" in other.said(), other.said()
    process.send(signal.SIGCONT)
    assert process.ended() == 0, process.said()
    place.again()
    return wrong(place, calm)


def is_in_transaction(place: Place, moment: Moment) -> bool:
    """Tell whether a moment lies inside a transaction that is open."""
    return moment.phase == "before" and moment.label in {one.label for one in place.moments if one.phase == COMMITTED}


def wrong(place: Place, calm: Calm) -> Wrong:
    """Return what differs from the day without trouble: rows, notes, invariants, and what was written to the shop."""
    end = place.ending()
    found = difference(calm.ending, end)
    if end.broken == calm.ending.broken:  # before orders are read, an audit against the shop misses some
        found.pop("broken", None)
    if twice := place.writes() - calm.writes:
        found["written too often"] = twice
    if missing := calm.writes - place.writes():
        found["never written"] = missing
    if left := {name: pid for name, pid in place.leases().items() if states_of(pid)}:
        found["leases"] = left
    return found
