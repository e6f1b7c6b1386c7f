"""Whole days with a shop whose answers break on the wire: no flow dies of it, and one good day puts everything right.

The list of endpoints that the other tests spoil is complete: it is what a day full of happenings asks for, and what the
channel names in its own table.
"""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fillrate.bootstrap import open_desk
from fillrate.channels.bigcommerce import endpoints
from fillrate.gateway.http import Endpoint
from fillrate.gateway.outside import Faults, NoFaults, Outside
from fillrate.gateway.wire import Wire
from fillrate.steps.desk import Desk
from tests.malice.front import Front, Told
from tests.malice.spoilers import SPOILERS
from tests.malice.test_fields import SEED
from tests.malice.test_wire import ENDPOINTS
from tests.simulation.history import Ending, History, difference, ending, remove
from tests.simulation.test_storms import without_ways, wrong
from tests.simulation.world import World

SHARE = 0.25
TRUE_ELSEWHERE = {"a 204", "a 404", "a 410"}  # an honest shop says so of what it does not have, and is believed
SLOW = {"a stall", "a drip", "a drip of the body", "too much", "a bomb"}
DRAWN_FROM = sorted(SPOILERS.keys() - TRUE_ELSEWHERE - SLOW)


@dataclass
class WiredWorld(World):
    """A world whose merchant speaks to the shop over a hostile wire."""

    front: Front | None = None
    struck: list[str] = field(default_factory=list)

    @contextmanager
    def desk(self, faults: Faults | None = None) -> Iterator[Desk]:
        """Open the desk as a new process would."""
        assert self.front is not None
        self.runs += 1
        outside = Outside(self.clock, random.Random(self.runs), faults or NoFaults())
        settings = self.settings()
        channel = settings.channel[0].model_copy(update={"base_url": self.front.url})
        wire = Wire(self.clock, 2.0, is_plain=True)
        with open_desk(settings.model_copy(update={"channel": (channel,)}), outside, {"main": wire}) as desk:
            yield desk

    def go_bad(self, seed: int) -> None:
        """From now on answers break, each in a way drawn by the seed."""
        assert self.front is not None
        chance = random.Random(seed)

        def spoil(told: Told) -> Iterable[bytes]:
            name = chance.choice(DRAWN_FROM)
            self.struck.append(f"{told.asked}: {name}")
            return SPOILERS[name](told)

        self.front.strikes = lambda _: chance.random() < SHARE
        self.front.spoil = spoil


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> History:
    """A shop on the morning of a day on which much has happened."""
    return History.begin(tmp_path_factory.mktemp("days"), sqlite_template, 12)


@pytest.fixture(scope="module")
def calm(history: History) -> Ending:
    """How the day ends with an honest shop."""
    world = history.world("calm")
    world.day()
    world.day(full=True)
    return ending(world)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEED, SEED + 9))
def test_after_a_day_on_a_broken_wire_one_good_day_puts_everything_right(
    seed: int, history: History, calm: Ending
) -> None:
    plain = history.world(f"wired-{seed}")
    with Front(plain.shop) as front:
        world = WiredWorld(plain.shop, plain.url, seed, plain.undeducted, runs=plain.runs, front=front)
        world.go_bad(seed)
        logs = [log for _ in range(3) for log in world.bad_day()]
        struck, front.spoil = len(world.struck), None
        after = ending(world)
        world.rest(4_000)
        world.day(full=True)
        healed = ending(world)
    remove(world)

    assert struck > 10, world.struck
    assert wrong(after) == []
    assert all(problem.what and problem.next for log in logs for problem in log.problems if log.state == "failed")
    assert difference(without_ways(calm), without_ways(healed)) == {}


@pytest.mark.slow
def test_a_day_full_of_happenings_asks_for_nothing_that_is_not_spoiled_here(history: History) -> None:
    world = history.world("honest")
    world.day()
    world.day(full=True)
    asked = set(world.shop.journal.counts)
    remove(world)

    assert asked <= set(ENDPOINTS)
    assert len(asked) >= 14


# no answer of theirs is believed: test_told.py spoils the first, tests/steps/test_adopting.py refuses the second,
# tests/channels/test_hooks.py spoils the third
ONLY_WRITTEN = {"/v3/catalog/variants", "/v3/inventory/adjustments/absolute", "/v3/hooks"}


def test_what_the_channel_names_in_its_table_is_all_spoiled_here() -> None:
    named = {one.path for one in vars(endpoints).values() if isinstance(one, Endpoint)}
    spoiled = {path for asked in ENDPOINTS for path in (asked.split()[1], asked.split()[1].partition("/{id}")[0])}

    assert named <= spoiled | ONLY_WRITTEN
