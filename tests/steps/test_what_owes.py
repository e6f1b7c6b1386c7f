"""What owes, in the words of a shop: four of a thing are ordered, something befalls the order, and this is what is owed.

The same table is in docs/reference/what-owes.md.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.steps.intake.orders import CLOSED_AS_OLD
from sandbox import Switches
from tests.simulation.world import World

# status | first seen in it | after it was open
STATUSES = """
0  Incomplete                   | -           | 4 cancelled
1  Pending                      | 4 payment   | 4 payment
2  Shipped                      | 4 shipped   | 4 shipped
3  Partially Shipped            | 4 ready     | 4 ready
4  Refunded                     | 4 cancelled | 4 cancelled
5  Cancelled                    | 4 cancelled | 4 cancelled
6  Declined                     | 4 cancelled | 4 cancelled
7  Awaiting Payment             | 4 payment   | 4 payment
8  Awaiting Pickup              | 4 ready     | 4 ready
9  Awaiting Shipment            | 4 ready     | 4 ready
10 Completed                    | 4 shipped   | 4 shipped
11 Awaiting Fulfillment         | 4 ready     | 4 ready
12 Manual Verification Required | 4 review    | 4 review
13 Disputed                     | 4 review    | 4 review
14 Partially Refunded           | 4 ready     | 4 ready
"""

# what befalls an order of four, one after the other, each seen by a day's work | what is owed in the end | on the shelf (of 10)
# where the shop lowers its number at shipping | where it lowers it at order
# The shelf follows the shop's number: where it is lowered at shipping, it does not rise when a shipment is deleted; with a
# cancelled order it rises by all that the order took off, and with an archived or deleted one by nothing.
BEFALLS = """
shipped 4                            | 4 shipped              | 6  | 6
shipped 1                            | 1 shipped, 3 ready     | 9  | 9
shipped 4, unshipped                 | 4 shipped              | 6  | 6
shipped 1, unshipped                 | 4 ready                | 9  | 10
refunded 1                           | 1 cancelled, 3 ready   | 10 | 10
refunded 4                           | 4 cancelled            | 10 | 10
refunded 1, typed 1                  | 1 cancelled, 3 ready   | 11 | 10
refunded 1, typed 3                  | 1 cancelled, 3 ready   | 13 | 12
refunded 1, typed 1, typed 1         | 1 cancelled, 3 ready   | 12 | 11
refunded 1, cancelled                | 4 cancelled            | 10 | 10
refunded 1, cancelled, reopened      | 1 cancelled, 3 ready   | 10 | 10
refunded 1, typed 1, cancelled       | 4 cancelled            | 11 | 10
refunded 1, shipped 3                | 3 shipped, 1 cancelled | 7  | 7
refunded 1, shipped 3, typed 1       | 3 shipped, 1 cancelled | 8  | 7
refunded 1, completed                | 3 shipped, 1 cancelled | 6  | 7
refunded 2, refunded 1, typed 3      | 3 cancelled, 1 ready   | 13 | 10
refunded 1, edited to 2              | 1 cancelled, 1 ready   | 10 | 10
refunded 1, archived                 | 4 cancelled            | 10 | 7
shipped 1, refunded 1                | 1 shipped, 1 cancelled, 2 ready | 9 | 9
shipped 4, refunded 4                | 4 shipped              | 6  | 6
shipped 4, refunded 4, returned 4    | 4 shipped              | 10 | 10
shipped 1, refunded 4                | 1 shipped, 3 cancelled | 9  | 9
cancelled                            | 4 cancelled            | 10 | 10
cancelled, reopened                  | 4 ready                | 10 | 10
shipped 1, cancelled                 | 1 shipped, 3 cancelled | 10 | 10
archived                             | 4 cancelled            | 10 | 6
archived, brought back               | 4 ready                | 10 | 10
shipped 4, archived                  | 4 shipped              | 6  | 6
deleted                              | 4 cancelled            | 10 | 6
edited to 6                          | 6 ready                | 10 | 10
edited to 1                          | 1 ready                | 10 | 10
shipped 2, edited to 2               | 2 shipped              | 8  | 8
unpaid                               | 4 payment              | 10 | 10
unpaid, reopened                     | 4 ready                | 10 | 10
in review, cancelled                 | 4 cancelled            | 10 | 10
"""


@dataclass
class Store:
    """A world whose orders are found by a name of their own, which is also the SKU of what they are for."""

    world: World
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)

    def do(self, action: str, **wish: Any) -> Any:
        """Let something happen in the shop."""
        [done] = self.world.practice("shop", [{"action": action, **wish}])
        assert "refused" not in done, done
        return done

    def sell(self, name: str, quantity: int = 4, status: int = 11, **kind: Any) -> None:
        """Put ten of a new thing on sale, and let somebody order some."""
        self.do("create_product", name=name, sku=name, cents=500, stock=10, **kind)
        made = self.do("place_order", lines=[{"sku": name, "quantity": quantity}], status=status)
        self.orders[name] = made["order_id"], made["line_ids"][0]

    def befall(self, name: str, what: str) -> None:
        """Let one thing befall an order."""
        order, line = self.orders[name]
        verb, _, units = what.partition(" ")
        lines = [{"line_id": line, "quantity": int(units)}] if units.isdigit() else []
        shipments = self.world.shop.state.orders.get(order).shipments if verb == "unshipped" else [0]
        happens: dict[str, tuple[str, dict[str, Any]]] = {
            "shipped": ("ship", {"lines": lines}),
            "unshipped": ("delete_shipment", {"shipment_id": shipments[0]}),
            "refunded": ("refund", {"lines": lines}),
            "typed": (
                "set_stock",
                {"sku": name, "number": self.shown(name) + int(units or 0) if verb == "typed" else 0},
            ),
            "completed": ("set_status", {"status": 10}),
            "returned": ("receive", {"sku": name, "quantity": int(units or 1) if units.isdigit() else 1}),
            "cancelled": ("set_status", {"status": 5}),
            "reopened": ("set_status", {"status": 11}),
            "unpaid": ("set_status", {"status": 7}),
            "in": ("set_status", {"status": 12}),
            "archived": ("archive_order", {}),
            "brought": ("archive_order", {"archived": False}),
            "deleted": ("delete_order", {}),
            "edited": (
                "edit_line",
                {"line_id": line, "quantity": int(units.rpartition(" ")[2] or 0) if verb == "edited" else 0},
            ),
        }
        action, wish = happens[verb]
        self.do(action, order_id=order, **wish)

    def shown(self, name: str) -> int:
        """Return the number that the shop shows of a thing."""
        [cells] = self.world.practice("state?only=stock", method="GET")["stock"][name].values()
        return int(cells["shown"])

    def day(self) -> None:
        """A day later, everything is read again, down to the orders that the shop no longer has."""
        self.world.practice("clock", {"advance_seconds": 90_000})
        self.world.clock.sleep(90_000)
        self.world.day(full=True)
        self.world.day(full=True)

    def asked(self, question: str) -> list[Any]:
        with self.world.desk() as desk, desk.db.read() as reading:
            return reading.rows(sa.text(question))

    def owed(self) -> dict[str, str]:
        """Return by name how the units of its line stand, "-" where nothing is kept."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.asked("SELECT sku, qty_shipped, qty_cancelled FROM order_line"):
            found[row.sku] += [f"{row.qty_shipped} shipped"] * (row.qty_shipped > 0)
            found[row.sku] += [f"{row.qty_cancelled} cancelled"] * (row.qty_cancelled > 0)
        units = "SELECT l.sku, u.reason, CAST(SUM(u.quantity) AS BIGINT) AS quantity FROM open_unit u"
        units += " JOIN order_line l ON l.id = u.line_id GROUP BY l.sku, u.reason ORDER BY l.sku"
        for row in self.asked(units):
            found[row.sku].append(f"{row.quantity} {row.reason}")
        return {name: ", ".join(found[name]) or "-" for name in self.orders}

    def on_hand(self) -> dict[str, int]:
        """Return by SKU what lies on the shelf."""
        rows = self.asked("SELECT i.sku, s.on_hand FROM stock s JOIN item i ON i.id = s.item_id")
        return {row.sku: int(row.on_hand) for row in rows}


def store_at(url: str, deducts_at: str) -> Store:
    """A store without orders."""
    settings = {"update_stock_behavior": deducts_at}
    return Store(World.make(url, 3, Switches(), products=0, orders=0, settings=settings))


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_url", marks=[pytest.mark.postgres, pytest.mark.slow])])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def store(url: str) -> Store:
    """A store that takes stock off at shipping, so that its number is what lies there."""
    return store_at(url, "order_completed_or_shipped")


def table(text: str) -> list[list[str]]:
    """Return the cells of a table."""
    return [[" ".join(cell.split()) for cell in row.split("|")] for row in text.strip().splitlines()]


def test_what_each_status_of_bigcommerce_owes(store: Store) -> None:
    rows = table(STATUSES)
    for name, *_ in rows:
        store.sell(f"known {name}")
    store.day()
    for name, *_ in rows:
        store.do("set_status", order_id=store.orders[f"known {name}"][0], status=int(name.split()[0]))
        store.sell(f"fresh {name}", status=int(name.split()[0]))
    store.day()

    wanted = {
        f"{how} {name}": units for name, *both in rows for how, units in zip(("fresh", "known"), both, strict=True)
    }
    assert store.owed() == wanted
    assert store.world.violations == store.world.broken() == []


@pytest.mark.parametrize(
    "deducts_at", [pytest.param("order_completed_or_shipped", marks=pytest.mark.slow), "order_placed"]
)
def test_what_befalls_an_order(url: str, deducts_at: str) -> None:
    store, rows = store_at(url, deducts_at), table(BEFALLS)
    for name, *_ in rows:
        store.sell(name)
    store.day()
    for step in range(3):
        for name, *_ in rows:
            if step < len(events := name.split(", ")):
                store.befall(name, events[step])
        store.day()

    shelf = 3 if deducts_at == "order_placed" else 2
    assert store.owed() == {name: units for name, units, *_ in rows}
    assert store.on_hand() == {row[0]: int(row[shelf]) for row in rows}
    assert store.world.violations == store.world.broken() == []


def test_lines_without_stock_are_ready_at_once(store: Store) -> None:
    store.sell("untracked", tracking="none")
    store.sell("digital", type="digital")
    store.day()

    assert store.owed() == {"untracked": "4 ready", "digital": "4 ready"}
    assert store.asked("SELECT * FROM allocation") == []
    assert store.world.broken() == []


def test_an_order_from_before_the_first_open_day_owes_nothing_whatever_its_status(store: Store) -> None:
    store.sell("ancient")
    store.world.practice("clock", {"advance_seconds": 10 * 86_400})
    store.sell("recent")
    placed = store.world.shop.state.clock.now()
    store.world.open_since = datetime.fromtimestamp(placed, UTC).date()
    store.day()

    assert store.owed() == {"ancient": "4 shipped", "recent": "4 ready"}
    assert store.on_hand() == {"ancient": 10, "recent": 10}
    assert [row.note for row in store.asked("SELECT note FROM sales_order ORDER BY id")] == [CLOSED_AS_OLD, ""]
