"""Shopify keeps the contract, under every version that it may be asked by."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from fillrate.channels.protocol import Stream
from fillrate.channels.shopify import KIND, bulk
from fillrate.channels.shopify.gids import gid
from fillrate.records import Record, StockLevel
from tests.channels.practice import Practice
from tests.channels.shopify.practice import refunded, shopify
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


class Shop(Contract):
    capabilities = KIND.capabilities
    version = "2026-07"
    switches: ClassVar[dict[str, Any]] = {}

    @contextmanager
    def serve(self, *, many: bool = False) -> Iterator[Practice]:
        settings = {"api_version": self.version}
        with shopify(self.switches, orders=60 if many else 20, seed=3, settings=settings) as side:
            yield refunded(side)


class TestReading(Shop, ReadingContract):
    def move_order(self, side: Practice, order: Record) -> None:
        side.act(action="hold", order_id=gid("Order", order.platform_id), reason="OTHER", notes="look")


class TestReadingFromFiles(TestReading):
    """As from a shop that is too large for pages."""

    paged = frozenset({Stream.PRODUCTS, Stream.STOCK})

    @pytest.fixture(autouse=True)
    def is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bulk, "FROM", 3)
        monkeypatch.setattr(bulk, "PAGE", 4)


class TestTroubleWithFiles(Shop, TroubleContract):
    @pytest.fixture(autouse=True)
    def is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bulk, "FROM", 3)


class TestTrouble(Shop, TroubleContract):
    pass


class Stock(StockContract):
    unknown_target = "987654@1"

    def set_number(self, side: Practice, level: StockLevel, number: int) -> None:
        side.act(action="set_stock", sku=level.sku, number=number, location_id=int(level.location_platform_id) % 10_000)


class TestStock(Shop, Stock):
    pass


class TestStockOfAnOlderVersion(Shop, Stock):
    version = "2026-01"


class TestStockWhereABadRowLeavesTheGoodOnes(Shop, Stock):
    version = "2026-04"
    switches: ClassVar[dict[str, Any]] = {"failed_set_keeps": "good_rows", "failed_attempt": "refused"}
