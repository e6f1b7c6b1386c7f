"""Any subset of a shop's hooks, in any order, late or twice, ends in what polling alone ends in."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from sandbox import Switches
from tests.simulation.happenings import much_happens
from tests.simulation.projection import end_state
from tests.simulation.world import fresh
from tests.steps.hooked import HookedWorld

ROUNDS = 3
ON_THE_WAY = {"transition", "movement", "change", "plan"}  # whoever looks more often sees more steps to the same end
GONE = "SELECT l.platform_id FROM order_line l JOIN sales_order o ON o.id = l.order_id WHERE o.deleted_at IS NOT NULL"
NONE: dict[str, Any] = {"lose": 1.0}
MANNERS: dict[str, dict[str, Any]] = {
    "all": {},
    "half": {"lose": 0.5},
    "twice": {"lose": 0.2, "twice": 0.5, "shuffle": True},
    "badly": {"lose": 0.3, "late": 0.5, "late_seconds": 5000, "twice": 0.3, "shuffle": True},
}
Tables = dict[str, list[tuple[str, ...]]]


def ends(world: HookedWorld, seed: int, manners: dict[str, Any]) -> tuple[Tables, Counter[str]]:
    """The history of a seed, heard of by hooks of these manners as well: how it ends, and what hooks brought."""
    chance, brought = random.Random(f"{seed}:{manners}"), Counter[str]()

    def follow() -> None:
        brought.update(world.follow().counts)

    world.day()
    world.register()
    world.practice("hooks", manners)
    for number in range(ROUNDS):
        world.passes(3600)
        world.seed = seed * 10 + number
        much_happens(world)
        world.tell_time()
        while world.carried() and chance.random() < 0.7:
            follow()
        follow()
        world.rest(0)
        world.day()
        world.tell_time()
    for _ in range(2):
        world.passes(86_400)
        world.carried()
        follow()
        world.day()
        world.tell_time()
    assert world.violations == []
    assert world.broken() == []
    return end_of(world), brought


def end_of(world: HookedWorld) -> Tables:
    """How things stand, without the steps to it: shelves that hold nothing, and promises for orders that are gone, are some."""
    db = Database.open(world.url, Outside())
    found = {table: rows for table, rows in end_state(db).items() if table not in ON_THE_WAY}
    db.close()
    gone = {str(row[0]) for row in world.ask(GONE)}
    found["stock"] = [row for row in found["stock"] if row[2:] != ("0", "0")]
    found["promise"] = [row for row in found["promise"] if row[0] not in gone]
    return found


@pytest.mark.parametrize(
    ("seed", "manners"),
    [
        (1, "badly"),
        *(
            pytest.param(seed, manners, marks=pytest.mark.slow)
            for seed in range(1, 11)
            for manners in MANNERS
            if (seed, manners) != (1, "badly")
        ),
    ],
)
def test_any_subset_of_hooks_ends_in_what_polling_alone_ends_in(
    seed: int, manners: str, tmp_path: Path, sqlite_template: Path
) -> None:
    switches = Switches.draw(random.Random(seed))
    polled, heard = (
        HookedWorld.make(fresh(tmp_path, sqlite_template, name), seed, switches) for name in ("polled", "heard")
    )

    alone, nothing = ends(polled, seed, NONE)
    told, brought = ends(heard, seed, MANNERS[manners])

    assert {table for table in alone if told[table] != alone[table]} == set()
    assert nothing == {}
    assert brought["orders_new"] + brought["orders_changed"] > 0
