"""What `fillrate show` says of what a shop is told, kind by kind."""

import json
from pathlib import Path

import pytest

from fillrate.db.queries import plans as queries
from fillrate.steps.correcting.undo import IN_SHOPS, INVERSES, REFUSALS
from fillrate.steps.show import in_words
from fillrate.steps.telling import OF_ORDERS
from fillrate.steps.telling.kept import KEPT
from tests.simulation.world import fresh
from tests.steps.telling import Told

LINES_OF_AN_ORDER = (
    "products",
    "consignments",
    "line_items",
    "quantity_backordered",
)  # an update clears their discounts


def said(told: Told, kind: str) -> list[tuple[str, str, str, str]]:
    """The changes of the last plan of a kind, in words."""
    plan = told.plans(kind)[-1]
    with told.world.desk() as desk, desk.db.read() as reading:
        return in_words(reading, queries.changes(reading, plan.id))


def test_every_kind_that_a_shop_is_told_says_whether_it_can_be_undone() -> None:
    assert {*OF_ORDERS, *KEPT} <= {*INVERSES, *IN_SHOPS, *REFUSALS}
    assert {*OF_ORDERS, *KEPT} - IN_SHOPS == {"metafield"}


def test_each_change_is_told_by_what_people_call_it(tmp_path: Path, sqlite_template: Path) -> None:
    told = Told.begin(
        fresh(tmp_path, sqlite_template, "told"),
        tmp_path,
        order_status=[{"from": "11", "to": "3", "when": "part_waits"}],
        staff_note=True,
        product_page="Leaves by {day}.",
        backorder_limit=True,
        purchasing=True,
    )
    told.limit(2)
    told.order(5)
    told.coming(9, days=20)
    told.day()
    [(day, _)] = told.shown()

    assert said(told, "order_status") == [
        (
            "order 1",
            "status 11 → status 3",
            "A part of this order waits for stock: from Awaiting Fulfillment to Partially Shipped.",
            "done",
        )
    ]
    assert said(told, "staff_note")[0][:2] == ("order 1", "no note → [Fillrate] Waits for stock: 2 × MUG.")
    on, what, why, state = said(told, "product_page")[0]
    assert (on, state, why) == ("the page of Mug", "done", f"None is left, and the next free unit leaves by {day}.")
    assert what.startswith("no text → Leaves by ")
    assert said(told, "purchasing") == [
        (
            "MUG",
            "can be bought → cannot be bought",
            "None is left, and as many units wait as may: nobody can buy more.",
            "done",
        )
    ]
    assert said(told, "backorder_limit")[0][:2] == ("Mug · Default location", "1000 → 2")


@pytest.mark.slow
def test_all_of_it_together_ends_the_day_sound_says_nothing_twice_and_never_sends_a_line_of_an_order(
    tmp_path: Path, sqlite_template: Path
) -> None:
    told = Told.begin(
        fresh(tmp_path, sqlite_template, "told"),
        tmp_path,
        order_status=[{"from": "11", "to": "3", "when": "part_waits"}, {"from": "3", "to": "11", "when": "ready"}],
        staff_note=True,
        product_page="Leaves by {day}.",
        backorder_limit=True,
        purchasing=True,
    )
    told.limit(2)
    told.order(5)
    told.coming(9, days=20)
    told.day()
    bodies = [json.dumps(one["body"]) for one in told.world.practice("requests?bodies=1", method="GET")["writes"]]
    assert [line for line in bodies if any(name in line for name in LINES_OF_AN_ORDER)] == []
    writes = len(bodies)
    for _ in range(3):
        told.day()

    assert len(told.world.practice("requests?bodies=1", method="GET")["writes"]) == writes == 6
    assert told.is_sound()
