"""The whole of a merchant's day with shops of other kinds: what they tell lands, is counted and is owed as it is there."""

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.bootstrap import open_desk
from fillrate.gateway.outside import Outside, SystemClock
from fillrate.settings import DatabaseSettings, Settings, kind_named
from fillrate.steps.allocate import allocate
from fillrate.steps.audit import audit
from fillrate.steps.desk import Desk
from fillrate.steps.intake.windows import Asked
from fillrate.steps.reconcile import read_stock_into_ledger
from fillrate.steps.runs import RunLog
from fillrate.steps.sync import sync_catalog, sync_orders
from sandbox import serve
from sandbox.amazon import Amazon
from sandbox.ebay import Ebay
from sandbox.files import Files
from sandbox.market import MarketConfig
from sandbox.shopify import Shopify
from sandbox.woocommerce import WooCommerce
from tests.channels.practice import Hurried
from tests.channels.shopify.practice import GOODS as MANY_GOODS
from tests.channels.woocommerce.practice import GOODS
from tests.simulation.world import fresh

OPEN = (
    "SELECT o.status, l.sku, SUM(u.quantity) FROM open_unit u JOIN order_line l ON l.id = u.line_id"
    " JOIN sales_order o ON o.id = l.order_id GROUP BY 1, 2 ORDER BY 1, 2"
)
ON_HAND = "SELECT i.sku, SUM(m.quantity) FROM movement m JOIN item i ON i.id = m.item_id GROUP BY i.sku ORDER BY 1"


class Shared(Hurried):
    """A clock on which waiting takes no time and passes in the shop: paces and files that come to rest go by it."""

    def __init__(self, shop: Any) -> None:
        super().__init__()
        self.shop = shop

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.shop.state.clock.set(self.shop.state.clock.now() + math.ceil(seconds))


class Merchant:
    """A merchant with one practice shop on a socket."""

    def __init__(self, url: str, shop: Any, address: str) -> None:
        self.url = url
        self.shop = shop
        self.address = address

    def act(self, **action: Any) -> dict[str, Any]:
        (told,) = self.shop.act([action])
        assert "refused" not in told, told
        return dict(told)

    def pass_time(self, seconds: int) -> None:
        clock = self.shop.state.clock
        clock.set(clock.now() + seconds)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        secrets = {name.lower(): value for name, value in self.shop.secrets().items()}
        asked = {**self.shop.settings(self.address), **secrets}
        place = {} if "url" in asked else {"base_url": self.address}
        told = {"name": "web", "kind": self.shop.kind, "practice": True, **place, **asked}
        one = kind_named(self.shop.kind).settings(**told)
        settings = Settings(database=DatabaseSettings(url=self.url), channel=(one,))
        clock = Shared(self.shop) if self.shop.config.pace_clock == "shop" else SystemClock()
        with open_desk(settings, Outside(clock=clock, chance=random.Random(1))) as desk:
            yield desk

    def day(self) -> RunLog:
        """Read everything, count and allocate; nothing may be lost or doubled."""
        with self.desk() as desk:
            shop, log = desk.shop("web"), RunLog("day", "sync-orders", "web")
            sync_catalog(desk, shop, log, Asked())
            sync_orders(desk, shop, log, Asked())
            read_stock_into_ledger(desk, shop, log)
            allocate(desk, RunLog("allocate", "allocate-orders", "all"), list(desk.shops.values()), None)
            assert [one for one in audit(desk, with_shops=True) if one["violations"]] == []
        return log

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.rows(sa.text(statement))]

    def on_hand(self, sku: str) -> int:
        return int(dict(self.rows(ON_HAND))[sku])

    def owed(self, sku: str) -> int:
        return sum(int(units) for _, one, units in self.rows(OPEN) if one == sku)


def woocommerce() -> Any:
    return WooCommerce(MarketConfig(seed=5, orders=20, days=30), GOODS)


def shopify() -> Any:
    return Shopify(MarketConfig(seed=5, orders=20, days=30, locations=2), MANY_GOODS)


def ebay() -> Any:
    return Ebay(MarketConfig(seed=5, orders=20, days=30, pace_clock="shop"), GOODS)


def amazon() -> Any:
    return Amazon(MarketConfig(seed=5, orders=20, days=30, pace_clock="shop"), GOODS)


def files() -> Any:
    return Files(MarketConfig(seed=5, orders=20, days=30, pace_clock="shop"), GOODS)


@pytest.fixture(params=[woocommerce, shopify, ebay, amazon, files], ids=lambda one: one.__name__)
def merchant(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Merchant]:
    make: Callable[[], Any] = request.param
    with serve(make()) as running:
        yield Merchant(fresh(tmp_path, sqlite_template, "web"), running.shop, running.url)


SKU = "ANCHOR-05"


def test_a_shop_is_read_counted_and_allocated_without_a_word_of_complaint(merchant: Merchant) -> None:
    log = merchant.day()

    assert log.problems == []
    assert merchant.rows(ON_HAND)
    assert merchant.rows(OPEN)


def test_an_order_is_owed_and_what_lies_there_stays(merchant: Merchant) -> None:
    merchant.act(action="set_stock", sku=SKU, number=20)
    merchant.day()
    lies, owed = merchant.on_hand(SKU), merchant.owed(SKU)
    merchant.pass_time(600)
    merchant.act(action="place_order", lines=[{"sku": SKU, "quantity": 4}])
    merchant.pass_time(600)

    merchant.day()

    assert (merchant.on_hand(SKU), merchant.owed(SKU)) == (lies, owed + 4)


def test_an_order_that_is_cancelled_is_owed_no_more_and_what_lies_there_stays(merchant: Merchant) -> None:
    merchant.act(action="set_stock", sku=SKU, number=20)
    told = merchant.act(action="place_order", lines=[{"sku": SKU, "quantity": 4}])
    merchant.pass_time(600)
    merchant.day()
    lies, owed = merchant.on_hand(SKU), merchant.owed(SKU)
    merchant.act(action="cancel", order_id=told["order_id"])
    merchant.pass_time(600)

    merchant.day()

    assert (merchant.on_hand(SKU), merchant.owed(SKU)) == (lies, owed - 4)


def test_an_order_that_is_sent_is_owed_no_more_and_lies_there_no_more(merchant: Merchant) -> None:
    merchant.act(action="set_stock", sku=SKU, number=20)
    told = merchant.act(action="place_order", lines=[{"sku": SKU, "quantity": 4}])
    merchant.pass_time(600)
    merchant.day()
    lies, owed = merchant.on_hand(SKU), merchant.owed(SKU)
    merchant.act(action="ship", order_id=told["order_id"])
    merchant.pass_time(600)

    merchant.day()

    assert (merchant.on_hand(SKU), merchant.owed(SKU)) == (lies - 4, owed - 4)


def test_a_number_that_a_person_edits_is_what_lies_there(merchant: Merchant) -> None:
    merchant.act(action="set_stock", sku=SKU, number=20)
    merchant.day()
    lies = merchant.on_hand(SKU)
    merchant.pass_time(600)
    merchant.act(action="set_stock", sku=SKU, number=27)

    merchant.day()

    assert merchant.on_hand(SKU) == lies + 7


def test_units_paid_back_before_they_leave_are_owed_no_more_and_lie_there_still(merchant: Merchant) -> None:
    merchant.act(action="set_stock", sku=SKU, number=20)
    told = merchant.act(action="place_order", lines=[{"sku": SKU, "quantity": 4}])
    merchant.pass_time(600)
    merchant.day()
    lies, owed = merchant.on_hand(SKU), merchant.owed(SKU)
    back = [{"line_id": told["line_ids"][0], "quantity": 3}]
    merchant.act(action="refund", order_id=told["order_id"], lines=back, restock=True)
    merchant.pass_time(600)

    merchant.day()

    assert (merchant.on_hand(SKU), merchant.owed(SKU)) == (lies, owed - 3)


def test_an_order_that_is_thrown_away_is_owed_no_more(tmp_path: Path, sqlite_template: Path) -> None:
    with serve(woocommerce()) as running:
        merchant = Merchant(fresh(tmp_path, sqlite_template, "web"), running.shop, running.url)
        merchant.act(action="set_stock", sku=SKU, number=20)
        told = merchant.act(action="place_order", lines=[{"sku": SKU, "quantity": 4}])
        merchant.pass_time(600)
        merchant.day()
        owed = merchant.owed(SKU)
        merchant.act(action="trash_order", order_id=told["order_id"])
        merchant.pass_time(600)

        merchant.day()

        assert merchant.owed(SKU) == owed - 4
