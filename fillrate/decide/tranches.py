"""What is owed, in tranches: the units of one line that joined the queue at the same time.

The place in the queue belongs to a tranche, and its units are alike but for the state they are in. States and reasons
are numbered here, so that columns of numbers do the work.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fillrate.decide.states import REASONS, Reason, State
from fillrate.decide.stretches import Ints, before, summed

QUEUE = ("priority", "queued_us", "placed_us", "order_key", "line_key")
NO_ITEM = -1
STANDS = tuple(sorted((state, reason) for state, reasons in REASONS.items() for reason in reasons))
CODES = {stand: code for code, stand in enumerate(STANDS)}


@dataclass(frozen=True, slots=True)
class Owed:
    """All that is owed; arrays by tranche unless said otherwise, sorted by line and time."""

    demand: pd.DataFrame
    row: Ints  # the row of `demand` that has its facts
    line: Ints  # its line: 0, 1, 2 … in the order of line_id
    first: Ints  # by line: its first tranche
    quantity: Ints
    wants: Ints  # units that need stock
    before: Ints  # units of the same line that joined earlier
    picking: Ints  # units that are being picked
    bucket_tranche: Ints  # by bucket, sorted by tranche and code
    bucket_code: Ints
    bucket_quantity: Ints

    def fact(self, name: str, of: Any = slice(None)) -> Any:  # Any: an index, and a column of any type
        """Return a column of `demand` by tranche, of all or of some."""
        return self.demand[name].to_numpy()[self.row[of]]

    def places(self, of: Ints, *first: Ints) -> Ints:
        """Return the order of some tranches in the queue, as indices into `of`; columns in `first` count before it."""
        keys = [*first, *(self.fact(name, of) for name in QUEUE)]
        return np.lexsort(keys[::-1])


def in_tranches(demand: pd.DataFrame) -> Owed:
    """Return a DEMAND frame in tranches."""
    demand = demand.assign(
        item_id=demand["item_id"].fillna(NO_ITEM).astype("int64"),
        queued_us=demand["queued_at"].astype("int64"),  # aware times as they are would become objects, one by one
        placed_us=demand["placed_at"].astype("int64"),
    )
    line_id, queued = demand["line_id"].to_numpy(), demand["queued_us"].to_numpy()
    code, quantity = codes_of(demand), demand["quantity"].to_numpy()
    order = np.lexsort((code, queued, line_id))
    new_line = np.diff(line_id[order], prepend=-1) != 0
    is_first = new_line | (np.diff(queued[order], prepend=0) != 0)
    code, quantity, tranche = code[order], quantity[order], np.cumsum(is_first) - 1
    row, line = order[is_first], np.cumsum(new_line)[is_first] - 1
    sums = summed(tranche, quantity, len(row))
    picking = np.where(code == CODES[State.BACKLOG, Reason.PICKING], quantity, 0)
    needs = (demand["needs_stock"] & demand["is_tracked"] & (demand["item_id"] > NO_ITEM)).to_numpy()[row]
    return Owed(
        demand=demand,
        row=row,
        line=line,
        first=np.flatnonzero(np.diff(line, prepend=-1)),
        quantity=sums,
        wants=np.where(needs, sums, 0),
        before=before(line, sums),
        picking=summed(tranche, picking, len(row)),
        bucket_tranche=tranche,
        bucket_code=code,
        bucket_quantity=quantity,
    )


def codes_of(demand: pd.DataFrame) -> Ints:
    """Return the number of each bucket's state and reason; raises ValueError for a pair that cannot be."""
    states, reasons = list(State), list(Reason)
    numbers = np.full((len(states), len(reasons)), -1)
    for (state, reason), code in CODES.items():
        numbers[states.index(state), reasons.index(reason)] = code
    row = pd.Index(states, dtype="str").get_indexer(pd.Index(demand["state"]))
    column = pd.Index(reasons, dtype="str").get_indexer(pd.Index(demand["reason"]))
    codes = np.where((row < 0) | (column < 0), -1, numbers[row, column])
    if (codes < 0).any():
        wrong = demand.iloc[int(np.argmin(codes))]
        raise ValueError(f"units of line {wrong['line_id']} cannot be in {wrong['state']!r} for {wrong['reason']!r}")
    return codes
