"""Orders from their columns: statuses by age, lines, channels, and what happened to each since it was placed."""

from random import Random

from sandbox.clock import DAY
from sandbox.generate.catalogue import Catalogue
from sandbox.generate.columns import OrderColumns
from sandbox.records import Line, Order, Product, Variant

FIRST_ORDER = 100
YOUNG_DAYS, YOUNG_SHARE, YOUNG_LEAST = 14, 0.08, 8
WITH_PARCELS = frozenset({2, 3, 8, 9, 11})
OPEN = frozenset({1, 3, 7, 8, 9, 11, 12, 14})

# (share of orders, status); the rest is Awaiting Fulfillment among young orders and Completed among old ones.
YOUNG = (
    (0.07, 9), (0.1, 3), (0.17, 2), (0.05, 10), (0.05, 7), (0.02, 1), (0.03, 0), (0.03, 12), (0.02, 8), (0.04, 5),
    (0.01, 13), (0.01, 6), (0.01, 4), (0.02, 14),
)  # fmt: skip
OLD = ((0.27, 2), (0.05, 5), (0.03, 4), (0.03, 14), (0.02, 0), (0.005, 13), (0.01, 6), (0.003, 11), (0.002, 3))


def status_of(draw: float, *, young: bool) -> int:
    """The status that a draw between 0 and 1 gives an order."""
    for share, status in YOUNG if young else OLD:
        if draw < share:
            return status
        draw -= share
    return 11 if young else 10


def young_after(columns: OrderColumns, opened: int) -> int:
    """The moment after which orders are young: two weeks ago, or further back in a slow store."""
    if not columns.when:
        return opened
    few = min(max(YOUNG_LEAST, int(len(columns.when) * YOUNG_SHARE)), len(columns.when))
    return min(opened - YOUNG_DAYS * DAY, columns.when[-few] - 1)


def make_line(line_id: int, product: Product, variant: Variant, quantity: int) -> Line:
    """A line as it was ordered, with the name and SKU of that time."""
    return Line(
        id=line_id,
        product_id=product.id,
        variant_id=variant.id,
        sku=variant.sku,
        name=product.name,
        quantity=quantity,
        price=variant.price or product.price,
        cost=product.cost,
        kind=product.kind,
        options=variant.options,
    )


class OrderMaker:
    """Builds the orders of the past one after the other, counting ids up."""

    def __init__(self, made: Catalogue, columns: OrderColumns, seed: int, opened: int) -> None:
        self._variants = made.variants
        self._products = {product.id: product for product in made.products}
        self._columns = columns
        self._chance = Random(f"{seed}:orders")
        self.young_after = young_after(columns, opened)
        self.line_id = 1
        self.address_id = 1

    def make(self) -> list[Order]:
        """All of them, oldest first."""
        return [self._order(n) for n in range(len(self._columns.when))]

    def _order(self, n: int) -> Order:
        columns = self._columns
        when = columns.when[n]
        order = Order(
            id=FIRST_ORDER + n,
            customer_id=columns.customer[n],
            person=columns.person[n],
            created=when,
            modified=when,
            status=status_of(columns.draw[n], young=when > self.young_after),
            lines=[],
            address_id=self.address_id,
        )
        for at in range(columns.first[n], columns.first[n + 1]):
            self._add_line(order, columns.pick[at], columns.quantity[at])
        self._dress(order)
        if order.status in WITH_PARCELS and all(line.kind == "digital" for line in order.lines):
            order.status = 10
        return order

    def _add_line(self, order: Order, pick: int, quantity: int) -> None:
        variant = self._variants[pick]
        product = self._products[variant.product_id]
        line = make_line(self.line_id, product, variant, 1 if product.kind == "digital" else quantity)
        line.address = order.address_id if product.kind == "physical" else 0
        product.total_sold += line.quantity
        order.lines.append(line)
        self.line_id += 1

    def _dress(self, order: Order) -> None:
        """The rest of an order: addresses, channel, shipping cost, notes."""
        draw = self._chance.random()
        physical = [line for line in order.lines if line.kind == "physical"]
        order.address_count = 0 if not physical else 2 if draw < 0.02 and len(physical) > 1 else 1
        if order.address_count == 2:
            physical[-1].address = order.address_id + 1
        self.address_id += order.address_count
        order.shipping = 0 if not physical else (495 if draw < 0.6 else 0)
        if 0.02 <= draw < 0.05:
            order.channel_id, order.source, order.method = 2, "amazon", "Amazon"
            order.external_order_id = f"112-{order.id:07d}-{order.created % 10**7:07d}"
        elif 0.05 <= draw < 0.08:
            order.source, order.method, order.staff_notes = "manual", "Manual", "Placed by phone"
        elif 0.08 <= draw < 0.1:
            order.discount = sum(line.price * line.quantity for line in order.lines) // 10
        elif 0.1 <= draw < 0.13:
            order.message = "Please leave it with the neighbour – thanks! 🙏"
        if 0.13 <= draw < 0.14:
            order.lines.append(self._custom_line(order))
        elif 0.14 <= draw < 0.15 and len(order.lines) > 1:
            order.lines[-1].quantity = 0
        elif 0.15 <= draw < 0.17:
            order.archived = order.created <= self.young_after

    def _custom_line(self, order: Order) -> Line:
        line = Line(self.line_id, 0, 0, "", "Gift wrapping by hand", 1, 350, kind="custom", address=order.address_id)
        self.line_id += 1
        if not order.address_count:
            line.address = 0
        return line
