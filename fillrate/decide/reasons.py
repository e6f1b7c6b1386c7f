"""What a release makes of the reasons of units in backlog: being packed, kept for want of capacity, or ready."""

import numpy as np
import pandas as pd

from fillrate.decide.frames import MOVES, Schema, conform
from fillrate.decide.states import Cause, Move, Reason, State, check_moves
from fillrate.decide.stretches import Ints, before

TRANCHES: Schema = {
    "line_id": "int64",
    "queued_at": "datetime64[us, UTC]",
    "ready": "int64",
    "capacity": "int64",
    "picking": "int64",
}
SHARES: Schema = {
    "line_id": "int64",
    "released": "int64",
    "left": "int64",
}  # units that are released, and left for capacity


def restated(tranches: pd.DataFrame, shares: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return TRANCHES as they are after a release, and MOVES; of a line what has waited longest goes first.

    Units of lines without a share are ready again.
    """
    rows = conform(tranches, TRANCHES).sort_values(["line_id", "queued_at"], ignore_index=True)
    given = rows[["line_id"]].merge(conform(shares, SHARES), on="line_id", how="left").fillna(0).astype("int64")
    ready, capacity = rows["ready"].to_numpy(), rows["capacity"].to_numpy()
    open_units = ready + capacity
    line: Ints = rows.groupby("line_id", sort=False).ngroup().to_numpy().astype(np.int64)
    start = before(line, open_units)
    released, left = given["released"].to_numpy(), given["left"].to_numpy()
    picked = np.clip(released - start, 0, open_units)
    full = np.clip(released + left - start, 0, open_units) - picked
    waited = np.minimum(picked, capacity)  # what was put off before leaves first
    put_off = full - (capacity - waited)
    after = rows.assign(ready=open_units - picked - full, capacity=full, picking=rows["picking"] + picked)
    moves = [
        moved(rows, waited, Reason.CAPACITY, Reason.PICKING, Cause.RELEASE),
        moved(rows, picked - waited, Reason.READY, Reason.PICKING, Cause.RELEASE),
        moved(rows, put_off, Reason.READY, Reason.CAPACITY, Cause.POLICY),
        moved(rows, -put_off, Reason.CAPACITY, Reason.READY, Cause.POLICY),
    ]
    return after, conform(pd.concat(moves, ignore_index=True), MOVES)


def moved(rows: pd.DataFrame, quantity: Ints, start: Reason, end: Reason, cause: Cause) -> pd.DataFrame:
    """Return one kind of move as MOVES, where any units go."""
    move = Move(State.BACKLOG.value, start.value, State.BACKLOG.value, end.value, cause.value)
    check_moves([move])
    return rows.loc[quantity > 0, ["line_id"]].assign(quantity=quantity[quantity > 0], **move._asdict())
