"""A short history of a shop: a first day, then a day on which much happens, cut off anywhere and run again."""

import copy
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fillrate.db.database import Database
from fillrate.gateway.outside import Outside, Phase
from sandbox import Shop, Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.happenings import much_happens, scarcity_goes_on, something_is_scarce
from tests.simulation.projection import end_state
from tests.simulation.world import World

Point = tuple[str, Phase, int]
Rows = dict[str, list[tuple[str, ...]]]


@dataclass(frozen=True)
class Ending:
    """How a history ended: our rows, the notes that the shop holds, and what broke an invariant."""

    rows: Rows
    notes: list[Any]
    broken: list[Any]


@dataclass
class History:
    """A shop and a database as they were on the morning of the second day, whose first note to go goes without an answer."""

    shop: Shop
    file: Path
    seed: int
    undeducted: tuple[str, ...]

    @classmethod
    def begin(
        cls, folder: Path, template: Path, seed: int, switches: Switches | None = None, **config: Any
    ) -> "History":
        """Live through the first day without trouble, and let much happen in the shop after it."""
        file = folder / f"morning-{seed}.db"
        shutil.copy(template, file)
        world = World.make(f"sqlite:///{file}", seed, switches, **config)
        something_is_scarce(world)
        world.day()
        much_happens(world)
        scarcity_goes_on(world)
        return cls(world.shop, file, seed, world.undeducted)

    def world(self, name: str) -> World:
        """Return a copy of everything, to live through the second day in."""
        file = self.file.with_name(f"{name}.db")
        shutil.copy(self.file, file)
        shop = Shop(self.shop.config)
        shop.state = copy.deepcopy(self.shop.state)
        shop.faults.set([{"match": "DELETE /v3/orders/metafields", "kind": "drop_after_write", "times": 1}])
        return World(shop, f"sqlite:///{file}", self.seed, self.undeducted, runs=10)

    def undisturbed(self) -> tuple[Ending, list[Point]]:
        """Return how it ends when nothing goes wrong, and the points that the second day passes."""
        world, watch = self.world("undisturbed"), Watch()
        world.day(watch)
        world.day()
        points = [(label, phase, n + 1) for (label, phase), times in watch.seen.items() for n in range(min(times, 3))]
        return ending(world), points

    def crashed(self, point: Point, name: str) -> tuple[Ending, int]:
        """Return how it ends after a crash at a point and one more run, and how often the crash struck."""
        world, faults = self.world(name), CrashAt(*point)
        try:
            world.day(faults)
        except Crash:
            world.abandon_leases()
        world.day()
        end = ending(world)
        remove(world)
        return end, faults.hits


def ending(world: World) -> Ending:
    """Return how a world has ended."""
    db = Database.open(world.url, Outside())
    rows = end_state(db)
    db.close()
    return Ending(rows, notes(world), [*world.violations, *world.broken()])


def notes(world: World) -> list[Any]:
    """Return Fillrate's notes as the shop holds them."""
    found = [
        (order["id"], field["value"])
        for order in world.practice("state", method="GET")["orders"]
        for field in order["metafields"]
        if field["namespace"] == "fillrate"
    ]
    return sorted(found)


def remove(world: World) -> None:
    """Throw a world's database away."""
    file = Path(world.url.removeprefix("sqlite:///"))
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()


def difference(one: Ending, other: Ending) -> dict[str, Any]:
    """Return what differs between two endings, for people."""
    found: dict[str, Any] = {
        table: {
            "missing": sorted(set(rows) - set(other.rows[table])),
            "extra": sorted(set(other.rows[table]) - set(rows)),
        }
        for table, rows in one.rows.items()
        if rows != other.rows[table]
    }
    if one.notes != other.notes:
        found["notes"] = (one.notes, other.notes)
    if other.broken:
        found["broken"] = other.broken
    return found
