"""BigCommerce keeps the contract."""

from contextlib import AbstractContextManager
from typing import Any

from fillrate.channels.bigcommerce import KIND
from fillrate.channels.protocol import Stream, Write
from fillrate.records import Record
from tests.channels.practice import Practice, metafield, practice
from tests.contract.notes import NotesContract
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


class Shop(Contract):
    capabilities = KIND.capabilities

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        if many:
            return practice({"unstated_limit_max": 100, "over_limit": "clamp"}, orders=330, customers=330, products=5)
        return practice(seed=3)


class TestReading(Shop, ReadingContract):
    paged = frozenset({Stream.ORDERS, Stream.CUSTOMERS})

    def move_order(self, side: Practice, order: Record) -> None:
        side.act(action="set_status", order_id=int(order.platform_id), status=12)


class TestTrouble(Shop, TroubleContract):
    damages_records = True


class TestNotes(Shop, NotesContract):
    kind = "metafield"

    def write(self, target: str, after: Any, before: Any = None) -> Write:
        return metafield(target, after, before)


class TestStock(Shop, StockContract):
    lies = ()  # the store answers each such write before it carries it out


class TestStockInAnyOrder(TestStock):
    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        return practice({"inventory_writes": "unordered"}, seed=3)
