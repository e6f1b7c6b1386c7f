"""Orders from invoices, and what became of each: shipped whole, refunded whole, or still waiting.

A cancellation is an order of its own that was refunded before anything left, so it moves no stock.
"""

from collections import defaultdict
from collections.abc import Iterable
from random import Random

from sandbox.clock import DAY
from sandbox.generate.catalogue import Catalogue
from sandbox.generate.from_csv.rows import Row, is_cancellation
from sandbox.generate.history import CARRIERS
from sandbox.generate.orders import FIRST_ORDER
from sandbox.records import DEFAULT_LOCATION, Customer, Line, Order, Refund, Shipment, Taken

WAITING, REFUNDED, SHIPPED, COMPLETED = 11, 4, 2, 10
OPEN_DAYS = 14
STRANGERS = 10_000_000


def invoices_of(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows by invoice and buyer, oldest first; an invoice with two buyers is two orders."""
    found: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.invoice, row.customer].append(row)
    return sorted(found.values(), key=lambda rows: rows[0].when)


class OrderBook:
    """Writes one order after the other, counting ids up."""

    def __init__(self, made: Catalogue, seed: int, opened: int) -> None:
        self._products = {product.sku: product for product in made.products}
        self._chance = Random(f"{seed}:csv orders")
        self._opened = opened
        self._whole: dict[int, Taken] = {}
        self.line_id = 1
        self.address_id = 1
        self.orders: list[Order] = []
        self.shipments: list[Shipment] = []
        self.refunds: list[Refund] = []
        self.customers: dict[int, Customer] = {}

    def write(self, rows: list[Row]) -> None:
        """One invoice."""
        order = self._order(rows)
        self.orders.append(order)
        self._greet(order)
        if is_cancellation(order.external_order_id):
            self._refund(order)
        elif order.created <= self._opened - OPEN_DAYS * DAY:
            self._finish(order)

    def _order(self, rows: list[Row]) -> Order:
        first, order_id = rows[0], FIRST_ORDER + len(self.orders)
        order = Order(
            id=order_id,
            customer_id=first.customer,
            person=first.customer or STRANGERS + order_id,
            created=first.when,
            modified=max(row.when for row in rows),
            status=WAITING,
            lines=[],
            address_id=self.address_id,
            external_order_id=first.invoice,
            country=first.country,
        )
        order.lines = [self._line(order, row) for row in rows]
        order.address_count = int(any(line.address for line in order.lines))
        self.address_id += order.address_count
        return order

    def _line(self, order: Order, row: Row) -> Line:
        """A line with the words of that time; without any, with the product's name."""
        product = self._products.get(row.code)
        kind = product.kind if product else "custom"
        self.line_id += 1
        return Line(
            id=self.line_id - 1,
            product_id=product.id if product else 0,
            variant_id=product.variant_ids[0] if product else 0,
            sku=row.code,
            name=row.description or (product.name if product else row.code),
            quantity=row.units,
            price=row.price // 100,
            hundredths=row.price % 100,
            cost=product.cost if product else 0,
            address=0 if kind == "digital" else order.address_id,
            kind=kind,
        )

    def _greet(self, order: Order) -> None:
        """Whoever orders for the first time registers on the way."""
        buyer = order.customer_id
        if buyer and buyer not in self.customers:
            self.customers[buyer] = Customer(buyer, buyer, 0, order.created, order.created, country=order.country)

    def _refund(self, order: Order) -> None:
        order.status = REFUNDED
        for line in order.lines:
            line.refunded = line.quantity
        items = tuple(
            (line.id, line.quantity, line.quantity * (line.price * 100 + line.hundredths) // 100)
            for line in order.lines
        )
        when = order.modified
        made = Refund(len(self.refunds) + 1, order.id, when, "Cancelled", items, 0, when)
        self.refunds.append(made)
        order.refunds.append(made.id)

    def _finish(self, order: Order) -> None:
        """Deducted and gone, all at once, within four days."""
        order.status = SHIPPED if self._chance.random() < 0.27 else COMPLETED
        for line in order.lines:
            line.booked = line.quantity
            product = self._products.get(line.sku)
            if product is not None and product.tracking != "none":
                line.deducted = self._taken(line.quantity)
        sent = [line for line in order.lines if line.address]
        if sent:
            self._ship(order, sent)

    def _taken(self, units: int) -> Taken:
        return self._whole.setdefault(units, ((DEFAULT_LOCATION, units),))

    def _ship(self, order: Order, sent: list[Line]) -> None:
        for line in sent:
            line.shipped = line.quantity
        when = order.modified + self._chance.randint(3600, 4 * DAY)
        made = Shipment(
            id=len(self.shipments) + 1,
            order_id=order.id,
            created=when,
            address_id=order.address_id,
            carrier=self._chance.choice(CARRIERS),
            tracking=f"1Z{order.id:08d}0",
            items=tuple((line.id, line.quantity, DEFAULT_LOCATION) for line in sent),
            modified=when,
        )
        self.shipments.append(made)
        order.shipments.append(made.id)
        order.modified = order.shipped_at = when
