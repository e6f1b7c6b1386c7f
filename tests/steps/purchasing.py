"""A merchant who buys: a catalogue in the tables, a folder for files of what is on its way, and a clock that stands still."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.db.database import Database, Writing
from fillrate.db.tables import Channel, Inbound, InboundEvent, Item, Listing, Location, Product
from fillrate.decide.sku import sku_key
from fillrate.gateway.outside import Faults, NoFaults, Outside
from fillrate.settings import (
    DatabaseSettings,
    InboundSettings,
    Settings,
    StoreSettings,
    SupplierSettings,
)
from fillrate.steps.audit import audit
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import sync_inbound
from tests.practice_clock import PracticeClock

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
Event = tuple[str, int, str | None, str | None]


def day(value: datetime | None) -> str | None:
    """A time of the tables as its day in Berlin."""
    return None if value is None else f"{value + timedelta(hours=2):%Y-%m-%d}"


@dataclass
class Merchant:
    """One channel `main` with a default location WEST and another EAST, and items A, B and C."""

    url: str
    folder: Path
    clock: PracticeClock = field(default_factory=PracticeClock)
    runs: int = 0
    complete: bool = False
    suppliers: tuple[SupplierSettings, ...] = ()
    feeds: tuple[InboundSettings, ...] | None = None
    room: ExitStack = field(default_factory=ExitStack)
    opened: Desk | None = None

    @classmethod
    def begin(cls, url: str, folder: Path) -> "Merchant":
        """A merchant with nothing on its way yet."""
        merchant = cls(url, folder)
        merchant.inbox.mkdir()
        with merchant.desk() as desk, desk.db.write("catalogue") as tx:
            for code, name, is_default in (("WEST", "West hall", True), ("EAST", "East hall", False)):
                add_location(tx, code, name, is_default)
            for sku in "ABC":
                add_item(tx, sku)
        return merchant

    @property
    def inbox(self) -> Path:
        """Where the files go."""
        return self.folder / "in"

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk with the settings of now, which stays open until they change."""
        channel = BigCommerceSettings(
            name="main", kind="bigcommerce", base_url="https://api.bigcommerce.com/stores/x", token="t"
        )
        feed = InboundSettings(name="erp", path=str(self.inbox), complete=self.complete)
        settings = Settings(
            database=DatabaseSettings(url=self.url),
            store=StoreSettings(timezone="Europe/Berlin"),
            channel=(channel,),
            supplier=self.suppliers,
            inbound=(feed,) if self.feeds is None else self.feeds,
        )
        if self.opened is None or self.opened.settings != settings:
            self.close()
            self.opened = self.room.enter_context(open_desk(settings, Outside(clock=self.clock)))
        yield self.opened

    def close(self) -> None:
        """Close the desk."""
        self.room.close()

    def file(self, content: str | bytes, name: str = "po.csv", *, minutes: int = 10) -> Path:
        """Put a file into the folder, so many minutes after the last thing that happened, and let it lie for a while."""
        self.clock.time += timedelta(minutes=minutes)
        path = self.inbox / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, times=(self.clock.time.timestamp(),) * 2)
        self.clock.time += timedelta(minutes=1)
        return path

    def sync(self, *, dry: bool = False, faults: Faults | None = None) -> RunLog:
        """Run the step."""
        self.runs += 1
        log = RunLog(f"r{self.runs}", "sync-inbound", "all", is_dry=dry)
        with self.desk() as desk:
            outside = replace(desk.outside, faults=faults or NoFaults())
            db = Database(desk.db.engine, outside)
            with recorded(desk, log):
                sync_inbound(replace(desk, db=db, outside=outside), log)
        return log

    def tell(
        self, *rows: str, header: str = "reference,line,sku,quantity,received,expected", name: str = "po.csv"
    ) -> RunLog:
        """Put a file of these rows into the folder and read it."""
        self.file("\n".join((header, *rows)) + "\n", name)
        return self.sync()

    def lines(self, *names: str) -> dict[tuple[str, str], Any]:
        """Some columns of every line, by reference and position."""
        found = {}
        with self.desk() as desk, desk.db.read() as reading:
            for row in reading.rows(sa.select(*Inbound.__table__.c)):
                values = tuple(getattr(row, name) for name in names)
                shown = tuple(day(one) if isinstance(one, datetime) else one for one in values)
                found[row.reference, row.position] = shown[0] if len(names) == 1 else shown
        return found

    def events(self, reference: str = "PO1") -> list[Event]:
        """What became of the lines of a reference, in the order in which it was learnt."""
        columns = InboundEvent.__table__.c
        with self.desk() as desk, desk.db.read() as reading:
            statement = (
                sa.select(columns.kind, columns.quantity, columns.expected_before, columns.expected_after)
                .join(Inbound, Inbound.__table__.c.id == columns.inbound_id)
                .where(Inbound.__table__.c.reference == reference)
            )
            rows = reading.rows(statement.order_by(columns.id))
        return [(row.kind, row.quantity, day(row.expected_before), day(row.expected_after)) for row in rows]

    def audited(self) -> list[dict[str, Any]]:
        """What the audit finds."""
        with self.desk() as desk:
            return audit(desk)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the tables."""
        with self.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.rows(sa.text(question))]

    def do(self, statement: str) -> None:
        """Do to the tables what no step does."""
        with self.desk() as desk, desk.db.write("by hand") as tx:
            tx.execute(sa.text(statement))


def channel_id(tx: Writing) -> int:
    """The key of `main`."""
    return int(tx.scalar(sa.select(Channel.__table__.c.id)))


def add_location(tx: Writing, code: str, name: str, is_default: bool) -> None:
    """Add a location, whose number in the shop is the number of letters of its name."""
    row = {"code": code, "name": name, "platform_id": f"{len(code)}{code[0]}", "is_default": is_default}
    tx.insert(Location, [{"channel_id": channel_id(tx), "is_enabled": True, "content_hash": "", **row}])


def add_item(tx: Writing, sku: str, number: str = "") -> None:
    """Add an item with its product and its listing."""
    number, main = number or sku, channel_id(tx)
    ours = {"sku": sku, "sku_key": sku_key(sku)}
    product = {"platform_id": number, "name": sku, "sku": sku, "is_digital": False, "tracking": "variant"}
    shown = {
        "is_visible": True,
        "availability": "",
        "availability_text": "",
        "preorder_message": "",
        "price_e4": 0,
        "brand_platform_id": "",
        "category_platform_ids": [],
    }
    times = {"created_at": BEGAN, "modified_at": BEGAN, "content_hash": ""}
    tx.insert(Product, [{"channel_id": main, **product, **shown, **times}])
    tx.insert(Item, [{"origin": f"main:{number}", "name": sku, "is_tracked": True, **ours}])
    listing = {"product_platform_id": number, "variant_platform_id": number, "is_purchasable": True, "options": ""}
    item = tx.ids(Item, None, [f"main:{number}"], "origin")[f"main:{number}"]
    keys = {"product_id": tx.ids(Product, main, [number])[number], "item_id": item, "own_item_id": item}
    tx.insert(Listing, [{"channel_id": main, **listing, **keys, **ours}])
