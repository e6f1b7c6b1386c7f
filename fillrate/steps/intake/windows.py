"""Which stretch of a stream to read next, and how far it was read.

A window is closed on the shop's own clock: what changes while it is read moves beyond its end and is met by the next
one (a sweep meets it at once, and so does the next one). A window in progress is kept, so that a run that was cut off
goes on with the page after the last one saved.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.protocol import Stream
from fillrate.db.database import Reading, Writing
from fillrate.db.tables import Cursor


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asked for; nothing of it moves the cursor when it names its own times."""

    since: datetime | None = None
    until: datetime | None = None
    full: bool = False

    @property
    def by_hand(self) -> bool:
        """True when the person named times: read them, and leave the cursor where it is."""
        return self.since is not None or self.until is not None


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch to read: closed at `until`; `after` is where a cut-off run goes on; `saved_until` lies in the overlap.

    The first sweep compares nothing: what is saved was read by it, or by hand before it; what is gone since then is found
    by later ones.
    """

    since: datetime | None
    until: datetime
    after: str | None = None
    is_sweep: bool = False
    is_first: bool = False
    moves_cursor: bool = True
    saved_until: datetime | None = None


def next_window(
    reading: Reading, channel_id: int, stream: Stream, now: datetime, overlap: timedelta, asked: Asked
) -> Window:
    """Return what to read now: what was asked by hand, a cut-off window, a full sweep, or all since the last one."""
    if asked.by_hand:
        return Window(since=asked.since, until=min(asked.until or now, now), moves_cursor=False)
    cursor = load_cursor(reading, channel_id, stream)
    is_first = cursor is None or cursor.swept_at is None
    if cursor is not None and cursor.window_until is not None and cursor.sweep >= asked.full:
        return Window(
            since=cursor.window_since,
            until=cursor.window_until,
            after=cursor.after,
            is_sweep=cursor.sweep,
            is_first=is_first,
        )
    if cursor is None or asked.full or cursor.saved_until is None:
        return Window(since=None, until=now, is_sweep=True, is_first=is_first)
    return Window(since=cursor.saved_until - overlap, until=now, saved_until=cursor.saved_until)


def load_cursor(reading: Reading, channel_id: int, stream: str) -> Any:  # Any: a row of Cursor
    """Return the cursor's row, or None before the first read."""
    found = sa.select(*Cursor.__table__.c).where(col(Cursor.channel_id) == channel_id, col(Cursor.stream) == stream)
    return reading.first(found)


def begin(tx: Writing, channel_id: int, stream: Stream, window: Window) -> None:
    """Keep the window, so that a cut-off run can go on."""
    if not window.moves_cursor or window.after is not None:
        return
    tx.upsert(Cursor, [row(channel_id, stream, window, None)], key=("channel_id", "stream"))


def advance(tx: Writing, channel_id: int, stream: Stream, window: Window, after: str) -> None:
    """Move to the next page, in the transaction that saved this one."""
    if window.moves_cursor:
        tx.upsert(Cursor, [row(channel_id, stream, window, after)], key=("channel_id", "stream"))


def finish(tx: Writing, channel_id: int, stream: Stream, window: Window, saved_until: datetime | None) -> None:
    """End the window; `saved_until` is the newest time of the shop that is saved, never our own clock's."""
    if not window.moves_cursor:
        return
    ended = {"window_since": None, "window_until": None, "after": None, "sweep": False, "saved_until": saved_until}
    if window.is_sweep:
        ended["swept_at"] = window.until
    tx.update(Cursor, [{"channel_id": channel_id, "stream": stream, **ended}], key=("channel_id", "stream"))


def row(channel_id: int, stream: Stream, window: Window, after: str | None) -> dict[str, Any]:  # Any: a table's row
    """Return the cursor's columns for a window in progress."""
    return {
        "channel_id": channel_id,
        "stream": stream.value,
        "window_since": window.since,
        "window_until": window.until,
        "after": after,
        "sweep": window.is_sweep,
    }
