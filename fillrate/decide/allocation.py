"""Lay the stock along the queue of what is owed; position decides, never a delta.

Stock that is set aside stays so; what is free goes to the first in the queue; what is left over waits, with a reason, for
what is on its way. Everything is done in whole columns, but for lines that hang together across items.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from fillrate.decide.coming import Claims, Coming, claim, covers_frame, forecasts_frame, on_its_way, unreleased
from fillrate.decide.frames import (
    ALLOCATIONS,
    COVERS,
    DEMAND,
    FORECASTS,
    INBOUND,
    MOVES,
    REACHES,
    RECIPES,
    RESERVES,
    SHELVES,
    UNITS,
    Schema,
    conform,
)
from fillrate.decide.knots import Knots, Rules, early, find_knots, near_us
from fillrate.decide.serving import Fate, Served, by_item, in_columns, serve
from fillrate.decide.shelves import Stock, Taken, covered, free_of, in_stock, keep, lay, set_aside, together
from fillrate.decide.standing import LOSSES, Waiting, moves_frame, stand, units_frame
from fillrate.decide.states import Cause
from fillrate.decide.stretches import Flags, Ints, summed, within
from fillrate.decide.tranches import NEVER, NO_ITEM, Owed, in_tranches


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is to share out besides the shelves, and by which rules; the frames are those of `frames`."""

    as_of: datetime
    inbound: pd.DataFrame  # INBOUND; only what arrives at a location in use
    recipes: pd.DataFrame  # RECIPES
    reaches: pd.DataFrame  # REACHES
    reserves: pd.DataFrame  # RESERVES


@dataclass(frozen=True, slots=True)
class Allocated:
    """What is set aside and claimed from now on, where every open unit stands, what moved, and what is to be expected."""

    allocations: pd.DataFrame
    units: pd.DataFrame
    moves: pd.DataFrame
    covers: pd.DataFrame
    forecasts: pd.DataFrame


class Laid(NamedTuple):
    """What comes of laying stock along the queue once."""

    taken: Taken
    coming: Coming
    claims: Claims
    served: Served | None


def allocate(demand: pd.DataFrame, shelves: pd.DataFrame, allocations: pd.DataFrame, supply: Supply) -> Allocated:
    """Return where every open unit stands once the stock on hand is laid along the queue.

    The frames are those of `fillrate.decide.frames`: DEMAND, SHELVES, ALLOCATIONS in; ALLOCATIONS, UNITS, MOVES, COVERS,
    FORECASTS out, by line. The order of input rows does not matter; applied to its own result, nothing moves.
    """
    rules = rules_of(supply)
    owed = in_tranches(conform(demand, DEMAND), conform(supply.recipes, RECIPES))
    stock = in_stock(conform(shelves, SHELVES))
    kept = keep(owed, stock, conform(allocations, ALLOCATIONS))
    knots = find_knots(owed, stock, rules)
    lay_all = partial(settled, owed, stock, conform(supply.inbound, INBOUND), knots=knots, rules=rules)
    kept, laid, losses = lay_all(kept, np.zeros(len(owed.first), dtype=np.int64))
    laid, losses = make_way(owed, stock, kept, laid, losses, rules, lay_all)
    return told(owed, stock, knots, laid, losses, rules)


def rules_of(supply: Supply) -> Rules:
    """Return the frames with the rules as what one looks things up in."""
    reaches: dict[int, dict[int, int]] = {}
    for reach, location, rank in conform(supply.reaches, REACHES).itertuples(index=False):
        reaches.setdefault(reach, {})[location] = rank
    reserves: dict[int, dict[int, int]] = {}
    for item, channel, quantity in conform(supply.reserves, RESERVES).itertuples(index=False):
        reserves.setdefault(item, {})[channel] = quantity
    return Rules(int(supply.as_of.timestamp()) * 1_000_000, reaches, reserves)


def settled(
    owed: Owed, stock: Stock, inbound: pd.DataFrame, kept: Taken, losses: Ints, *, knots: Knots, rules: Rules
) -> tuple[Taken, Laid, Ints]:
    """Lay stock along the queue until nobody who is passed over has to give back what was set aside.

    Return what stays, what is laid, and why lines lose (by line).
    """
    losses = losses.copy()
    while True:
        coming = on_its_way(inbound, owed, stock, free_of(stock, kept), rules.as_of_us)
        laid = lay_once(owed, stock, coming, kept, knots, rules)
        if laid.served is None or not len(laid.served.gives_back):
            return kept, laid, losses
        losses[np.unique(owed.line[np.isin(knots.order, np.flatnonzero(laid.served.fate == Fate.PASSED))])] = (
            LOSSES.index(Cause.POLICY)
        )
        kept = without(owed, stock, kept, laid.served.gives_back)


def without(owed: Owed, stock: Stock, kept: Taken, given_back: Ints) -> Taken:
    """Return what stays set aside when so many units of each need are given back, from the shelf drawn on last."""
    need = owed.needs.find(kept.line, stock.item_id[kept.shelf])
    order = np.lexsort((-kept.shelf, need))
    quantity = kept.quantity.copy()
    quantity[order] -= within(need[order], kept.quantity[order], given_back)
    return Taken(kept.line, kept.shelf, quantity).some(quantity > 0)


def lay_once(owed: Owed, stock: Stock, coming: Coming, kept: Taken, knots: Knots, rules: Rules) -> Laid:
    """Lay what is free along the queue, then what is on its way."""
    short = np.where(knots.is_knotted, 0, owed.wants - covered(owed, stock, kept))
    fresh = lay(owed, stock, free_of(stock, kept), np.where(held_back(owed, rules), 0, short))
    taken = [kept, fresh]
    short = np.where(knots.is_knotted, 0, owed.wants - covered(owed, stock, together(taken, len(stock.on_hand))))
    claims = claim(owed, coming, coming.quantity, short)
    served = None
    if knots.is_knotted.any():
        left = coming.quantity - summed(claims.coming, claims.quantity, len(coming.quantity))
        served = serve(owed, stock, coming, free_of(stock, *taken), left, kept, knots, rules)
        taken.append(served.taken)
        pairs = zip(*((one.tranche, one.coming, one.quantity) for one in (claims, served.claims)), strict=True)
        claims = Claims(*(np.concatenate(pair) for pair in pairs))
    return Laid(together(taken, len(stock.on_hand)), coming, claims, served)


def held_back(owed: Owed, rules: Rules) -> Flags:
    """Return which tranches may have nothing of what lies there today."""
    return unreleased(owed, rules.as_of_us) | early(owed, rules.as_of_us)


def make_way(
    owed: Owed,
    stock: Stock,
    kept: Taken,
    laid: Laid,
    losses: Ints,
    rules: Rules,
    lay_all: Callable[[Taken, Ints], tuple[Taken, Laid, Ints]],
) -> tuple[Laid, Ints]:
    """Let lines of a better class that displace others have what worse ones have, as far as it is they who get it."""
    is_kit = owed.fact("recipe_id") != NO_ITEM
    displaces = owed.fact("displaces") & ~is_kit & ~held_back(owed, rules)
    has = covered(owed, stock, laid.taken)
    wanted = np.where(displaces, owed.wants - has, 0)
    while wanted.any():
        row, tranche, quantity = displaced(owed, stock, kept, wanted, rules)
        if not len(row):
            break
        less = Taken(kept.line, kept.shelf, kept.quantity - summed(row, quantity, len(kept.line)))
        pushed_out = losses.copy()
        pushed_out[kept.line[row]] = LOSSES.index(Cause.DISPLACED)
        after = lay_all(less.some(less.quantity > 0), pushed_out)
        has_now = covered(owed, stock, after[1].taken)
        gets, gains = summed(tranche, quantity, len(has)), (has_now - has).clip(0)
        if (gains >= gets).all():
            kept, laid, losses = after
            has, wanted = has_now, np.where(displaces, owed.wants - has_now, 0)
        else:  # somebody would lose and another gain: ask for no more than what helps
            wanted = np.minimum(wanted, np.where(gets > gains, gains, wanted))
    return laid, losses


def displaced(owed: Owed, stock: Stock, kept: Taken, wanted: Ints, rules: Rules) -> tuple[Ints, Ints, Ints]:
    """Return what rows of `kept` give up to tranches of a better class: row, tranche, quantity.

    The end of the queue loses first; nobody loses what is being picked.
    """
    first = owed.first[kept.line]
    is_picked = summed(owed.line, owed.being_picked(), len(owed.first))[kept.line] > 0
    rows = owed.places(first)
    rows = rows[~is_picked[rows]]
    holders = by_item(stock.item_id[kept.shelf], rows)
    left, place = kept.quantity.tolist(), stock.location_id[kept.shelf].tolist()
    theirs, priority = owed.fact("priority", first).tolist(), owed.fact("priority").tolist()
    items, reach = owed.fact("item_id"), owed.fact("reach_id")
    takers = np.flatnonzero(wanted > 0)
    gives: list[tuple[int, int, int]] = []
    for taker in takers[owed.places(takers)].tolist():
        within_reach, short = rules.reaches.get(reach[taker], {}), int(wanted[taker])
        for holder in reversed(holders[items[taker]]):
            if theirs[holder] <= priority[taker] or not short:
                break
            if left[holder] and (not reach[taker] or place[holder] in within_reach):
                units = min(short, left[holder])
                left[holder] -= units
                short -= units
                gives.append((holder, taker, units))
    row, tranche, quantity = in_columns(gives)
    return row, tranche, quantity


def told(owed: Owed, stock: Stock, knots: Knots, laid: Laid, losses: Ints, rules: Rules) -> Allocated:
    """Return the outcome as frames."""
    coming, backlog = laid.coming, covered(owed, stock, laid.taken)
    fate = laid.served.fate if laid.served is not None else np.zeros(0, dtype=np.int64)
    is_whole = knots.order >= 0
    not_all = np.zeros(len(owed.row), dtype=bool)
    not_all[is_whole] = fate[knots.order[is_whole]] != Fate.COMPLETE
    free = free_of(stock, laid.taken)
    may_not = (held_back(owed, rules) | not_all)[owed.first]
    kits = kits_that_wait(owed, laid)
    claimed = in_time = claimed_units(owed, stock, laid, free, backlog, kits & ~may_not, rules)
    if may_not.any():  # what lies there and is not theirs today is there when their day comes
        later = may_not & (owed.fact("split_limit", owed.first) == 0)
        in_time = claimed_units(owed, stock, laid, free, backlog, kits | later, rules)
    waiting = Waiting(
        claimed=claimed,
        is_preorder=owed.fact("is_preorder") | unreleased(owed, rules.as_of_us),
        is_incomplete=not_all,
        is_there=has_one(owed, stock.item_id, np.where(stock.usable, free, 0)),
        is_withheld=has_one(owed, stock.item_id, free),
    )
    units = stand(owed, backlog, waiting)
    incomplete = np.where(not_all, knots.order, -1)
    frames: list[tuple[pd.DataFrame, Schema]] = [
        (set_aside(owed, stock, laid.taken), ALLOCATIONS),
        (units_frame(owed, units), UNITS),
        (moves_frame(owed, units, losses), MOVES),
        (covers_frame(owed, coming, laid.claims), COVERS),
        (
            forecasts_frame(owed, coming, laid.claims, waits(owed, backlog), in_time, incomplete, opens_us(owed)),
            FORECASTS,
        ),
    ]
    return Allocated(*(conform(frame, schema) for frame, schema in frames))


def opens_us(owed: Owed) -> Ints:
    """Return by tranche from when it may have what lies there."""
    release = owed.fact("release_us")
    return np.maximum(np.where(release == NEVER, 0, release), near_us(owed))


def waits(owed: Owed, backlog: Ints) -> Ints:
    """Return how many units of each tranche have no stock and need it."""
    needs_stock = owed.fact("needs_stock") & owed.fact("is_tracked")
    return np.where(needs_stock, owed.quantity - backlog, 0)


def kits_that_wait(owed: Owed, laid: Laid) -> Flags:
    """Return which lines are of kits that wait for a delivery of a part, and may be taken from anywhere."""
    waits = np.zeros(len(owed.first), dtype=bool)
    waits[owed.line[laid.claims.tranche]] = True
    waits &= owed.fact("recipe_id", owed.first) != NO_ITEM
    waits &= (owed.fact("reach_id", owed.first) == 0) & (owed.fact("split_limit", owed.first) == 0)
    return waits


def claimed_units(owed: Owed, stock: Stock, laid: Laid, free: Ints, backlog: Ints, uses: Flags, rules: Rules) -> Ints:
    """Return how many waiting units of each tranche are covered by what is on its way, and those of lines that may `use`
    what nobody wants today by that too.
    """
    needs, taken, claims, coming = owed.needs, laid.taken, laid.claims, laid.coming
    aside = needs.find(taken.line, stock.item_id[taken.shelf])
    awaited = needs.find(owed.line[claims.tranche], coming.item_id[claims.coming])
    by_need = summed(aside, taken.quantity, len(needs.line)) + summed(awaited, claims.quantity, len(needs.line))
    by_need += goods_at_hand(owed, stock, free, by_need, uses, rules)
    return owed.whole(by_need) - backlog


def goods_at_hand(owed: Owed, stock: Stock, free: Ints, by_need: Ints, uses: Flags, rules: Rules) -> Ints:
    """Return by need what nobody wants today, of what lines that `use` it lack, along the queue and within their reach."""
    needs, first = owed.needs, owed.first
    missing = np.where(uses[needs.line], owed.wants_by_line()[needs.line] * needs.per - by_need, 0)
    rows = np.flatnonzero(missing > 0)
    found = np.zeros(len(needs.line), dtype=np.int64)
    if not len(rows):
        return found
    may_be_had = np.flatnonzero(stock.usable & (free > 0) & ~np.isin(stock.item_id, list(rules.reserves)))
    shelves = by_item(stock.item_id, may_be_had)
    left, place = free.tolist(), stock.location_id.tolist()
    reach, item = owed.fact("reach_id", first).tolist(), needs.item_id.tolist()
    for row in rows[owed.places(first[needs.line[rows]])].tolist():
        bound = rules.reaches.get(reach[needs.line[row]], {}) if reach[needs.line[row]] else None
        for shelf in shelves[item[row]]:
            if bound is None or place[shelf] in bound:
                units = min(left[shelf], int(missing[row]) - int(found[row]))
                left[shelf] -= units
                found[row] += units
    return found


def has_one(owed: Owed, items: Ints, free: Ints) -> Flags:
    """Return by tranche whether enough for one unit of it is free; `items` and `free` by shelf."""
    needs = owed.needs
    known, of_shelf = np.unique(items, return_inverse=True)
    there = np.append(summed(of_shelf, free, len(known)), 0)[pd.Index(known).get_indexer(pd.Index(needs.item_id))]
    missing = np.ones(len(owed.first), dtype=bool)
    missing[needs.line] = False
    missing[needs.line[there < needs.per]] = True
    return ~missing[owed.line]
