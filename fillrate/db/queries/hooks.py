"""Questions about what shops told by hooks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Channel, Hint, HookWatch


def due(reading: Reading, channel_id: int, at: datetime) -> list[Any]:  # Any: rows of Hint
    """Return the hints of a channel that are to be followed by now, the oldest first."""
    mine = sa.and_(col(Hint.channel_id) == channel_id, col(Hint.look_at) <= at)
    return reading.rows(sa.select(*Hint.__table__.c).where(mine).order_by(col(Hint.heard_at), col(Hint.platform_id)))


def is_any_due(reading: Reading, channel_ids: Sequence[int], at: datetime) -> bool:
    """Tell whether hints of any of these channels are to be followed by now."""
    ours = sa.and_(col(Hint.look_at) <= at, reading.is_in(col(Hint.channel_id), channel_ids))
    return reading.first(sa.select(col(Hint.mark)).where(ours).limit(1)) is not None


def covered(reading: Reading, channel_id: int, stream: str, until: datetime) -> list[Any]:  # Any: rows of Hint
    """Return the hints of a stream that were last heard by a time."""
    mine = sa.and_(col(Hint.channel_id) == channel_id, col(Hint.stream) == stream, col(Hint.heard_at) <= until)
    return reading.rows(sa.select(*Hint.__table__.c).where(mine))


def watched(reading: Reading, channel_id: int) -> Any:  # Any: a row of HookWatch, or None
    """Return how the hooks of a channel come."""
    return reading.first(sa.select(*HookWatch.__table__.c).where(col(HookWatch.channel_id) == channel_id))


def watches(reading: Reading) -> list[Any]:  # Any: rows
    """Return how the hooks of each channel come, with its name."""
    statement: Select = sa.select(col(Channel.name).label("channel"), *HookWatch.__table__.c).join(
        Channel, col(Channel.id) == col(HookWatch.channel_id)
    )
    return reading.rows(statement.order_by(col(Channel.name)))


def waiting(reading: Reading) -> list[Any]:  # Any: rows
    """Return how many hints of each channel and stream wait, and since when the oldest does."""
    statement: Select = (
        sa.select(
            col(Channel.name).label("channel"),
            col(Hint.stream),
            sa.func.count().label("hints"),
            sa.func.min(col(Hint.heard_at)).label("oldest"),
        )
        .join(Channel, col(Channel.id) == col(Hint.channel_id))
        .group_by(col(Channel.name), col(Hint.stream))
        .order_by(col(Channel.name), col(Hint.stream))
    )
    return reading.rows(statement)
