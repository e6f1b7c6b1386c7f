"""Days on which people say what they like of orders, lines and deliveries, while the shop goes on: every invariant holds.

After each allocation of what was touched, `unsettled` ranks everything, and nothing may move. What is open of a line is what
the shop still wants of it, less what was given up here and the shop does not show.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.errors import FillrateError
from fillrate.gateway.outside import Outside
from fillrate.settings import Policy, PolicySettings
from fillrate.steps.audit import audit
from fillrate.steps.correcting.cancelled_units import cancel_units
from fillrate.steps.correcting.holds import hold, release
from fillrate.steps.correcting.priorities import set_priority
from fillrate.steps.correcting.promises import move_promise
from fillrate.steps.correcting.receipts import mark_received
from fillrate.steps.correcting.undo import undo
from fillrate.steps.correcting.word import Told, said
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from sandbox import Switches
from tests.simulation.happenings import SCARCE, much_happens, something_is_scarce
from tests.simulation.world import World, fresh, utc

DAY_S = 86_400
ANN = said("Ann", "she knows why")
BY_LINES = {3, 8, 9, 11, 14}
LINES = (
    "SELECT l.platform_id, l.qty_ordered, l.qty_shipped, l.qty_cancelled, l.qty_withdrawn - l.qty_withdrawn_shown AS given_up,"
    " (SELECT CAST(COALESCE(SUM(u.quantity), 0) AS BIGINT) FROM open_unit u WHERE u.line_id = l.id) AS open"
    " FROM order_line l JOIN sales_order o ON o.id = l.order_id WHERE o.deleted_at IS NULL"
)


def rows(world: World, statement: str) -> list[Any]:
    db = Database.open(world.url, Outside())
    with db.read() as reading:
        found = reading.rows(sa.text(statement))
    db.close()
    return found


def words(chance: random.Random, world: World, plans: list[str]) -> list[tuple[Callable[..., Told], tuple[Any, ...]]]:
    """What people say today, some of which cannot be."""
    state = world.shop.state
    orders = [one for one in state.orders if one.lines and any(line.sku == SCARCE for line in one.lines)]
    orders += [one for one in state.orders if one.lines][-8:]

    def line() -> str:
        return str(chance.choice(chance.choice(orders).lines).id)

    def subject() -> tuple[str, str]:
        return ("line", line()) if chance.random() < 0.6 else ("order", str(chance.choice(orders).id))

    day = utc(str(rows(world, "SELECT MAX(saved_until) FROM cursor")[0][0])).date()
    found: list[tuple[Callable[..., Told], tuple[Any, ...]]] = []
    for _ in range(chance.randint(3, 7)):
        found.append(
            chance.choice(
                [
                    lambda: (hold, (*subject(), chance.choice(["manual", "address"]))),
                    lambda: (release, subject()),
                    lambda: (set_priority, (*subject(), chance.choice([None, 1, 50, 900]))),
                    lambda: (move_promise, (line(), day + timedelta(days=chance.randint(-1, 20)))),
                    lambda: (cancel_units, (line(), chance.randint(0, 4))),
                    lambda: (cancel_units, (line(), chance.randint(1, 3))),
                    lambda: (mark_received, ("PO-1", chance.randint(0, 12))),
                    lambda: (undo, (chance.choice(plans or ["P-none"]),)),
                ]
            )()
        )
    return found


def speak(world: World, desk: Desk, word: Callable[..., Told], given: tuple[Any, ...], plans: list[str]) -> None:
    """Say it twice, which is once; what cannot be is refused with what to do, and changes nothing."""
    log = RunLog(f"word-{world.runs}-{len(plans)}-{desk.outside.new_id()}", word.__name__, "all")
    with suppress(FillrateError), recorded(desk, log):
        told = word(desk, log, ANN, *given)
        plans += [told.plan_id] if told.plan_id else []
        if word is not undo:
            assert word(desk, log, ANN, *given).changes == []
    assert all(problem.what for problem in log.problems)
    broken = [one for one in audit(desk) if one["violations"]]
    assert broken == [], (word.__name__, given, broken)


def something_comes(chance: random.Random, world: World) -> None:
    """The shop ships, edits, refunds, cancels and takes up again, preferably what was given up here."""
    given_up = {row[0] for row in rows(world, LINES) if row[4]}
    lines = [(order, line) for order in world.shop.state.orders for line in order.lines]
    meant = [pair for pair in lines if str(pair[1].id) in given_up] or [one for one in lines if one[1].sku == SCARCE]
    for _ in range(3):
        order, line = chance.choice(meant if chance.random() < 0.7 else lines)
        one = {"order_id": order.id, "lines": [{"line_id": line.id, "quantity": 1}]}
        edited = {
            "order_id": order.id,
            "line_id": line.id,
            "quantity": max(0, line.quantity + chance.choice([-2, -1, 1])),
        }
        wishes = [
            {"action": "edit_line", **edited},
            {"action": "edit_line", **edited},
            {"action": "refund", **one},
            {"action": "ship", **one, "force": True},
            {"action": "set_status", "order_id": order.id, "status": chance.choice([5, 7, 11, 11, 11])},
            {"action": "receive", "sku": SCARCE, "quantity": chance.randint(1, 3)},
        ]
        world.practice("shop", [chance.choice(wishes)])  # what a shop refuses is refused
    world.practice("clock", {"advance_seconds": DAY_S})


def deliver(world: World, folder: Path, received: int) -> None:
    file = folder / "po.csv"
    file.write_text(f"reference,sku,quantity,received,expected\nPO-1,{SCARCE},10,{received},2031-01-01\n")
    with world.desk() as desk, recorded(desk, RunLog(f"supply-{world.runs}", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)


def untrue(world: World) -> list[str]:
    """What is open of lines that is not what the shop wants of them less what was given up."""
    truth = {
        str(line["id"]): line
        for order in world.practice("state", method="GET")["orders"]
        if order["status_id"] in BY_LINES and not order["archived"]
        for line in order["lines"]
    }
    found = []
    for number, ordered, shipped, cancelled, given_up, is_open in rows(world, LINES):
        assert ordered == shipped + cancelled + is_open
        line = truth.get(number)
        if line is not None and shipped == line["quantity_shipped"]:
            wanted = max(0, line["quantity"] - shipped - line["quantity_refunded"])
            if is_open != max(0, wanted - given_up):
                found.append(f"line {number}: {is_open} open, {wanted} wanted, {given_up} given up")
    return found


def live_through(world: World, folder: Path, days: int) -> list[str]:
    """Live through days of words; returns the plans that were booked."""
    chance, plans = random.Random(world.seed), list[str]()
    world.looks = True
    something_is_scarce(world)
    world.day()
    deliver(world, folder, 0)
    much_happens(world)
    for day in range(days):
        spoken = words(chance, world, plans)
        with world.desk() as desk:
            for word, given in spoken:
                speak(world, desk, word, given, plans)
        if chance.random() < 0.5:
            something_comes(chance, world)
        if day == 1:
            deliver(world, folder, chance.randint(0, 6))
        world.day(full=day == days - 1)
        assert world.violations == []
        assert untrue(world) == []
    return plans


POLICIES = (
    PolicySettings(),
    PolicySettings(default=Policy(ship_complete=True, hold_days=5)),
    PolicySettings(default=Policy(by_promise=True, horizon_days=5, displaces=True)),
)


def test_whatever_people_say_every_invariant_holds_and_each_unit_counts_once(db_url: str, tmp_path: Path) -> None:
    world = World.make(db_url, 7, Switches(), orders=6, products=4)

    plans = live_through(world, tmp_path, 2)

    assert len(plans) > 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_the_same_of_many_merchants_and_their_policies(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    world = World.make(fresh(tmp_path, sqlite_template, "words"), seed)
    world.policy = POLICIES[seed % len(POLICIES)]

    assert len(live_through(world, tmp_path, 8)) > 5
