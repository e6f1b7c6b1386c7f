"""What a new shop has ordered of its suppliers: deliveries of the past, and goods on their way for what is scarce.

Drawn from a stream of its own, after all else: nothing else of a shop depends on it.
"""

from collections import Counter
from random import Random
from typing import NamedTuple

from sandbox.api.inventory import identity
from sandbox.clock import DAY
from sandbox.generate.orders import OPEN
from sandbox.records import DEFAULT_LOCATION, PurchaseLine, PurchaseOrder
from sandbox.state import State
from sandbox.times import day


class Supplier(NamedTuple):
    """A supplier and its habits, in days: how long it says it takes, how late it comes on average, how that varies."""

    name: str
    lead: int
    late: float
    spread: float


class Goods(NamedTuple):
    """What can be ordered: an item and its SKU."""

    item_id: int
    sku: str


SUPPLIERS = (
    Supplier("Aldgate Wholesale", 7, 0, 0.7),
    Supplier("Bergen Supply", 14, 3, 2),
    Supplier("Corsair Imports", 40, 9, 6),
    Supplier("Delta Workshop", 21, -1, 1.5),
)
PAST_ORDERS, MOST_LINES = 12, 4
ORDERED_SHARE, PART_SHARE, CANCELLED_SHARE = 0.85, 0.12, 0.08
COVER = (0.5, 1, 1, 1.5, 2)
FIRST_NUMBER = 1001


def make_inbound(state: State) -> dict[str, PurchaseOrder]:
    """Purchase orders by reference, the oldest first."""
    chance = Random(f"{state.config.seed}:inbound")
    lacking, known = _lacking(state), _goods(state)
    orders: list[PurchaseOrder] = []
    for n, supplier in enumerate(SUPPLIERS):
        goods = [each for each in known if state.items.rows[each.item_id].product_id % len(SUPPLIERS) == n]
        if goods:
            orders += [_past(state, supplier, goods, chance) for _ in range(PAST_ORDERS)]
            scarce = [each for each in goods if lacking[each.item_id] > 0 and chance.random() < ORDERED_SHARE]
            orders += _coming(state, supplier, scarce, lacking, chance)
    orders.sort(key=lambda order: order.ordered)
    for number, order in enumerate(orders, start=FIRST_NUMBER):
        order.reference = f"PO-{number}"
    return {order.reference: order for order in orders}


def _lacking(state: State) -> Counter[int]:
    """By item, how many units the open orders want beyond what lies on the shelves."""
    lacking: Counter[int] = Counter()
    for order in state.orders:
        for line in order.lines if order.status in OPEN else ():
            item = state.line_item(line)
            if item is not None:
                lacking[item.id] += line.quantity - line.shipped
    for item_id in lacking:
        lacking[item_id] -= sum(max(cell.shelf, 0) for cell in state.items.rows[item_id].cells.values())
    return lacking


def _goods(state: State) -> list[Goods]:
    """Items whose SKU means them and nothing else."""
    skus = {item.id: str(identity(state, item)["sku"]) for item in state.items}
    uses = Counter(sku.strip().lower() for sku in skus.values())
    return [
        Goods(item_id, sku) for item_id, sku in sorted(skus.items()) if sku.strip() and uses[sku.strip().lower()] == 1
    ]


def _past(state: State, supplier: Supplier, goods: list[Goods], chance: Random) -> PurchaseOrder:
    """A delivery that has come, as late as its supplier is, or was called off."""
    late = round(chance.gauss(supplier.late, supplier.spread))
    came = state.clock.now() - chance.randint(1, max(state.config.days, 2)) * DAY
    expected = came - late * DAY
    made = PurchaseOrder("", supplier.name, day(expected - supplier.lead * DAY), [])
    cancelled = chance.random() < CANCELLED_SHARE
    for number, each in enumerate(chance.sample(goods, min(chance.randint(1, MOST_LINES), len(goods))), start=1):
        units, draw = chance.randint(5, 60), chance.random()
        line = PurchaseLine(number, each.item_id, each.sku, DEFAULT_LOCATION, units, day(expected), status="cancelled")
        if not cancelled:
            line.received = units + (1 if draw < 0.04 else -2 if draw < 0.1 else 0)
            line.status, line.received_on = "closed", day(came)
        made.lines.append(line)
    return made


def _coming(
    state: State, supplier: Supplier, scarce: list[Goods], lacking: Counter[int], chance: Random
) -> list[PurchaseOrder]:
    """Orders for goods that are scarce; of a late supplier, some should have come already."""
    orders = []
    while scarce:
        count = chance.randint(1, MOST_LINES)
        chosen, scarce = scarce[:count], scarce[count:]
        ordered = state.clock.now() - chance.randint(1, supplier.lead + max(round(supplier.late), 0)) * DAY
        expected = day(ordered + supplier.lead * DAY)
        made = PurchaseOrder("", supplier.name, day(ordered), [])
        for number, each in enumerate(chosen, start=1):
            units = max(round(lacking[each.item_id] * chance.choice(COVER)), 1)
            line = PurchaseLine(number, each.item_id, each.sku, DEFAULT_LOCATION, units, expected)
            if units > 2 and chance.random() < PART_SHARE:
                line.received, line.received_on = units // 3, day(state.clock.now() - DAY)
            made.lines.append(line)
        orders.append(made)
    return orders
