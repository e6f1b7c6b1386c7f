"""Lay the stock along the queue of what is owed; position decides, never a delta.

Every row is a bucket of open units of one line. Stock that is set aside stays so; what is free goes to the first in the
queue; what is left over waits, with a reason. Everything is done in columns: sorted cumulative sums turn quantities into
stretches, and two lists of stretches are cut where they meet (no loop over rows).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fillrate.decide.frames import ALLOCATIONS, DEMAND, MOVES, SHELVES, UNITS, conform
from fillrate.decide.states import Cause, Reason, State
from fillrate.decide.stretches import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUEUE = ["priority", "queued_at", "placed_at", "order_key", "line_key"]
SUM = ("quantity", "sum")
TAKING = ["line_id", "item_id", "location_id"]


@dataclass(frozen=True, slots=True)
class Allocated:
    """What is set aside from now on, where every open unit stands, and what moved to get there."""

    allocations: pd.DataFrame
    units: pd.DataFrame
    moves: pd.DataFrame


def allocate(demand: pd.DataFrame, shelves: pd.DataFrame, allocations: pd.DataFrame) -> Allocated:
    """Return where every open unit stands once the stock on hand is laid along the queue.

    The frames are those of `fillrate.decide.frames`: DEMAND, SHELVES, ALLOCATIONS in; ALLOCATIONS, UNITS, MOVES out.
    The order of input rows does not matter; applied to its own result, nothing moves.
    """
    queue = in_queue_order(conform(demand, DEMAND))
    stock = conform(shelves, SHELVES).assign(on_hand=lambda frame: frame["on_hand"].clip(lower=0))
    wanting = queue[queue["needs_stock"] & queue["is_tracked"] & queue["item_id"].notna()]
    wanting = wanting.astype({"item_id": "int64"})
    kept = keep(wanting, stock, conform(allocations, ALLOCATIONS))
    fresh = lay(wanting, stock, kept)
    taken = pd.concat([kept, fresh], ignore_index=True).groupby(TAKING, as_index=False).agg(quantity=SUM)
    units = stand(queue, stock, taken)
    moves = differences(queue, units)
    return Allocated(conform(taken, ALLOCATIONS), conform(units, UNITS), conform(moves, MOVES))


def in_queue_order(demand: pd.DataFrame) -> pd.DataFrame:
    """Return the buckets with their place in the queue, `place` 0 first; there are no ties."""
    ordered = demand.sort_values([*QUEUE, "state", "reason"], kind="stable", ignore_index=True)
    return ordered.assign(place=np.arange(len(ordered)))


def keep(wanting: pd.DataFrame, stock: pd.DataFrame, allocations: pd.DataFrame) -> pd.DataFrame:
    """Return what stays set aside: no more than a line still wants, and than still lies there; the end of the queue loses."""
    lines = wanting.groupby(["line_id", "item_id"], as_index=False).agg(
        quantity=("quantity", "sum"), place=("place", "min")
    )
    mine = allocations.merge(lines.rename(columns={"quantity": "wanted"}), on=["line_id", "item_id"])
    mine = mine.merge(stock[["item_id", "location_id", "on_hand"]], on=["item_id", "location_id"])
    mine = mine.sort_values(["place", "location_id"], ignore_index=True)
    mine["quantity"] = within(mine["quantity"], mine["wanted"], mine.groupby("line_id")["quantity"].cumsum())
    shelf = mine.groupby(["item_id", "location_id"])["quantity"].cumsum()
    mine["quantity"] = within(mine["quantity"], mine["on_hand"], shelf)
    return mine.loc[mine["quantity"] > 0, [*TAKING, "quantity"]]


def within(quantity: "pd.Series[int]", limit: "pd.Series[int]", running: "pd.Series[int]") -> "pd.Series[int]":
    """Return each quantity cut so that the running total stays within the limit."""
    return (quantity - (running - limit).clip(lower=0)).clip(lower=0)


def lay(wanting: pd.DataFrame, stock: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Return what is newly set aside: free stock, location by location, along the queue."""
    mine = kept.groupby("line_id")["quantity"].sum()
    tranches = wanting[["line_id", "item_id", "quantity", "place"]].sort_values("place")
    covered = tranches["line_id"].map(mine).fillna(0).astype("int64")
    running = tranches.groupby("line_id")["quantity"].cumsum()
    short = (running - covered).clip(lower=0)
    tranches = tranches.assign(quantity=np.minimum(short, tranches["quantity"]))
    taken = kept.groupby(["item_id", "location_id"], as_index=False).agg(quantity=SUM)
    free = stock[stock["usable"]].merge(taken, on=["item_id", "location_id"], how="left").fillna({"quantity": 0})
    free = free.assign(quantity=free["on_hand"] - free["quantity"].astype("int64"))
    free = free.sort_values(["item_id", "location_rank", "location_id"], ignore_index=True)
    tranches = tranches.sort_values(["item_id", "place"], ignore_index=True)
    left, right, quantity = cut(tranches["item_id"], tranches["quantity"], free["item_id"], free["quantity"])
    return pd.DataFrame(
        {
            "line_id": tranches["line_id"].to_numpy()[left],
            "item_id": tranches["item_id"].to_numpy()[left],
            "location_id": free["location_id"].to_numpy()[right],
            "quantity": quantity,
        }
    )


def stand(queue: pd.DataFrame, stock: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Return for each bucket how many of its units are in backlog and how many wait, with their reasons."""
    mine = queue["line_id"].map(taken.groupby("line_id")["quantity"].sum()).fillna(0).astype("int64")
    running = queue.groupby("line_id")["quantity"].cumsum()
    before = running - queue["quantity"]
    covered = (mine - before).clip(lower=0)
    needs_none = ~queue["needs_stock"] | ~queue["is_tracked"]
    backlog = np.where(needs_none, queue["quantity"], np.minimum(covered, queue["quantity"]))
    ready = queue.assign(quantity=backlog, to_state=State.BACKLOG.value, to_reason=backlog_reason(queue))
    waits = queue.assign(
        quantity=queue["quantity"] - backlog,
        to_state=State.BACKORDER.value,
        to_reason=backorder_reason(queue, stock),
    )
    both = pd.concat([ready, waits], ignore_index=True)
    both = both[both["quantity"] > 0].drop(columns=["state", "reason"])
    both = both.rename(columns={"to_state": "state", "to_reason": "reason"})
    return both.groupby(["line_id", "state", "reason", "queued_at"], as_index=False).agg(quantity=SUM)


def backlog_reason(queue: pd.DataFrame) -> "NDArray[np.str_]":
    """Return why units with stock wait for work: what holds the order, or nothing; units being picked stay so."""
    picking = (queue["state"] == State.BACKLOG) & (queue["reason"] == Reason.PICKING)
    ready = np.where(picking, Reason.PICKING.value, Reason.READY.value)
    return np.where(queue["hold"] == "", ready, queue["hold"].to_numpy(dtype=str))


def backorder_reason(queue: pd.DataFrame, stock: pd.DataFrame) -> "NDArray[np.str_]":
    """Return why units have no stock: the first that applies."""
    elsewhere = stock.loc[~stock["usable"] & (stock["on_hand"] > 0), "item_id"].unique()
    withheld = queue["item_id"].isin(elsewhere).to_numpy(dtype=bool)
    return np.select(
        [queue["is_preorder"].to_numpy(), withheld, queue["is_discontinued"].to_numpy()],
        [Reason.PREORDER.value, Reason.WITHHELD.value, Reason.DISCONTINUED.value],
        default=Reason.NO_SUPPLY.value,
    )


def differences(queue: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the fewest moves from the old buckets to the new ones; what is the same in both does not move."""
    keys = ["line_id", "queued_at", "state", "reason"]
    old = queue.groupby(keys, as_index=False).agg(quantity=SUM)
    both = old.merge(units, on=keys, how="outer", suffixes=("_old", "_new")).fillna(
        {"quantity_old": 0, "quantity_new": 0}
    )
    both = both.sort_values(keys, ignore_index=True)
    surplus = (both["quantity_old"] - both["quantity_new"]).astype("int64")
    tranche = both.groupby(["line_id", "queued_at"], sort=False).ngroup()
    start, end = both[surplus > 0], both[surplus < 0]
    left, right, quantity = cut(tranche[start.index], surplus[start.index], tranche[end.index], -surplus[end.index])
    start, end = start.iloc[left], end.iloc[right]
    moves = pd.DataFrame(
        {
            "line_id": start["line_id"].to_numpy(),
            "quantity": quantity,
            "from_state": start["state"].to_numpy(),
            "from_reason": start["reason"].to_numpy(),
            "to_state": end["state"].to_numpy(),
            "to_reason": end["reason"].to_numpy(),
        }
    )
    moves["cause"] = causes(moves)
    return moves.groupby([*moves.columns.drop("quantity")], as_index=False).agg(quantity=SUM)


def causes(moves: pd.DataFrame) -> "NDArray[np.str_]":
    """Return what made units move."""
    was, now = moves["from_state"], moves["to_state"]
    holds = [Reason.REVIEW.value, Reason.PAYMENT.value, Reason.HOLD.value]
    return np.select(
        [
            was == State.NEW,
            (was == State.BACKORDER) & (now == State.BACKLOG),
            (was == State.BACKLOG) & (now == State.BACKORDER),
            moves["to_reason"].isin(holds),
            moves["from_reason"].isin(holds),
        ],
        [
            Cause.ALLOCATED.value,
            Cause.STOCK_ARRIVED.value,
            Cause.STOCK_LOST.value,
            Cause.HOLD.value,
            Cause.RELEASE.value,
        ],
        default=Cause.POLICY.value,
    )
