"""eBay keeps the contract."""

from contextlib import AbstractContextManager
from typing import Any

from fillrate.channels.ebay import KIND
from fillrate.channels.protocol import Stream
from fillrate.records import Order, Record
from sandbox.ebay import Ebay
from sandbox.market import Goods, MarketConfig
from tests.channels.practice import Practice, market
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


def account(orders: int = 30, listings: int = 12, **switches: Any) -> AbstractContextManager[Practice]:
    goods = [Goods(f"SKU/{n:03} é", f"Thing {n}", n % 9 + 1, 1_000 + n) for n in range(listings)]
    return market(Ebay(MarketConfig(seed=3, orders=orders, switches=switches), goods), KIND)


class Shop(Contract):
    capabilities = KIND.capabilities

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        return account(orders=610, listings=450) if many else account()


class TestReading(Shop, ReadingContract):
    paged = frozenset({Stream.ORDERS, Stream.PRODUCTS, Stream.STOCK})

    def move_order(self, side: Practice, order: Record) -> None:
        assert isinstance(order, Order)
        action = "ship" if order.status in {"NOT_STARTED", "IN_PROGRESS"} else "refund"
        side.act(action=action, order_id=order.platform_id)
        side.pass_time(1)  # eBay stamps orders to the millisecond and tells its time to the second


class TestTrouble(Shop, TroubleContract):
    unasked = frozenset({Stream.LOCATIONS})


class TestStock(Shop, StockContract):
    pass
