"""A shop's number rises: note which goods on their way it shows, in the transaction that books the count."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import supply as queries
from fillrate.db.tables import Inbound
from fillrate.decide.receipts import RECENT, Line, Shelf, shown_by_counts
from fillrate.steps.supply.events import insert_new
from fillrate.steps.touch import touch


def match_counts(
    tx: Writing,
    rises: Mapping[Shelf, int],
    first_read: Mapping[Shelf, datetime],
    counted_at: datetime,
    count: str,
    run_id: str,
) -> int:
    """Note the units on their way that these rises of shelves show; returns how many.

    `first_read` says since when each shelf is counted: what was received before is in its opening stock. `count` names the
    count, so that it is noted once.
    """
    rows = queries.to_be_seen(tx, sorted({item_id for item_id, _ in rises})) if rises else []
    rows = [row for row in rows if (row.item_id, row.location_id) in rises]
    if not rows:
        return 0
    lines = lines_of(tx, rows, first_read, counted_at)
    shown = shown_by_counts(rises, lines, counted_at)
    found = {row.id: row for row in rows if row.id in shown}
    tx.update(Inbound, [{"id": key, "qty_seen": row.qty_seen + shown[key]} for key, row in found.items()], key=("id",))
    nothing = {"expected_before": None, "expected_after": None, "at": counted_at, "run_id": run_id}
    insert_new(
        tx,
        [
            {"inbound_id": key, "kind": "counted", "quantity": units, "cause": f"{count}:{key}", **nothing}
            for key, units in shown.items()
        ],
    )
    touch(tx, {row.item_id for row in found.values()})
    return sum(shown.values())


def lines_of(
    tx: Reading, rows: list[Any], first_read: Mapping[Shelf, datetime], counted_at: datetime
) -> list[Line]:  # Any: rows of queries.to_be_seen
    """Return the lines with the units that they had received lately, since their shelf is counted."""
    shelves = {row.id: (row.item_id, row.location_id) for row in rows}
    lately: dict[int, int] = defaultdict(int)
    for event in queries.receipts_since(tx, sorted(shelves), counted_at - RECENT):
        if event.at > first_read[shelves[event.inbound_id]]:
            lately[event.inbound_id] += event.quantity
    return [
        Line(
            row.id,
            shelves[row.id],
            unseen=max(0, min(lately[row.id], row.qty_received - row.qty_seen)),
            left=row.units,
            expected_at=row.expected_at,
        )
        for row in rows
    ]
