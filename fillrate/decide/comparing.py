"""What other policies would make of today's queue: how much leaves at once, how long the rest waits, what is broken.

Every figure is taken over the open units of the queue, by the forecast of `allocation`.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fillrate.decide.frames import POLICY_OUTCOME, conform

if TYPE_CHECKING:
    import pandas as pd

AS_SET = "as_set"
POLICIES = (AS_SET, "fifo", "priority", "ship_complete", "oldest_promise", "margin")
PICKING = "picking"


def under(policy: str, demand: "pd.DataFrame", margin_e4: "pd.Series[int]") -> "pd.DataFrame":
    """Return a DEMAND frame as one of POLICIES would have it; `margin_e4` is what one unit of each row earns."""
    by_class = {"by_promise": False, "ship_complete": False, "displaces": False}
    alike = {**by_class, "priority": 0}
    changed: dict[str, dict[str, Any]] = {  # Any: a value, or a column
        AS_SET: {},
        "fifo": alike,
        "priority": by_class,
        "ship_complete": {**alike, "ship_complete": True},
        "oldest_promise": {**alike, "by_promise": True},
        "margin": {**alike, "priority": (-margin_e4).rank(method="dense").astype("int64")},
    }
    return demand.assign(**changed[policy])


def kept_aside(policy: str, demand: "pd.DataFrame", allocations: "pd.DataFrame") -> "pd.DataFrame":
    """Return what stays set aside: as it is set all of it; any other policy begins anew, but for what is being picked."""
    if policy == AS_SET:
        return allocations
    picked = demand.loc[demand["reason"] == PICKING, "line_id"]
    return allocations[allocations["line_id"].isin(picked)]


def outcome(
    demand: "pd.DataFrame",
    units: "pd.DataFrame",
    allocations: "pd.DataFrame",
    forecasts: "pd.DataFrame",
    today: datetime,
) -> "pd.DataFrame":
    """Return as one row of POLICY_OUTCOME what becomes of the lines of `demand`.

    `units` and `allocations` are as `allocate` returns them; `forecasts` have line_id and likely_by, the day on which a line
    leaves that waits; `today` is the beginning of today. What is ready breaks its promise once that day is over.
    """
    import pandas as pd

    lines = demand.drop_duplicates("line_id")[["line_id", "order_id", "promised_at"]]
    units = units[units["line_id"].isin(lines["line_id"])]
    is_ready = (units["state"] == "backlog") & (units["reason"] != "ship_complete")
    waits = units[~is_ready].groupby("line_id")["quantity"].sum().rename("waits")
    lines = lines.merge(waits, on="line_id", how="left").merge(forecasts, on="line_id", how="left")
    lines["waits"] = lines["waits"].fillna(0).astype("int64")
    waiting = lines[lines["waits"] > 0]
    days = (waiting["likely_by"] - pd.Timestamp(today)) / pd.Timedelta(days=1)
    leaves_by = lines["likely_by"].where(lines["waits"] > 0, pd.Timestamp(today))
    is_late = lines["promised_at"].notna() & (leaves_by.isna() | (leaves_by > lines["promised_at"]))
    total, backordered = int(units["quantity"].sum()), int(lines["waits"].sum())
    by_order = lines.groupby("order_id")["waits"].sum()
    row = {
        "units": total,
        "unit_rate": share(total - backordered, total),
        "line_rate": share(int((lines["waits"] == 0).sum()), len(lines)),
        "order_rate": share(int((by_order == 0).sum()), len(by_order)),
        "backorder_days": int((waiting["waits"] * days.round()).sum()),
        "undated_units": int(waiting.loc[waiting["likely_by"].isna(), "waits"].sum()),
        "promises_broken": int(is_late.sum()),
        "splits": splits(lines, units[is_ready], allocations),
    }
    return conform(pd.DataFrame([row]), POLICY_OUTCOME)


def share(part: int, whole: int) -> float:
    """Return part ÷ whole; of nothing, all is filled."""
    return part / whole if whole else 1.0


def splits(lines: "pd.DataFrame", ready: "pd.DataFrame", allocations: "pd.DataFrame") -> int:
    """Return how many shipments there are beyond one an order: each location today, each later day, and what has no day."""
    import pandas as pd

    now = allocations[allocations["line_id"].isin(ready["line_id"])].merge(lines, on="line_id")
    later = lines[lines["waits"] > 0]
    parts = [now[["order_id", "location_id"]].drop_duplicates(), later[["order_id", "likely_by"]].drop_duplicates()]
    shipments = pd.concat([part["order_id"] for part in parts]).value_counts()
    return int((shipments - 1).sum())
