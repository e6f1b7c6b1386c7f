"""One line in an order's staff notes: once, at the end of what staff wrote, and found again by its text."""

from pathlib import Path

import pytest

from fillrate.gateway.outside import Phase
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog
from tests.simulation.crash import Crash, CrashAt
from tests.simulation.world import STORY, fresh
from tests.steps.telling import Told

LINE = "[Fillrate] Waits for stock: 2 × MUG."
PUT = "PUT /v2/orders/{id}"


@pytest.fixture
def told(tmp_path: Path, sqlite_template: Path) -> Told:
    return Told.begin(fresh(tmp_path, sqlite_template, "telling"), tmp_path, staff_note=True)


def notes(told: Told, order: int) -> str:
    return str(told.true_order(order).staff_notes)


def staff_writes(told: Told, order: int, text: str) -> None:
    told.true_order(order).staff_notes = text


def test_the_line_follows_what_staff_wrote_and_comes_once(told: Told) -> None:
    order = told.order(5)
    staff_writes(told, order, "call first\n  ring twice")
    told.day()
    assert notes(told, order) == f"call first\n  ring twice\n{LINE}"
    staff_writes(told, order, f"rang\n{LINE}\nshe waits")

    told.act("receive", sku="MUG", quantity=1)
    told.day()
    told.act("receive", sku="MUG", quantity=1)
    told.day()
    told.order(3)
    told.day()

    assert notes(told, order) == f"rang\n{LINE}\nshe waits"
    assert [state for _, _, state in told.changes("staff_note")] == ["done", "done"]
    assert told.is_sound()


@pytest.mark.slow
def test_a_line_that_staff_took_away_or_changed_is_not_written_again(told: Told) -> None:
    away, changed = told.order(5), told.order(1)
    told.day()
    staff_writes(told, away, "")
    staff_writes(told, changed, "[Fillrate] Waits, and she knows it.")
    told.act("edit_line", order_id=away, line_id=told.true_order(away).lines[0].id, quantity=9)
    told.day()
    told.day()

    assert (notes(told, away), notes(told, changed)) == ("", "[Fillrate] Waits, and she knows it.")
    assert told.sent(PUT) == 2


@pytest.mark.parametrize("phase", ["before", "after_effect"])
def test_a_process_that_dies_at_the_call_leaves_one_line(told: Told, phase: Phase) -> None:
    order = told.order(5)
    told.read()
    with pytest.raises(Crash), told.world.desk(CrashAt("bigcommerce.orders.update", phase, 1)) as desk:
        STORY["allocate-orders"](desk, RunLog("cut-off", "allocate-orders", "main"), Asked())
    told.world.abandon_leases()
    assert [state for _, _, state in told.changes("staff_note")] == ["sending"]
    told.act("receive", sku="MUG", quantity=1)

    told.day()
    told.day()

    assert notes(told, order) == LINE
    assert [state for _, _, state in told.changes("staff_note")] == ["done"]
    assert told.sent(PUT) == 1


def test_notes_that_would_grow_too_long_are_left_alone(told: Told) -> None:
    order = told.order(5)
    staff_writes(told, order, "x" * 65_530)
    told.day()

    assert notes(told, order) == "x" * 65_530
    assert [state for _, _, state in told.changes("staff_note")] == ["failed"]


@pytest.mark.slow
def test_a_line_that_waits_for_a_person_says_what_waits_now_and_goes_when_nothing_does(told: Told) -> None:
    told.world.is_practice = False
    told.order(5)
    told.day()
    told.act("receive", sku="MUG", quantity=1)
    told.day()
    told.act("receive", sku="MUG", quantity=1)
    told.day()

    assert [after for _, after, _ in told.changes("staff_note")] == [LINE, LINE.replace("2", "1")]
    assert {state for _, _, state in told.changes("staff_note")} == {"superseded"}


@pytest.mark.slow
def test_an_undone_line_is_taken_out_and_nothing_else(told: Told) -> None:
    order = told.order(5)
    staff_writes(told, order, "call first")
    told.day()
    staff_writes(told, order, f"{notes(told, order)}\ncalled")
    [plan] = told.plans("staff_note")
    with told.world.desk() as desk:
        undo(desk, RunLog("undo", "undo", "all"), said("Ann", "not wanted"), plan.id)
    told.day()
    told.day()

    assert notes(told, order) == "call first\ncalled"


def test_an_order_whose_staff_notes_are_not_told_is_left_alone_and_the_others_are_not(told: Told) -> None:
    orders = [told.order(5), told.order(1)]
    for order in orders:
        staff_writes(told, order, "call first")
    told.read()
    broken = {"kind": "bad_record", "match": "GET /v2/orders", "field": "staff_notes", "how": "missing"}
    told.world.practice("faults", [{**broken, "position": 0}])

    log = told.run("allocate-orders")

    assert [notes(told, order).splitlines()[0] for order in orders] == ["call first"] * 2
    assert [len(notes(told, order).splitlines()) for order in orders] == [1, 2]
    [problem] = log.problems
    assert problem.what == "1 change(s) wait, since what they are about cannot be read: 1."
