"""A practice place that writes and reads in its own way, later than asked, and is found half written."""

from typing import Any

import pytest

from fillrate.channels.files import KIND
from fillrate.channels.protocol import STOCK, Stream, Write
from fillrate.records import Order, StockItem
from sandbox.files import Files
from sandbox.market import Goods, MarketConfig
from tests.channels.practice import Practice, always, market, records

GOODS = [Goods("BANK-é", "Bänk", 4, 1_990), Goods("A;B,C", "Odd", 7, 500), Goods("CUP", "Cup", 2, 300)]


def place(orders: int = 0, **switches: Any) -> Any:
    return market(Files(MarketConfig(orders=orders, switches=switches), GOODS), KIND)


def raised(side: Practice) -> list[Write]:
    items = [one for one in records(side.channel, Stream.STOCK).values() if isinstance(one, StockItem)]
    return [
        Write(
            kind=STOCK,
            target=level.target,
            before={"quantity": level.shown},
            after={"quantity": level.shown + 3},
            key=level.target,
        )
        for item in items
        for level in item.levels
    ]


def numbers(side: Practice) -> dict[str, int]:
    return {one["sku"]: one["number"] for one in side.state()["stock"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_place_is_read_in_its_own_way_and_takes_what_is_written_in_it(encoding: str, delimiter: str) -> None:
    with place(encoding=encoding, delimiter=delimiter, decimal="," if delimiter == ";" else ".", orders=8) as side:
        before = numbers(side)
        wishes = raised(side)

        outcomes = side.channel.write(wishes, always)

        assert set(before) == {one.sku for one in GOODS}
        assert {one.state for one in outcomes.values()} == {"done"}
        assert numbers(side) == {sku: number + 3 for sku, number in before.items()}
        assert side.state()["refused"] == []
        orders = [one for one in records(side.channel, Stream.ORDERS).values() if isinstance(one, Order)]
        assert {line.unit_price_e4 for one in orders for line in one.lines} <= {199_000, 50_000, 30_000}
        assert orders


def test_a_place_that_takes_files_later_holds_what_was_told_until_it_writes_again() -> None:
    with place(takes="later", exports="quarter_hour") as side:
        wishes = raised(side)
        side.channel.write(wishes, always)

        assert side.channel.read_back(STOCK, [one.target for one in wishes]) == {
            one.target: one.after for one in wishes
        }
        side.pass_time(1_000)
        now = {
            level.target: level.shown for item in records(side.channel, Stream.STOCK).values() for level in item.levels
        }
        assert now == {one.target: one.after["quantity"] for one in wishes}


def test_a_file_that_is_half_written_is_waited_for() -> None:
    with place() as side:
        whole = records(side.channel, Stream.STOCK)
        for keep in (5, 40, 60, 90):
            side.act(action="half_write", file="stock.csv", keep=keep, times=1)
            assert records(side.channel, Stream.STOCK) == whole
