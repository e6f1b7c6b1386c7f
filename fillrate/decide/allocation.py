"""Lay the stock along the queue of what is owed; position decides, never a delta.

Stock that is set aside stays so; what is free goes to the first in the queue; what is left over waits, with a reason.
Everything is done in whole columns.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillrate.decide.frames import ALLOCATIONS, DEMAND, MOVES, SHELVES, UNITS, conform
from fillrate.decide.standing import moves_frame, stand, units_frame
from fillrate.decide.stretches import Flags, Ints, cut, summed, within
from fillrate.decide.tranches import Owed, in_tranches


@dataclass(frozen=True, slots=True)
class Allocated:
    """What is set aside from now on, where every open unit stands, and what moved to get there."""

    allocations: pd.DataFrame
    units: pd.DataFrame
    moves: pd.DataFrame


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


def allocate(demand: pd.DataFrame, shelves: pd.DataFrame, allocations: pd.DataFrame) -> Allocated:
    """Return where every open unit stands once the stock on hand is laid along the queue.

    The frames are those of `fillrate.decide.frames`: DEMAND, SHELVES, ALLOCATIONS in; ALLOCATIONS, UNITS, MOVES out, by
    line. The order of input rows does not matter; applied to its own result, nothing moves.
    """
    owed, stock = in_tranches(conform(demand, DEMAND)), in_stock(conform(shelves, SHELVES))
    kept = keep(owed, stock, conform(allocations, ALLOCATIONS))
    free = stock.on_hand - summed(kept.shelf, kept.quantity, len(stock.on_hand))
    taken = together(kept, lay(owed, stock, free, kept), len(stock.on_hand))
    withheld = pd.Index(owed.fact("item_id")).isin(stock.item_id[~stock.usable & (free > 0)])
    units = stand(owed, covered(owed, taken), withheld)
    return Allocated(
        conform(set_aside(owed, stock, taken), ALLOCATIONS),
        conform(units_frame(owed, units), UNITS),
        conform(moves_frame(owed, units), MOVES),
    )


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
    """Return what stays set aside: no more than a line still wants, and no more than lies there on a shelf in use.

    A line gives up the shelf it would be given last; a shelf loses the end of the queue.
    """
    first = owed.first
    line = pd.Index(owed.fact("line_id", first)).get_indexer(allocations["line_id"])
    shelf = shelves_of(stock, allocations)
    is_same = (line >= 0) & (shelf >= 0)
    is_same[is_same] = stock.usable[shelf[is_same]]
    is_same[is_same] = owed.fact("item_id", first[line[is_same]]) == stock.item_id[shelf[is_same]]
    line, shelf, quantity = line[is_same], shelf[is_same], allocations["quantity"].to_numpy()[is_same]
    wanted = summed(owed.line, owed.wants, len(first))
    over = np.flatnonzero((summed(line, quantity, len(first)) > wanted)[line])
    over = over[np.lexsort((shelf[over], line[over]))]
    quantity[over] = within(line[over], quantity[over], wanted)
    over = np.flatnonzero((summed(shelf, quantity, len(stock.on_hand)) > stock.on_hand)[shelf])
    over = over[owed.places(first[line[over]], shelf[over])]
    quantity[over] = within(shelf[over], quantity[over], stock.on_hand)
    return Taken(line, shelf, quantity)


def shelves_of(stock: Stock, allocations: pd.DataFrame) -> Ints:
    """Return the number of the shelf that each allocation draws on, −1 where there is no such shelf."""
    item_id, location_id = allocations["item_id"].to_numpy(), allocations["location_id"].to_numpy()
    span = 1 + max(stock.location_id.max(initial=0), location_id.max(initial=0))
    known = pd.Index(stock.item_id * span + stock.location_id)
    found: Ints = known.get_indexer(pd.Index(item_id * span + location_id))
    return found


def lay(owed: Owed, stock: Stock, free: Ints, kept: Taken) -> Taken:
    """Return what is newly set aside: what is free on shelves in use, along the queue of what is not covered yet."""
    short = owed.wants - covered(owed, kept)
    shelves = np.flatnonzero(stock.usable & (free > 0))
    items, of_shelf = np.unique(stock.item_id[shelves], return_inverse=True)
    of_tranche = pd.Index(items).get_indexer(owed.fact("item_id"))
    rows = np.flatnonzero((short > 0) & (of_tranche >= 0))
    rows = rows[owed.places(rows, of_tranche[rows])]
    left, right, quantity = cut(of_tranche[rows], short[rows], of_shelf, free[shelves], len(items))
    return Taken(owed.line[rows[left]], shelves[right], quantity)


def together(kept: Taken, fresh: Taken, shelves: int) -> Taken:
    """Return what is set aside in all, one row for each line and shelf, sorted."""
    line, shelf = np.concatenate([kept.line, fresh.line]), np.concatenate([kept.shelf, fresh.shelf])
    keys, group = np.unique(line * shelves + shelf, return_inverse=True)
    quantity = summed(group, np.concatenate([kept.quantity, fresh.quantity]), len(keys))
    some = quantity > 0
    return Taken(keys[some] // max(shelves, 1), keys[some] % max(shelves, 1), quantity[some])


def covered(owed: Owed, taken: Taken) -> Ints:
    """Return how many units of each tranche have stock set aside; of a line's units the earliest have it."""
    by_line = summed(taken.line, taken.quantity, len(owed.first))
    left: Ints = np.maximum(by_line[owed.line] - owed.before, 0)
    return left.clip(max=owed.wants)


def set_aside(owed: Owed, stock: Stock, taken: Taken) -> pd.DataFrame:
    """Return what is set aside as an ALLOCATIONS frame."""
    columns = {
        "line_id": owed.fact("line_id", owed.first[taken.line]),
        "item_id": stock.item_id[taken.shelf],
        "location_id": stock.location_id[taken.shelf],
        "quantity": taken.quantity,
    }
    return pd.DataFrame(columns)
