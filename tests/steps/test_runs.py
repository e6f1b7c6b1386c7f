"""The record of a run: however it ends, its row says so."""

from pathlib import Path

import pytest

from fillrate.db.queries import plans
from fillrate.db.tables import Run
from fillrate.steps.runs import RunLog, recorded
from sandbox import Switches
from tests.simulation.world import World, fresh


def test_a_run_that_a_defect_ended_does_not_stay_running(tmp_path: Path, sqlite_template: Path) -> None:
    world = World.make(fresh(tmp_path, sqlite_template, "defect"), 1, Switches())
    log = RunLog("R-1", "sync-orders", "main")

    with world.desk() as desk:
        with pytest.raises(KeyError), recorded(desk, log):
            raise KeyError("secret of a customer")
        with desk.db.read() as reading:
            row = reading.first(Run.__table__.select())

    assert row.state == "failed"
    assert row.ended_at is not None
    assert row.problems[0]["what"] == "A defect in Fillrate ended the run: KeyError."
    assert "secret" not in str(row.problems)


def test_a_plan_that_waits_is_told_by_every_later_run_of_its_flow(tmp_path: Path, sqlite_template: Path) -> None:
    world = World.make(fresh(tmp_path, sqlite_template, "waits"), 12)
    world.day()
    with world.desk() as desk, desk.db.write("test.waits") as tx:
        tx.connection.exec_driver_sql("UPDATE plan SET state = 'waiting' WHERE flow = 'allocate-orders'")
        shop = desk.shop("main")
        found = plans.waiting(tx, "allocate-orders", [shop.id])
        elsewhere = plans.waiting(tx, "allocate-orders", [shop.id + 1])
        another = plans.waiting(tx, "reconcile-inventory", [shop.id])

    assert len(found) == 1
    assert (elsewhere, another) == ([], [])
