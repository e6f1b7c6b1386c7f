"""No unit is both on hand and on its way, whichever tells first that goods have come: the shop's number, or a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fillrate.steps.intake.windows import Asked
from fillrate.steps.runs import RunLog
from fillrate.steps.supply.outlook import expected_arrivals
from fillrate.steps.supply.sync import import_inbound
from sandbox import Switches
from sandbox.clock import instant_of
from tests.simulation.world import STORY, World, fresh

START = datetime.fromtimestamp(instant_of(1), UTC)


def day(number: int) -> str:
    """So many days after the shop was first read."""
    return f"{START + timedelta(days=number):%Y-%m-%d}"


DUE, FAR, LONG_AGO, TODAY, BEFORE = day(2), day(170), day(-70), day(1), day(-3)


SKUS = tuple("ABCDEFGH")


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A shop with 10 of each thing, read a day ago."""
    url = fresh(tmp_path_factory.mktemp("seen"), sqlite_template, "seen")
    made = World.make(url, 1, Switches(), products=0, orders=0)
    for sku in SKUS:
        made.practice("shop", {"action": "create_product", "name": sku, "sku": sku, "cents": 1000, "stock": 10})
    made.clock.time = START
    made.day()
    made.practice("clock", {"advance_seconds": 86_400})
    return made


@pytest.fixture(scope="module")
def unused() -> Iterator[str]:
    """The things that no test has used yet."""
    return iter(SKUS)


@dataclass
class Thing:
    """One thing of the shop, and what is told and counted of it alone."""

    world: World
    folder: Path
    sku: str

    def tell(self, *rows: str) -> None:
        """Import a file: reference, quantity, received, expected, received on."""
        path = self.folder / "po.csv"
        head = "reference,quantity,received,expected,received_on,sku"
        path.write_text("\n".join((head, *(f"{self.sku}-{row},{self.sku}" for row in rows))))
        with self.world.desk() as desk:
            self.world.clock.time = datetime.fromtimestamp(self.world.shop.state.clock.now(), UTC)
            import_inbound(desk, RunLog(f"i{self.world.runs}", "import-inbound", "all"), path)

    def rises(self, units: int) -> None:
        """Somebody puts units onto the shelf in the shop (or takes them off), and its stock is read."""
        [variant] = [one.id for one in self.world.shop.state.variants if one.sku == self.sku]
        [place] = self.world.practice("state?only=stock", method="GET")["stock"][self.sku].values()
        fall = {"action": "set_stock", "number": place["shown"] + units}
        act = {"action": "receive", "quantity": units} if units > 0 else fall
        [done] = self.world.practice("shop", [{**act, "variant_id": variant}])
        assert "refused" not in done, done
        self.world.practice("clock", {"advance_seconds": 1800})
        self.read_stock()

    def read_stock(self) -> None:
        """Read the shop's numbers."""
        with self.world.desk() as desk:
            log = RunLog(f"r{self.world.runs}", "reconcile-inventory", "main")
            STORY["reconcile-inventory"](desk, log, Asked())

    @property
    def here_and_on_the_way(self) -> tuple[int, int]:
        """Units on hand, and units on their way."""
        item = f"(SELECT id FROM item WHERE sku = '{self.sku}')"
        with self.world.desk() as desk, desk.db.read() as reading:
            on_hand = reading.scalar(sa.text(f"SELECT SUM(quantity) FROM movement WHERE item_id = {item}"))
            found = expected_arrivals(desk, reading, self.world.clock.time)
            return int(on_hand), int(
                found[found["item_id"] == reading.scalar(sa.text(f"SELECT {item}"))]["units"].sum()
            )

    @property
    def counted(self) -> list[tuple[str, int]]:
        """Which units of which reference the shop's number has shown."""
        question = (
            "SELECT reference, quantity FROM inbound_event e JOIN inbound i ON i.id = e.inbound_id"
            f" WHERE e.kind = 'counted' AND i.sku = '{self.sku}' ORDER BY e.id"
        )
        with self.world.desk() as desk, desk.db.read() as reading:
            return [(reference.partition("-")[2], units) for reference, units in reading.rows(sa.text(question))]


@pytest.fixture
def thing(world: World, unused: Iterator[str], tmp_path: Path) -> Thing:
    """A thing of which nothing is on its way yet."""
    return Thing(world, tmp_path, next(unused))


def test_a_shop_that_tells_first_takes_from_what_is_due_and_the_file_that_tells_later_takes_nothing_more(
    thing: Thing,
) -> None:
    thing.tell(f"PO1,50,0,{DUE},")
    assert thing.here_and_on_the_way == (10, 50)

    thing.rises(30)
    assert thing.here_and_on_the_way == (40, 20)
    assert thing.counted == [("PO1", 30)]

    thing.tell(f"PO1,50,30,{DUE},{TODAY}")
    thing.read_stock()
    assert thing.here_and_on_the_way == (40, 20)
    assert thing.counted == [("PO1", 30)]


def test_a_file_that_tells_first_lowers_what_is_on_the_way_and_the_shop_that_tells_later_lowers_nothing_more(
    thing: Thing,
) -> None:
    thing.tell(f"PO1,50,0,{DUE},", f"PO2,20,0,{DUE},")
    thing.tell(f"PO1,50,50,{DUE},{TODAY}", f"PO2,20,0,{DUE},")
    assert thing.here_and_on_the_way == (10, 20)  # neither here nor there until the shop has them

    thing.rises(50)
    assert thing.here_and_on_the_way == (60, 20)
    assert thing.counted == [("PO1", 50)]


def test_goods_that_nobody_ordered_and_what_is_due_much_later_or_long_overdue_are_not_taken_for_each_other(
    thing: Thing,
) -> None:
    thing.tell(f"PO1,50,0,{FAR},", "PO2,50,0,,", f"PO3,50,0,{LONG_AGO},")

    thing.rises(3)

    assert thing.here_and_on_the_way == (13, 150)
    assert thing.counted == []


def test_more_than_what_was_due_is_somebody_elses(thing: Thing) -> None:
    thing.tell(f"PO1,5,0,{DUE},", f"PO2,50,0,{FAR},")

    thing.rises(9)

    assert thing.here_and_on_the_way == (19, 50)


def test_what_came_before_the_shelf_was_first_read_is_in_its_opening_stock(thing: Thing) -> None:
    thing.tell(f"OLD,40,40,{DUE},{BEFORE}", f"PO1,50,0,{DUE},")

    thing.rises(40)

    assert thing.counted == [("PO1", 40)]
    assert thing.here_and_on_the_way == (50, 10)


def test_a_receipt_that_was_told_and_counted_and_is_taken_back_is_on_its_way_again(thing: Thing) -> None:
    thing.tell(f"PO1,50,0,{DUE},")
    thing.tell(f"PO1,50,50,{DUE},{TODAY}")
    thing.rises(50)

    thing.tell(f"PO1,50,40,{DUE},{TODAY}")
    thing.rises(-10)

    assert thing.here_and_on_the_way == (50, 10)


def test_a_number_that_falls_and_rises_again_on_its_own_shows_nothing_twice(thing: Thing) -> None:
    thing.tell(f"PO1,5,0,{DUE},")
    thing.rises(5)
    thing.rises(-2)
    thing.rises(2)

    assert thing.here_and_on_the_way == (15, 0)
    assert thing.counted == [("PO1", 5)]
