"""The comparison of policies on a real queue: it saves nothing, and `as set` is what the next allocation saves."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.steps.compare import compare
from fillrate.steps.desk import Desk
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
