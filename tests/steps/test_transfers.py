"""What goes from one location of the shop to another is promised once: where it lies, or as what is to come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fillrate.steps.explain import explain_order, explain_sku
from fillrate.steps.runs import RunLog
from fillrate.steps.status import status
from fillrate.steps.supply.sync import import_inbound
from sandbox import Switches
from tests.simulation.world import World, fresh

HALL, ANNEX = 1, 2
Here = Callable[..., "Halls"]


class Halls:
    """A shop with 36 cups in the annex and 7 in the hall, and an order of 60."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.shop(action="create_product", name="Cup", sku="CUP", cents=100, stock=7)
        self.shop(action="receive", sku="CUP", location_id=ANNEX, quantity=36)
        self.world.clock.time = datetime.fromtimestamp(world.shop.state.clock.now(), UTC)
        self.world.day()
        self.order = self.shop(action="place_order", lines=[{"sku": "CUP", "quantity": 60}])["order_id"]

    def shop(self, **wish: Any) -> dict[str, Any]:
        """One thing happens in the shop."""
        [done] = self.world.practice("shop", [wish])
        assert "refused" not in done, done
        return dict(done)

    def types(self, location: int, number: int) -> None:
        """Somebody types the number of a location, and it is read."""
        self.shop(action="set_stock", sku="CUP", location_id=location, number=number)
        self.day()

    def tell(self, *rows: str) -> None:
        """A file tells of transfers from the annex: reference, units, received."""
        path = self.folder / "tr.csv"
        due = f"{self.now() + timedelta(days=5):%Y-%m-%d}"
        lines = [f"{row},CUP,transfer,{HALL},{ANNEX},{due}" for row in rows]
        path.write_text("\n".join(("reference,quantity,received,sku,kind,location,from,expected", *lines)))
        with self.world.desk() as desk:
            self.world.clock.time = self.now()
            import_inbound(desk, RunLog(f"i{self.world.runs}", "import-inbound", "all"), path)

    def now(self) -> datetime:
        """The shop's time."""
        return datetime.fromtimestamp(self.world.shop.state.clock.now(), UTC)

    def day(self, hours: int = 2) -> None:
        """Everything is read and allocated."""
        self.world.practice("clock", {"advance_seconds": hours * 3600})
        self.world.day()
        assert self.world.violations == []

    def stands(self) -> dict[str, int]:
        """How many units are in backlog, how many wait for a transfer, how many for nothing."""
        question = (
            "SELECT CASE state WHEN 'backlog' THEN state ELSE reason END, SUM(quantity) FROM open_unit GROUP BY 1"
        )
        with self.world.desk() as desk, desk.db.read() as reading:
            return {name: int(units) for name, units in reading.rows(sa.text(question))}

    def wants(self, quantity: int) -> None:
        """The order is edited."""
        line = self.world.shop.state.orders.get(self.order).lines[0].id
        self.shop(action="edit_line", order_id=self.order, line_id=line, quantity=quantity)

    def asked(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the tables."""
        with self.world.desk() as desk, desk.db.read() as reading:
            return [tuple(row) for row in reading.rows(sa.text(question))]

    def never_shown(self) -> list[dict[str, Any]]:
        """What the status lists as received and never shown."""
        with self.world.desk() as desk:
            found: list[dict[str, Any]] = status(desk)["supply"]["never_shown"]
            return found

    def said(self, what: str) -> list[str]:
        """What is explained of the cups and of the order that has to do with a word."""
        with self.world.desk() as desk:
            sentences = [*explain_sku(desk, "CUP")[0], *explain_order(desk, f"main:{self.order}")[0]]
        return [one.strip() for one in sentences if what in one]


@pytest.fixture
def halls(tmp_path: Path, sqlite_template: Path) -> Halls:
    url = fresh(tmp_path, sqlite_template, "halls")
    settings = {"update_stock_behavior": "order_completed_or_shipped"}
    return Halls(World.make(url, 1, Switches(), products=0, orders=0, settings=settings), tmp_path)


def test_units_that_still_lie_where_a_transfer_starts_are_promised_from_there_and_not_as_to_come(halls: Halls) -> None:
    halls.tell("TR-1,30,0")
    halls.day()

    assert halls.stands() == {"backlog": 43, "no_supply": 17}
    assert halls.said("TR-1 is") == [
        "TR-1 is a transfer from Pop-up store: 30 of its units still lie there by its number, and bring nothing new."
    ]


def test_units_that_have_left_there_are_to_come(halls: Halls) -> None:
    halls.day()
    halls.tell("TR-1,30,0")
    halls.types(ANNEX, 6)

    assert halls.stands() == {"backlog": 13, "awaiting_inbound": 30, "no_supply": 17}
    assert halls.said("TR-1 is") == []
    assert [one.split(", expected")[0] for one in halls.said("waiting for TR-1")] == [
        "30 of them: waiting for TR-1, a transfer from Pop-up store"
    ]

    halls.types(HALL, 37)  # and now they are there
    assert halls.stands() == {"backlog": 43, "no_supply": 17}


def test_goods_that_were_received_and_are_in_no_number_yet_cover_for_three_days_and_then_staff_has_to_type_them(
    halls: Halls,
) -> None:
    halls.wants(43)
    halls.tell("TR-1,30,0")
    halls.types(ANNEX, 6)
    halls.tell("TR-1,30,30")
    halls.day()
    covered, leaves = halls.stands(), halls.asked("SELECT likely_by IS NOT NULL FROM forecast")
    here_on = f"{halls.now():%Y-%m-%d}"
    said = [*halls.said("of them: waiting for TR-1"), *halls.said("Of TR-1")]
    halls.day(hours=49)
    still = halls.stands(), halls.never_shown()
    halls.day(hours=24)
    over, listed = halls.stands(), halls.never_shown()
    halls.types(HALL, 37)

    assert (covered, leaves) == ({"backlog": 13, "awaiting_inbound": 30}, [(1,)])
    assert said == [
        "30 of them: waiting for TR-1, a transfer from Pop-up store: it was received, and is on hand once the shop's number"
        f" shows it. Likely on the shelf on {here_on}.",
        "Of TR-1 30 were received, and are on hand once the shop's number shows them.",
    ]
    assert still == (covered, [])
    assert over == {"backlog": 13, "no_supply": 30}
    assert [(one["reference"], one["sku"], one["units"]) for one in listed] == [("TR-1", "CUP", 30)]
    assert halls.stands() == {"backlog": 43}
    assert halls.never_shown() == []


def test_units_that_are_told_as_received_while_the_numbers_know_of_nothing_are_promised_once(halls: Halls) -> None:
    halls.day()
    halls.tell("TR-1,30,0")
    halls.tell("TR-1,30,20")
    halls.day()
    before = halls.stands()
    halls.types(ANNEX, 6)

    assert before == {"backlog": 43, "no_supply": 17}
    assert halls.stands() == {"backlog": 13, "awaiting_inbound": 30, "no_supply": 17}
