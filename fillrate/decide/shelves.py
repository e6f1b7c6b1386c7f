"""Stock on hand: which shelves there are, what stays set aside, and what is laid along the queue in columns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillrate.decide.stretches import Flags, Ints, before, cut, summed, within
from fillrate.decide.tranches import Owed


@dataclass(frozen=True, slots=True)
class Stock:
    """Shelves, sorted by item and by the order in which they are drawn on."""

    item_id: Ints
    location_id: Ints
    on_hand: Ints  # 0 where more left than was there
    usable: Flags


@dataclass(frozen=True, slots=True)
class Taken:
    """Units set aside: for which line, on which shelf (both by number), how many."""

    line: Ints
    shelf: Ints
    quantity: Ints

    def some(self, rows: Ints | Flags) -> "Taken":
        """Return some of them."""
        return Taken(self.line[rows], self.shelf[rows], self.quantity[rows])


def in_stock(shelves: pd.DataFrame) -> Stock:
    """Return a SHELVES frame as sorted columns."""
    ordered = shelves.sort_values(["item_id", "location_rank", "location_id"])
    return Stock(
        item_id=ordered["item_id"].to_numpy(),
        location_id=ordered["location_id"].to_numpy(),
        on_hand=ordered["on_hand"].to_numpy().clip(0),
        usable=ordered["usable"].to_numpy(),
    )


def keep(owed: Owed, stock: Stock, allocations: pd.DataFrame) -> Taken:
    """Return what stays set aside: no more than a line still wants of an item, and no more than lies on a shelf in use.

    A line gives up the shelf it would be given last; a shelf loses the end of the queue.
    """
    first = owed.first
    line = pd.Index(owed.fact("line_id", first)).get_indexer(allocations["line_id"])
    shelf = shelves_of(stock, allocations)
    is_same = (line >= 0) & (shelf >= 0)
    is_same[is_same] = stock.usable[shelf[is_same]]
    need = np.full(len(line), -1)
    need[is_same] = owed.needs.find(line[is_same], stock.item_id[shelf[is_same]])
    is_same = need >= 0
    line, shelf, need = line[is_same], shelf[is_same], need[is_same]
    quantity = allocations["quantity"].to_numpy()[is_same]
    wanted = (owed.wants_by_line()[owed.needs.line]) * owed.needs.per
    over = np.flatnonzero((summed(need, quantity, len(wanted)) > wanted)[need])
    over = over[np.lexsort((shelf[over], need[over]))]
    quantity[over] = within(need[over], quantity[over], wanted)
    is_short = (summed(shelf, quantity, len(stock.on_hand)) > stock.on_hand)[shelf]
    if is_short.any():
        quantity = without_the_end(owed, stock, need, shelf, quantity, is_short)
    return Taken(line, shelf, quantity).some(quantity > 0)


def without_the_end(owed: Owed, stock: Stock, need: Ints, shelf: Ints, quantity: Ints, is_short: Flags) -> Ints:
    """Return what stays of each row where a shelf is short: its end of the queue loses.

    What a line loses, its last units lose: they are the ones that stand on a short shelf.
    """
    needs = np.unique(need[is_short])
    rows = np.flatnonzero(np.isin(need, needs))
    rows = rows[np.lexsort((shelf[rows], is_short[rows], need[rows]))]
    line = owed.needs.line[needs]
    tranches = np.diff(owed.first, append=len(owed.row))[line]
    start = np.repeat(owed.first[line] - before(np.zeros_like(line), tranches), tranches)
    tranche, of_need = start + np.arange(len(start)), np.repeat(np.arange(len(needs)), tranches)
    wanted = owed.wants[tranche] * owed.needs.per[needs][of_need]
    group = np.searchsorted(needs, need[rows])
    row, column, units = cut(group, quantity[rows], of_need, wanted, len(needs))
    row, tranche = rows[row], tranche[column]
    some = is_short[row]
    row, tranche, units = row[some], tranche[some], units[some]
    order = owed.places(tranche, shelf[row])
    row, units = row[order], units[order]
    stays = within(shelf[row], units, stock.on_hand)
    return np.where(is_short, summed(row, stays, len(quantity)), quantity)


def shelves_of(stock: Stock, allocations: pd.DataFrame) -> Ints:
    """Return the number of the shelf that each allocation draws on, −1 where there is no such shelf."""
    item_id, location_id = allocations["item_id"].to_numpy(), allocations["location_id"].to_numpy()
    span = 1 + max(stock.location_id.max(initial=0), location_id.max(initial=0))
    known = pd.Index(stock.item_id * span + stock.location_id)
    found: Ints = known.get_indexer(pd.Index(item_id * span + location_id))
    return found


def free_of(stock: Stock, *taken: Taken) -> Ints:
    """Return how much of each shelf nobody has."""
    free = stock.on_hand
    for one in taken:
        free = free - summed(one.shelf, one.quantity, len(free))
    return free


def lay(owed: Owed, stock: Stock, free: Ints, short: Ints) -> Taken:
    """Return what is newly set aside: what is free on shelves in use, along the queue of what is `short` (by tranche)."""
    shelves = np.flatnonzero(stock.usable & (free > 0))
    items, of_shelf = np.unique(stock.item_id[shelves], return_inverse=True)
    of_tranche = pd.Index(items).get_indexer(owed.fact("item_id"))
    rows = np.flatnonzero((short > 0) & (of_tranche >= 0))
    rows = rows[owed.places(rows, of_tranche[rows])]
    left, right, quantity = cut(of_tranche[rows], short[rows], of_shelf, free[shelves], len(items))
    return Taken(owed.line[rows[left]], shelves[right], quantity)


def together(parts: list[Taken], shelves: int) -> Taken:
    """Return what is set aside in all, one row for each line and shelf, sorted."""
    line, shelf = (np.concatenate([getattr(part, name) for part in parts]) for name in ("line", "shelf"))
    keys, group = np.unique(line * shelves + shelf, return_inverse=True)
    quantity = summed(group, np.concatenate([part.quantity for part in parts]), len(keys))
    some = quantity > 0
    return Taken(keys[some] // max(shelves, 1), keys[some] % max(shelves, 1), quantity[some])


def covered(owed: Owed, stock: Stock, taken: Taken) -> Ints:
    """Return how many units of each tranche have stock set aside; of a line's units the earliest have it.

    A kit has as many as the part of which least is set aside allows.
    """
    by_need = summed(owed.needs.find(taken.line, stock.item_id[taken.shelf]), taken.quantity, len(owed.needs.line))
    return owed.whole(by_need)


def set_aside(owed: Owed, stock: Stock, taken: Taken) -> pd.DataFrame:
    """Return what is set aside as an ALLOCATIONS frame."""
    columns = {
        "line_id": owed.fact("line_id", owed.first[taken.line]),
        "item_id": stock.item_id[taken.shelf],
        "location_id": stock.location_id[taken.shelf],
        "quantity": taken.quantity,
    }
    return pd.DataFrame(columns)
