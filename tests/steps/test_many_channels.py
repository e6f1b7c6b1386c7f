"""Two shops of one merchant: what ails one of them never keeps the other from going on."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import BigCommerceSettings
from fillrate.errors import FixChannel
from fillrate.gateway.outside import Outside
from fillrate.settings import DatabaseSettings, Settings
from fillrate.steps.allocate import allocate
from fillrate.steps.audit import audit
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog
from fillrate.steps.status import status
from fillrate.steps.sync import sync_catalog, sync_orders
from sandbox import Shop, ShopConfig, Switches
from sandbox.exchange import Request
from tests.practice_clock import PracticeClock
from tests.simulation.wire import InProcess
from tests.simulation.world import fresh

UNITS = (
    "SELECT o.platform_id, u.state, u.reason, u.quantity FROM open_unit u JOIN order_line l ON l.id = u.line_id"
    " JOIN sales_order o ON o.id = l.order_id JOIN channel c ON c.id = l.channel_id WHERE c.name = :channel ORDER BY 1, 2, 3, 4"
)
ALLOCATIONS = (
    "SELECT a.line_id, a.location_id, a.quantity FROM allocation a JOIN order_line l ON l.id = a.line_id"
    " JOIN channel c ON c.id = l.channel_id WHERE c.name = :channel ORDER BY 1, 2, 3"
)


@dataclass
class Merchant:
    """A merchant of two practice shops, `a` and `b`."""

    url: str
    shops: dict[str, Shop]
    clock: PracticeClock = field(default_factory=PracticeClock)
    mirrors: dict[str, dict[str, str]] = field(default_factory=dict)

    @contextmanager
    def desk(self, *names: str) -> Iterator[Desk]:
        """Open the desk with settings that name these channels, called like their shops unless told as `new=shop`."""
        pairs = [(name, shop or name) for name, _, shop in (one.partition("=") for one in names or self.shops)]
        channels = tuple(
            BigCommerceSettings(
                name=name,
                kind="bigcommerce",
                base_url=f"http://127.0.0.1/stores/{self.shops[shop].config.store_hash}",
                practice=True,
                holds_stock=True,
                token=self.shops[shop].config.token,
                mirrors=self.mirrors.get(name, {}),
            )
            for name, shop in pairs
        )
        settings = Settings(database=DatabaseSettings(url=self.url), channel=channels)
        transports = {name: InProcess(self.shops[shop]) for name, shop in pairs}
        with open_desk(settings, Outside(self.clock, random.Random(1)), transports) as desk:
            yield desk

    def read(self, *names: str) -> None:
        """Read catalogue, orders and stock of these channels."""
        with self.desk() as desk:
            for shop in [desk.shop(name) for name in names or self.shops]:
                log = RunLog(f"read-{shop.name}", "sync-orders", shop.name)
                sync_catalog(desk, shop, log, Asked())
                sync_orders(desk, shop, log, Asked())
                read_stock_into_ledger(desk, shop, log)

    def allocate(self, *names: str) -> RunLog:
        """Allocate with settings that name these channels."""
        log = RunLog("allocate", "allocate-orders", "all")
        with self.desk(*names) as desk:
            allocate(desk, log, list(desk.shops.values()), None)
            assert [one for one in audit(desk) if one["violations"]] == []
        return log

    def rows(self, statement: str, channel: str) -> list[Any]:
        """Return rows of one channel."""
        with self.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.rows(sa.text(statement), {"channel": channel})]

    def practice(self, shop: str, path: str, body: bytes) -> None:
        """Speak to a shop's practice endpoints."""
        answer = self.shops[shop].handle(Request("POST", f"/_practice/{path}", "", headers={}, body=body))
        assert answer.status < 300

    def new_order(self, shop: str) -> None:
        """Somebody buys more than there is of something that is counted."""
        state = self.shops[shop].state
        line = next(
            b'{"variant_id": %d, "quantity": 9}' % v.id for v in state.variants if state.item_of(v.product_id, v.id)
        )
        self.practice(shop, "clock", b'{"advance_seconds": 600}')
        self.practice(shop, "shop", b'{"action": "place_order", "lines": [%s]}' % line)


@pytest.fixture
def merchant(tmp_path: Path, sqlite_template: Path) -> Merchant:
    """A merchant who has read and allocated both shops once."""
    switches = Switches(backorders=True)
    config = {"products": 8, "customers": 5, "orders": 14, "days": 60, "switches": switches}
    shops = {
        name: Shop(ShopConfig(seed=seed, store_hash=f"{name}{name}", **config)) for name, seed in (("a", 5), ("b", 6))
    }
    made = Merchant(fresh(tmp_path, sqlite_template, "many"), shops)
    made.read()
    made.allocate()
    return made


def test_a_shop_that_does_not_tell_its_time_keeps_nobody_from_being_allocated(merchant: Merchant) -> None:
    for name in merchant.shops:
        merchant.new_order(name)
    merchant.read()
    merchant.practice("a", "faults", b'[{"match": "GET /v2/time*", "kind": "503"}]')

    log = merchant.allocate()

    assert [problem.where for problem in log.problems] == list(log.stopped) == ["a"]
    assert all(state != "new" for name in merchant.shops for _, state, *_ in merchant.rows(UNITS, name))


def test_nothing_is_decided_where_no_shop_tells_its_time(merchant: Merchant) -> None:
    merchant.new_order("a")
    merchant.read("a")
    for name in merchant.shops:
        merchant.practice(name, "faults", b'[{"match": "GET /v2/time*", "kind": "503"}]')

    log = merchant.allocate()

    assert list(log.stopped) == ["a", "b"]
    assert any(state == "new" for _, state, *_ in merchant.rows(UNITS, "a"))


def test_orders_of_a_channel_that_is_no_longer_in_the_settings_stay_as_they_are(merchant: Merchant) -> None:
    for name in merchant.shops:
        merchant.new_order(name)
    merchant.read()
    units, set_aside = merchant.rows(UNITS, "a"), merchant.rows(ALLOCATIONS, "a")

    log = merchant.allocate("b")
    with merchant.desk("b") as desk:
        told = status(desk)

    assert log.counts["units_moved"] > 0
    assert (merchant.rows(UNITS, "a"), merchant.rows(ALLOCATIONS, "a")) == (units, set_aside)
    assert set_aside != []
    assert all(state != "new" for _, state, *_ in merchant.rows(UNITS, "b"))
    owed = {"orders": len({row[0] for row in units}), "units": sum(row[-1] for row in units)}
    assert told["not_in_settings"] == [{"channel": "a", **owed}]

    merchant.allocate()
    assert all(state != "new" for _, state, *_ in merchant.rows(UNITS, "a"))


def test_a_store_under_another_name_is_refused_before_anything_of_it_is_kept_twice(merchant: Merchant) -> None:
    tables = ("sales_order", "listing", "location", "brand", "customer", "movement")
    counts = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables)
    before = merchant.rows(counts, "")

    with merchant.desk("renamed=a", "b") as desk:
        for read in (sync_catalog, sync_orders, lambda *given: read_stock_into_ledger(*given[:3])):
            log = RunLog("again", "sync-orders", "renamed")
            with pytest.raises(FixChannel, match=r"that these tables know as channel a\. Name it a again"):
                read(desk, desk.shop("renamed"), log, Asked())

    assert merchant.rows(counts, "") == before
