"""Where every open unit stands once stock is laid along the queue, and the fewest moves to get there.

Stock decides the state; then the first reason that applies.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fillrate.decide.states import Cause, Move, Reason, State, check_moves
from fillrate.decide.stretches import Flags, Ints, cut
from fillrate.decide.tranches import CODES, STANDS, Owed

HOLDS = (Reason.REVIEW, Reason.PAYMENT, Reason.HOLD)
LOSSES = (Cause.STOCK_LOST, Cause.DISPLACED, Cause.POLICY)  # what takes from a line what was set aside for it


@dataclass(frozen=True, slots=True)
class Standing:
    """Open units by tranche, state and reason, sorted."""

    tranche: Ints
    code: Ints
    quantity: Ints


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why units without stock wait, by tranche."""

    claimed: Ints  # units that something on its way covers
    is_preorder: Flags
    is_incomplete: Flags  # its order ships complete, and not all of it is there
    is_there: Flags  # all that it draws on lies there in some measure, where it could be had
    is_withheld: Flags  # the same, within reach or not


def stand(owed: Owed, backlog: Ints, waiting: Waiting) -> Standing:
    """Return where the units stand: `backlog` of them have stock set aside.

    Units that are being picked stay so while they have stock and nothing holds the order; so do those that wait for
    capacity.
    """
    needs_none = ~(owed.fact("needs_stock") & owed.fact("is_tracked"))
    backlog = np.where(needs_none, owed.quantity, backlog)
    is_held, why_held = holds(owed)
    picking = np.where(is_held, 0, np.minimum(owed.units_in(State.BACKLOG, Reason.PICKING), backlog))
    is_kept = is_held | waiting.is_incomplete
    capacity = np.where(is_kept, 0, np.minimum(owed.units_in(State.BACKLOG, Reason.CAPACITY), backlog - picking))
    rest = np.where(waiting.is_incomplete & ~is_held, CODES[State.BACKLOG, Reason.SHIP_COMPLETE], why_held)
    short = owed.quantity - backlog
    covered = np.where(waiting.is_preorder, 0, np.minimum(waiting.claimed, short))
    parts = [
        part(np.full(len(owed.row), CODES[State.BACKLOG, Reason.PICKING]), picking),
        part(np.full(len(owed.row), CODES[State.BACKLOG, Reason.CAPACITY]), capacity),
        part(rest, backlog - picking - capacity),
        part(np.full(len(owed.row), CODES[State.BACKORDER, Reason.AWAITING_INBOUND]), covered),
        part(backorder_reasons(owed, waiting), short - covered),
    ]
    tranche, code, quantity = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    rows = np.argsort(tranche * len(STANDS) + code, kind="stable")
    return Standing(tranche[rows], code[rows], quantity[rows])


def part(code: Ints, quantity: Ints) -> tuple[Ints, Ints, Ints]:
    """Return tranche, code and quantity where there are any units."""
    rows = np.flatnonzero(quantity)
    return rows, code[rows], quantity[rows]


def holds(owed: Owed) -> tuple[Flags, Ints]:
    """Return which tranches are held back, and the code of each tranche's reason in backlog."""
    hold = owed.fact("hold")
    codes = np.select(
        [hold == reason for reason in HOLDS],
        [CODES[State.BACKLOG, reason] for reason in HOLDS],
        default=CODES[State.BACKLOG, Reason.READY],
    )
    return codes != CODES[State.BACKLOG, Reason.READY], codes


def backorder_reasons(owed: Owed, waiting: Waiting) -> Ints:
    """Return the code of each tranche's reason in backorder where nothing covers it: the first that applies."""
    may_use = waiting.is_incomplete & waiting.is_there
    flags = [waiting.is_preorder, may_use, waiting.is_withheld, owed.fact("is_discontinued")]
    reasons = (Reason.PREORDER, Reason.SHIP_COMPLETE, Reason.WITHHELD, Reason.DISCONTINUED)
    return np.select(
        flags,
        [CODES[State.BACKORDER, why] for why in reasons],
        default=CODES[State.BACKORDER, Reason.NO_SUPPLY],
    )


def units_frame(owed: Owed, units: Standing) -> pd.DataFrame:
    """Return where units stand as a UNITS frame."""
    row = owed.row[units.tranche]
    words = pd.DataFrame(STANDS, columns=["state", "reason"], dtype="str")
    return words.take(units.code).assign(
        line_id=owed.demand["line_id"].to_numpy()[row],
        queued_at=owed.demand["queued_at"].array[row],
        quantity=units.quantity,
    )


def moves_frame(owed: Owed, units: Standing, losses: Ints) -> pd.DataFrame:
    """Return the fewest moves from where units stood to where they stand, as a MOVES frame; `losses` by line."""
    was = Standing(owed.bucket_tranche, owed.bucket_code, owed.bucket_quantity)
    left, right = surplus(was, units), surplus(units, was)
    start, end, quantity = cut(left.tranche, left.quantity, right.tranche, right.quantity, len(owed.row))
    stands, loss = len(STANDS), losses[owed.line[left.tranche[start]]]
    kinds, kind = np.unique((left.code[start] * stands + right.code[end]) * len(LOSSES) + loss, return_inverse=True)
    moves = [move(one // len(LOSSES) // stands, one // len(LOSSES) % stands, one % len(LOSSES)) for one in kinds]
    check_moves(moves)
    words = pd.DataFrame(moves, columns=list(Move._fields), dtype="str")
    return words.take(kind).assign(line_id=owed.fact("line_id", left.tranche[start]), quantity=quantity)


def surplus(these: Standing, others: Standing) -> Standing:
    """Return what `these` have more of than the `others`."""
    keys, known = (one.tranche * len(STANDS) + one.code for one in (these, others))
    found = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    more = these.quantity - np.where(known[found] == keys, others.quantity[found], 0)
    rows = np.flatnonzero(more > 0)
    return Standing(these.tranche[rows], these.code[rows], more[rows])


def move(start: int, end: int, loss: int) -> Move:
    """Return the move from one standing to another with what made it: the first that applies."""
    (was, reason), (now, next_reason) = STANDS[start], STANDS[end]
    if was == State.NEW:
        cause = Cause.ALLOCATED
    elif was != now:
        cause = Cause.STOCK_ARRIVED if now == State.BACKLOG else LOSSES[loss]
    elif next_reason in HOLDS:
        cause = Cause.HOLD
    else:
        cause = Cause.RELEASE if reason in HOLDS else Cause.POLICY
    return Move(was, reason, now, next_reason, cause)
