"""Goods on their way: what waiting units claim of them, and when each line can be shipped by that."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillrate.decide.shelves import Stock
from fillrate.decide.stretches import Flags, Ints, cut, summed
from fillrate.decide.tranches import NEVER, NO_ITEM, Owed, microseconds

ON_HAND = -1  # instead of an inbound line: goods that lie there and may not leave before a day


@dataclass(frozen=True, slots=True)
class Coming:
    """Inbound lines, sorted by item, by the likely day of arrival (those without one last), by id."""

    inbound_id: Ints
    item_id: Ints
    location_id: Ints  # NO_ITEM where nobody said
    quantity: Ints
    likely_us: Ints  # NEVER where nobody knows
    sure_us: Ints


@dataclass(frozen=True, slots=True)
class Claims:
    """Units that wait for an inbound line: of which tranche, of which row of Coming, how many."""

    tranche: Ints
    coming: Ints
    quantity: Ints


def on_its_way(inbound: pd.DataFrame, owed: Owed, stock: Stock, free: Ints, as_of_us: int) -> Coming:
    """Return an INBOUND frame as sorted columns, with what lies there but may not leave before its release."""
    columns = [
        inbound["inbound_id"].to_numpy(),
        inbound["item_id"].to_numpy(),
        inbound["location_id"].fillna(NO_ITEM).to_numpy(dtype=np.int64),
        inbound["quantity"].to_numpy().clip(0),
        microseconds(inbound["likely_at"]),
        microseconds(inbound["sure_at"]),
    ]
    kept_back = unreleased_items(owed, as_of_us)
    there = np.flatnonzero(stock.usable & (free > 0) & np.isin(stock.item_id, kept_back.index))
    if len(there):
        at = kept_back.reindex(stock.item_id[there]).to_numpy(dtype=np.int64)
        held = [np.full(len(at), ON_HAND), stock.item_id[there], stock.location_id[there], free[there], at, at]
        columns = [np.concatenate(pair) for pair in zip(columns, held, strict=True)]
    order = np.lexsort((columns[0], columns[4], columns[1]))
    return Coming(*(column[order] for column in columns))


def unreleased_items(owed: Owed, as_of_us: int) -> "pd.Series[int]":
    """Return the day of release of each item that nobody may have before one."""
    waits, release = unreleased(owed, as_of_us), owed.fact("release_us")
    wanted = np.flatnonzero(owed.wants_by_line()[owed.needs.line] > 0)
    items, lines = owed.needs.item_id[wanted], owed.first[owed.needs.line[wanted]]
    is_waiting = waits[lines]
    days = pd.Series(release[lines][is_waiting], index=items[is_waiting])
    return days.groupby(level=0).max().drop(items[~is_waiting], errors="ignore")


def unreleased(owed: Owed, as_of_us: int) -> Flags:
    """Return which tranches may not leave yet, since their goods are released on a later day."""
    release = owed.fact("release_us")
    found: Flags = (release > as_of_us) & (release != NEVER)
    return found


def claim(owed: Owed, coming: Coming, left: Ints, short: Ints) -> Claims:
    """Return what is claimed of what is `left` of inbound lines, along the queue of what is `short` (by tranche)."""
    rows = np.flatnonzero(left > 0)
    items, of_coming = np.unique(coming.item_id[rows], return_inverse=True)
    of_tranche = pd.Index(items).get_indexer(owed.fact("item_id"))
    waiting = np.flatnonzero((short > 0) & (of_tranche >= 0))
    waiting = waiting[owed.places(waiting, of_tranche[waiting])]
    start, end, quantity = cut(of_tranche[waiting], short[waiting], of_coming, left[rows], len(items))
    return Claims(waiting[start], rows[end], quantity)


def covers_frame(owed: Owed, coming: Coming, claims: Claims) -> pd.DataFrame:
    """Return claims on inbound lines as a COVERS frame."""
    real = np.flatnonzero(coming.inbound_id[claims.coming] != ON_HAND)
    tranche, row = claims.tranche[real], claims.coming[real]
    columns = {
        "line_id": owed.fact("line_id", tranche),
        "queued_at": owed.demand["queued_at"].array[owed.row[tranche]],
        "inbound_id": coming.inbound_id[row],
        "item_id": coming.item_id[row],
        "quantity": claims.quantity[real],
    }
    keys = ["line_id", "queued_at", "inbound_id", "item_id"]
    return pd.DataFrame(columns).groupby(keys, as_index=False).agg(quantity=("quantity", "sum"))


def forecasts_frame(
    owed: Owed, coming: Coming, claims: Claims, waits: Ints, claimed: Ints, whole: Ints, opens: Ints
) -> pd.DataFrame:
    """Return as a FORECASTS frame when the last unit of each line is there that waits, or whose order waits as a whole.

    `waits` are units without stock, `claimed` those of them that are there in time, and `opens` from when they may be had,
    by tranche; `whole` numbers the orders that are shipped complete, −1 elsewhere. A line with a unit that nothing covers
    has no day.
    """
    lines = len(owed.first)
    likely, sure = (latest(owed, claims, times[claims.coming]) for times in (coming.likely_us, coming.sure_us))
    release = np.zeros(lines, dtype=np.int64)
    np.maximum.at(release, owed.line, opens)
    uncovered = summed(owed.line, waits - claimed, lines)
    is_waiting = summed(owed.line, waits, lines) > 0
    likely, sure = (np.where(uncovered > 0, NEVER, np.maximum(times, release)) for times in (likely, sure))
    order = whole[owed.first]
    if (order >= 0).any():
        likely, sure, waiting = (of_order(order, one) for one in (likely, sure, is_waiting.astype(np.int64)))
        is_waiting = waiting > 0
    shown = np.flatnonzero(is_waiting)
    columns = {
        "line_id": owed.fact("line_id", owed.first[shown]),
        "likely_at": aware(likely[shown]),
        "sure_at": aware(sure[shown]),
        "uncovered": uncovered[shown],
    }
    return pd.DataFrame(columns)


def latest(owed: Owed, claims: Claims, times: Ints) -> Ints:
    """Return for each line the latest time at which one of its claims is met."""
    found = np.zeros(len(owed.first), dtype=np.int64)
    np.maximum.at(found, owed.line[claims.tranche], times)
    return found


def of_order(order: Ints, values: Ints) -> Ints:
    """Return values by line, where an order is shipped complete the largest of its lines."""
    together = np.flatnonzero(order >= 0)
    largest = np.zeros(order.max() + 1, dtype=np.int64)
    np.maximum.at(largest, order[together], values[together])
    found = values.copy()
    found[together] = largest[order[together]]
    return found


def aware(times: Ints) -> "pd.Series[pd.Timestamp]":
    """Return whole numbers as aware times, empty for NEVER and for 0."""
    is_known = (times != NEVER) & (times != 0)
    moments = pd.Series(np.where(is_known, times, 0).astype("datetime64[us]")).dt.tz_localize("UTC")
    return moments.where(pd.Series(is_known))
