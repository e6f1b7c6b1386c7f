"""End hints that were followed: what was read after they were last heard, and neither what is heard meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from fillrate.channels.protocol import Stream
from fillrate.db.database import Writing
from fillrate.db.lease import Held
from fillrate.db.queries import hooks as queries
from fillrate.db.tables import Hint
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.hooks.hear import HINT_KEY

HEARD_KEY = (*HINT_KEY, "mark")
Row = Any  # Any: a row of Hint


def read_lag(shop: Shop) -> timedelta:
    """Return how long a shop may show what was before a change of which it has told already."""
    return timedelta(seconds=shop.channel.capabilities().read_lag_seconds)


def key_of(row: Row) -> dict[str, Any]:  # Any: a table's row
    """Return what names a hint as it was heard: it is another one once it is heard again."""
    return {name: getattr(row, name) for name in HEARD_KEY}


def settle(tx: Writing, rows: Iterable[Row]) -> int:
    """End these hints, but for those that were heard again since they were looked up; returns how many ended."""
    return tx.delete(Hint, [key_of(row) for row in rows], key=HEARD_KEY)


def put_off(tx: Writing, rows: Iterable[Row], lag: timedelta, at: datetime) -> None:
    """Let these hints be followed once more when the shop surely shows what they hint at."""
    tx.update(Hint, [{**key_of(row), "look_at": max(row.heard_at + lag, at)} for row in rows], key=HEARD_KEY)


def covered_by_poll(desk: Desk, shop: Shop, lease: Held, streams: Sequence[Stream], began: datetime) -> None:
    """End the hints that a poll has followed all the same: those that were heard long enough before it began."""
    with desk.db.read() as reading:
        rows = [row for one in streams for row in queries.covered(reading, shop.id, one, began - read_lag(shop))]
    if rows:
        with desk.db.write("hooks.covered", lease) as tx:
            settle(tx, rows)
