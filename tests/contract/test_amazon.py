"""Amazon keeps the contract."""

from contextlib import AbstractContextManager

from fillrate.channels.amazon import KIND
from fillrate.channels.protocol import Stream
from fillrate.records import Order, Record
from tests.channels.amazon.account import account
from tests.channels.practice import Practice
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


class Shop(Contract):
    capabilities = KIND.capabilities

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        return account(orders=310, listings=70) if many else account()


class TestReading(Shop, ReadingContract):
    paged = frozenset({Stream.ORDERS, Stream.PRODUCTS, Stream.STOCK})

    def move_order(self, side: Practice, order: Record) -> None:
        assert isinstance(order, Order)
        side.act(action="set_status", order_id=order.platform_id, status="UNFULFILLABLE")
        side.pass_time(150)  # Amazon does not speak of the last two minutes


class TestTrouble(Shop, TroubleContract):
    unasked = frozenset({Stream.LOCATIONS})


class TestStock(Shop, StockContract):
    pass
