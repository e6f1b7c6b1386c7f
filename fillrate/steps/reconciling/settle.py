"""What follows when a channel shows what was written: that is the base from then on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.channels.protocol import STOCK
from fillrate.db.database import Writing
from fillrate.db.tables import ShownStock, StockReading
from fillrate.steps.desk import Shop

KEY = ("channel_id", "target")
SHELF = ("channel_id", "item_id", "location_id")


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
    done = {row.target: row for row in rows if states.get(row.id) == "done"}
    shown = [
        {"channel_id": shop.id, "target": target, "shown": row.after["quantity"], "read_at": at, "is_settled": True}
        for target, row in done.items()
    ]
    tx.update(ShownStock, shown, key=KEY)
    held = tx.find(StockReading, "target", list(done), *SHELF, "target", "kept_off", channel_id=shop.id)
    tx.update(
        StockReading,
        [
            {
                **{name: getattr(row, name) for name in SHELF},
                "shown": done[row.target].after["quantity"],
                "kept_off": (row.kept_off or 0)
                + done[row.target].before["quantity"]
                - done[row.target].after["quantity"],
                "written_at": at,
            }
            for row in held
        ],
        key=SHELF,
    )
