"""What a file that tells of everything leaves out: cancelled after two of them in a row, unless too much would be."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.tables import Inbound
from fillrate.decide.inbound import Event
from fillrate.decide.sweeps import vanishing
from fillrate.steps.desk import Desk
from fillrate.steps.supply.events import Paper, save_events

READINGS_TO_CANCEL = 2


def cancel_missing(
    desk: Desk, tx: Writing, run_id: str, paper: Paper, told: set[tuple[str, str]]
) -> tuple[list[Any], str]:  # Any: rows of Inbound
    """Count what a complete file left out, and cancel what two of them did; returns those, and why nothing was counted.

    `told` are the (reference, position) that the file tells of. A file that is older than another tells nothing of what
    it leaves out.
    """
    lines = open_lines(tx, paper.source)
    missing = [row for row in lines if (row.reference, row.position) not in told]
    if any(paper.is_older_than(row) for row in missing):
        return [], ""
    share = desk.settings.policy.default.vanish_share
    if missing and vanishing("lines", len(missing), len(lines), share):
        return (
            [],
            f"{paper.name} leaves out {len(missing)} of {len(lines)} open lines. That is too much at once to be believed.",
        )
    first = [row for row in missing if row.missing_sweeps + 1 < READINGS_TO_CANCEL]
    gone = [row for row in missing if row.missing_sweeps + 1 >= READINGS_TO_CANCEL]
    tx.update(
        Inbound, [{"id": row.id, **paper.told, "missing_sweeps": row.missing_sweeps + 1} for row in first], key=("id",)
    )
    ended = {
        **paper.told,
        "status": "cancelled",
        "closed_at": paper.modified_at,
        "content_hash": "",
    }  # told again, it is new
    tx.update(Inbound, [{"id": row.id, **ended} for row in gone], key=("id",))
    save_events(tx, run_id, paper, {row.id: [Event("cancelled", left(row), paper.modified_at)] for row in gone})
    return gone, ""


def open_lines(reading: Reading, source: str) -> list[Any]:  # Any: rows of Inbound
    """Return a feed's open lines."""
    statement = sa.select(*Inbound.__table__.c).where(col(Inbound.source) == source, col(Inbound.status) == "open")
    return reading.rows(statement.order_by(col(Inbound.id)))


def left(row: Any) -> int:  # Any: a row of Inbound
    """Return how many units have neither come nor been cancelled."""
    return max(0, int(row.qty_ordered - row.qty_received - row.qty_cancelled))
