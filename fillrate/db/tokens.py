"""A store's request budget, shared by all processes through one row: tokens are drawn by the ten, not one a request."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.lease import database_time
from fillrate.db.tables import Quota as QuotaRow
from fillrate.gateway.budget import KEPT_FREE, Draw, Priority, Quota

if TYPE_CHECKING:
    from fillrate.db.database import Database, Writing


class SharedTokens:
    """The token store of one channel; windows run by the database's clock."""

    def __init__(self, db: "Database", channel_id: int) -> None:
        self.db = db
        self.channel_id = channel_id

    def draw(self, want: int, priority: int) -> Draw:
        """Take up to `want` tokens of the present window, or say how long to wait for the next one."""
        with self.db.write("quota.draw") as tx:
            row, now = self.row(tx), database_time(tx.connection)
            if row is None:
                return Draw(granted=want, wait_s=0.0)
            left, resets_at = row.left_requests, row.resets_at
            if resets_at <= now:
                left, resets_at = row.limit_requests, now + timedelta(seconds=row.window_s)
            granted = max(0, min(want, int(left - row.limit_requests * KEPT_FREE[Priority(priority)])))
            if granted or left != row.left_requests:
                self.save(tx, row.limit_requests, left - granted, resets_at, row.window_s)
            wait = 0.0 if granted else max(0.05, (resets_at - now).total_seconds())
            return Draw(granted=granted, wait_s=wait)

    def observe(self, seen: Quota) -> None:
        """Take over what the store says of its window; never more than is left by our own count of the same window."""
        with self.db.write("quota.observe") as tx:
            row, now = self.row(tx), database_time(tx.connection)
            resets_at = now + timedelta(seconds=seen.resets_in_s)
            is_same = row is not None and row.resets_at > now and row.limit_requests == seen.limit
            left = min(seen.left, row.left_requests) if row is not None and is_same else seen.left
            self.save(tx, seen.limit, left, resets_at, seen.window_s)

    def row(self, tx: "Writing") -> Any:  # Any: a row of Quota, or None
        """Return the budget's row, locked."""
        return tx.first(
            sa.select(*QuotaRow.__table__.c).where(col(QuotaRow.channel_id) == self.channel_id).with_for_update()
        )

    def save(self, tx: "Writing", limit: int, left: int, resets_at: datetime, window_s: float) -> None:
        """Write the budget's row."""
        row = {
            "channel_id": self.channel_id,
            "limit_requests": limit,
            "window_s": window_s,
            "left_requests": left,
            "resets_at": resets_at,
        }
        tx.upsert(QuotaRow, [row], key=("channel_id",))
