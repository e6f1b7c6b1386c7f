"""Which units of transfers still lie where they start, so that none is shared out twice.

A transfer between two shelves of ours brings nothing new: until its units have left the first shelf they are on hand there.
They have left once a count has shown that shelf to fall by them, since the transfer was ordered; of several transfers the
first one first. A rise that no delivery explains takes back the fall before it: somebody has corrected a number. Without a
fall, no more can lie there than is on hand there, and what is first to go has gone first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

BEFORE = timedelta(days=1)  # a number may be lowered so long before a file tells of the transfer

Shelf = tuple[int, int]  # item and location


class Transfer(NamedTuple):
    """A transfer of units from a shelf: since when that may fall by it, how many were meant to go and are not there yet."""

    since: datetime
    inbound_id: int
    start: Shelf
    quantity: int
    to_come: int


Count = tuple[datetime, int]  # when, and by how many units a shelf rose (or fell) that no delivery explains


@dataclass(slots=True)
class Fall:
    """Units by which a shelf fell, as far as nothing has explained them yet."""

    at: datetime
    units: int


def lying_at_start(
    transfers: Iterable[Transfer], counts: Mapping[Shelf, Sequence[Count]], on_hand: Mapping[Shelf, int]
) -> dict[int, int]:
    """Return how many units of each transfer still lie on the shelf where it starts, for those of which any do."""
    by_start: dict[Shelf, list[Transfer]] = defaultdict(list)
    for one in sorted(transfers):
        by_start[one.start].append(one)
    found: dict[int, int] = {}
    for start, mine in by_start.items():
        falls, there = falls_of(counts.get(start, ())), max(0, on_hand.get(start, 0))
        still = [min(one.to_come, one.quantity - take(falls, one)) for one in mine]
        for one, units in zip(reversed(mine), reversed(still), strict=True):
            lies = min(units, there)
            there -= lies
            if lies:
                found[one.inbound_id] = lies
    return found


def falls_of(counts: Sequence[Count]) -> list[Fall]:
    """Return the falls that no later rise has taken back, the oldest first."""
    falls: list[Fall] = []
    for at, units in sorted(counts):
        if units < 0:
            falls.append(Fall(at, -units))
        rise = max(0, units)
        while rise and falls:
            back = min(rise, falls[-1].units)
            rise -= back
            falls[-1].units -= back
            if not falls[-1].units:
                falls.pop()
    return falls


def take(falls: Iterable[Fall], transfer: Transfer) -> int:
    """Take what a transfer explains out of the falls; returns how many units."""
    gone = 0
    for fall in falls:
        if fall.at >= transfer.since:
            units = min(fall.units, transfer.quantity - gone)
            fall.units -= units
            gone += units
    return gone
