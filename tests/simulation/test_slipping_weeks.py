"""Sixty days on which deliveries slip and customers are written to: no promise breaks unseen, and none moves by itself."""

import random
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fillrate.settings import PromiseSettings
from fillrate.steps.plan import approve, reject
from tests.gateway.post_office import PostOffice, serving
from tests.simulation.projection import end_state
from tests.simulation.world import fresh
from tests.steps.late import DAY_S, ON, answer, judged, plain, proposals
from tests.steps.post import Merchant

DAYS = 60
AT_RISK = """
    SELECT l.platform_id AS line, p.ship_by, f.likely_by FROM forecast f JOIN order_line l ON l.id = f.line_id
    JOIN promise p ON p.line_id = f.line_id AND p.number = (SELECT MAX(q.number) FROM promise q WHERE q.line_id = f.line_id)
    WHERE f.likely_by IS NULL OR f.likely_by > p.ship_by
"""
WITHOUT_A_PLAN = """
    SELECT p.id FROM promise p LEFT JOIN plan ON plan.id = p.plan_id
    WHERE p.number > 1 AND (plan.approved_at IS NULL OR plan.state = 'rejected')
"""


def decided(one: Merchant) -> set[tuple[str, str]]:
    """The line and the promise of every move that waits, or that a person has decided about."""
    rows = one.rows(
        "SELECT c.target, c.before, c.after, c.state, p.state AS plan FROM change c JOIN plan p ON p.id = c.plan_id"
        " WHERE c.kind = 'promise'"
    )
    seen = [
        row for row in rows if row[3] == "planned" or row[4] == "rejected" or (row[3] == "done" and not plain(row[2]))
    ]
    return {(row[0], plain(row[1])) for row in seen}


def unseen(one: Merchant) -> list[Any]:
    """The lines whose promise is known to break, of which nobody was ever asked."""
    known = decided(one)
    return [row for row in one.rows(AT_RISK) if (f"line:{row[0]}", row[1][:10]) not in known]


def told_twice(one: Merchant) -> list[Any]:
    """The lines whose customer was told the same day twice in a row."""
    rows = one.rows("SELECT line_id, ship_by FROM notice WHERE kind = 'date_moved' ORDER BY line_id, told_at")
    return [row for before, row in pairwise(rows) if before == row]


def happens(one: Merchant, chance: random.Random, folder: Path, due: date) -> date:
    """What a day brings: orders, a delivery that slips or comes; returns when the delivery is expected now."""
    for _ in range(chance.choice([0, 1, 1, 2])):
        one.order(chance.randint(1, 3))
    if due <= one.today and chance.random() < 0.5:
        one.act("receive", sku="MUG", quantity=chance.randint(5, 15))
        due = one.today + timedelta(days=chance.randint(5, 12))
        one.supplied(folder, (due - one.today).days)
    elif chance.random() < 0.2:
        due = max(due, one.today) + timedelta(days=chance.choice([-3, 2, 7, 20, 40]))
        one.supplied(folder, max((due - one.today).days, 1))
    return due


def decides(one: Merchant, chance: random.Random) -> None:
    """What a person makes of the proposals, and a customer of his mail."""
    for plan, _ in proposals(one):
        word = chance.choice(["approve", "reject", "wait", "wait"])
        with one.desk() as desk:
            if word == "approve":
                approve(desk, plan, None, "Ann")
            elif word == "reject":
                reject(desk, plan, "Ann")
    asked = [n for n, mail in enumerate(one.office.taken) if "/a/" in mail.message.as_string()]
    if asked and chance.random() < 0.3:
        answer(one, chance.choice(["keep", "cancel"]), chance.choice(asked))


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_promise_breaks_unseen_and_none_moves_without_a_plan(
    seed: int, tmp_path: Path, sqlite_template: Path
) -> None:
    chance, folder = random.Random(seed), tmp_path / "po"
    folder.mkdir()
    rules = PromiseSettings(move_by_itself_days=2, move_by_itself_lines=3) if seed == 2 else None
    with (
        serving(PostOffice()) as office,
        closing(Merchant.at_work(fresh(tmp_path, sqlite_template, "weeks"), office)) as one,
    ):
        judged(one, ON, rules)
        due = one.today + timedelta(days=9)
        one.supplied(folder, 9)
        for _ in range(DAYS):
            due = happens(one, chance, folder, due)
            one.pass_time(DAY_S)
            one.work("sync-orders", "reconcile-inventory", "allocate-orders")
            assert unseen(one) == []
            assert one.rows(WITHOUT_A_PLAN) == []
            assert told_twice(one) == []
            decides(one, chance)
        one.allocate()
        one.allocate()
        with one.desk() as desk:
            before = end_state(desk.db)
        one.allocate()
        with one.desk() as desk:
            assert end_state(desk.db) == before
        kinds = dict(one.rows("SELECT state, COUNT(*) FROM change WHERE kind = 'promise' GROUP BY state"))
        assert {"done", "superseded"} <= set(kinds)
        assert one.rows("SELECT COUNT(*) FROM promise WHERE source = 'slip'") != [(0,)]
        assert any("date_moved" in target for target, _ in one.mails())
