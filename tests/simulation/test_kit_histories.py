"""Random histories of a shop with kits: whatever happens, the invariants hold and the shelves hold what is left in truth."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fillrate.settings import Policy, PolicySettings
from fillrate.steps.audit import audit
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from sandbox import Switches
from tests.simulation import oracle
from tests.simulation.kitting import Recipes, asked, on_hand, order, sell, shop, take_in
from tests.simulation.world import World

PARTS = ("A", "B", "C")
KITS = ("AB", "ABC")
RECIPES: tuple[Recipes, ...] = (
    {"AB": {"A": 1, "B": 2}, "ABC": {"AB": 1, "C": 1}},
    {"AB": {"A": 2, "B": 2}, "ABC": {"A": 1, "C": 3}},
    {"AB": {"A": 1, "C": 1}, "ABC": {"AB": 2}},
    {"AB": {"B": 1}},
)
WAYS = ("order_placed", "order_completed_or_shipped")


class Life:
    """One shop, what happens in it by a seed, and how many parts left in kits."""

    def __init__(self, url: str, folder: Path, seed: int) -> None:
        self.chance, self.folder = random.Random(seed), folder
        settings = {"update_stock_behavior": self.chance.choice(WAYS)}
        self.world = World.make(url, seed, Switches(backorders=True), products=1, orders=0, settings=settings)
        self.world.looks = True
        default = Policy(ship_complete=self.chance.random() < 0.3, by_promise=self.chance.random() < 0.5)
        self.world.policy = PolicySettings(default=default)
        for sku in (*PARTS, *KITS):
            sell(self.world, sku, self.chance.randint(0, 8))
        self.buy()
        self.world.day()
        self.recipes: Recipes = {}
        self.in_kits: Counter[str] = Counter()

    def day(self) -> None:
        """Let a few things happen, sometimes change the recipes, and do the day's work."""
        if not self.recipes or self.chance.random() < 0.3:
            self.recipes = self.chance.choice(RECIPES)
            take_in(self.world, self.folder / "kits.csv", self.recipes)
            with self.world.desk() as desk:
                assert [one for one in audit(desk) if one["violations"]] == []
        for _ in range(self.chance.randint(2, 6)):
            self.something()
        self.world.practice("clock", {"advance_seconds": 7200})
        before = self.shipped()
        self.world.day()
        self.world.practice("clock", {"advance_seconds": 7200})
        for sku, units in (self.shipped() - before).items():
            for part, per in self.flat(sku).items():
                self.in_kits[part] += units * per

    def flat(self, kit: str) -> dict[str, int]:
        """Return what one kit comes to now."""
        found: Counter[str] = Counter()
        for part, per in self.recipes.get(kit, {}).items():
            inner = self.flat(part) if part in self.recipes else {part: 1}
            for one, n in inner.items():
                found[one] += per * n
        return found

    def shipped(self) -> Counter[str]:
        """Return by kit how many units have left, as the lines say."""
        question = "SELECT sku, CAST(SUM(qty_shipped) AS BIGINT) FROM order_line GROUP BY sku"
        return Counter({sku: int(n) for sku, n in asked(self.world, question) if sku in KITS})

    def something(self) -> None:
        """Let one thing happen."""
        buys, ships = [self.buy] * 3, [self.ship] * 2
        makes = [*buys, *ships, self.edit, self.refund, self.cancel, self.goods, self.count, self.due]
        self.chance.choice(makes)()

    def buy(self) -> None:
        """Somebody orders kits, parts, or both."""
        skus = self.chance.sample((*PARTS, *KITS), self.chance.randint(1, 3))
        order(self.world, **{sku: self.chance.randint(1, 4) for sku in skus})

    def line(self) -> tuple[Any, Any] | None:
        """Return an order and a line of it that has units to ship."""
        lines = [
            (one, line)
            for one in self.world.shop.state.orders
            if one.status in {11, 3}
            for line in one.lines
            if line.sku in (*PARTS, *KITS) and line.quantity - line.shipped - line.refunded > 0
        ]
        return self.chance.choice(lines) if lines else None

    def ship(self) -> None:
        """The warehouse ships a unit, with or without stock, but never an order's last."""
        if (found := self.line()) is None:
            return
        one, line = found
        if sum(each.quantity - each.shipped - each.refunded for each in one.lines) > 1:
            lines = [{"line_id": line.id, "quantity": 1}]
            shop(self.world, "ship", order_id=one.id, lines=lines, force=True)

    def edit(self) -> None:
        """A line is edited, upwards or down to what has left."""
        if (found := self.line()) is not None:
            one, line = found
            quantity = self.chance.randint(max(1, line.shipped + line.refunded), line.quantity + 2)
            shop(self.world, "edit_line", order_id=one.id, line_id=line.id, quantity=quantity)

    def refund(self) -> None:
        """A unit is refunded."""
        if (found := self.line()) is not None:
            one, line = found
            shop(self.world, "refund", order_id=one.id, lines=[{"line_id": line.id, "quantity": 1}])

    def cancel(self) -> None:
        """An order is cancelled of which nothing has left."""
        found = self.line()
        if found is not None and not any(line.shipped for line in found[0].lines):
            shop(self.world, "set_status", order_id=found[0].id, status=5)

    def goods(self) -> None:
        """Goods arrive."""
        shop(self.world, "receive", sku=self.chance.choice(PARTS), quantity=self.chance.randint(1, 6))

    def count(self) -> None:
        """Somebody types another number."""
        shop(self.world, "set_stock", sku=self.chance.choice((*PARTS, *KITS)), number=self.chance.randint(1, 9))

    def due(self) -> None:
        """A purchase order is told, or slips."""
        day = f"2026-{self.chance.randint(1, 12):02}-15"
        file = self.folder / "po.csv"
        file.write_text(
            f"reference,sku,quantity,expected\nPO-1,{self.chance.choice(PARTS)},{self.chance.randint(1, 9)},{day}\n"
        )
        with self.world.desk() as desk, recorded(desk, RunLog(f"po-{self.world.runs}", "sync-inbound", "all")) as log:
            import_inbound(desk, log, file)

    def wrong(self) -> list[str]:
        """Return what our tables say that the truth does not."""
        truth = self.world.practice("state", method="GET")
        at_order = truth["settings"]["update_stock_behavior"] == WAYS[0]
        open_units: Counter[str] = Counter()
        for one in truth["orders"]:
            for line in one["lines"]:
                open_units[line["sku"]] += oracle.open_of(one, line)
        ours, found = on_hand(self.world), []
        for sku in PARTS:
            item = next(i for i in self.world.shop.state.items if self.sku_of(i) == sku)
            shown = sum(cell.shown - cell.backordered for cell in item.cells.values())
            wanted = max(0, shown + (open_units[sku] if at_order else 0) - self.in_kits[sku])
            if ours.get(sku, 0) != wanted:
                found.append(f"{sku}: {wanted} on the shelf, we say {ours.get(sku, 0)}")
        if self.world.url.startswith("sqlite"):
            found += [one for one in oracle.complaints(self.world) if one.startswith(("order", "line"))]
        return found

    def sku_of(self, item: Any) -> str:
        """Return the SKU of what the shop counts."""
        product = next(one for one in self.world.shop.state.products if one.id == item.product_id)
        return str(product.sku)


def live(url: str, folder: Path, seed: int, days: int) -> None:
    """Live through some days and two quiet ones; nothing may be broken on any of them."""
    life = Life(url, folder, seed)
    for day in range(days):
        life.day()
        assert (day, life.world.violations, life.world.broken()) == (day, [], [])
    for _ in range(2):
        life.world.practice("clock", {"advance_seconds": 90_000})
        life.world.day()
    assert (life.wrong(), life.world.violations) == ([], [])


def test_a_history_with_kits(sqlite_url: str, tmp_path: Path) -> None:
    live(sqlite_url, tmp_path, 1, 3)


@pytest.mark.slow
@pytest.mark.postgres
def test_a_history_with_kits_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    live(postgres_url, tmp_path, 3, 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 32))
def test_many_histories_with_kits(seed: int, sqlite_url: str, tmp_path: Path) -> None:
    live(sqlite_url, tmp_path, seed, 8)
