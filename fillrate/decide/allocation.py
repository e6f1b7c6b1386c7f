"""Lay the stock along the queue of what is owed; position decides, never a delta.

Stock that is set aside stays so; what is free goes to the first in the queue; what is left over waits, with a reason, for
what is on its way. Everything is done in whole columns, but for lines that hang together across items.
"""

from dataclasses import dataclass
from datetime import datetime
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
from fillrate.decide.knots import Knots, Rules, early, find_knots
from fillrate.decide.serving import Fate, Served, serve
from fillrate.decide.shelves import Stock, Taken, covered, free_of, in_stock, keep, lay, set_aside, together
from fillrate.decide.standing import LOSSES, Waiting, moves_frame, stand, units_frame
from fillrate.decide.states import Cause, Reason, State
from fillrate.decide.stretches import Flags, Ints, summed, within
from fillrate.decide.tranches import Owed, in_tranches


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
    claims: Claims
    served: Served | None


def nothing(as_of: datetime) -> Supply:
    """Return that nothing is on its way and no rule is special."""
    frames = (pd.DataFrame(columns=list(schema)) for schema in (INBOUND, RECIPES, REACHES, RESERVES))
    return Supply(as_of, *frames)


def allocate(demand: pd.DataFrame, shelves: pd.DataFrame, allocations: pd.DataFrame, supply: Supply) -> Allocated:
    """Return where every open unit stands once the stock on hand is laid along the queue.

    The frames are those of `fillrate.decide.frames`: DEMAND, SHELVES, ALLOCATIONS in; ALLOCATIONS, UNITS, MOVES, COVERS,
    FORECASTS out, by line. The order of input rows does not matter; applied to its own result, nothing moves.
    """
    rules = rules_of(supply)
    owed = in_tranches(conform(demand, DEMAND), conform(supply.recipes, RECIPES))
    stock = in_stock(conform(shelves, SHELVES))
    kept = keep(owed, stock, conform(allocations, ALLOCATIONS))
    coming = on_its_way(conform(supply.inbound, INBOUND), owed, stock, free_of(stock, kept), rules.as_of_us)
    knots = find_knots(owed, stock, rules)
    losses = np.zeros(len(owed.first), dtype=np.int64)
    kept, laid = settled(owed, stock, coming, kept, knots, rules, losses)
    pushed_out = displaced(owed, stock, kept, laid)
    if pushed_out.any():
        losses[kept.line[pushed_out > 0]] = LOSSES.index(Cause.DISPLACED)
        less = Taken(kept.line, kept.shelf, kept.quantity - pushed_out)
        kept, laid = settled(owed, stock, coming, less, knots, rules, losses)
    return told(owed, stock, coming, knots, laid, losses, rules.as_of_us)


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
    owed: Owed, stock: Stock, coming: Coming, kept: Taken, knots: Knots, rules: Rules, losses: Ints
) -> tuple[Taken, Laid]:
    """Lay stock along the queue until nobody who is passed over has to give back what was set aside."""
    while True:
        laid = lay_once(owed, stock, coming, kept, knots, rules)
        if laid.served is None or not len(laid.served.gives_back):
            return kept, laid
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
    held_back = unreleased(owed, rules.as_of_us) | early(owed, rules.as_of_us)
    short = np.where(knots.is_knotted, 0, owed.wants - covered(owed, stock, kept))
    fresh = lay(owed, stock, free_of(stock, kept), np.where(held_back, 0, short))
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
    return Laid(together(taken, len(stock.on_hand)), claims, served)


def displaced(owed: Owed, stock: Stock, kept: Taken, laid: Laid) -> Ints:
    """Return how many units each row of `kept` gives up to lines of a better class that displace others.

    The end of the queue loses first; nobody loses what is being picked.
    """
    short = np.where(owed.fact("displaces"), owed.wants - covered(owed, stock, laid.taken), 0)
    if not short.any():
        return np.zeros(len(kept.line), dtype=np.int64)
    items = np.unique(stock.item_id)
    of_tranche = pd.Index(items).get_indexer(owed.fact("item_id"))
    rows = np.flatnonzero((short > 0) & (of_tranche >= 0))
    wanted = summed(of_tranche[rows], short[rows], len(items))
    worst = np.full(len(items), np.iinfo(np.int64).max)
    np.minimum.at(worst, of_tranche[rows], owed.fact("priority", rows))
    first = owed.first[kept.line]
    of_kept = np.searchsorted(items, stock.item_id[kept.shelf])
    is_worse = owed.fact("priority", first) > worst[of_kept]
    being_picked = summed(owed.line, owed.being_picked(), len(owed.first))[kept.line]
    can_give = np.where(is_worse & (being_picked == 0), kept.quantity, 0)
    order = owed.places(first)[::-1]
    order = order[np.argsort(of_kept[order], kind="stable")]
    gives = np.zeros(len(kept.line), dtype=np.int64)
    gives[order] = within(of_kept[order], can_give[order], wanted)
    return gives


def told(owed: Owed, stock: Stock, coming: Coming, knots: Knots, laid: Laid, losses: Ints, as_of_us: int) -> Allocated:
    """Return the outcome as frames."""
    backlog = covered(owed, stock, laid.taken)
    fate = laid.served.fate if laid.served is not None else np.zeros(0, dtype=np.int64)
    is_whole = knots.order >= 0
    not_all = np.zeros(len(owed.row), dtype=bool)
    not_all[is_whole] = fate[knots.order[is_whole]] != Fate.COMPLETE
    claimed = claimed_units(owed, stock, coming, laid, backlog)
    free = free_of(stock, laid.taken)
    waiting = Waiting(
        claimed=claimed,
        is_preorder=owed.fact("is_preorder") | unreleased(owed, as_of_us),
        is_incomplete=not_all,
        is_there=has_all(owed, stock.item_id[stock.usable & (free > 0)]),
        is_withheld=has_all(owed, stock.item_id[free > 0]),
    )
    units = stand(owed, backlog, waiting)
    incomplete = np.where(not_all, knots.order, -1)
    frames: list[tuple[pd.DataFrame, Schema]] = [
        (set_aside(owed, stock, laid.taken), ALLOCATIONS),
        (units_frame(owed, units), UNITS),
        (moves_frame(owed, units, losses), MOVES),
        (covers_frame(owed, coming, laid.claims), COVERS),
        (forecasts_frame(owed, coming, laid.claims, waits(owed, backlog), claimed, incomplete), FORECASTS),
    ]
    return Allocated(*(conform(frame, schema) for frame, schema in frames))


def waits(owed: Owed, backlog: Ints) -> Ints:
    """Return how many units of each tranche have no stock and need it."""
    needs_stock = owed.fact("needs_stock") & owed.fact("is_tracked")
    return np.where(needs_stock, owed.quantity - backlog, 0)


def claimed_units(owed: Owed, stock: Stock, coming: Coming, laid: Laid, backlog: Ints) -> Ints:
    """Return how many waiting units of each tranche are covered by what is on its way, with what is set aside for kits."""
    needs, taken, claims = owed.needs, laid.taken, laid.claims
    aside = needs.find(taken.line, stock.item_id[taken.shelf])
    awaited = needs.find(owed.line[claims.tranche], coming.item_id[claims.coming])
    by_need = summed(aside, taken.quantity, len(needs.line)) + summed(awaited, claims.quantity, len(needs.line))
    return owed.whole(by_need) - backlog


def has_all(owed: Owed, items: Ints) -> Flags:
    """Return by tranche whether every item that it draws on is among these."""
    missing = np.ones(len(owed.first), dtype=bool)
    missing[owed.needs.line] = False
    missing[owed.needs.line[~np.isin(owed.needs.item_id, items)]] = True
    return ~missing[owed.line]
