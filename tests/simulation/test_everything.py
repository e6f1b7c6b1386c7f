"""Days on which everything happens at once.

Sales, edits, refunds, shipments, returns and counts, kits, suppliers that slip, people who hold and give up, a warehouse
that picks, two runs at the same time, and processes that die anywhere.

After each day, and one run that nothing disturbs, every invariant holds, nothing would move, and each unit is explained.
"""

import random
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from fillrate.errors import FillrateError
from fillrate.settings import LocationSettings
from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.explained import wrongly_explained
from tests.simulation.happenings import SCARCE, much_happens, something_is_scarce
from tests.simulation.kitting import Recipes, sell, take_in
from tests.simulation.test_kit_histories import RECIPES
from tests.simulation.test_releases import the_warehouse_works
from tests.simulation.test_supply_days import DAY_S, policy, something_comes, told_by_the_supplier
from tests.simulation.test_words import rows, speak, untrue, words
from tests.simulation.test_words import something_comes as something_comes_back
from tests.simulation.world import World, fresh
from tests.steps.releasing import is_sound, released

DAYS = 6
PARTS, KITS = ("A", "B", "C"), ("AB", "ABC")
OWED = (
    "SELECT o.platform_id AS number, l.platform_id AS line, CAST(SUM(u.quantity) AS BIGINT) AS open"
    " FROM open_unit u JOIN order_line l ON l.id = u.line_id JOIN sales_order o ON o.id = l.order_id"
    " GROUP BY o.platform_id, l.platform_id"
)


class Life:
    """A shop by a seed, and what is known of it: the points that its runs pass, and the plans that people made."""

    def __init__(self, url: str, folder: Path, seed: int) -> None:
        self.chance, self.folder = random.Random(seed), folder
        self.world = World.make(url, seed, Switches(backorders=True))
        something_is_scarce(self.world)
        for sku in (*PARTS, *KITS):
            sell(self.world, sku, self.chance.randint(0, 6))
        self.world.policy = policy(self.chance)
        self.world.locations = (LocationSettings(channel="main", code="BC-LOCATION-1", near=("US",), capacity_units=9),)
        self.seen = Watch()
        self.plans: list[str] = []
        self.deaths = 0
        self.world.day(self.seen)

    def happens(self, day: int) -> None:
        """Let it all happen, each in the way of its own histories."""
        world, chance = self.world, self.chance
        goods = {"action": "order_goods", "lines": [{"sku": SCARCE, "quantity": 3}], "expected": "2026-07-10"}
        world.practice("shop", [goods])
        told_by_the_supplier(world, self.folder, day)
        for _ in range(2):
            something_comes(world, chance)
        if chance.random() < 0.5:
            something_comes_back(chance, world)
        if day == 1:
            much_happens(world)
        if chance.random() < 0.4:
            recipes: Recipes = chance.choice(RECIPES)
            take_in(world, self.folder / "kits.csv", recipes)
        wanted = [{"sku": sku, "quantity": chance.randint(1, 3)} for sku in chance.sample((*PARTS, *KITS), 2)]
        world.practice("shop", [{"action": "place_order", "lines": wanted}])
        world.practice("shop", [{"action": "receive", "sku": chance.choice(PARTS), "quantity": chance.randint(1, 5)}])
        spoken = words(chance, world, self.plans)
        with world.desk() as desk:
            for word, given in spoken:
                speak(world, desk, word, given, self.plans)

    def works(self) -> None:
        """Do the day's work: undisturbed, twice at once, or cut off at a point that the work is known to pass."""
        way = self.chance.choice(["calm", "twice", "dies", "dies"])
        if way == "twice":
            others = [threading.Thread(target=self.world.bad_day) for _ in range(2)]
            for one in others:
                one.start()
            for one in others:
                one.join()
        elif way == "dies":
            label, phase = self.chance.choice(sorted(self.seen.seen))
            with suppress(Crash, FillrateError):
                self.world.day(CrashAt(label, phase, 1))
                self.deaths -= 1
            self.deaths += 1
            self.world.abandon_leases()
        self.world.day(self.seen)

    def is_well(self) -> None:
        """Nothing is broken, nothing would move, and each unit is explained."""
        world = self.world
        assert world.violations == []
        assert untrue(world) == []
        owed = {f"{row.number}/{row.line}": row.open for row in rows(world, OWED)}
        assert wrongly_explained(world, owed) == []
        is_sound(world)


def live(url: str, folder: Path, seed: int) -> None:
    """Live through some days."""
    life = Life(url, folder, seed)
    for day in range(DAYS):
        life.happens(day)
        life.works()
        released(life.world)
        the_warehouse_works(life.world, life.chance)
        life.world.looks = True
        life.world.day()
        life.world.looks = False
        life.is_well()
        life.world.practice("clock", {"advance_seconds": DAY_S})
        life.world.clock.sleep(DAY_S)
    assert life.plans


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 330))
def test_whatever_happens_at_once_every_unit_is_where_it_should_be_and_explained(
    seed: int, tmp_path: Path, sqlite_template: Path
) -> None:
    live(fresh(tmp_path, sqlite_template, "everything"), tmp_path, seed)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("seed", [330, 331, 332])
def test_the_same_on_postgresql(seed: int, tmp_path: Path, postgres_url: str) -> None:
    live(postgres_url, tmp_path, seed)
