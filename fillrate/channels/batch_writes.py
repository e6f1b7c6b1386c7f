"""How parts of a shop are written in batches, whatever they are: read right before, sent where they still are as planned.

For APIs without compare-and-set, so what lies between the reading and the write is as short as one request. No answer is
believed: what the shop took is `unknown` until it was read back, what it refused is looked up first, and a batch that is
refused is sent in halves, so that one bad row costs only itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from fillrate.channels.protocol import Outcome, Write
from fillrate.errors import FillrateError, FixSettings, InDoubt, StopRun
from fillrate.records import Reject

TAKEN = Outcome(state="unknown", answer="The shop took it, and is asked whether it holds it.")
HELD = Outcome(state="done", answer="The shop already holds it.")
GONE = Outcome(state="stale", answer="The shop no longer has it.")
MOVED = "The shop holds something else than when this was planned."

Row = Any  # Any: a row as its kind reads it
Door = Any  # Any: what its kind asks the shop through
MaySend = Callable[[], None]


class Item(NamedTuple):
    """One thing to send: what it is about, as it was just read, and its new value (Any: JSON)."""

    target: str
    row: Row
    after: Any


class Sent(NamedTuple):
    """What the shop answered to one request: its status, and of items that it refused by themselves, why."""

    status: int
    refused: Mapping[str, str] = {}


class Kind(NamedTuple):
    """How one kind of change is read and written.

    `rows` reads targets (what is gone is left out, what cannot be read is a Reject), `value` is what we take a row to say,
    `send` writes up to `size` items of one group, `complaint` says why an item cannot be.
    """

    size: int
    rows: Callable[[Door, Sequence[str]], Mapping[str, Row | Reject]]
    value: Callable[[Row], Any]  # Any: JSON
    send: Callable[[Door, Sequence[Item], MaySend], Sent]
    group: Callable[[str], str] = lambda _: ""
    complaint: Callable[[Item], str] = lambda _: ""


def look(door: Door, kind: Kind, targets: Sequence[str]) -> dict[str, Any]:  # Any: JSON
    """Return what each target holds now, None where the shop has no such thing; what cannot be read is left out."""
    found = kind.rows(door, targets)
    rows = {one: found.get(one) for one in targets}
    return {one: None if row is None else kind.value(row) for one, row in rows.items() if not isinstance(row, Reject)}


def write(door: Door, kind: Kind, batch: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
    """Bring each target to its new value; one outcome for each, whatever happens."""
    outcomes: dict[str, Outcome] = {}
    for part in parts(kind, batch):
        try:
            outcomes |= write_part(door, kind, part, may_send)
        except (FixSettings, StopRun):
            raise  # the token may not write, or this run may not any more: others find out what was done
        except FillrateError as error:
            if not outcomes:
                raise
            left = Outcome(state="unknown", answer=error.what)
            return {one.target: left for one in batch} | outcomes
    return outcomes


def parts(kind: Kind, batch: Sequence[Write]) -> Iterator[Sequence[Write]]:
    """Yield what may go out in one request."""
    for _, found in groupby(sorted(batch, key=lambda one: kind.group(one.target)), lambda one: kind.group(one.target)):
        group = list(found)
        for start in range(0, len(group), kind.size):
            yield group[start : start + kind.size]


def write_part(door: Door, kind: Kind, part: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
    """Read what one request is about, and send what still is as planned."""
    found = kind.rows(door, [one.target for one in part])
    outcomes: dict[str, Outcome] = {}
    items = []
    for wish in part:
        item = Item(wish.target, found.get(wish.target), wish.after)
        outcome = settled(kind, wish, item)
        if outcome is None:
            items.append(item)
        else:
            outcomes[wish.target] = outcome
    return outcomes | send(door, kind, items, may_send)


def settled(kind: Kind, wish: Write, item: Item) -> Outcome | None:
    """Return what is said of a target that is not to be sent, None where it is."""
    if item.row is None:
        return GONE
    if isinstance(item.row, Reject):
        return Outcome(state="unknown", answer=f"It cannot be read, so nothing was sent: {item.row.reason}.")
    seen = kind.value(item.row)
    if seen == wish.after:
        return HELD
    if seen != wish.before:
        return Outcome(state="stale", answer=MOVED, seen=seen)
    why = kind.complaint(item)
    return Outcome(state="refused", answer=why) if why else None


def send(door: Door, kind: Kind, items: Sequence[Item], may_send: MaySend) -> dict[str, Outcome]:
    """Send items in one request, and in halves where the shop refuses the whole."""
    if not items:
        return {}
    try:
        status, refusals = kind.send(door, items, may_send)
    except InDoubt as doubt:
        return {one.target: Outcome(state="unknown", answer=doubt.what) for one in items}
    if status < 400:
        why = {one.target: refusals.get(one.target) for one in items}
        return {one: Outcome(state="refused", answer=told) if told else TAKEN for one, told in why.items()}
    now = look(door, kind, [one.target for one in items])
    outcomes = {one.target: HELD for one in items if one.target in now and now[one.target] == one.after}
    left = [one for one in items if one.target not in outcomes]
    if len(items) > 1:
        middle = len(left) // 2
        return outcomes | send(door, kind, left[:middle], may_send) | send(door, kind, left[middle:], may_send)
    return outcomes | {one.target: refused(status) for one in left}


def refused(status: int) -> Outcome:
    """Return the outcome of what the shop refused."""
    return Outcome(state="refused", answer=f"The shop refused it ({status}).")
