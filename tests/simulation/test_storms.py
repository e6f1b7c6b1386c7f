"""A shop that answers badly for a day: nothing lost, nothing wrongly deleted, a clear problem, and the next run heals."""

from pathlib import Path
from typing import Any

import pytest

from fillrate.steps.runs import RunLog
from tests.simulation.history import Ending, History, Rows, difference, ending, remove
from tests.simulation.world import World

STORMS: dict[str, dict[str, Any]] = {
    "429": {"kind": "429"},
    "429 without headers": {"kind": "429", "headers": "without"},
    "429 with absurd headers": {"kind": "429", "headers": "absurd"},
    "500": {"kind": "500"},
    "502": {"kind": "502"},
    "503 now and then": {"kind": "503", "rate": 0.5},
    "500 though it was done": {"kind": "500", "done": True},
    "401": {"kind": "401"},
    "HTML": {"kind": "html"},
    "nothing": {"kind": "empty"},
    "redirect": {"kind": "redirect"},
    "truncated": {"kind": "truncated"},
    "cut JSON": {"kind": "truncated", "how": "json"},
    "NaN": {"kind": "malformed", "how": "nan"},
    "lone surrogate": {"kind": "malformed", "how": "surrogate"},
    "duplicate keys": {"kind": "malformed", "how": "duplicate"},
    "deep": {"kind": "malformed", "how": "deep"},
    "trailing text": {"kind": "malformed", "how": "trailing"},
    "drop": {"kind": "drop"},
    "drop after write": {"kind": "drop_after_write"},
    "drip": {"kind": "drip"},
}
"""Answers that are no answers: what needs them fails and says so."""
QUIET: dict[str, dict[str, Any]] = {
    "empty catalogue": {"kind": "empty_catalogue"},
    "missing rows": {"kind": "missing_rows", "count": 1},
    "shifting rows": {"kind": "shift", "by": 1},
    "rows twice": {"kind": "shift", "by": 1, "repeat": True},
    "207": {"kind": "207"},
    "another store": {"kind": "wrong_store"},
    "loop": {"kind": "loop"},
}
"""Answers in good form that are not the whole truth."""
PARTS = {
    "everything": "*",
    "catalogue": "GET /v3/catalog*",
    "orders": "GET /v2/orders*",
    "stock": "GET /v3/inventory*",
    "writes": "P* /v3/orders*",
}
NOW_AND_THEN = "503 now and then"
WAYS = ("cursor", "movement", "plan", "change", "transition", "promise")
UNTOLD = (
    "another store",
    "writes",
)  # a note that another store took in our shop's name looks as if it had been written
SEED = 12  # a store without backorders of its own, so that notes are written


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> History:
    """A shop on the morning of a day on which much has happened."""
    return History.begin(tmp_path_factory.mktemp("storms"), sqlite_template, SEED)


@pytest.fixture(scope="module")
def calm(history: History) -> Ending:
    """How the day ends in good weather."""
    world = history.world("calm")
    world.day()
    world.day(full=True)
    return ending(world)


def bad_day(world: World, **fault: Any) -> tuple[list[RunLog], int]:
    """Live through a day of a fault, then half an hour of quiet; returns the runs and how often the fault struck."""
    world.practice("faults", [fault])
    logs = world.bad_day()
    fired = world.practice("faults", method="GET")[0]["fired"]
    world.practice("faults", method="DELETE")
    world.rest(1800)
    return logs, int(fired)


def gone(rows: Rows) -> list[tuple[str, ...]]:
    """Return what is marked as deleted."""
    is_alive = {"brand": -1, "category": -1, "product": -1, "listing": 6, "customer": -1, "sales_order": -1}
    return [(table, *row) for table, column in is_alive.items() for row in rows[table] if row[column] == "0"]


def without_ways(end: Ending) -> Ending:
    """Return an ending without the ways that led there: how far reading went, corrections, promises given meanwhile."""
    rows = {table: found for table, found in end.rows.items() if table not in WAYS}
    rows["stock"] = [row for row in rows["stock"] if row[2:] != ("0", "0")]
    return Ending(rows, end.notes, end.broken)


def wrong(end: Ending) -> list[str]:
    """Return what an audit finds but for orders that the shop has lost while it could not be read."""
    said = [sentence for one in end.broken for sentence in ([one] if isinstance(one, str) else one["first"])]
    return [sentence for sentence in said if not sentence.endswith("the shop does not have it")]


COMBINATIONS = [  # a third of the kinds is quick, each in one part
    pytest.param(
        kind, part, marks=() if (i + j) % len(PARTS) == 0 and i % 3 == 0 else pytest.mark.slow
    )  # a third of the kinds is quick
    for i, kind in enumerate({**STORMS, **QUIET})
    for j, part in enumerate(PARTS)
    if (kind, part) != UNTOLD
]


@pytest.mark.parametrize(("kind", "part"), COMBINATIONS)
def test_after_a_day_of_bad_answers_the_next_run_heals_everything(
    kind: str, part: str, history: History, calm: Ending
) -> None:
    world = history.world(f"{kind}-{part}".replace(" ", "-"))
    before = gone(ending(world).rows)

    logs, struck = bad_day(world, match=PARTS[part], **{**STORMS, **QUIET}[kind])
    after_storm = ending(world)
    world.day(full=True)
    healed = ending(world)
    remove(world)

    assert struck > 0
    assert wrong(after_storm) == []
    assert set(gone(after_storm.rows)) - set(before) <= set(gone(calm.rows))
    assert difference(without_ways(calm), without_ways(healed)) == {}
    failed = [log for log in logs if log.state == "failed"]
    assert all(problem.what and problem.next for log in failed for problem in log.problems)
    assert failed or kind in QUIET or kind == NOW_AND_THEN or part == "writes", logs
