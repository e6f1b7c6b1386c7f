"""What happened to the orders of the past: shipments, refunds, and the stock that open orders hold.

Finished orders were deducted and shipped in full from the default location, or closed and put back. Open orders are laid
on the shelves in the order of time, by the same rules that later orders follow.
"""

from random import Random

from sandbox.clock import DAY
from sandbox.generate.orders import OPEN
from sandbox.money import make_refund
from sandbox.records import DEFAULT_LOCATION, Item, Line, Order, Refund, Shipment, Taken
from sandbox.state import State
from sandbox.stock import DONE, at_order, book, is_placed, send, units_in

CARRIERS = ("ups", "usps", "fedex", "royalmail", "")
REASONS = ("Damaged", "Did not fit", "Changed mind", "Lost in the post")


class History:
    """Writes the past of each order into the state."""

    def __init__(self, state: State, seed: int, young_after: int) -> None:
        self._state = state
        self._young_after = young_after
        self._chance = Random(f"{seed}:history")
        self._opened = state.clock.start
        self._refunded_at = 0
        self._whole: dict[int, Taken] = {}
        self.shipments: list[Shipment] = []
        self.refunds: list[Refund] = []

    def write(self, order: Order) -> None:
        """The past of one order, to the present."""
        self._refunded_at = 0
        if order.status in OPEN and (order.status != 14 or order.created > self._young_after):
            self._open(order)
        elif order.status in {2, 10, 13, 14}:
            self._finished(order)
        elif order.status == 4:
            self._refunded(order)
        self._touch(order)

    def _touch(self, order: Order) -> None:
        last = max(order.shipped_at, self._refunded_at, order.created + self._chance.randint(60, 2 * DAY))
        order.modified = min(last, self._opened - 1)

    def _taken(self, units: int) -> Taken:
        return self._whole.setdefault(units, ((DEFAULT_LOCATION, units),))

    def _later(self, order: Order, days: int) -> int:
        return min(order.created + self._chance.randint(3600, days * DAY), self._opened - 1)

    def _finished(self, order: Order) -> None:
        """Deducted and gone; a few were just marked as done, without a shipment."""
        draw = self._chance.random()
        for line in order.lines:
            line.booked = line.quantity
            item = self._state.line_item(line)
            if item is None:
                continue
            line.deducted = self._taken(line.quantity)
            if draw < 0.02 and order.status in DONE:
                item.cells[DEFAULT_LOCATION].by_hand -= line.quantity
                line.gone = line.deducted
        if draw >= 0.02 or order.status not in DONE:
            self._ship_all(order, parts=2 if draw > 0.9 else 1)
        if order.status == 14:
            self._refund(order, order.lines[:1], order.shipped_at or order.created)

    def _ship_all(self, order: Order, parts: int) -> None:
        physical = [line for line in order.lines if line.kind != "digital" and line.quantity]
        for part in range(parts):
            lines = physical[part::parts]
            sent = [(line, line.quantity, DEFAULT_LOCATION) for line in lines]
            for line in lines:
                line.shipped = line.quantity
            self._shipment(order, sent)

    def _shipment(self, order: Order, sent: list[tuple[Line, int, int]]) -> None:
        """Shipments of the units, one for each address."""
        for address in sorted({line.address for line, _, _ in sent}):
            here = [(line, units, place) for line, units, place in sent if line.address == address]
            when = max(self._later(order, 4), order.shipped_at)
            made = Shipment(
                id=len(self.shipments) + 1,
                order_id=order.id,
                created=when,
                address_id=address,
                carrier=self._chance.choice(CARRIERS),
                tracking=f"1Z{order.id:08d}{len(order.shipments)}",
                items=tuple((line.id, units, place) for line, units, place in here),
                modified=when,
            )
            self.shipments.append(made)
            order.shipments.append(made.id)
            order.shipped_at = when

    def _refunded(self, order: Order) -> None:
        """Half were refunded before they went out; the others came back and lie on the shelf again."""
        restocks = self._state.setting(order, "refund_order_stock_adjustment")
        if self._chance.random() < 0.5:
            self._ship_all(order, parts=1)
            for line in order.lines:
                item = self._state.line_item(line)
                if item is not None and restocks:
                    item.cells[DEFAULT_LOCATION].by_hand += line.shipped
                elif item is not None:
                    line.booked, line.deducted = line.quantity, self._taken(line.quantity)
        self._refund(order, order.lines, order.shipped_at or order.created)

    def _refund(self, order: Order, lines: list[Line], after: int) -> None:
        when = min(after + self._chance.randint(3600, 9 * DAY), self._opened - 1)
        self._refunded_at = when
        parts = [(line, line.quantity) for line in lines if line.quantity]
        reason = self._chance.choice(REASONS)
        self.refunds.append(make_refund(self._state, len(self.refunds) + 1, order, when, reason, parts))

    def _open(self, order: Order) -> None:
        """Lay an open order on the shelves; send a part of it where the status says so."""
        if at_order(self._state, order) and is_placed(self._state, order.status):
            for line in order.lines:
                book(self._state, order, line, line.quantity)
        if order.status == 3:
            self._ship_some(order)
        elif order.status == 14:
            self._refund(order, order.lines[:1], order.created)

    def _ship_some(self, order: Order) -> None:
        """A partly shipped order: some of what is really there has left."""
        sent: list[tuple[Line, int, int]] = []
        for line in order.lines:
            item = self._state.line_item(line)
            if item is not None:
                sent += self._leave(order, line, item, whole=not sent)
        open_units = sum(line.quantity for line in order.lines if line.kind == "physical")
        if not sent or sum(units for _, units, _ in sent) == open_units:
            order.status = 2 if sent else 11
        if sent:
            self._shipment(order, sent)

    def _leave(self, order: Order, line: Line, item: Item, *, whole: bool) -> list[tuple[Line, int, int]]:
        """Some units of a line, if the shop had any for it."""
        had = units_in(line.deducted) - line.backordered
        there = had if at_order(self._state, order) else sum(cell.shelf for cell in item.cells.values())
        units = min(there, line.quantity if whole and line.quantity < 3 else line.quantity // 2)
        if units <= 0:
            return []
        return [(line, part, place) for place, part in send(self._state, order, line, units)]
