"""A shop with three mugs and an order of five, and what it is told of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.db.tables import ShownDay
from fillrate.settings import Policy, PolicySettings, WriteBackSettings
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from sandbox import Request, Switches
from tests.simulation.world import STORY, World

HOUR_S = 3600
READING = ("sync-catalog", "sync-orders", "reconcile-inventory")


class Told:
    """A world in which a shop is told something."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.mug = 0

    @classmethod
    def begin(cls, url: str, folder: Path, switches: Switches | None = None, **write_back: Any) -> "Told":
        """The first day: a shop with three mugs is read."""
        switches = switches or Switches(backorders=True, inventory_writes="at_once")
        world = World.make(url, 1, switches, products=0, customers=2, orders=0)
        world.policy = PolicySettings(default=Policy(wait_above_share=1))  # so few orders are all of them
        told = cls(world, folder)
        told.ask(**write_back)
        told.mug = told.act("create_product", name="Mug", sku="MUG", cents=1000, stock=3)["product_id"]
        told.act("set_backorder_limit", product_id=told.mug, quantity=1000)
        told.read()
        return told

    def limit(self, units: int) -> None:
        """Have the merchant say how many units of a SKU may wait."""
        self.world.policy = PolicySettings(default=Policy(wait_above_share=1, backorder_limit=units))

    def ask(self, **write_back: Any) -> None:
        """Have the merchant say what is written back."""
        self.world.write_back = WriteBackSettings.model_validate(write_back)

    def act(self, action: str, **more: Any) -> dict[str, Any]:
        """Do something in the shop."""
        [done] = self.world.practice("shop", {"action": action, **more})
        assert "refused" not in done, done
        return dict(done)

    def order(self, quantity: int, **line: Any) -> int:
        """Let a customer order mugs."""
        lines = [{"product_id": self.mug, "quantity": quantity, **line}]
        return int(self.act("place_order", lines=lines)["order_id"])

    def coming(self, quantity: int, days: int) -> str:
        """Let the merchant order mugs that are expected in so many days, and read it; returns the purchase order."""
        expected = str(self.today() + timedelta(days=days))
        lines = [{"product_id": self.mug, "quantity": quantity}]
        reference = str(self.act("order_goods", lines=lines, expected=expected)["reference"])
        self.read_supply()
        return reference

    def read_supply(self) -> None:
        """Import what the supplier tells now."""
        told = self.world.shop.handle(Request("GET", "/supplier/inbound.csv", "", headers={}, body=b""))
        file = self.folder / f"{self.world.runs}.csv"
        file.write_bytes(told.body)
        with self.world.desk() as desk, recorded(desk, RunLog(f"supply-{file.stem}", "sync-inbound", "all")) as log:
            import_inbound(desk, log, file)

    def today(self) -> date:
        """The shop's own day."""
        return datetime.fromtimestamp(self.world.shop.state.clock.now(), UTC).date()

    def product(self, product_id: int | None = None) -> Any:
        """The mug, or another product, as the shop really has it."""
        return self.world.shop.state.products.rows[product_id or self.mug]

    def cell(self, location: int = 1) -> Any:
        """The mugs at a location as the shop really has them."""
        return self.world.shop.state.items.rows[self.product().variant_ids[0]].cells[location]

    def is_off(self) -> bool:
        """Whether the shop refuses to sell mugs."""
        return bool(self.world.shop.state.variants.rows[self.product().variant_ids[0]].disabled)

    def shown(self) -> list[tuple[str, bool]]:
        """The days that pages showed, the oldest first, and whether each is shown still."""
        with self.world.desk() as desk, desk.db.read() as reading:
            rows = reading.rows(
                sa.select(*ShownDay.__table__.c).order_by(
                    ShownDay.__table__.c.shown_from, ShownDay.__table__.c.listing_id
                )
            )
        assert all(row.shown_until is None or row.shown_from <= row.shown_until for row in rows)
        return [(f"{row.ship_by:%Y-%m-%d}", row.shown_until is None) for row in rows]

    def run(self, flow: str, *, dry: bool = False) -> RunLog:
        """Run one flow."""
        log = RunLog(f"{flow}-{self.world.runs}", flow, "main", is_dry=dry)
        with self.world.desk() as desk, recorded(desk, log):
            STORY[flow](desk, log, Asked())
        return log

    def read(self) -> None:
        """Let an hour pass and read the shop."""
        self._all(READING)

    def day(self) -> None:
        """Let an hour pass, and do the whole day's work."""
        self._all((*READING, "allocate-orders"))

    def _all(self, flows: Sequence[str]) -> None:
        self.world.practice("clock", {"advance_seconds": HOUR_S})
        with self.world.desk() as desk:
            for flow in flows:
                log = RunLog(f"{flow}-{self.world.runs}", flow, "main")
                with recorded(desk, log):
                    STORY[flow](desk, log, Asked())

    def is_sound(self) -> bool:
        """Tell whether every invariant holds, and an allocation of everything would change nothing."""
        assert self.world.broken() == []
        self.world.looks = True
        self.world.day()
        return self.world.violations == []

    def changes(self, kind: str) -> list[tuple[Any, Any, str]]:
        """What was planned of a kind: before, after, and what became of it."""
        with self.world.desk() as desk, desk.db.read() as reading:
            statement = sa.text("SELECT id FROM change WHERE kind = :kind ORDER BY id")
            ids = [row.id for row in reading.connection.execute(statement, {"kind": kind})]
            return [(row.before, row.after, row.state) for row in changes_by_id(reading, ids)]

    def plans(self, kind: str) -> list[Any]:
        """The plans with changes of a kind, the oldest first."""
        statement = sa.text(
            "SELECT DISTINCT p.id, p.state, p.waits_because, p.created_at FROM plan p"
            " JOIN change c ON c.plan_id = p.id WHERE c.kind = :kind ORDER BY p.created_at, p.id"
        )
        with self.world.desk() as desk, desk.db.read() as reading:
            return list(reading.connection.execute(statement, {"kind": kind}))

    def true_order(self, order_id: int) -> Any:
        """The order as the shop really has it."""
        return self.world.shop.state.orders.rows[order_id]

    def sent(self, request: str) -> int:
        """How often the shop was asked something, ids as {id}."""
        return int(self.world.practice("requests", method="GET").get(request, 0))


def changes_by_id(reading: Any, ids: list[int]) -> list[Any]:
    """Return rows of changes."""
    from fillrate.db.tables import Change

    rows = reading.find(Change, "id", ids)
    return sorted(rows, key=lambda row: row.id)
