"""Which goods on their way a shop's rising number shows, so that no unit is both on hand and still to come.

A shop's own number owns receipts; what a file tells as received only lowers what is on its way. Either may tell first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

EARLY = timedelta(days=7)  # a delivery that is expected later than this after a count was not what was counted
LATE = timedelta(days=60)  # nor was one that is overdue by more than this
COVERS = timedelta(days=3)  # so long what was received and is in no number yet is taken to be there soon
RECENT = timedelta(days=14)  # a receipt that was told longer ago than this has long been counted, or never will be

Shelf = tuple[int, int]  # item and location


class Line(NamedTuple):
    """A line on its way to a shelf: units received lately that no count has shown, and units that are still to come."""

    inbound_id: int
    shelf: Shelf
    unseen: int
    left: int
    expected_at: datetime | None


def shown_by_counts(rises: Mapping[Shelf, int], lines: Sequence[Line], counted_at: datetime) -> dict[int, int]:
    """Return how many units of each line the rises of these shelves show; what nobody expected is left over.

    First those that were told as received, then those that are due; the first expected first. What is not due yet, is
    long overdue, or has no date, is not guessed to be there.
    """
    found: dict[int, int] = defaultdict(int)
    left = dict(rises)
    in_order = sorted(
        lines, key=lambda line: (line.expected_at is None, line.expected_at or counted_at, line.inbound_id)
    )
    due = [
        line for line in in_order if line.expected_at and counted_at - LATE <= line.expected_at <= counted_at + EARLY
    ]
    for line, units in [*((one, one.unseen) for one in in_order), *((one, one.left) for one in due)]:
        taken = min(left.get(line.shelf, 0), units)
        if taken > 0:
            left[line.shelf] -= taken
            found[line.inbound_id] += taken
    return dict(found)
