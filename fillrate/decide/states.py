"""The states of a line's units, the reasons and causes, and which moves are legal.

One mapping says which state may follow which, and for what cause; the diagram in the docs is generated from it.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a unit is; `none` is outside: before the order, or taken out of it by an edit."""

    NONE = "none"
    NEW = "new"
    BACKLOG = "backlog"
    BACKORDER = "backorder"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why an open unit is where it is; `NONE` for states that need no reason."""

    NONE = ""
    REVIEW = "review"
    PAYMENT = "payment"
    HOLD = "hold"
    SHIP_COMPLETE = "ship_complete"
    CAPACITY = "capacity"
    READY = "ready"
    PICKING = "picking"
    PREORDER = "preorder"
    AWAITING_INBOUND = "awaiting_inbound"
    WITHHELD = "withheld"
    DISCONTINUED = "discontinued"
    NO_SUPPLY = "no_supply"


class Cause(StrEnum):
    """What made units move."""

    ORDERED = "ordered"
    ALLOCATED = "allocated"
    STOCK_ARRIVED = "stock_arrived"
    STOCK_LOST = "stock_lost"
    ORDER_EDITED = "order_edited"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    RETURNED = "returned"
    SHIPPED = "shipped"
    SHIPMENT_DELETED = "shipment_deleted"
    REOPENED = "reopened"
    HOLD = "hold"
    RELEASE = "release"
    DISPLACED = "displaced"
    POLICY = "policy"


class Move(NamedTuple):
    """From where to where units go, and what made them."""

    from_state: str
    from_reason: str
    to_state: str
    to_reason: str
    cause: str


OPEN = (State.NEW, State.BACKLOG, State.BACKORDER)

# In the order in which they apply: of several, the first is told. What is not open needs no reason.
REASONS: dict[State, tuple[Reason, ...]] = {
    State.NEW: (Reason.NONE,),
    State.BACKLOG: (
        Reason.REVIEW,
        Reason.PAYMENT,
        Reason.HOLD,
        Reason.SHIP_COMPLETE,
        Reason.CAPACITY,
        Reason.PICKING,
        Reason.READY,
    ),
    State.BACKORDER: (
        Reason.PREORDER,
        Reason.AWAITING_INBOUND,
        Reason.SHIP_COMPLETE,
        Reason.WITHHELD,
        Reason.DISCONTINUED,
        Reason.NO_SUPPLY,
    ),
}

LEGAL: dict[tuple[State, State], frozenset[Cause]] = {
    (State.NONE, State.NEW): frozenset({Cause.ORDERED, Cause.ORDER_EDITED}),
    (State.SHIPPED, State.NEW): frozenset({Cause.SHIPMENT_DELETED}),
    (State.CANCELLED, State.NEW): frozenset({Cause.REOPENED}),
    (State.CANCELLED, State.NONE): frozenset({Cause.ORDER_EDITED}),
    (State.NEW, State.BACKLOG): frozenset({Cause.ALLOCATED}),
    (State.NEW, State.BACKORDER): frozenset({Cause.ALLOCATED}),
    (State.BACKORDER, State.BACKLOG): frozenset({Cause.STOCK_ARRIVED}),
    (State.BACKLOG, State.BACKORDER): frozenset({Cause.STOCK_LOST, Cause.DISPLACED, Cause.POLICY}),
    (State.BACKLOG, State.BACKLOG): frozenset({Cause.HOLD, Cause.RELEASE, Cause.POLICY}),
    (State.BACKORDER, State.BACKORDER): frozenset({Cause.POLICY}),
    **{(state, State.SHIPPED): frozenset({Cause.SHIPPED}) for state in OPEN},
    **{(state, State.CANCELLED): frozenset({Cause.CANCELLED, Cause.REFUNDED}) for state in OPEN},
    **{(state, State.NONE): frozenset({Cause.ORDER_EDITED}) for state in OPEN},
}


def check_moves(moves: Iterable[Move]) -> None:
    """Raise ValueError for the first move that the table does not allow, or whose reason is not one of its state's."""
    for move in moves:
        start, end = State(move.from_state), State(move.to_state)
        ends = ((start, move.from_reason), (end, move.to_reason))
        has_reasons = all(reason in REASONS.get(state, (Reason.NONE,)) for state, reason in ends)
        if move.cause not in LEGAL.get((start, end), ()) or not has_reasons:
            message = f"no legal move: {' '.join(part or '-' for part in move)}"
            raise ValueError(message)
