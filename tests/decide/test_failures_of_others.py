"""Public failures of other order systems, as cases that must not happen here: what went wrong there, and what holds here."""

from typing import Any

import pandas as pd
import pytest

from fillrate.decide.allocation import Allocated
from tests.decide.reference import DAY, Row, aside, bucket, inbound, outcome, run, shelf
from tests.decide.test_allocation import without_time

WAITS: Row = {"state": "backorder", "reason": "no_supply"}


def where(result: Allocated) -> dict[Any, int]:
    return dict(without_time(outcome(result)[1]))


def test_reducing_a_backorder_makes_no_stock() -> None:
    """spree#7328: one unit less on a backordered order rose the count, and another order became "on hand" at −4."""
    before = [bucket(1, 1, 1, **WAITS), bucket(2, 1, 2, **WAITS), bucket(3, 1, 1, **WAITS)]
    after = [before[0], {**before[1], "quantity": 1}, before[2]]

    assert where(run(before, [shelf(1, 0)])) == {(n, *WAITS.values()): units for n, units in ((1, 1), (2, 2), (3, 1))}
    assert where(run(after, [shelf(1, 0)])) == {(n, *WAITS.values()): 1 for n in (1, 2, 3)}
    assert run(after, [shelf(1, 0)]).moves.empty


@pytest.mark.parametrize("on_hand", [-4, 0, 2])
def test_a_cancelled_order_frees_what_it_had_and_not_what_it_waited_for(on_hand: int) -> None:
    """solidus#3781: cancelling put backordered units "back" as well, and they filled the next backorder."""
    had = max(0, on_hand)
    order = [bucket(1, 1, had, state="backlog", reason="ready")] if had else []
    demand = [*order, bucket(1, 1, 5 - had, **WAITS), bucket(2, 1, 5, day=1, **WAITS)]
    taken = [aside(1, 1, had)] if had else []

    assert run(demand, [shelf(1, on_hand)], taken).moves.empty
    cancelled = run(demand[-1:], [shelf(1, on_hand)], taken)

    assert cancelled.allocations["quantity"].sum() == had
    assert where(cancelled).get((2, "backorder", "no_supply")) == 5 - had


def test_splitting_a_line_leaves_its_units_where_they_are() -> None:
    """solidus#5669: splitting a part of an item that was half backordered turned all of its units to "on hand"."""
    whole = [bucket(1, 1, 2, state="backlog", reason="ready"), bucket(1, 1, 3, **WAITS)]
    split = [{**whole[0]}, {**whole[1], "quantity": 1}, bucket(2, 1, 2, order_id=1, **WAITS)]

    assert run(whole, [shelf(1, 2)], [aside(1, 1, 2)]).moves.empty
    after = run(split, [shelf(1, 2)], [aside(1, 1, 2)])

    assert after.moves.empty
    assert after.allocations.to_dict("records") == [aside(1, 1, 2)]


def test_two_kits_of_an_order_that_share_a_part_do_not_both_get_it() -> None:
    """medusa#16502: two lines sharing an inventory item were each checked against all of it, and both reserved it."""
    recipes = [{"recipe_id": n, "item_id": item, "per": 1} for n in (7, 8) for item in (1, n + 10)]
    demand = [bucket(n, None, 2, order_id=1, order_key=1, recipe_id=n + 6) for n in (1, 2)]

    result = run(demand, [shelf(1, 3), shelf(17, 9), shelf(18, 9)], recipes=recipes)

    assert result.allocations.loc[result.allocations["item_id"] == 1, "quantity"].sum() == 3
    assert where(result)[1, "backlog", "ready"] == 2
    assert where(result)[2, "backlog", "ready"] == 1


def test_one_unit_that_two_have_reserved_goes_to_the_first_of_them() -> None:
    """odoo#268942: two transactions reserved one serial number; two were reserved of one, and the delivery hung."""
    demand = [bucket(n, 1, 1, day=n, state="backlog", reason="ready") for n in (1, 2)]

    result = run(demand, [shelf(1, 1)], [aside(2, 1, 1), aside(1, 1, 1)])

    assert result.allocations.to_dict("records") == [aside(1, 1, 1)]
    assert result.moves[["line_id", "to_state", "cause"]].to_numpy().tolist() == [[2, "backorder", "stock_lost"]]


@pytest.mark.parametrize("by_promise", [True, False])
def test_a_delivery_that_slips_moves_the_forecast_and_not_the_promise(by_promise: bool) -> None:
    """odoo PR#260603: a new arrival date of a purchase overwrote the deadline of the delivery that waited for it."""
    promised = DAY + pd.Timedelta(days=9)
    demand = [
        bucket(1, 1, 2, day=1, promised_at=promised, by_promise=by_promise),
        bucket(2, 1, 2, day=0, promised_at=promised + pd.Timedelta(days=1), by_promise=by_promise),
    ]

    on_time, late = (run(demand, [], coming=[inbound(5, 1, 2, day)]) for day in (8, 30))

    first = 1 if by_promise else 2
    assert forecast(on_time, first) == DAY + pd.Timedelta(days=8)
    assert forecast(late, first) == DAY + pd.Timedelta(days=30)
    assert list(late.covers["line_id"]) == list(on_time.covers["line_id"]) == [first]
    pd.testing.assert_frame_equal(late.units, on_time.units)
    assert "promised_at" not in {*late.units.columns, *late.forecasts.columns}


def forecast(result: Allocated, line: int) -> pd.Timestamp:
    day: pd.Timestamp = result.forecasts.set_index("line_id").loc[line, "likely_at"]
    return day


@pytest.mark.parametrize(("arrived", "free"), [(3, 0), (5, 0), (8, 3)])
def test_goods_that_arrive_are_free_only_after_everything_owed(arrived: int, free: int) -> None:
    """magento2#38751: "in stock again" was mailed when none was there: it could be bought, though only as a backorder."""
    demand = [bucket(1, 1, 4, **WAITS), bucket(2, 1, 1, day=1, **WAITS)]

    result = run(demand, [shelf(1, arrived)])

    assert arrived - result.allocations["quantity"].sum() == free
    assert (where(result).get((2, "backorder", "no_supply"), 0) > 0) == (arrived < 5)


@pytest.mark.parametrize(("quantity", "free"), [(3, 0), (5, 0), (8, 3)])
def test_a_delivery_s_units_are_promised_to_those_who_wait_before_anybody_new(quantity: int, free: int) -> None:
    """magento2#38751 once more, for what is still on its way."""
    demand = [bucket(1, 1, 4, **WAITS), bucket(2, 1, 1, day=1, **WAITS)]

    result = run(demand, [shelf(1, 0)], coming=[inbound(5, 1, quantity, 3)])

    assert quantity - result.covers["quantity"].sum() == free
