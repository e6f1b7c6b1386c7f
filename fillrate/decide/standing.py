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


@dataclass(frozen=True, slots=True)
class Standing:
    """Open units by tranche, state and reason, sorted."""

    tranche: Ints
    code: Ints
    quantity: Ints


def stand(owed: Owed, covered: Ints, withheld: Flags) -> Standing:
    """Return where the units stand: `covered` have stock set aside; `withheld` tranches have stock out of their reach.

    Units that are being picked stay so while they have stock and nothing holds the order.
    """
    needs_none = ~(owed.fact("needs_stock") & owed.fact("is_tracked"))
    backlog = np.where(needs_none, owed.quantity, covered)
    held, why_held = backlog_reasons(owed)
    picking = np.where(held, 0, np.minimum(owed.picking, backlog))
    parts = [
        part(np.full(len(owed.row), CODES[State.BACKLOG, Reason.PICKING]), picking),
        part(why_held, backlog - picking),
        part(backorder_reasons(owed, withheld), owed.quantity - backlog),
    ]
    tranche, code, quantity = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    rows = np.argsort(tranche * len(STANDS) + code, kind="stable")
    return Standing(tranche[rows], code[rows], quantity[rows])


def part(code: Ints, quantity: Ints) -> tuple[Ints, Ints, Ints]:
    """Return tranche, code and quantity where there are any units."""
    rows = np.flatnonzero(quantity)
    return rows, code[rows], quantity[rows]


def backlog_reasons(owed: Owed) -> tuple[Flags, Ints]:
    """Return which tranches are held back, and the code of each tranche's reason in backlog."""
    hold = owed.fact("hold")
    codes = np.select(
        [hold == reason for reason in HOLDS],
        [CODES[State.BACKLOG, reason] for reason in HOLDS],
        default=CODES[State.BACKLOG, Reason.READY],
    )
    return codes != CODES[State.BACKLOG, Reason.READY], codes


def backorder_reasons(owed: Owed, withheld: Flags) -> Ints:
    """Return the code of each tranche's reason in backorder: the first that applies."""
    return np.select(
        [owed.fact("is_preorder"), withheld, owed.fact("is_discontinued")],
        [CODES[State.BACKORDER, why] for why in (Reason.PREORDER, Reason.WITHHELD, Reason.DISCONTINUED)],
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


def moves_frame(owed: Owed, units: Standing) -> pd.DataFrame:
    """Return the fewest moves from where units stood to where they stand, as a MOVES frame."""
    was = Standing(owed.bucket_tranche, owed.bucket_code, owed.bucket_quantity)
    left, right = surplus(was, units), surplus(units, was)
    start, end, quantity = cut(left.tranche, left.quantity, right.tranche, right.quantity, len(owed.row))
    kinds, kind = np.unique(left.code[start] * len(STANDS) + right.code[end], return_inverse=True)
    moves = [move(*divmod(int(one), len(STANDS))) for one in kinds]
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


def move(start: int, end: int) -> Move:
    """Return the move from one standing to another with what made it: the first that applies."""
    (was, reason), (now, next_reason) = STANDS[start], STANDS[end]
    if was == State.NEW:
        cause = Cause.ALLOCATED
    elif was != now:
        cause = Cause.STOCK_ARRIVED if now == State.BACKLOG else Cause.STOCK_LOST
    elif next_reason in HOLDS:
        cause = Cause.HOLD
    else:
        cause = Cause.RELEASE if reason in HOLDS else Cause.POLICY
    return Move(was, reason, now, next_reason, cause)
