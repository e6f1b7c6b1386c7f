"""How long units stay in each state. Of alike units of a line, those that came first leave first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fillrate.decide.states import OPEN
from fillrate.decide.stretches import Ints, cut

if TYPE_CHECKING:
    import pandas as pd

STAND = ["line_id", "state", "reason"]
DAY_S = 86_400


def finished_stays(moves: "pd.DataFrame") -> "pd.DataFrame":
    """Return line_id, state, reason, quantity, entered_at, left_at of all that came into an open state and left it.

    `moves` has line_id, quantity, from_state, from_reason, to_state, to_reason, at, in the order in which they happened, and
    all moves of its lines.
    """
    import pandas as pd

    came, left = (ends(moves, side) for side in ("to", "from"))
    keys = pd.concat([came[STAND], left[STAND]])
    group = keys.groupby(STAND, sort=True).ngroup().to_numpy().astype(np.int64)
    came_group, left_group = group[: len(came)], group[len(came) :]
    (came, came_group), (left, left_group) = in_groups(came, came_group), in_groups(left, left_group)
    came_units, left_units = (one["quantity"].to_numpy(dtype=np.int64) for one in (came, left))
    start, end, quantity = cut(came_group, came_units, left_group, left_units, 1 + int(group.max(initial=-1)))
    found = came.iloc[start][STAND].reset_index(drop=True)
    times = {"entered_at": came["at"].iloc[start].array, "left_at": left["at"].iloc[end].array}
    return found.assign(quantity=quantity, **times)


def ends(moves: "pd.DataFrame", side: str) -> "pd.DataFrame":
    """Return line_id, state, reason, quantity, at of one end of all moves, where it is an open state."""
    names = {f"{side}_state": "state", f"{side}_reason": "reason"}
    found = moves.rename(columns=names)[[*STAND, "quantity", "at"]]
    return found[found["state"].isin([str(state) for state in OPEN])]


def in_groups(rows: "pd.DataFrame", group: Ints) -> tuple["pd.DataFrame", Ints]:
    """Return rows group by group, in each as they were."""
    order = np.argsort(group, kind="stable")
    return rows.iloc[order], group[order]


def time_in_state(stays: "pd.DataFrame") -> "pd.DataFrame":
    """Return state, reason, units, median_days, most_days (90th percentile), mean_days of finished stays, each unit counted."""
    import pandas as pd

    days = (stays["left_at"] - stays["entered_at"]).dt.total_seconds() / DAY_S
    rows = [
        (state, reason, int(part["quantity"].sum()), *told(part["days"].to_numpy(), part["quantity"].to_numpy()))
        for (state, reason), part in stays.assign(days=days).groupby(["state", "reason"], sort=True)
    ]
    return pd.DataFrame(rows, columns=["state", "reason", "units", "median_days", "most_days", "mean_days"])


def told(days: "np.ndarray", units: Ints) -> Sequence[float]:  # Any: as numpy has it
    """Return median, 90th percentile and mean of days, each counted for so many units."""
    order = np.argsort(days, kind="stable")
    reached = np.cumsum(units[order]) / units.sum()
    at = [float(days[order][int(np.argmax(reached >= share - 1e-9))]) for share in (0.5, 0.9)]
    return [*at, float(np.average(days, weights=units))]
