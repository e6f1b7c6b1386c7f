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

QUEUE = ("priority", "promised_us", "queued_us", "placed_us", "order_key", "line_key")
NO_ITEM = -1
NEVER = np.iinfo(np.int64).max  # a time that nobody gave: behind every other
STANDS = tuple(sorted((state, reason) for state, reasons in REASONS.items() for reason in reasons))
CODES = {stand: code for code, stand in enumerate(STANDS)}


@dataclass(frozen=True, slots=True)
class Needs:
    """What lines draw on, sorted by line and item: their own item, or the parts of a kit, `per` unit of the line."""

    line: Ints
    item_id: Ints
    per: Ints

    def find(self, line: Ints, item_id: Ints) -> Ints:
        """Return the number of the need of each line and item, −1 where the line does not draw on the item."""
        span = 2 + max(self.item_id.max(initial=0), item_id.max(initial=0))
        keys, wanted = self.line * span + self.item_id, line * span + item_id
        found = np.searchsorted(keys, wanted).clip(max=max(len(keys) - 1, 0))
        return np.where(keys[found] == wanted, found, -1) if len(keys) else np.full(len(wanted), -1)


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
    needs: Needs
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

    def units_in(self, state: State, reason: Reason) -> Ints:
        """Return how many units of each tranche stand there."""
        rows = self.bucket_code == CODES[state, reason]
        return summed(self.bucket_tranche[rows], self.bucket_quantity[rows], len(self.row))

    def being_picked(self) -> Ints:
        """Return how many units of each tranche are being picked; nobody picks what is held back."""
        return np.where(self.fact("hold") == "", self.units_in(State.BACKLOG, Reason.PICKING), 0)

    def wants_by_line(self) -> Ints:
        """Return how many units of each line need stock."""
        return summed(self.line, self.wants, len(self.first))

    def whole(self, by_need: Ints) -> Ints:
        """Return how many whole units of each tranche so much of each need makes; of a line the earliest have it."""
        by_line = np.full(len(self.first), NEVER)
        np.minimum.at(by_line, self.needs.line, by_need // self.needs.per)
        by_line[np.bincount(self.needs.line, minlength=len(by_line)) == 0] = 0
        left: Ints = np.maximum(by_line[self.line] - self.before, 0)
        return left.clip(max=self.wants)


def in_tranches(demand: pd.DataFrame, recipes: pd.DataFrame) -> Owed:
    """Return a DEMAND frame in tranches, with what its lines draw on by RECIPES."""
    promise = microseconds(demand["promised_at"])
    demand = demand.assign(
        item_id=demand["item_id"].fillna(NO_ITEM).astype("int64"),
        recipe_id=demand["recipe_id"].fillna(NO_ITEM).astype("int64"),
        queued_us=demand["queued_at"].astype("int64"),  # aware times as they are would become objects, one by one
        placed_us=demand["placed_at"].astype("int64"),
        promise_us=promise,
        promised_us=np.where(demand["by_promise"], promise, NEVER),
        release_us=microseconds(demand["release_at"]),
    )
    line_id, queued = demand["line_id"].to_numpy(), demand["queued_us"].to_numpy()
    code, quantity = codes_of(demand), demand["quantity"].to_numpy()
    order = np.lexsort((code, queued, line_id))
    new_line = np.diff(line_id[order], prepend=-1) != 0
    is_first = new_line | (np.diff(queued[order], prepend=0) != 0)
    code, quantity, tranche = code[order], quantity[order], np.cumsum(is_first) - 1
    row, line = order[is_first], np.cumsum(new_line)[is_first] - 1
    sums = summed(tranche, quantity, len(row))
    first = np.flatnonzero(np.diff(line, prepend=-1))
    is_counted = (demand["needs_stock"] & demand["is_tracked"]).to_numpy()[row]
    needs = needs_of(demand.iloc[row[first]], recipes)
    has_needs = np.zeros(len(first), dtype=bool)
    has_needs[needs.line] = True
    return Owed(
        demand=demand,
        row=row,
        line=line,
        first=first,
        quantity=sums,
        wants=np.where(is_counted & has_needs[line], sums, 0),
        before=before(line, sums),
        needs=needs,
        bucket_tranche=tranche,
        bucket_code=code,
        bucket_quantity=quantity,
    )


def microseconds(times: "pd.Series[Any]") -> Ints:  # Any: aware times, some missing
    """Return times as whole numbers, NEVER where there is none."""
    numbers = times.to_numpy(dtype="datetime64[us]").astype(np.int64)
    return np.where(times.isna().to_numpy(), NEVER, numbers)


def needs_of(lines: pd.DataFrame, recipes: pd.DataFrame) -> Needs:
    """Return what each line (by row) draws on: its own item, or the parts of its recipe."""
    item_id, recipe_id = lines["item_id"].to_numpy(), lines["recipe_id"].to_numpy()
    own = np.flatnonzero((recipe_id == NO_ITEM) & (item_id != NO_ITEM))
    kits = np.flatnonzero(recipe_id != NO_ITEM)
    if not len(kits):
        return Needs(own, item_id[own], np.ones(len(own), dtype=np.int64))
    parts = pd.DataFrame({"line": kits, "recipe_id": recipe_id[kits]}).merge(recipes, on="recipe_id")
    line = np.concatenate([own, parts["line"].to_numpy()])
    item_id = np.concatenate([item_id[own], parts["item_id"].to_numpy()])
    per = np.concatenate([np.ones(len(own), dtype=np.int64), parts["per"].to_numpy()])
    order = np.lexsort((item_id, line))
    return Needs(line[order], item_id[order], per[order])


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
