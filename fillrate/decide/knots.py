"""Which lines hang together across items, so that they must be served one after the other (`serving`).

A ship-complete order takes all or nothing, a kit all its parts, a reserve keeps units for one channel, and an order may
prefer locations of its own. Only the items that such lines draw on are knotted; everything else is laid in columns.
"""

from dataclasses import dataclass

import numpy as np

from fillrate.decide.coming import unreleased
from fillrate.decide.shelves import Stock
from fillrate.decide.stretches import Flags, Ints, summed
from fillrate.decide.tranches import NEVER, NO_ITEM, Owed

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What else decides who may take what."""

    as_of_us: int
    reaches: dict[int, dict[int, int]]  # reach -> location -> rank
    reserves: dict[int, dict[int, int]]  # item -> channel -> units


@dataclass(frozen=True, slots=True)
class Knots:
    """Tranches that are served one by one, and orders that ship complete and may not be complete."""

    is_knotted: Flags  # by tranche
    order: Ints  # by tranche: number of the ship-complete order, −1 where it is none or surely complete


def early(owed: Owed, as_of_us: int) -> Flags:
    """Return which tranches are promised for a day beyond the policy's horizon."""
    return near_us(owed) > as_of_us


def near_us(owed: Owed) -> Ints:
    """Return by tranche when its promise comes within the policy's horizon; 0 without a promise or a horizon."""
    horizon = owed.demand["horizon_days"].fillna(-1).to_numpy(dtype=np.int64)[owed.row]
    promised = owed.fact("promise_us")
    return np.where((horizon >= 0) & (promised != NEVER), promised - horizon * DAY_US, 0)


def find_knots(owed: Owed, stock: Stock, rules: Rules) -> Knots:
    """Return which tranches must be served one by one."""
    needs, want = owed.needs, owed.wants_by_line()
    draws = want[needs.line] > 0
    items = np.unique(np.concatenate([needs.item_id, stock.item_id]))
    of_need, of_shelf = np.searchsorted(items, needs.item_id), np.searchsorted(items, stock.item_id)
    there = summed(of_shelf, np.where(stock.usable, stock.on_hand, 0), len(items))
    is_reserved = np.isin(items, list(rules.reserves))
    is_scarce = is_reserved | (summed(of_need, want[needs.line] * needs.per, len(items)) > there)
    order = ship_complete_orders(owed, troubled(owed, is_scarce[of_need], rules))
    first = owed.first
    chooses = (owed.fact("choice", first) != "rank") | (owed.fact("split_limit", first) > 0)
    has_own = (owed.fact("reach_id", first) != 0) | (chooses & (len(np.unique(stock.location_id)) > 1))
    is_special = has_own | (owed.fact("recipe_id", first) != NO_ITEM) | (order[first] >= 0)
    is_knot = np.zeros(len(items), dtype=bool)
    is_knot[of_need[is_special[needs.line] & draws]] = True
    is_knot |= is_reserved
    by_line = np.zeros(len(first), dtype=bool)
    by_line[needs.line[is_knot[of_need]]] = True
    return Knots((by_line[owed.line] & (owed.wants > 0)) | (order >= 0), order)


def troubled(owed: Owed, is_scarce: Flags, rules: Rules) -> Flags:
    """Return which tranches may not get all they want; `is_scarce` by need."""
    by_line = np.zeros(len(owed.first), dtype=bool)
    by_line[owed.needs.line[is_scarce]] = True
    is_kit = owed.fact("recipe_id") != NO_ITEM
    late = unreleased(owed, rules.as_of_us) | early(owed, rules.as_of_us)
    is_choosy = (owed.fact("reach_id") != 0) | (owed.fact("split_limit") > 0)
    found: Flags = (owed.wants > 0) & (by_line[owed.line] | is_kit | late | is_choosy)
    return found | is_unknown(owed)


def is_unknown(owed: Owed) -> Flags:
    """Return which tranches need stock of something that nobody knows."""
    found: Flags = owed.fact("needs_stock") & owed.fact("is_tracked") & (owed.wants == 0)
    return found


def ship_complete_orders(owed: Owed, is_troubled: Flags) -> Ints:
    """Return by tranche the number of its ship-complete order, where it has more than one unit and any is troubled."""
    order = np.where(owed.fact("ship_complete"), owed.fact("order_id"), NO_ITEM)
    orders, number = np.unique(order, return_inverse=True)
    matters = (summed(number, owed.quantity, len(orders)) > 1) & (orders != NO_ITEM)
    matters &= summed(number, is_troubled.astype(np.int64), len(orders)) > 0
    numbers = np.where(matters, np.cumsum(matters) - 1, -1)
    found: Ints = numbers[number]
    return found
