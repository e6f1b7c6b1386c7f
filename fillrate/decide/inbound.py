"""What became of a line on its way, by what was told of it before and what is told now."""

from datetime import datetime
from typing import Literal, NamedTuple

EventKind = Literal[
    "announced", "slipped", "advanced", "cut", "raised", "received", "taken_back", "over_delivered",
    "cancelled", "reopened", "closed",
]  # fmt: skip


class Told(NamedTuple):
    """What a file tells of a line; `at` is when the file was written, `received_at` when units came, where it says so."""

    ordered: int
    received: int
    cancelled: int
    status: str
    expected_at: datetime | None
    at: datetime
    ordered_at: datetime | None = None
    received_at: datetime | None = None

    @property
    def left(self) -> int:
        """Units that have neither come nor been cancelled."""
        return max(0, self.ordered - self.received - self.cancelled)

    @property
    def excess(self) -> int:
        """Units that came beyond what was ordered."""
        return max(0, self.received - self.ordered)


class Event(NamedTuple):
    """One thing that became of a line, of so many units."""

    kind: EventKind
    quantity: int
    at: datetime
    expected_before: datetime | None = None
    expected_after: datetime | None = None


def events_of(before: Told | None, now: Told) -> list[Event]:
    """Return what became of a line, each kind at most once; without a `before` it is announced first."""
    if before is None:
        began_at = now.ordered_at or now.at
        start = Told(now.ordered, 0, 0, "open", now.expected_at, began_at)
        return [Event("announced", now.ordered, began_at, None, now.expected_at), *events_of(start, now)]
    events = units_moved(before, now)
    if now.expected_at != before.expected_at:
        kind: EventKind = "advanced" if is_earlier(now.expected_at, before.expected_at) else "slipped"
        events.append(Event(kind, now.left, now.at, before.expected_at, now.expected_at))
    return events + status_changed(before, now)


def units_moved(before: Told, now: Told) -> list[Event]:
    """Return what became of the numbers."""
    came_at = now.received_at or now.at
    found = (
        Event("cut", before.ordered - now.ordered, now.at),
        Event("raised", now.ordered - before.ordered, now.at),
        Event("received", now.received - before.received, came_at, None, now.expected_at),
        Event("taken_back", before.received - now.received, now.at),
        Event("over_delivered", now.excess - before.excess, came_at) if now.received > before.received else None,
    )
    return [event for event in found if event is not None and event.quantity > 0]


def status_changed(before: Told, now: Told) -> list[Event]:
    """Return what became of the rest: cancelled, closed, or taken up again."""
    cancelled = now.cancelled - before.cancelled
    changed = now.status != before.status
    if changed and now.status == "cancelled":
        return [Event("cancelled", max(cancelled, 0) + now.left, now.at)]
    events = [Event("cancelled", cancelled, now.at)] if cancelled > 0 else []
    if changed and now.status == "closed":
        events.append(Event("closed", now.left, now.at))
    elif (changed and now.status == "open") or cancelled < 0:
        events.append(Event("reopened", now.left, now.at))
    return events


def is_earlier(one: datetime | None, other: datetime | None) -> bool:
    """Tell whether a date is earlier than another; no date is later than any."""
    return one is not None and (other is None or one < other)
