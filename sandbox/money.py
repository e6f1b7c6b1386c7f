"""What money an order's units stand for, with and without tax."""

from collections.abc import Sequence

from sandbox.records import Line, Order, Refund
from sandbox.state import State


def taxed(state: State, cents: int) -> int:
    """An amount in cents with tax."""
    return taxed_e4(state, cents * 100) // 100


def taxed_e4(state: State, e4: int) -> int:
    """An amount in ten-thousandths with tax; the tax is rounded to the cent."""
    return e4 + (e4 * state.profile.tax_rate + 500_000) // 1_000_000 * 100


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
