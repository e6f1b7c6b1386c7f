"""A morning that many processes live through, each with a copy of the tables and of the shop, and how it ends for each."""

import copy
import itertools
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from sandbox import Request, Response, Running, Shop, Switches, serve
from tests.kills.child import LONG_AGO, Orders, Struck, states_of
from tests.kills.moments import REQUEST, Moment, passings
from tests.kills.stores import Store
from tests.simulation.happenings import much_happens, scarcity_goes_on, something_is_scarce
from tests.simulation.history import Ending, ending
from tests.simulation.world import STORY, World

SEED = 12  # a store without backorders of its own, so that notes are written
NUMBERS = itertools.count()


class CountingShop(Shop):
    """A shop that counts what it is asked and does something at one request, before or after it has done its part."""

    asked = 0
    moment: Moment | None = None
    strike: Callable[[], None] = staticmethod(lambda: None)

    def handle(self, request: Request) -> Response:
        if request.path.startswith("/_practice"):
            return super().handle(request)
        with self.lock:
            self.asked += 1
            number = self.asked
        self.at("received", number)
        answer = super().handle(request)
        self.at("answered", number)
        return answer

    def at(self, phase: str, number: int) -> None:
        if self.moment == Moment(REQUEST, phase, number):
            self.strike()


def until(look: Callable[[], Any], within_s: float = 30) -> bool:
    """Look again and again until something is so."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if look():
            return True
        time.sleep(0.002)
    return False


@dataclass
class Place:
    """One copy of the morning: a folder with settings, a database, and a shop on a socket."""

    folder: Path
    world: World
    shop: CountingShop
    moments: list[Moment]  # of the work without trouble
    flows: tuple[str, ...]
    wishes: Mapping[str, Any]  # what else is wished of each process
    processes: list[Struck] = field(default_factory=list)
    has_struck: bool = False

    @property
    def is_file(self) -> bool:
        """Tell whether the tables are an SQLite file."""
        return self.world.url.startswith("sqlite")

    def kill_at(self, moment: Moment | None) -> None:
        """Kill the process that is started next at a request to the shop."""
        self.shop.moment, self.shop.strike = moment, self.kill

    def kill(self) -> None:
        """Kill the process that waits for the shop's answer, and see it die."""
        until(lambda: self.processes)
        process = self.processes[-1]
        self.has_struck = True
        process.send(signal.SIGKILL)
        until(lambda: states_of(process.pid) <= {"Z"})

    def take_shop_of(self, other: "Place") -> None:
        """Put another place's shop, with all that happened to it, in the place of this one's."""
        self.shop.state, self.shop.faults, self.shop.journal = other.shop.state, other.shop.faults, other.shop.journal

    def start(self, name: str, **wishes: Any) -> Struck:
        """Start the command as a process."""
        orders = Orders(self.folder, name, **{"flows": self.flows, **self.wishes, **wishes})
        database = {"FILLRATE_DATABASE_URL": self.world.url}
        started = Struck(replace(orders, environ={**database, **orders.environ}))
        self.processes.append(started)
        return started

    def again(self, name: str = "again") -> None:
        """Do the work once more; it must end well."""
        process = self.start(name)
        assert process.ended() == 0, process.said()

    def writes(self) -> Counter[str]:
        """Return everything that was written to the shop, thing by thing, however it was batched."""
        return Counter(
            f"{one['method']} {json.dumps(item, sort_keys=True)}"
            for one in self.shop.journal.writes
            for item in json.loads(one["body"])
        )

    def ending(self) -> Ending:
        """Return how it has ended for the tables and the shop."""
        return ending(self.world)

    def leases(self) -> dict[str, int]:
        """Return who holds which lease: the process id by name."""
        with self.tables() as db, db.read() as reading:
            rows = reading.rows(sa.text("SELECT name, holder FROM lease WHERE until IS NOT NULL"))
        return {row.name: json.loads(row.holder)["pid"] for row in rows}

    def age_leases(self) -> None:
        """Let the time of all leases run out."""
        from fillrate.db.tables import Lease

        with self.tables() as db, db.write("age") as tx:
            table = Lease.__table__  # type: ignore[attr-defined]
            tx.execute(sa.update(table).where(table.c.until.is_not(None)).values(until=LONG_AGO))

    @contextmanager
    def tables(self) -> Iterator[Database]:
        """Open the database in this process."""
        db = Database.open(self.world.url, Outside())
        try:
            yield db
        finally:
            db.close()


@dataclass
class Morning:
    """A shop and its tables before a day on which much is to be done, and its flows; the first deletion gets no answer."""

    folder: Path
    store: Store
    shop: Shop
    world: World
    flows: tuple[str, ...] = tuple(STORY)
    moments: list[Moment] = field(default_factory=list)
    wishes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, folder: Path, store: Store) -> "Morning":
        """Live through the first day without trouble, and let much happen in the shop after it."""
        world = World.make(store.fresh(), SEED, Switches.draw(random.Random(SEED)))
        something_is_scarce(world)
        world.day()
        much_happens(world)
        scarcity_goes_on(world)
        return cls(folder, store, world.shop, world)

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Give a copy of everything, for one case."""
        shop = CountingShop(self.shop.config)
        shop.state = copy.deepcopy(self.shop.state)
        shop.faults.set([{"match": "DELETE /v3/orders/metafields", "kind": "drop_after_write", "times": 1}])
        world = World(shop, self.store.copy(self.world.url), SEED, self.world.undeducted, runs=10)
        folder = self.folder / f"place-{next(NUMBERS)}"
        folder.mkdir()
        with serve(shop) as running:
            write_settings(folder, world, running)
            place = Place(folder, world, shop, self.moments, self.flows, self.wishes)
            try:
                yield place
            finally:
                for one in place.processes:
                    one.process.kill()
                    one.process.join()
                self.store.drop(world.url)

    def before(self, flow: str) -> "Morning":
        """Return the moment of the day at which a flow begins, to live through that flow alone."""
        earlier = tuple(STORY)[: tuple(STORY).index(flow)]
        with self.place() as place:
            if earlier:
                process = place.start("earlier", flows=earlier)
                assert process.ended() == 0, process.said()
            world = replace(self.world, shop=place.shop, url=self.store.copy(place.world.url))
        return Morning(self.folder, self.store, place.shop, world, (flow,))

    def empty(self) -> "Morning":
        """Return the same with a database in which there is nothing at all."""
        return replace(self, world=replace(self.world, url=self.store.fresh()))

    def undisturbed(self) -> "Calm":
        """Return how the work ends when nothing goes wrong, and all moments that it passes."""
        with self.place() as place:
            first = place.start("first")
            assert first.ended() == 0, first.said()
            asked = place.shop.asked
            place.again()
            self.moments = passings(first.passed())
            return Calm(place.ending(), place.writes(), self.moments, asked)


@dataclass(frozen=True)
class Calm:
    """The work without trouble."""

    ending: Ending
    writes: Counter[str]
    moments: list[Moment]
    asked: int


def write_settings(folder: Path, world: World, running: Running) -> None:
    """Write the merchant's settings and token for a shop."""
    statuses = f"undeducted_statuses = {json.dumps(world.undeducted)}\n" if world.undeducted else ""
    (folder / "fillrate.toml").write_text(
        '[store]\nname = "Test"\n\n[[channel]]\nname = "main"\nkind = "bigcommerce"\n'
        f'base_url = "{running.url}"\npractice = true\n{statuses}'
    )
    env = folder / ".env"
    env.write_text(f"FILLRATE_CHANNEL_MAIN_TOKEN={running.token}\n")
    env.chmod(0o600)
