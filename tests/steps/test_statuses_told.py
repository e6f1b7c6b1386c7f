"""An order's status in the shop follows how the order stands, as far as the merchant's pairs say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fillrate.settings import PolicySettings
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import said
from fillrate.steps.plan import approve, reject
from fillrate.steps.runs import RunLog
from tests.simulation.world import fresh
from tests.steps.telling import Told

WAITS = {"from": "11", "to": "9", "when": "waits"}
PART = {"from": "11", "to": "3", "when": "part_waits"}
BACK = [{"from": status, "to": "11", "when": "ready"} for status in ("9", "3")]
PAIRS = [WAITS, PART, *BACK]
PUT = "PUT /v2/orders/{id}"


@pytest.fixture
def told(tmp_path: Path, sqlite_template: Path) -> Told:
    return Told.begin(fresh(tmp_path, sqlite_template, "telling"), tmp_path, order_status=PAIRS)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=(pytest.mark.postgres, pytest.mark.slow))])
def either(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Told]:
    sqlite = request.param == "sqlite"
    url = fresh(tmp_path, sqlite_template, "telling") if sqlite else request.getfixturevalue("postgres_url")
    return Told.begin(url, tmp_path, order_status=PAIRS)


def test_an_order_is_called_by_how_it_stands_and_back_again_once_each(either: Told) -> None:
    told = either
    part, whole = told.order(5), told.order(2)
    before = [line.quantity for line in told.true_order(part).lines]

    told.day()
    assert (told.true_order(part).status, told.true_order(whole).status) == (3, 9)
    for _ in range(3):
        told.day()
    assert told.sent(PUT) == 2

    told.act("receive", sku="MUG", quantity=10)
    for _ in range(3):
        told.day()

    assert (told.true_order(part).status, told.true_order(whole).status) == (11, 11)
    assert told.sent(PUT) == 4
    assert [line.quantity for line in told.true_order(part).lines] == before
    assert told.is_sound()
    assert sorted(told.changes("order_status")) == [
        ("11", "3", "done"),
        ("11", "9", "done"),
        ("3", "11", "done"),
        ("9", "11", "done"),
    ]


@pytest.mark.slow
def test_without_pairs_no_status_is_ever_written(tmp_path: Path, sqlite_template: Path) -> None:
    told = Told.begin(fresh(tmp_path, sqlite_template, "telling"), tmp_path)
    told.order(5)
    told.day()

    assert told.changes("order_status") == []
    assert told.sent(PUT) == 0


def test_a_run_before_the_next_reading_writes_nothing_twice(told: Told) -> None:
    told.order(5)
    told.read()
    for _ in range(3):
        told.run("allocate-orders")

    assert told.sent(PUT) == 1
    assert told.changes("order_status") == [("11", "3", "done")]


def test_what_changed_in_the_shop_since_it_was_planned_is_left_alone(told: Told) -> None:
    order = told.order(5)
    told.read()
    told.act("set_status", order_id=order, status=12)

    told.run("allocate-orders")

    assert told.true_order(order).status == 12
    assert told.sent(PUT) == 0
    assert told.changes("order_status") == [("11", "3", "stale")]
    told.day()
    told.act("set_status", order_id=order, status=11)
    told.day()
    assert told.true_order(order).status == 3


def test_each_order_is_read_again_right_before_its_own_write(told: Told) -> None:
    orders = [told.order(5) for _ in range(3)]
    told.read()
    moved = []

    def staff(path: str) -> None:
        if path.endswith(f"/v2/orders/{orders[0]}") and not moved:
            moved.append(path)
            told.act("set_status", order_id=orders[2], status=8)

    told.world.during = staff
    told.run("allocate-orders")

    assert moved
    assert [told.true_order(one).status for one in orders] == [3, 9, 8]
    assert [state for _, _, state in told.changes("order_status")] == ["done", "done", "stale"]


@pytest.mark.slow
def test_a_status_that_staff_changed_after_us_stays_as_they_want(told: Told) -> None:
    order = told.order(5)
    told.day()
    told.act("set_status", order_id=order, status=11)
    told.day()
    told.day()

    assert told.true_order(order).status == 11
    assert told.sent(PUT) == 1


def test_the_first_plan_of_statuses_waits_though_notes_were_let_through_long_ago(told: Told) -> None:
    told.ask()
    told.world.is_practice = False
    order = told.order(5)
    told.day()
    [notes] = told.plans("metafield")
    with told.world.desk() as desk:
        approve(desk, notes.id, None, "Ann")
    told.day()
    told.ask(order_status=PAIRS)
    told.day()

    [plan] = told.plans("order_status")
    assert (plan.state, told.true_order(order).status) == ("waiting", 11)
    assert plan.waits_because.startswith("It is the first plan")
    with told.world.desk() as desk:
        approve(desk, plan.id, None, "Ann")
    told.day()
    assert told.true_order(order).status == 3


def test_a_waiting_status_that_nobody_wants_any_more_is_never_written(told: Told) -> None:
    told.world.is_practice = False
    order = told.order(5)
    told.day()
    [plan] = told.plans("order_status")
    told.act("receive", sku="MUG", quantity=10)
    told.day()

    assert told.changes("order_status") == [("11", "3", "superseded")]
    assert told.plans("order_status")[0].state == "superseded"
    assert told.true_order(order).status == 11
    assert plan.state == "waiting"


@pytest.mark.slow
def test_switched_off_takes_back_what_still_waits(told: Told) -> None:
    told.world.is_practice = False
    told.order(5)
    told.day()
    told.ask()
    told.day()

    assert told.changes("order_status") == [("11", "3", "superseded")]


def test_a_mass_of_statuses_waits(told: Told) -> None:
    told.world.policy = PolicySettings()
    told.order(1)
    told.day()
    for _ in range(3):
        told.order(5)
    told.day()

    [plan] = told.plans("order_status")
    assert (plan.state, plan.waits_because) == ("waiting", "It touches 3 of 4; more than 5% wait for a person.")


def test_an_undone_status_is_given_back_and_not_written_again(told: Told) -> None:
    order = told.order(5)
    told.day()
    [plan] = told.plans("order_status")
    with told.world.desk() as desk:
        word = undo(desk, RunLog("undo", "undo", "all"), said("Ann", "too early"), plan.id)
    told.day()
    told.day()

    assert word.next == "The next run of allocate-orders writes it to the shop."
    assert told.true_order(order).status == 11
    assert told.changes("order_status") == [("11", "3", "done"), ("3", "11", "done")]


@pytest.mark.slow
def test_a_rejected_status_is_not_planned_again(told: Told) -> None:
    told.world.is_practice = False
    told.order(5)
    told.day()
    [plan] = told.plans("order_status")
    with told.world.desk() as desk:
        reject(desk, plan.id, "Ann")
    told.day()

    assert told.changes("order_status") == [("11", "3", "superseded")]
