"""Leases: one at a time, taken over from the dead at once, and never written under once lost."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.db.lease import give_back_all
from fillrate.db.tables import Item, Lease
from fillrate.errors import LeaseBusy, LeaseLost, StopRun
from fillrate.gateway.outside import Outside
from tests.db.test_database import item

HOLDER = """
import sys, time
from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
db = Database.open(sys.argv[1], Outside())
with db.hold("work", wait_s=0):
    print("held", flush=True)
    time.sleep(60)
"""


def other(db: Database) -> Database:
    return Database(db.engine, db.outside)


def test_a_lease_is_held_once_and_each_holder_has_a_higher_epoch(db: Database) -> None:
    with db.hold("work", wait_s=0) as first, pytest.raises(LeaseBusy, match="Another run holds work: process"):
        with other(db).hold("work", wait_s=0):
            pass
    with other(db).hold("work", wait_s=0) as second:
        assert (first.epoch, second.epoch) == (1, 2)


def test_a_command_waits_for_a_busy_lease(db: Database) -> None:
    with db.hold("work", wait_s=0), pytest.raises(LeaseBusy), other(db).hold("work", wait_s=10):
        pass

    assert db.outside.clock.waited >= 10  # type: ignore[attr-defined]


def test_a_lease_of_a_killed_process_is_taken_over_at_once(db: Database, db_url: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLDER, db_url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(LeaseBusy), db.hold("work", wait_s=0):
        pass

    child.kill()
    child.wait()
    child.stdout.close()

    with db.hold("work", wait_s=0) as held:
        assert held.epoch == 2


def test_a_killed_process_that_nobody_has_looked_after_yet_is_gone_as_well(db: Database, db_url: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLDER, db_url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays in the system's list until `wait`

    with db.hold("work", wait_s=0) as held:
        assert held.epoch == 2
    child.wait()
    child.stdout.close()


def test_before_something_is_done_outside_it_is_asked_whether_the_lease_is_still_ours(db: Database) -> None:
    with db.hold("work", wait_s=0) as held:
        held.check_now(db)
        with db.write("someone else") as tx:
            tx.update(Lease, [{"name": "work", "epoch": held.epoch + 1, "holder": "{}"}], key=("name",))
        with pytest.raises(LeaseLost, match="taken over the lease work"):
            held.check_now(db)


def test_a_process_that_must_end_gives_its_leases_back_and_commits_nothing_more(db: Database) -> None:
    with pytest.raises(LeaseLost), db.hold("work", wait_s=0) as held:
        give_back_all()
        with other(db).hold("work", wait_s=0) as next_one:
            assert next_one.epoch == held.epoch + 1
        with db.write("late", held) as tx:
            tx.insert(Item, [item("late")])


def test_a_holder_that_woke_too_late_writes_nothing(db: Database) -> None:
    with pytest.raises(LeaseLost, match="taken over the lease work"), db.hold("work", wait_s=0) as held:
        with db.write("someone else") as tx:
            taken = {"name": "work", "epoch": held.epoch + 1, "holder": json.dumps({"pid": 1, "host": "elsewhere"})}
            tx.update(Lease, [taken], key=("name",))
        with db.write("late", held) as tx:
            tx.insert(Item, [item("late")])

    with db.read() as reading:
        assert reading.first(sa.select(*Item.__table__.c)) is None
        assert reading.first(sa.select(*Lease.__table__.c)).epoch == 2


@pytest.mark.parametrize("place", [{"host": "elsewhere"}, {"boot": "another"}, {"pids": "pid:[another container]"}])
def test_a_holder_elsewhere_keeps_its_lease_until_its_time_is_up(db: Database, place: dict[str, str]) -> None:
    with db.hold("work", wait_s=0) as held:
        pass
    elsewhere = json.dumps({**json.loads(held.holder), "pid": 2**22 + 1, **place})

    def until(when: timedelta) -> None:
        with db.write("elsewhere") as tx:
            row = {"name": "work", "epoch": held.epoch, "holder": elsewhere, "until": db_now(db) + when}
            tx.update(Lease, [row], key=("name",))

    until(timedelta(seconds=30))
    with pytest.raises(LeaseBusy), db.hold("work", wait_s=0):
        pass
    until(timedelta(seconds=-1))
    with db.hold("work", wait_s=0) as mine:
        assert mine.epoch == held.epoch + 1


def db_now(db: Database):
    from fillrate.db.lease import database_time

    with db.read() as reading:
        return database_time(reading.connection)


def test_taking_a_lease_twice_in_one_run_is_a_mistake(db: Database) -> None:
    with (
        db.hold("work", wait_s=0),
        pytest.raises(StopRun, match="already held by this very run"),
        db.hold("work", wait_s=0),
    ):
        pass


def test_a_lease_is_given_back_when_the_work_fails(db: Database) -> None:
    with pytest.raises(KeyError), db.hold("work", wait_s=0):
        raise KeyError

    with Database(db.engine, Outside()).hold("work", wait_s=0) as held:
        assert held.epoch == 2
