"""What a change of an order means for the units of a line.

Plain values, no DataFrames: it is asked once for each changed line while orders are read in.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from fillrate.decide.states import Cause, Reason, State
from fillrate.decide.withdrawals import Withdrawn, seen


class Meaning(StrEnum):
    """What an order's status means for the queue."""

    NOT_AN_ORDER = "not_an_order"
    NOTHING = "nothing"
    CANCELLED = "cancelled"
    DONE = "done"
    BY_LINES = "by_lines"
    PAYMENT = "payment"
    REVIEW = "review"
    UNKNOWN = "unknown"


class Units(NamedTuple):
    """Open units that share a state, a reason and a place in the queue."""

    state: str
    reason: str
    queued_at: datetime
    quantity: int


class LineFacts(NamedTuple):
    """What the shop says of one line now."""

    meaning: Meaning
    quantity: int
    shipped: int
    refunded: int
    is_removed: bool
    placed_at: datetime
    modified_at: datetime


class KnownLine(NamedTuple):
    """What we knew of it; `told` of the shipped units are those that the shop itself counted as shipped."""

    ordered: int
    shipped: int
    cancelled: int
    units: tuple[Units, ...]
    told: int = 0
    withdrawn: Withdrawn = Withdrawn()


class LineMove(NamedTuple):
    """Units of the line that move."""

    quantity: int
    from_state: str
    from_reason: str
    to_state: str
    to_reason: str
    cause: str


class Settlement(NamedTuple):
    """The line as it is to be saved, and what happened to its units."""

    ordered: int
    shipped: int
    cancelled: int
    units: tuple[Units, ...]
    moves: tuple[LineMove, ...]
    left_backlog_shipped: int
    left_backlog_released: int
    newly_shipped: int
    newly_unshipped: int
    told: int
    withdrawn: Withdrawn = Withdrawn()


class Targets(NamedTuple):
    """What of a line is to be: ordered, shipped, cancelled, of that by refunds, and what a person gave up of it."""

    ordered: int
    shipped: int
    cancelled: int
    refunded: int
    withdrawn: Withdrawn


EMPTY = KnownLine(0, 0, 0, ())
SHIP_ORDER = {State.BACKLOG: 0, State.BACKORDER: 1, State.NEW: 2}
READY_ORDER = {Reason.PICKING: 0, Reason.READY: 1}
OWES_NOTHING = frozenset({Meaning.NOT_AN_ORDER, Meaning.NOTHING, Meaning.CANCELLED})


def settle(facts: LineFacts, known: KnownLine | None, *, refund_cancels_unshipped: bool = True) -> Settlement:
    """Return what the facts make of a line; asked again with the same facts, nothing moves."""
    before = known or EMPTY
    ordered, shipped, cancelled, refunded, withdrawn = targets(facts, before, refund_cancels_unshipped)
    if known is None:
        return first_sight(facts, ordered, shipped, cancelled)
    is_refunded = facts.meaning not in OWES_NOTHING and refunded > before.cancelled
    ending = Cause.REFUNDED if is_refunded else Cause.CANCELLED
    queue = Queue(before.units)
    queue.enter(before.shipped - shipped, State.SHIPPED, Cause.SHIPMENT_DELETED, facts.placed_at)
    edited_away = max(0, min(before.cancelled - cancelled, before.ordered - ordered))
    queue.forget(edited_away)
    queue.enter(before.cancelled - cancelled - edited_away, State.CANCELLED, Cause.REOPENED, facts.modified_at)
    queue.enter(ordered - before.ordered, State.NONE, Cause.ORDER_EDITED, facts.modified_at)
    from_shelf = queue.leave(shipped - before.shipped, State.SHIPPED, Cause.SHIPPED, to_ship)
    released = queue.leave(cancelled - before.cancelled, State.CANCELLED, ending, to_give_up)
    released += queue.leave(before.ordered - ordered - edited_away, State.NONE, Cause.ORDER_EDITED, to_give_up)
    return Settlement(
        ordered=ordered,
        shipped=shipped,
        cancelled=cancelled,
        units=queue.units(),
        moves=tuple(queue.moves),
        left_backlog_shipped=from_shelf,
        left_backlog_released=released,
        newly_shipped=max(0, shipped - before.shipped),
        newly_unshipped=max(0, before.shipped - shipped),
        told=min(facts.shipped, ordered),
        withdrawn=withdrawn,
    )


def targets(facts: LineFacts, before: KnownLine, refund_cancels: bool) -> Targets:
    """Return what of a line is to be; an edit never takes away what has shipped.

    Only a shipment that the shop takes back brings units back: its own number falls below what it told before. Elsewhere
    what has left stays so: many shops finish orders without a shipment, and whatever a refund, a dispute or another
    status says later on brings nothing back to a shelf. A status that nobody knows takes nothing up again either.
    """
    kept = before.shipped - max(0, before.told - facts.shipped)
    ordered = max(0 if facts.is_removed else facts.quantity, kept)
    shipped = max(min(facts.shipped, ordered), kept)
    rest = ordered - shipped
    refunded = min(facts.refunded, rest) if refund_cancels else 0
    withdrawn = seen(before.withdrawn, wanted(facts, refund_cancels))
    cancelled = min(refunded + withdrawn.left, rest)
    if facts.meaning in OWES_NOTHING:
        cancelled = rest
    elif facts.meaning == Meaning.UNKNOWN:
        cancelled = max(cancelled, min(before.cancelled, rest))
    elif facts.meaning == Meaning.DONE:
        shipped = ordered - cancelled
    return Targets(ordered, shipped, cancelled, refunded, withdrawn)


def wanted(facts: LineFacts, refund_cancels: bool) -> int:
    """Return how many units of a line the shop wants to be delivered, or to have been."""
    return (0 if facts.is_removed else facts.quantity) - (facts.refunded if refund_cancels else 0)


def first_sight(facts: LineFacts, ordered: int, shipped: int, cancelled: int) -> Settlement:
    """Return a line that was not known: what is closed of it is history and makes no moves."""
    told, rest = min(facts.shipped, ordered), ordered - shipped - cancelled
    if not rest:
        return Settlement(ordered, shipped, cancelled, (), (), 0, 0, shipped, 0, told)
    queue = Queue(())
    queue.enter(rest, State.NONE, Cause.ORDERED, facts.placed_at)
    return Settlement(ordered, shipped, cancelled, queue.units(), tuple(queue.moves), 0, 0, shipped, 0, told)


def to_ship(units: Units) -> tuple[int, int, datetime]:
    """Sort what leaves by shipping: what is set aside and furthest along first, the longest waiting first."""
    return SHIP_ORDER[State(units.state)], READY_ORDER.get(Reason(units.reason), 2), units.queued_at


def to_give_up(units: Units) -> tuple[int, int, float]:
    """Sort what leaves by a cancel or an edit: the other way round, the latest in the queue first."""
    return -SHIP_ORDER[State(units.state)], -READY_ORDER.get(Reason(units.reason), 2), -units.queued_at.timestamp()


class Queue:
    """The open units of one line while they are being moved."""

    def __init__(self, units: Iterable[Units]) -> None:
        self.buckets = {(one.state, one.reason, one.queued_at): one.quantity for one in units}
        self.moves: list[LineMove] = []

    def units(self) -> tuple[Units, ...]:
        """Return what is open now, sorted."""
        return tuple(sorted(Units(*bucket, quantity) for bucket, quantity in self.buckets.items() if quantity))

    def enter(self, quantity: int, origin: State, cause: Cause, queued_at: datetime) -> None:
        """Let units join the queue as new."""
        if quantity > 0:
            bucket = (State.NEW.value, Reason.NONE.value, queued_at)
            self.buckets[bucket] = self.buckets.get(bucket, 0) + quantity
            self.moves.append(LineMove(quantity, origin.value, "", State.NEW.value, "", cause.value))

    def forget(self, quantity: int) -> None:
        """Let cancelled units go out of the order."""
        if quantity:
            edited = Cause.ORDER_EDITED.value
            self.moves.append(LineMove(quantity, State.CANCELLED.value, "", State.NONE.value, "", edited))

    def leave(self, quantity: int, end: State, cause: Cause, order: Callable[[Units], Any]) -> int:
        """Let units leave in the given order; returns how many of them had stock set aside."""
        from_backlog = 0
        for one in sorted(self.units(), key=order):
            units = min(quantity, one.quantity)
            if units <= 0:
                break
            quantity -= units
            self.buckets[one.state, one.reason, one.queued_at] -= units
            self.moves.append(LineMove(units, one.state, one.reason, end.value, "", cause.value))
            from_backlog += units if one.state == State.BACKLOG else 0
        return from_backlog
