"""Transfers between shelves of ours: which of their units still lie where they start."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import supply as queries
from fillrate.decide.transfers import BEFORE, Count, Shelf, Transfer, lying_at_start


def lying(reading: Reading, items: Sequence[int] | None, unseen: Mapping[int, int]) -> dict[int, int]:
    """Return by transfer of these items, or of all, how many of its units to come still lie on a shelf of ours.

    Units to come are on their way, or were received and are `unseen` in a shop's number.
    """
    rows = queries.transfers(reading, items)
    to_come = {row.id: row.units + unseen.get(row.id, 0) for row in rows}
    began = min((began_at(row) for row in rows if to_come[row.id]), default=None)
    if began is None:
        return {}
    rows = [row for row in rows if to_come[row.id] or (row.closed_at is not None and row.closed_at >= began - BEFORE)]
    on_hand = {shelf_of(row): row.on_hand for row in rows}
    transfers = [Transfer(began_at(row), row.id, shelf_of(row), row.quantity, to_come[row.id]) for row in rows]
    counts: dict[Shelf, list[Count]] = defaultdict(list)
    since = min(one.since for one in transfers)
    for row in queries.counts_of(reading, sorted({item for item, _ in on_hand}), since):
        counts[row.item_id, row.location_id].append((row.at, row.units))
    return lying_at_start(transfers, counts, on_hand)


def began_at(row: Any) -> datetime:  # Any: a row of queries.transfers
    """Return since when a shelf may fall by a transfer."""
    told_at: datetime = row.told_at
    return min(told_at - BEFORE, row.ordered_at or told_at)


def shelf_of(row: Any) -> Shelf:  # Any: a row of queries.transfers
    """Return where a transfer starts."""
    return row.item_id, row.from_location_id
