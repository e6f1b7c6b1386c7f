"""A small shop for a person's words: three customers want mugs, of which two lie there."""

import copy
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.steps.allocate import allocate
from fillrate.steps.audit import audit
from fillrate.steps.correcting.word import Said, Told, said
from fillrate.steps.desk import Desk
from fillrate.steps.desk import Shop as ShopDesk
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog, recorded
from sandbox import Shop, Switches
from tests.simulation.world import World, unsettled

MUG = "MUG-RED"
DAY_S = 86_400
ANN = said("Ann", "the customer called")
Word = Callable[..., Told]


class Mugs:
    """A world with three orders of mugs, each of one line, and two mugs on the shelf."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.orders: list[tuple[str, str]] = []

    @classmethod
    def begin(cls, url: str, stock: int = 2, **settings: str) -> "Mugs":
        """The first day: everything is read, and the first order has the mugs."""
        at_shipping = {"update_stock_behavior": "order_completed_or_shipped"}
        size = {"products": 2, "customers": 1, "orders": 0}
        mugs = cls(World.make(url, 3, Switches(), settings=settings or at_shipping, **size))
        mugs.shop(action="create_product", name=MUG, sku=MUG, cents=700, stock=stock)
        mugs.shop(action="set_backorder_limit", sku=MUG, quantity=100)
        mugs.orders = [mugs.place(quantity) for quantity in (2, 2, 1)]
        mugs.first_day()
        return mugs

    def copy(self, file: Path) -> "Mugs":
        """The same world in a file of its own."""
        shutil.copy(self.world.url.removeprefix("sqlite:///"), file)
        shop = Shop(self.world.shop.config)
        shop.state = copy.deepcopy(self.world.shop.state)
        mugs = Mugs(replace(self.world, shop=shop, url=f"sqlite:///{file}", clock=copy.copy(self.world.clock)))
        mugs.orders = list(self.orders)
        return mugs

    def place(self, quantity: int) -> tuple[str, str]:
        """A customer orders mugs: the order and its line."""
        made = self.shop(action="place_order", lines=[{"sku": MUG, "quantity": quantity}])
        self.world.practice("clock", {"advance_seconds": 60})
        return str(made["order_id"]), str(made["line_ids"][0])

    def shop(self, **wish: Any) -> dict[str, Any]:
        """One thing happens in the shop."""
        answer: dict[str, Any] = self.world.practice("shop", [wish])[0]
        assert "refused" not in answer, answer
        return answer

    def in_shop(self, number: int, action: str, **more: Any) -> None:
        """One thing happens to the line of an order, by its turn."""
        order, line = (int(one) for one in self.orders[number])
        if action in {"ship", "refund"}:
            more = {"lines": [{"line_id": line, **more}]}
        elif action == "edit_line":
            more = {"line_id": line, **more}
        self.shop(action=action, order_id=order, **more)

    def first_day(self) -> None:
        """Everything is read for the first time."""
        self.world.day()
        assert self.world.violations == []

    def day(self) -> None:
        """Orders and stock are read and allocated, after which every invariant holds."""
        self.world.practice("clock", {"advance_seconds": 600})
        self.allocate(read_stock_into_ledger)

    def allocate(self, *before: Callable[[Desk, ShopDesk, RunLog], None]) -> None:
        """What was touched is allocated; ranking everything would move nothing."""
        self.world.runs += 1
        with self.world.desk() as desk:
            shop, log = desk.shop("main"), RunLog(f"day-{self.world.runs}", "allocate-orders", "main")
            for step in before:
                step(desk, shop, log)
            as_of = shop.channel.time()
            allocate(desk, log, [shop], as_of)
            assert unsettled(desk, as_of) == []
            assert [one for one in audit(desk) if one["violations"]] == []

    def say(self, word: Word, *words: Any, by: Said = ANN, dry_run: bool = False, **more: Any) -> Told:
        """A person says something, after which every invariant holds."""
        self.world.runs += 1
        with self.world.desk() as desk:
            log = RunLog(f"word-{self.world.runs}", word.__name__.replace("_", "-"), "all", is_dry=dry_run)
            with recorded(desk, log):
                told = word(desk, log, by, *words, **more)
            assert [one for one in audit(desk) if one["violations"]] == []
        return told

    def desk(self, look: Callable[[Desk], Any]) -> Any:
        """What somebody sees at the desk."""
        with self.world.desk() as desk:
            return look(desk)

    def sql(self, statement: str) -> list[Any]:
        """Rows of the tables."""
        with self.world.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.rows(sa.text(statement))]

    def stands(self) -> list[list[tuple[str, int]]]:
        """Where the open units of each order stand, by its turn: reason (or state), units."""
        rows = self.sql(
            "SELECT l.platform_id, CASE WHEN u.reason = '' THEN u.state ELSE u.reason END, CAST(SUM(u.quantity) AS BIGINT)"
            " FROM open_unit u JOIN order_line l ON l.id = u.line_id GROUP BY 1, 2 ORDER BY 2"
        )
        return [[(reason, units) for line, reason, units in rows if line == mine] for _, mine in self.orders]
