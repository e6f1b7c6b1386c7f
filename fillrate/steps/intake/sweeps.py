"""What complete sweeps of a shop did not meet: gone after two without being met in between, unless too much would vanish."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.tables import Model, SweepSeen
from fillrate.decide.sweeps import unnamed, vanishing

SWEEPS_TO_DELETE = 2


def seen(tx: Writing, channel_id: int, stream: str, platform_ids: Iterable[str]) -> None:
    """Remember that the sweep in progress met these."""
    rows = [{"channel_id": channel_id, "stream": stream, "platform_id": one} for one in set(platform_ids)]
    tx.upsert(SweepSeen, rows, key=("channel_id", "stream", "platform_id"))


def forget(tx: Writing, channel_id: int, stream: str) -> None:
    """Empty the list of what a sweep has met."""
    tx.execute(sa.delete(SweepSeen).where(met_in(channel_id, stream)))


def met_in(channel_id: int, stream: str) -> sa.ColumnElement[bool]:
    """Return the condition that a sweep of this stream has met it."""
    return sa.and_(col(SweepSeen.channel_id) == channel_id, col(SweepSeen.stream) == stream)


def nameless(tx: Writing, channel_id: int, stream: str) -> bool:
    """Tell whether the sweep in progress has met a record that does not tell its id."""
    found = sa.select(sa.func.count()).where(met_in(channel_id, stream), col(SweepSeen.platform_id) == "")
    return bool(tx.scalar(found))


def proven(tx: Writing, channel_id: int, table: type[Model], id_column: str, met: Iterable[str]) -> None:
    """Forget that sweeps missed these: the shop has just shown them."""
    columns = table.__table__.c
    shown = sa.and_(columns.channel_id == channel_id, tx.is_in(columns[id_column], sorted(set(met))))
    tx.execute(sa.update(table.__table__).where(shown, columns.missing_sweeps > 0).values(missing_sweeps=0))


def gone(tx: Writing, channel_id: int, table: type[Model], platform_ids: Iterable[str], at: datetime) -> int:
    """Mark as deleted what the shop says it does not have; returns how many were known."""
    columns = table.__table__.c
    these = sa.and_(columns.channel_id == channel_id, tx.is_in(columns.platform_id, list(platform_ids)))
    return tx.execute(sa.update(table.__table__).where(these, columns.deleted_at.is_(None)).values(deleted_at=at))


def end_sweep(
    tx: Writing, channel_id: int, stream: str, table: type[Model], share: float, at: datetime, id_column: str
) -> tuple[Counter[str], str]:
    """Count what the sweep missed and mark as deleted what two sweeps missed.

    Returns counts and a sentence why this sweep counts for nothing, where more than `share` of the known would be missing
    or a record that did not even tell its id may be one of them.
    """
    columns = table.__table__.c
    alive = sa.and_(columns.channel_id == channel_id, columns.deleted_at.is_(None))
    met = sa.exists().where(met_in(channel_id, stream), col(SweepSeen.platform_id) == columns[id_column])
    known = int(tx.scalar(sa.select(sa.func.count()).where(alive)))
    missing = int(tx.scalar(sa.select(sa.func.count()).where(alive, ~met)))
    why_not = vanishing(stream, missing, known, share) or unnamed(stream, missing, nameless(tx, channel_id, stream))
    if why_not:
        return Counter(missing=missing), why_not
    target = table.__table__
    tx.execute(sa.update(target).where(alive, met, columns.missing_sweeps > 0).values(missing_sweeps=0))
    tx.execute(sa.update(target).where(alive, ~met).values(missing_sweeps=columns.missing_sweeps + 1))
    gone = sa.update(target).where(alive, columns.missing_sweeps >= SWEEPS_TO_DELETE).values(deleted_at=at)
    return Counter(missing=missing, deleted=tx.execute(gone)), ""
