"""What money an order's units stand for, with and without tax."""

from collections.abc import Sequence

from sandbox.records import Line, Order, Refund
from sandbox.state import State


def taxed(state: State, cents: int) -> int:
    """An amount with tax, rounded to the cent."""
    return cents + (cents * state.profile.tax_rate + 5000) // 10_000


def make_refund(
    state: State, refund_id: int, order: Order, when: int, reason: str, parts: Sequence[tuple[Line, int]]
) -> Refund:
    """Give the money for units back, tax included, and note it on the order and its lines."""
    items = tuple((line.id, units, taxed(state, line.price) * units) for line, units in parts)
    tax = sum((taxed(state, line.price) - line.price) * units for line, units in parts)
    for line, units in parts:
        line.refunded += units
    order.refunds.append(refund_id)
    return Refund(refund_id, order.id, when, reason, items, tax, when)
