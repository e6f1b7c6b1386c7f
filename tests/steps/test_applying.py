"""Plans on their way to a shop: what may go out, what a person decides, and what becomes of what is in doubt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fillrate.errors import FillrateError, FixSettings
from fillrate.gateway.outside import Phase
from fillrate.steps.intake.windows import Asked
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.status import status
from sandbox import Shop, Switches
from tests.simulation.crash import Crash, CrashAt
from tests.simulation.history import notes
from tests.simulation.world import STORY, World, fresh

SHORT = {"products": 0, "customers": 2, "orders": 0}
BROKEN = [{"match": "POST /v3/orders/metafields", "kind": "500"}]
REFUSING = [{"match": "POST /v3/orders/metafields", "kind": "423"}]
READING = ("sync-catalog", "sync-orders", "reconcile-inventory")


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """A shop with three of a thing and an order of five, read but not allocated."""
    made = World.make(fresh(tmp_path, sqlite_template, "applying"), 1, Switches(backorders=True), **SHORT)
    product = act(made, "create_product", name="X", sku="X", cents=1000, stock=3)
    act(made, "set_backorder_limit", product_id=product["product_id"], quantity=1000)
    order_of(made, product["product_id"], 5)
    for flow in READING:
        run(made, flow)
    return made


def act(world: World, action: str, **more: Any) -> dict[str, Any]:
    [done] = world.practice("shop", {"action": action, **more})
    assert "refused" not in done, done
    return dict(done)


def order_of(world: World, product_id: int, quantity: int) -> int:
    return int(act(world, "place_order", lines=[{"product_id": product_id, "quantity": quantity}])["order_id"])


def run(world: World, flow: str, *, dry: bool = False) -> RunLog:
    log = RunLog(f"{flow}-{world.runs}", flow, "main", is_dry=dry)
    with world.desk() as desk, recorded(desk, log):
        STORY[flow](desk, log, Asked())
    return log


def changes(world: World) -> list[tuple[str, str, str]]:
    """What was planned for the shop: each change's plan, that plan's state, and its own."""
    statement = (
        "SELECT p.id, p.state, c.state FROM plan p JOIN change c ON c.plan_id = p.id"
        " WHERE p.flow = 'allocate-orders' ORDER BY c.id"
    )
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(statement)]


def writes(world: World) -> int:
    return len(world.practice("requests?bodies=1", method="GET")["writes"])


def cut_off(world: World, phase: Phase) -> str:
    """Allocate, and lose the process right before or after the shop took the note; returns the plan."""
    with pytest.raises(Crash), world.desk(CrashAt("bigcommerce.metafields.create", phase, 1)) as desk:
        STORY["allocate-orders"](desk, RunLog("cut-off", "allocate-orders", "main"), Asked())
    world.abandon_leases()
    [(plan, plan_state, state)] = changes(world)
    assert (plan_state, state) == ("approved", "sending")
    return plan


def test_nothing_is_written_to_another_store_than_the_one_that_was_read(world: World) -> None:
    theirs = replace(world.shop.config, seed=9, products=3, orders=5, store_hash="elsewhere")
    world.shop = Shop(theirs)

    with pytest.raises(FixSettings, match="now answers as another store"):
        run(world, "allocate-orders")

    assert notes(world) == []
    assert writes(world) == 0


def test_the_stock_of_another_store_is_not_even_looked_at(world: World) -> None:
    world.shop = Shop(replace(world.shop.config, store_hash="elsewhere"))

    with pytest.raises(FixSettings, match="now answers as another store"):
        run(world, "reconcile-inventory")

    assert "GET /v3/inventory/locations" not in world.practice("requests", method="GET")


def test_what_a_run_counts_by_itself_is_nobodys_choice(world: World) -> None:
    act(world, "create_product", name="Y", sku="Y", cents=1000, stock=5)
    run(world, "sync-catalog")
    [plan] = run(world, "reconcile-inventory", dry=True).plans

    with world.desk() as desk:
        for decide in (lambda: approve(desk, plan, None, "Ann"), lambda: reject(desk, plan, "Ann")):
            with pytest.raises(FillrateError, match="only counts in Fillrate's own ledger"):
                decide()

    assert run(world, "allocate-orders").state == "done"
    assert len(notes(world)) == 1


def test_a_dry_run_is_not_let_through_while_a_write_to_the_same_order_is_in_doubt(world: World) -> None:
    [shown] = run(world, "allocate-orders", dry=True).plans
    world.practice("faults", BROKEN)
    run(world, "allocate-orders")
    world.practice("faults", method="DELETE")

    with world.desk() as desk, pytest.raises(FillrateError, match="where an earlier write is still in doubt") as told:
        approve(desk, shown, None, "Ann")
    assert told.value.next == "Find out about it first: fillrate run allocate-orders"

    run(world, "allocate-orders")
    assert len(notes(world)) == 1
    assert changes(world) == [(shown, "dry_run", "dry_run"), (shown.replace("-1", "-2"), "applied", "done")]


@pytest.mark.parametrize(("phase", "becomes"), [("before", "superseded"), ("after_effect", "done")])
def test_what_was_in_doubt_when_its_plan_was_rejected_is_read_back_and_never_sent_again(
    world: World, phase: Phase, becomes: str
) -> None:
    plan = cut_off(world, phase)
    sent = writes(world)
    with world.desk() as desk:
        told = reject(desk, plan, "Ann")

    run(world, "allocate-orders")

    assert told == ("allocate-orders", 1)
    assert changes(world) == [(plan, "rejected", becomes)]
    assert writes(world) == sent


@pytest.mark.parametrize("phase", ["before", "after_effect"])
def test_an_order_whose_note_was_rejected_in_doubt_gets_its_next_note(world: World, phase: Phase) -> None:
    plan = cut_off(world, phase)
    with world.desk() as desk:
        reject(desk, plan, "Ann")
    run(world, "allocate-orders")
    act(world, "receive", sku="X", quantity=1)
    world.practice("clock", {"advance_seconds": 3600})

    world.day()

    [(_, note)] = notes(world)
    assert '"quantity":1' in note
    assert changes(world)[-1][1:] == ("applied", "done")


def test_what_is_rejected_while_it_is_on_its_way_out_stays_here(world: World) -> None:
    def reject_it(path: str) -> None:
        if path.endswith("/metafields") and changes(world)[0][1] == "approved":
            with world.desk() as desk:
                reject(desk, changes(world)[0][0], "Ann")

    world.during = reject_it

    run(world, "allocate-orders")

    assert writes(world) == 0
    assert [row[1:] for row in changes(world)] == [("rejected", "superseded")]


def test_a_note_that_waits_for_a_person_and_is_no_longer_needed_waits_no_more(world: World) -> None:
    world.is_practice = False
    run(world, "allocate-orders")
    [(plan, *waits)] = changes(world)
    act(world, "receive", sku="X", quantity=2)
    world.practice("clock", {"advance_seconds": 3600})

    world.day()

    assert waits == ["waiting", "planned"]
    assert changes(world) == [(plan, "superseded", "superseded")]


def posts(world: World) -> int:
    return int(world.practice("requests", method="GET").get("POST /v3/orders/metafields", 0))


def refused(world: World) -> list[tuple[str, str]]:
    """What `fillrate status` tells of what the shop refused: the order and the plan."""
    with world.desk() as desk:
        found = status(desk)["refused"]
    assert found["total"] == len(found["latest"])
    return [(one["target"], one["plan_id"]) for one in found["latest"]]


def test_a_note_that_the_shop_refuses_is_not_sent_again_while_nothing_else_changes_and_is_shown(world: World) -> None:
    world.practice("faults", REFUSING)
    run(world, "allocate-orders")
    [(plan, *_)] = changes(world)
    sent = posts(world)
    for _ in range(3):
        run(world, "allocate-orders")

    assert changes(world) == [(plan, "applied", "failed")]
    assert posts(world) == sent > 0
    assert refused(world) == [("1", plan)]


def test_other_units_that_wait_are_another_note_and_the_refused_one_is_shown_no_more(world: World) -> None:
    world.practice("faults", REFUSING)
    run(world, "allocate-orders")
    world.practice("faults", method="DELETE")
    act(world, "receive", sku="X", quantity=1)
    world.practice("clock", {"advance_seconds": 3600})

    world.day()

    assert len(notes(world)) == 1
    assert refused(world) == []


def test_a_refused_note_that_is_no_longer_needed_is_shown_no_more(world: World) -> None:
    world.practice("faults", REFUSING)
    run(world, "allocate-orders")
    act(world, "receive", sku="X", quantity=2)
    world.practice("clock", {"advance_seconds": 3600})

    world.day()

    assert refused(world) == []


def test_a_person_who_has_mended_the_shop_lets_the_refused_notes_through_again(world: World) -> None:
    world.practice("faults", REFUSING)
    run(world, "allocate-orders")
    world.practice("faults", method="DELETE")
    [(plan, *_)] = changes(world)

    with world.desk() as desk:
        approve(desk, plan, None, "Ann")
    run(world, "allocate-orders")

    assert changes(world) == [(plan, "applied", "done")]
    assert len(notes(world)) == 1
    with world.desk() as desk, pytest.raises(FillrateError, match="is applied and can no longer be approved"):
        approve(desk, plan, None, "Ann")


def test_a_shop_that_answers_no_write_for_days_gets_its_notes_when_it_answers_again(world: World) -> None:
    world.practice("faults", BROKEN)
    for _ in range(8):
        assert run(world, "allocate-orders").state == "problems"
    world.practice("faults", method="DELETE")

    run(world, "allocate-orders")

    assert len(notes(world)) == 1
    assert [row[1:] for row in changes(world)] == [("applied", "done")]


def test_many_notes_are_looked_up_once_an_apply(world: World) -> None:
    for _ in range(110):
        order_of(world, world.shop.state.products.get(1).id, 1)
    run(world, "sync-orders")
    world.practice("requests", method="DELETE")

    run(world, "allocate-orders")

    asked = world.practice("requests", method="GET")
    assert len(notes(world)) == 111
    assert (asked["GET /v3/orders/metafields"], asked["POST /v3/orders/metafields"]) == (1, 3)


def test_many_writes_without_an_answer_are_looked_up_together(world: World) -> None:
    for _ in range(110):
        order_of(world, world.shop.state.products.get(1).id, 1)
    run(world, "sync-orders")
    world.practice("requests", method="DELETE")
    world.practice("faults", [{"match": "POST /v3/orders/metafields", "kind": "500", "done": True}])

    log = run(world, "allocate-orders")

    assert len(notes(world)) == 111
    assert log.counts["changes_done"] == 111
    assert world.practice("requests", method="GET")["GET /v3/orders/metafields"] == 2


def test_a_token_that_may_not_write_is_a_setting_to_mend_and_costs_no_attempt(world: World) -> None:
    world.practice("faults", [{"match": "POST /v3/orders/metafields", "kind": "403"}])
    for _ in range(6):
        with pytest.raises(FixSettings, match="refused the token") as refused:
            run(world, "allocate-orders")
    assert "store_v2_orders" in refused.value.next
    assert [state for *_, state in changes(world)] == ["approved"]
    world.practice("faults", method="DELETE")

    run(world, "allocate-orders")

    assert [state for *_, state in changes(world)] == ["done"]
    assert len(notes(world)) == 1
