"""A place of files keeps the contract, as far as files can."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from fillrate.channels.files import KIND
from fillrate.channels.protocol import Stream
from fillrate.records import Order, Record
from sandbox.files import Files
from sandbox.market import Goods, MarketConfig
from tests.channels.practice import Practice, market, pages, records
from tests.contract.reading import ReadingContract
from tests.contract.stock import StockContract
from tests.contract.suite import Contract
from tests.contract.trouble import TroubleContract


def place(orders: int = 30, listings: int = 12, **switches: Any) -> AbstractContextManager[Practice]:
    goods = [Goods(f"SKU/{n:03} é", f"Thing {n}", n % 9 + 1, 1_000 + n) for n in range(listings)]
    return market(Files(MarketConfig(seed=3, orders=orders, switches=switches), goods), KIND)


class Shop(Contract):
    capabilities = KIND.capabilities

    def serve(self, *, many: bool = False) -> AbstractContextManager[Practice]:
        return place(orders=2_100) if many else place()


class TestReading(Shop, ReadingContract):
    def move_order(self, side: Practice, order: Record) -> None:
        assert isinstance(order, Order)
        side.act(action="refund", order_id=int(order.platform_id))

    @pytest.mark.parametrize("stream", [Stream.PRODUCTS, Stream.ORDERS])
    def test_what_the_shop_says_is_gone_is_told_and_the_rest_comes(self, side: Practice, stream: Stream) -> None:
        """The newest stock says which goods there are; that no file speaks of an order any more says nothing of it."""
        known = sorted(records(side.channel, stream))[:2]

        (page,) = pages(side.channel, stream, ids=(*known, self.unknown_id))

        assert sorted(one.platform_id for one in page.records) == known
        assert page.gone == ((self.unknown_id,) if stream is Stream.PRODUCTS else ())


class TestTrouble(Shop, TroubleContract):
    pass


class TestStock(Shop, StockContract):
    pass
