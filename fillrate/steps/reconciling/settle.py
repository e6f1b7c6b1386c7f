"""What follows when a channel shows what was written: that is the base from then on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.channels.protocol import STOCK
from fillrate.db.database import Writing
from fillrate.db.tables import ShownStock
from fillrate.steps.desk import Shop

KEY = ("channel_id", "target")


def settle_shown(
    tx: Writing,
    shop: Shop,
    kind: str,
    at: datetime,
    rows: Sequence[Any],  # Any: rows of Change
    states: Mapping[int, str],
) -> None:
    """Save what follows of writes of stock numbers that ended in these states; `at` is the channel's time."""
    if kind != STOCK:
        return
    done = [
        {"channel_id": shop.id, "target": row.target, "shown": row.after["quantity"], "read_at": at, "is_settled": True}
        for row in rows
        if states.get(row.id) == "done"
    ]
    tx.update(ShownStock, done, key=KEY)
