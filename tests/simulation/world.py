"""A shop and a merchant's database in one process, and the whole day's work on them as the flows do it."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.db.database import Database
from fillrate.db.tables import Quota
from fillrate.errors import FillrateError
from fillrate.gateway.outside import Faults, NoFaults, Outside
from fillrate.settings import (
    DatabaseSettings,
    DelaySettings,
    LocationSettings,
    MailSettings,
    PolicySettings,
    PromiseSettings,
    ReceiverSettings,
    Settings,
    StoreSettings,
    WriteBackSettings,
)
from fillrate.steps.allocate import allocate, newest_time
from fillrate.steps.allocating.decided import decide
from fillrate.steps.allocating.load import load
from fillrate.steps.apply import apply_changes
from fillrate.steps.audit import audit
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.mail.send import send_mails
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.sync import sync_catalog, sync_orders
from sandbox import Shop, ShopConfig, Switches
from sandbox.exchange import Request
from tests.practice_clock import PracticeClock
from tests.simulation.wire import InProcess

UNPAID = ("1", "7", "12")


@dataclass
class World:
    """One practice shop, one database, and a clock that waits for nobody."""

    shop: Shop
    url: str
    seed: int = 1
    undeducted: tuple[str, ...] = ()
    policy: PolicySettings = field(default_factory=PolicySettings)
    locations: tuple[LocationSettings, ...] = ()
    open_since: date | None = None
    mail: MailSettings | None = None
    write_back: WriteBackSettings = field(default_factory=WriteBackSettings)
    delays: DelaySettings = field(default_factory=DelaySettings)
    receiver: ReceiverSettings = field(default_factory=ReceiverSettings)
    promises: PromiseSettings = field(default_factory=PromiseSettings)
    looks: bool = False  # after each allocation, whether one of everything would change anything
    is_practice: bool = True
    clock: PracticeClock = field(default_factory=PracticeClock)
    runs: int = 0
    violations: list[str] = field(default_factory=list)  # invariants that did not hold right after a step
    during: Callable[[str], None] | None = None  # what happens in the shop right after a request was answered

    @classmethod
    def make(cls, url: str, seed: int, switches: Switches | None = None, **config: Any) -> "World":
        """Build the shop of a seed, with what the reference leaves open drawn at random unless given."""
        switches = switches or Switches.draw(random.Random(seed))
        size = {"products": 8, "customers": 5, "orders": 14, "days": 60}
        shop = Shop(ShopConfig(seed=seed, switches=switches, **{**size, **config}))
        undeducted = UNPAID if switches.placed_deducts == "paid_only" else ()
        return cls(shop, url, seed, undeducted)

    def settings(self) -> Settings:
        """Return the merchant's settings."""
        channel = BigCommerceSettings(
            name="main",
            kind="bigcommerce",
            base_url=f"http://127.0.0.1/stores/{self.shop.config.store_hash}",
            practice=self.is_practice,
            token=self.shop.config.token,
            undeducted_statuses=self.undeducted,
            write_back=self.write_back,
        )
        return Settings(
            database=DatabaseSettings(url=self.url),
            store=StoreSettings(open_since=self.open_since),
            channel=(channel,),
            policy=self.policy,
            location=self.locations,
            mail=self.mail,
            delays=self.delays,
            promises=self.promises,
            receiver=self.receiver,
        )

    @contextmanager
    def desk(self, faults: Faults | None = None) -> Iterator[Desk]:
        """Open the desk as a new process would."""
        self.runs += 1
        outside = Outside(self.clock, random.Random(self.seed * 1000 + self.runs), faults or NoFaults())
        with open_desk(self.settings(), outside, {"main": InProcess(self.shop, self.during)}) as desk:
            yield desk

    def day(self, faults: Faults | None = None, *, full: bool = False) -> list[RunLog]:
        """Do what the schedules do: catalogue, orders, stock, allocation, writes."""
        with self.desk(faults) as desk:
            return work(desk, Asked(full=full), str(self.runs), self.violations, looks=self.looks)

    def bad_day(self) -> list[RunLog]:
        """Do the day's work in the way of the schedules, where a flow that fails does not keep the next from running."""
        logs = []
        for flow, step in STORY.items():
            log = RunLog(f"{flow}-{self.runs}", flow, "main")
            with self.desk() as desk, suppress(FillrateError), recorded(desk, log):
                step(desk, log, Asked())
            logs.append(log)
        return logs

    def rest(self, seconds: float) -> None:
        """Let time pass for everybody; the budget's row runs by the clock of the database, which cannot be moved."""
        self.clock.sleep(seconds)
        db = Database.open(self.url, Outside())
        with db.write("world.rest") as tx:
            tx.execute(sa.update(Quota).values(resets_at=datetime(2000, 1, 1, tzinfo=UTC)))
        db.close()

    def practice(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Speak to the shop's practice endpoints."""
        content = b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        answer = self.shop.handle(Request(method, f"/_practice/{path}", query, headers={}, body=content))
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    def orders_only(self) -> None:
        """Read orders and do nothing else."""
        with self.desk() as desk:
            sync_orders(desk, desk.shop("main"), RunLog("orders-only", "sync-orders", "main"), Asked())

    def catalog_only(self) -> None:
        """Read the catalogue and do nothing else."""
        with self.desk() as desk:
            sync_catalog(desk, desk.shop("main"), RunLog("catalog-only", "sync-catalog", "main"), Asked())

    def broken(self) -> list[dict[str, Any]]:
        """Return the invariants that do not hold."""
        with self.desk() as desk:
            return [one for one in audit(desk, with_shops=True) if one["violations"]]

    def abandon_leases(self) -> None:
        """Make it look as if the holders of all leases had been killed."""
        db = Database.open(self.url, Outside())
        with db.write("abandon") as tx:
            for row in tx.rows(sa.text("SELECT name, holder FROM lease WHERE until IS NOT NULL")):
                holder = json.dumps({**json.loads(row.holder), "pid": 2**22 + 1})
                tx.execute(sa.text("UPDATE lease SET holder = :h WHERE name = :n"), {"h": holder, "n": row.name})
        db.close()


def work(desk: Desk, asked: Asked, name: str, violations: list[str], *, looks: bool = False) -> list[RunLog]:
    """Run every step of the product in the order of the schedules, each with its own record and its own audit."""
    logs = []
    for flow, step in STORY.items():
        with recorded(desk, RunLog(f"{flow}-{name}", flow, "main")) as log:
            step(desk, log, asked)
        logs.append(log)
        violations += [f"after {flow}: {one['check']}" for one in audit(desk) if one["violations"]]
        if looks and flow == "allocate-orders":
            violations += [f"after {flow}: {one}" for one in unsettled(desk, ALLOCATED_AT[log.id])]
    return logs


ALLOCATED_AT: dict[str, datetime | None] = {}  # by run


def unsettled(desk: Desk, as_of: datetime | None) -> list[str]:
    """Return what an allocation of everything would change right after one of what was touched: nothing, if all is well."""
    if as_of is None:  # no shop told its time
        return []
    with desk.db.read() as reading:
        queue = load(desk, reading, as_of, whole=True)
        tables = {name: reading.rows(sa.text(f"SELECT * FROM {name}")) for name in ("cover", "forecast")}
    decided = decide(desk, queue)
    result, forecasts = decided.result, decided.forecasts
    covers = {(row.line_id, row.inbound_id, row.quantity) for row in result.covers.itertuples()}
    known = {(row.line_id, row.inbound_id, row.quantity) for row in tables["cover"]}
    found = [f"a unit would move: {row}" for row in result.moves.to_dict("records")]
    found += [f"another claim: {one}" for one in sorted(covers ^ known)]
    days = {(row.line_id, row.uncovered) for row in forecasts.itertuples()}
    return found + [
        f"another forecast: {one}" for one in sorted(days ^ {(r.line_id, r.uncovered) for r in tables["forecast"]})
    ]


def allocated_and_applied(desk: Desk, log: RunLog) -> None:
    """Allocate, and write what came of it to the shop."""
    shop = desk.shop("main")
    ALLOCATED_AT[log.id] = as_of = newest_time(desk, log, [shop])
    if as_of is not None:
        allocate(desk, log, [shop], as_of)
    apply_changes(desk, shop, log)
    send_mails(desk, shop, log)


STORY: dict[str, Callable[[Desk, RunLog, Asked], object]] = {
    "sync-catalog": lambda desk, log, asked: sync_catalog(desk, desk.shop("main"), log, asked),
    "sync-orders": lambda desk, log, asked: sync_orders(desk, desk.shop("main"), log, asked),
    "reconcile-inventory": lambda desk, log, asked: read_stock_into_ledger(desk, desk.shop("main"), log),
    "allocate-orders": lambda desk, log, asked: allocated_and_applied(desk, log),
}


def utc(text: str) -> datetime:
    """Return a time from ISO text."""
    return datetime.fromisoformat(text).astimezone(UTC)


def fresh(folder: Path, template: Path, name: str) -> str:
    """Return the address of a fresh SQLite database."""
    file = folder / f"{name}.db"
    file.write_bytes(template.read_bytes())
    return f"sqlite:///{file}"
