"""WooCommerce keeps the contract, with new shops and with old ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from fillrate.channels.protocol import Stream
from fillrate.channels.woocommerce import KIND
from fillrate.records import Record
from tests.channels.practice import Practice
from tests.channels.woocommerce.practice import refunded, woocommerce
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


class Shop(Contract):
    capabilities = KIND.capabilities
    switches: ClassVar[dict[str, Any]] = {}

    @contextmanager
    def serve(self, *, many: bool = False) -> Iterator[Practice]:
        with woocommerce(self.switches, orders=330 if many else 30, seed=3) as side:
            yield refunded(side)


class OldShop(Shop):
    """Without one list of all variations, and without pretty permalinks."""

    switches: ClassVar[dict[str, Any]] = {"version": "7.9.0", "permalinks": "plain", "timezone": "America/New_York"}


class Reading(ReadingContract):
    def move_order(self, side: Practice, order: Record) -> None:
        side.act(action="set_status", order_id=int(order.platform_id), status="on-hold")


class TestReading(Shop, Reading):
    pass


class TestReadingAnOldShop(OldShop, Reading):
    pass


class TestTrouble(Shop, TroubleContract):
    unasked = frozenset({Stream.LOCATIONS})


class TestStock(Shop, StockContract):
    pass


class TestStockOfAnOldShop(OldShop, StockContract):
    pass
