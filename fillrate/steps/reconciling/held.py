"""What a channel that holds stock should show of it: what lies there, less what is owed to anybody."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fillrate.db.database import Writing
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.stock import newest_line
from fillrate.db.tables import StockReading
from fillrate.decide.reconcile import Drift
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.reconciling.save import plan_numbers
from fillrate.steps.runs import RunLog

if TYPE_CHECKING:
    import pandas as pd

KEYS = ["item_id", "location_id"]


def plan_held(
    desk: Desk, tx: Writing, shop: Shop, log: RunLog, readings: "pd.DataFrame", counted: "pd.DataFrame"
) -> None:
    """Plan the numbers of shelves that were counted just now, where they are to be written.

    What is owed is taken off the default location, as the shop itself does, and off the others where that has not enough.
    """
    if not shop.settings.publish:
        return
    frame = readings[readings["target"] != ""].merge(counted[[*KEYS, "on_hand_after"]], on=KEYS)
    owed = queries.owed(tx, sorted({int(one) for one in frame["item_id"]})).set_index("item_id")["units"]
    frame = frame.sort_values(["item_id", "is_default_location", "location_id"], ascending=[True, False, True])
    there = frame["on_hand_after"].clip(lower=0)
    before = there.groupby(frame["item_id"]).cumsum() - there
    left_to_take = (frame["item_id"].map(owed).fillna(0).astype("int64") - before).clip(lower=0)
    wanted = (there - left_to_take).clip(lower=0)
    frame = frame.assign(wanted=wanted)
    differs = frame[frame["wanted"] != frame["shown"]]
    rows = [{str(name): value for name, value in row.items()} for row in differs.to_dict("records")]
    plan_numbers(desk, tx, shop, log, [row_of(row) for row in rows])
    if not log.is_dry:
        note_newest(tx, shop, rows)


def note_newest(tx: Writing, shop: Shop, rows: Sequence[dict[str, Any]]) -> None:  # Any: plain values
    """Note which orders these numbers are reckoned with: one that turns up later may be written over."""
    newest = newest_line(tx)
    shelves = [{"channel_id": shop.id, **{name: int(row[name]) for name in KEYS}, "line_id": newest} for row in rows]
    tx.update(StockReading, shelves, key=("channel_id", *KEYS))


def row_of(row: dict[str, Any]) -> dict[str, Any]:  # Any: plain values
    """Return a shelf as a row of what is to be written."""
    numbers = {"theirs": int(row["shown"]), "write": int(row["wanted"]), "reserved": 0}
    return {"target": row["target"], "drift": Drift.PROPAGATE, "settles": True, **numbers}
