"""The store's own words about itself."""

from datetime import UTC, datetime

import pytest

from fillrate.channels.bigcommerce.store import STATUSES, moment
from fillrate.channels.protocol import Ask, Stream
from fillrate.errors import BadAnswer
from fillrate.records import StockSettings
from tests.channels.practice import always, metafield, practice


@pytest.mark.parametrize("told", [1529512970, "1529512970", 1529512970.0, 1529512970000, "1529512970000"])
def test_the_shops_clock_is_read_in_every_shape(told: float | str) -> None:
    assert moment(told) == datetime(2018, 6, 20, 16, 42, 50, tzinfo=UTC)


@pytest.mark.parametrize("told", ["", "soon", "nan", float("inf"), 1e300])
def test_a_clock_without_a_time_is_no_answer(told: float | str) -> None:
    with pytest.raises(BadAnswer, match="shows no time"):
        moment(told)


@pytest.mark.parametrize("told", [0, 7, -7, "1"])
def test_a_clock_of_long_ago_is_no_answer(told: float | str) -> None:
    with pytest.raises(BadAnswer, match="shows the year 19"):
        moment(told)


def test_all_fifteen_statuses_are_declared() -> None:
    assert [int(code) for code in STATUSES] == list(range(15))
    assert STATUSES["11"] == "Awaiting Fulfillment"


@pytest.mark.parametrize(
    ("settings", "meaning"),
    [
        (
            {"update_stock_behavior": "order_placed", "refund_order_stock_adjustment": True},
            StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=True),
        ),
        (
            {"update_stock_behavior": "order_completed_or_shipped", "edit_order_stock_adjustment": False},
            StockSettings(deducts_at="shipping", edits_move_stock=False, cancel_restocks=True),
        ),
        (
            {"refund_order_stock_adjustment": False},
            StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=False),
        ),
    ],
)
def test_the_shops_settings_say_what_moves_its_numbers(settings: dict[str, object], meaning: StockSettings) -> None:
    with practice() as side:
        for name, value in settings.items():
            side.act(action="set_setting", name=name, value=value)

        assert side.channel.stock_settings(["1:www"]) == {"1:www": meaning}


def test_a_sales_channel_may_have_settings_of_its_own_for_all_but_orders_made_by_staff() -> None:
    with practice() as side:
        side.act(action="set_setting", name="refund_order_stock_adjustment", value=False)
        side.act(action="set_setting", name="update_stock_behavior", value="order_completed_or_shipped", channel_id=2)
        found = side.channel.stock_settings(["1:www", "2:www", "2:amazon", "2:manual", "0:external"])

    at_order = StockSettings(deducts_at="order", edits_move_stock=True, cancel_restocks=False)
    at_shipping = StockSettings(deducts_at="shipping", edits_move_stock=True, cancel_restocks=False)
    own = dict.fromkeys(("2:www", "2:amazon"), at_shipping)
    assert found == {**own, **dict.fromkeys(("1:www", "2:manual", "0:external"), at_order)}


def test_only_what_is_declared_can_be_asked_or_written() -> None:
    with practice() as side:
        with pytest.raises(ValueError, match="brands cannot be asked for by id"):
            side.channel.read(Ask(stream=Stream.BRANDS, ids=("1",)))
        with pytest.raises(ValueError, match="cannot write 'price'"):
            side.channel.read_back("price", ["1"])
        with pytest.raises(ValueError, match="cannot write 'price'"):
            side.channel.write(
                [metafield("1", {}).__class__(kind="price", target="1", before=1, after=2, key="k")], always
            )

        assert side.requests() == {}
