"""What became of lines on their way, kept once each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.tables import InboundEvent
from fillrate.decide.inbound import Event


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it was found: of which feed, its name, when it was written, and a hash of what it holds."""

    source: str
    name: str
    modified_at: datetime
    hash: str
    is_complete: bool = False

    @property
    def told(self) -> dict[str, Any]:  # Any: columns of Inbound
        """Return the columns that say which file told of a line last, and so that no file misses it."""
        return {"told_at": self.modified_at, "told_by": self.name, "missing_sweeps": 0}

    def is_older_than(self, row: Any) -> bool:  # Any: a row of Inbound
        """Tell whether a later file has told of that line already."""
        return (self.modified_at, self.name) < (row.told_at, row.told_by)


def save_events(tx: Writing, run_id: str, paper: Paper, told: Mapping[int, Sequence[Event]]) -> Counter[str]:
    """Keep what became of each line by its key; returns how often each kind was met. What is kept already stays once.

    A cause names the line, the kind, and the file with what it held.
    """
    rows = [
        {
            "inbound_id": inbound_id,
            "kind": event.kind,
            "quantity": event.quantity,
            "expected_before": event.expected_before,
            "expected_after": event.expected_after,
            "cause": f"told:{inbound_id}:{event.kind}:{paper.modified_at.isoformat()}:{paper.hash}:{paper.name}",
            "at": event.at,
            "run_id": run_id,
        }
        for inbound_id, events in told.items()
        for event in events
    ]
    return insert_new(tx, rows)


def insert_new(tx: Writing, rows: Sequence[Mapping[str, Any]]) -> Counter[str]:  # Any: rows of InboundEvent
    """Keep the events whose cause is not kept yet; returns how many of each kind."""
    kept = known_causes(tx, [row["cause"] for row in rows])
    fresh = [row for row in rows if row["cause"] not in kept]
    tx.insert(InboundEvent, fresh)
    return Counter(str(row["kind"]) for row in fresh)


def known_causes(tx: Writing, causes: Iterable[str]) -> set[str]:
    """Return which of these causes are kept."""
    listed = list(causes)
    found = sa.select(col(InboundEvent.cause)).where(tx.is_in(col(InboundEvent.cause), listed))
    return {row.cause for row in tx.rows(found)} if listed else set()
