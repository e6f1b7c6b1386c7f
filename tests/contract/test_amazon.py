"""Amazon keeps the contract."""

from contextlib import AbstractContextManager
from typing import Any

from fillrate.channels.amazon import KIND
from fillrate.channels.protocol import Stream
from fillrate.records import Order, Record, StockLevel
from sandbox.amazon import Amazon
from sandbox.market import Goods, MarketConfig
from tests.channels.practice import Practice, market
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


def account(orders: int = 30, listings: int = 16, **switches: Any) -> AbstractContextManager[Practice]:
    goods = [Goods(f"SKU/{n:03} é", f"Thing {n}", n % 9 + 1, 1_000 + n) for n in range(listings)]
    return market(Amazon(MarketConfig(seed=3, orders=orders, switches=switches), goods), KIND)


class Shop(Contract):
    capabilities = KIND.capabilities

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        return account(orders=310, listings=70) if many else account()


class TestReading(Shop, ReadingContract):
    paged = frozenset({Stream.ORDERS, Stream.PRODUCTS, Stream.STOCK})

    def move_order(self, side: Practice, order: Record) -> None:
        assert isinstance(order, Order)
        side.act(action="set_status", order_id=order.platform_id, status="UNFULFILLABLE")


class TestTrouble(Shop, TroubleContract):
    unasked = frozenset({Stream.LOCATIONS})


class TestStock(Shop, StockContract):
    pass
