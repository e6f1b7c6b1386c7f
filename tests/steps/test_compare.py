"""The comparison of policies on a real queue: it saves nothing, and `as set` is what the next allocation saves."""

from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from fillrate.db.queries.prices import unit_prices
from fillrate.steps.compare import compare
from fillrate.steps.desk import Desk
from fillrate.steps.kits.sync import import_kits
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_all
from sandbox import Switches
from tests.simulation.happenings import something_is_scarce
from tests.simulation.world import World, allocated_and_applied, fresh

READY = "state = 'backlog' AND reason <> 'ship_complete'"
SAVED = f"""
SELECT (SELECT sum(quantity) FROM open_unit),
       (SELECT sum(quantity) FROM open_unit WHERE {READY}) * 1.0 / (SELECT sum(quantity) FROM open_unit),
       1 - (SELECT count(DISTINCT line_id) FROM open_unit WHERE NOT ({READY})) * 1.0
         / (SELECT count(DISTINCT line_id) FROM open_unit),
       (SELECT count(*) FROM promise p WHERE number = 1
           AND EXISTS (SELECT 1 FROM open_unit u WHERE u.line_id = p.line_id AND NOT ({READY}))
           AND NOT EXISTS (SELECT 1 FROM forecast f WHERE f.line_id = p.line_id AND f.likely_by <= p.ship_by))
"""


def rows(desk: Desk, question: str) -> list[tuple[Any, ...]]:
    with desk.db.read() as reading:
        return [tuple(row) for row in reading.rows(sa.text(question))]


def test_as_set_is_what_the_next_allocation_saves_and_comparing_saves_nothing(
    tmp_path: Path, sqlite_template: Path
) -> None:
    at_shipping = {"update_stock_behavior": "order_completed_or_shipped"}  # so that the number is what lies there
    world = World.make(fresh(tmp_path, sqlite_template, "compare"), 5, Switches(), settings=at_shipping)
    something_is_scarce(world)
    world.practice("clock", {"advance_seconds": 600})
    world.day()
    with world.desk() as desk:
        with desk.db.write("goods") as tx:  # something for the next allocation to move
            tx.execute(sa.text("UPDATE stock SET on_hand = on_hand + 1 WHERE allocated = on_hand AND on_hand > 0"))
            touch_all(tx)
        tables = ("open_unit", "allocation", "transition", "promise", "forecast", "plan", "touched")
        before = {name: rows(desk, f"SELECT * FROM {name}") for name in tables}

        found = compare(desk, RunLog("compare", "compare-policies", "all"), None, None)

        assert {name: rows(desk, f"SELECT * FROM {name}") for name in tables} == before
        allocated_and_applied(desk, RunLog("after", "allocate-orders", "main"))
        as_set, units = found["policies"][0], sum(row[0] for row in rows(desk, "SELECT quantity FROM open_unit"))
        assert {one["units"] for one in found["policies"]} == {units}
        assert rows(desk, "SELECT count(*) FROM transition WHERE run_id = 'after'") != [(0,)]
        saved = rows(desk, SAVED)[0]
    ours = tuple(as_set[name] for name in ("units", "unit_rate", "line_rate", "promises_broken"))
    assert [round(one, 9) for one in saved] == [round(one, 9) for one in ours]
    assert 0 < as_set["unit_rate"] < 1


def test_a_margin_is_the_price_less_the_variants_cost_or_the_products_where_one_is_known(
    tmp_path: Path, sqlite_template: Path
) -> None:
    world = World.make(fresh(tmp_path, sqlite_template, "costs"), 1, Switches(), products=0, customers=2, orders=0)
    world.practice("shop", {"action": "create_product", "name": "X", "sku": "X", "cents": 1000, "stock": 9})
    world.practice("shop", {"action": "place_order", "lines": [{"sku": "X", "quantity": 2}]})
    world.day()

    def known(desk: Desk, change: str = "") -> tuple[int | None, int]:
        """The cost of the line's unit, and how many lines are told to have none, after a change."""
        if change:
            with desk.db.write("change") as tx:
                tx.execute(sa.text(change))
        with desk.db.read() as reading:
            [cost] = unit_prices(reading)["cost_e4"]
        found = compare(desk, RunLog("compare", "compare-policies", "all"), None, None)
        assert found["lines"] == 1
        return (None if pd.isna(cost) else int(cost)), found["lines_without_cost"]

    with world.desk() as desk:
        assert rows(desk, "SELECT unit_price_e4 FROM order_line") == [(119_000,)]  # with its tax
        assert known(desk) == (50_000, 0)  # the practice shop's goods cost half their price
        assert known(desk, "UPDATE listing SET cost_e4 = 30000") == (30_000, 0)
        assert known(desk, "UPDATE listing SET cost_e4 = NULL") == (50_000, 0)
        assert known(desk, "UPDATE product SET cost_e4 = NULL") == (None, 1)


def test_margin_first_goes_by_what_is_left_of_a_price_not_by_the_price(tmp_path: Path, sqlite_template: Path) -> None:
    """Two of a kit's part lie there. A kit of two earns 1 for 30, the part alone 8 for 10: by price the kit would be first."""
    world = World.make(fresh(tmp_path, sqlite_template, "kit"), 1, Switches(), products=0, customers=2, orders=0)
    for sku, cents, stock in (("PART", 1000, 2), ("KIT", 3000, 5)):
        world.practice("shop", {"action": "create_product", "name": sku, "sku": sku, "cents": cents, "stock": stock})
    world.day()
    kits = tmp_path / "kits.csv"
    kits.write_text("kit_sku,part_sku,quantity\nKIT,PART,2\n")
    with world.desk() as desk:
        import_kits(desk, RunLog("kits", "import-kits", "all"), kits)
    for sku, quantity in (("PART", 2), ("KIT", 1)):
        world.practice("shop", {"action": "place_order", "lines": [{"sku": sku, "quantity": quantity}]})
    world.day()
    with world.desk() as desk:

        def filled(costs: str) -> float:
            with desk.db.write("costs") as tx:
                tx.execute(sa.text(f"UPDATE product SET cost_e4 = {costs}"))
            found = compare(desk, RunLog("compare", "compare-policies", "all"), None, None)
            return round(next(one["unit_rate"] for one in found["policies"] if one["policy"] == "margin"), 3)

        assert filled("CASE sku WHEN 'KIT' THEN 290000 ELSE 20000 END") == 0.667  # two units of three: the part's
        assert filled("NULL") == 0.333  # by price: the kit
