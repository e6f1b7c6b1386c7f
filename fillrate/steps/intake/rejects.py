"""Records that could not be read: kept with their reason, and resolved when they are read after all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.tables import RejectedRecord
from fillrate.records import Reject

NAMELESS = "?"  # what does not tell its id is kept under this and a part of its hash, each with its own reason


def save_rejects(tx: Writing, channel_id: int, stream: str, rejects: Sequence[Reject], at: datetime) -> None:
    """Keep each rejected record once, with how often and when it was met."""
    if not rejects:
        return
    old = saved_rejects(tx, channel_id, stream, [name_of(reject) for reject in rejects])
    rows = [rejected_row(channel_id, stream, reject, old.get(name_of(reject)), at) for reject in rejects]
    tx.upsert(RejectedRecord, rows, key=("channel_id", "stream", "platform_id"))


def name_of(reject: Reject) -> str:
    """Return under which name a rejected record is kept: the shop's id of it, where it tells one."""
    return reject.platform_id or f"{NAMELESS}{reject.payload_hash[:12]}"


def rejected_row(channel_id: int, stream: str, reject: Reject, old: Any, at: datetime) -> dict[str, Any]:  # Any: rows
    """Return the row of one rejected record; the same payload again is one more attempt."""
    is_same = old is not None and old.payload_hash == reject.payload_hash
    return {
        "channel_id": channel_id,
        "stream": stream,
        "platform_id": name_of(reject),
        "reason": reject.reason,
        "payload_hash": reject.payload_hash,
        "attempts": old.attempts + 1 if is_same else 1,
        "first_seen_at": old.first_seen_at if is_same else at,
        "last_seen_at": at,
        "resolved_at": None,
    }


def saved_rejects(
    tx: Writing, channel_id: int, stream: str, platform_ids: Sequence[str]
) -> dict[str, Any]:  # Any: rows
    """Return the rows of these outside ids that are kept as rejected."""
    rows = tx.find(RejectedRecord, "platform_id", platform_ids, channel_id=channel_id, stream=stream)
    return {row.platform_id: row for row in rows}


def is_rejected(channel_id: int, stream: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record of this stream still cannot be read."""
    return sa.and_(
        col(RejectedRecord.channel_id) == channel_id,
        col(RejectedRecord.stream) == stream,
        col(RejectedRecord.resolved_at).is_(None),
    )


def to_ask_again(reading: Reading, channel_id: int, stream: str, most: int) -> list[str]:
    """Return the ids of records that cannot be read: those tried least often first, then the newest."""
    number = col(RejectedRecord.platform_id)
    statement = sa.select(number).where(is_rejected(channel_id, stream), ~number.startswith(NAMELESS))
    first = (col(RejectedRecord.attempts), sa.func.length(number).desc(), number.desc())
    return [row.platform_id for row in reading.rows(statement.order_by(*first).limit(most))]


def still_rejected(reading: Reading, channel_id: int, stream: str) -> int:
    """Return how many records of a stream cannot be read."""
    return int(reading.scalar(sa.select(sa.func.count()).where(is_rejected(channel_id, stream))) or 0)


def first_met(reading: Reading, channel_id: int, stream: str, since: datetime) -> bool:
    """Tell whether a record has been met since then that cannot be read, and was tried no more than once."""
    is_first = sa.and_(col(RejectedRecord.attempts) == 1, col(RejectedRecord.last_seen_at) >= since)
    return bool(reading.scalar(sa.select(sa.func.count()).where(is_rejected(channel_id, stream), is_first)))


def resolve_rejects(tx: Writing, channel_id: int, stream: str, platform_ids: Sequence[str], at: datetime) -> int:
    """Mark as resolved what could be read this time, or is gone; returns how many."""
    rejected = saved_rejects(tx, channel_id, stream, platform_ids)
    key = {"channel_id": channel_id, "stream": str(stream)}
    rows = [{**key, "platform_id": one, "resolved_at": at} for one, row in rejected.items() if row.resolved_at is None]
    return tx.update(RejectedRecord, rows, key=("channel_id", "stream", "platform_id"))


def unresolved(reading: Reading, channel_id: int, stream: str) -> set[str]:
    """Return the ids of all that could not be read and has not been read since."""
    columns = RejectedRecord.__table__.c
    is_open = sa.and_(is_rejected(channel_id, stream), columns.resolved_at.is_(None))
    return {row.platform_id for row in reading.rows(sa.select(columns.platform_id).where(is_open))}


def resolve_nameless(tx: Writing, channel_id: int, stream: str, at: datetime, before: datetime | None = None) -> None:
    """Mark as resolved what did not tell its id (and was met last before then), once everything was read without it."""
    kept = col(RejectedRecord.platform_id).startswith(NAMELESS)
    is_over = sa.true() if before is None else col(RejectedRecord.last_seen_at) < before
    tx.execute(sa.update(RejectedRecord).where(is_rejected(channel_id, stream), kept, is_over).values(resolved_at=at))
