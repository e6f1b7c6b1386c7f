"""No unit is both on hand and on its way, whichever tells first that goods have come: the shop's number, or a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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


DUE, FAR, TODAY, BEFORE = day(2), day(170), day(1), day(-3)


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> World:
    """A shop with 10 of X, read a day ago."""
    url = fresh(tmp_path, sqlite_template, "seen")
    made = World.make(url, 1, Switches(), products=0, orders=0)
    made.practice("shop", {"action": "create_product", "name": "X", "sku": "X", "cents": 1000, "stock": 10})
    made.clock.time = START
    made.day()
    made.practice("clock", {"advance_seconds": 86_400})
    return made


def tell(world: World, folder: Path, *rows: str) -> None:
    """Import a file: reference, quantity, received, expected, received on."""
    path = folder / "po.csv"
    path.write_text("\n".join(("reference,quantity,received,expected,received_on,sku", *(f"{row},X" for row in rows))))
    with world.desk() as desk:
        world.clock.time = datetime.fromtimestamp(world.shop.state.clock.now(), UTC)
        import_inbound(desk, RunLog(f"i{world.runs}", "import-inbound", "all"), path)


def shop_rises(world: World, units: int) -> None:
    """Somebody puts units onto the shelf in the shop (or takes them off), and its stock is read."""
    [variant] = [one.id for one in world.shop.state.variants]
    act = (
        {"action": "receive", "quantity": units}
        if units > 0
        else {"action": "set_stock", "number": shown(world) + units}
    )
    [done] = world.practice("shop", [{**act, "variant_id": variant}])
    assert "refused" not in done, done
    world.practice("clock", {"advance_seconds": 3600})
    read_stock(world)


def read_stock(world: World) -> None:
    with world.desk() as desk:
        STORY["reconcile-inventory"](desk, RunLog(f"r{world.runs}", "reconcile-inventory", "main"), Asked())


def shown(world: World) -> int:
    [[place]] = [list(places.values()) for places in world.practice("state?only=stock", method="GET")["stock"].values()]
    return int(place["shown"])


def on_hand_and_on_the_way(world: World) -> tuple[int, int]:
    with world.desk() as desk, desk.db.read() as reading:
        [(on_hand,)] = reading.connection.exec_driver_sql("SELECT SUM(quantity) FROM movement").fetchall()
        return int(on_hand), int(expected_arrivals(desk, reading, world.clock.time)["units"].sum())


def counted(world: World) -> list[tuple[str, int]]:
    with world.desk() as desk, desk.db.read() as reading:
        question = (
            "SELECT reference, quantity FROM inbound_event e JOIN inbound i ON i.id = e.inbound_id"
            " WHERE e.kind = 'counted' ORDER BY e.id"
        )
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def test_a_shop_that_tells_first_takes_from_what_is_due_and_the_file_that_tells_later_takes_nothing_more(
    world: World, tmp_path: Path
) -> None:
    tell(world, tmp_path, f"PO1,50,0,{DUE},")
    assert on_hand_and_on_the_way(world) == (10, 50)

    shop_rises(world, 30)
    assert on_hand_and_on_the_way(world) == (40, 20)
    assert counted(world) == [("PO1", 30)]

    tell(world, tmp_path, f"PO1,50,30,{DUE},{TODAY}")
    read_stock(world)
    assert on_hand_and_on_the_way(world) == (40, 20)
    assert counted(world) == [("PO1", 30)]


def test_a_file_that_tells_first_lowers_what_is_on_the_way_and_the_shop_that_tells_later_lowers_nothing_more(
    world: World, tmp_path: Path
) -> None:
    tell(world, tmp_path, f"PO1,50,0,{DUE},", f"PO2,20,0,{DUE},")
    tell(world, tmp_path, f"PO1,50,50,{DUE},{TODAY}", f"PO2,20,0,{DUE},")
    assert on_hand_and_on_the_way(world) == (10, 20)  # neither here nor there until the shop has them

    shop_rises(world, 50)
    assert on_hand_and_on_the_way(world) == (60, 20)
    assert counted(world) == [("PO1", 50)]


def test_goods_that_nobody_ordered_and_what_is_due_much_later_are_not_taken_for_each_other(
    world: World, tmp_path: Path
) -> None:
    tell(world, tmp_path, f"PO1,50,0,{FAR},", "PO2,50,0,,")

    shop_rises(world, 3)

    assert on_hand_and_on_the_way(world) == (13, 100)
    assert counted(world) == []


def test_more_than_what_was_due_is_somebody_elses(world: World, tmp_path: Path) -> None:
    tell(world, tmp_path, f"PO1,5,0,{DUE},", f"PO2,50,0,{FAR},")

    shop_rises(world, 9)

    assert on_hand_and_on_the_way(world) == (19, 50)


def test_what_came_before_the_shelf_was_first_read_is_in_its_opening_stock(world: World, tmp_path: Path) -> None:
    tell(world, tmp_path, f"OLD,40,40,{DUE},{BEFORE}", f"PO1,50,0,{DUE},")

    shop_rises(world, 40)

    assert counted(world) == [("PO1", 40)]
    assert on_hand_and_on_the_way(world) == (50, 10)


def test_a_receipt_that_was_told_and_counted_and_is_taken_back_is_on_its_way_again(
    world: World, tmp_path: Path
) -> None:
    tell(world, tmp_path, f"PO1,50,0,{DUE},")
    tell(world, tmp_path, f"PO1,50,50,{DUE},{TODAY}")
    shop_rises(world, 50)

    tell(world, tmp_path, f"PO1,50,40,{DUE},{TODAY}")
    shop_rises(world, -10)

    assert on_hand_and_on_the_way(world) == (50, 10)


def test_a_number_that_falls_and_rises_again_on_its_own_shows_nothing_twice(world: World, tmp_path: Path) -> None:
    tell(world, tmp_path, f"PO1,5,0,{DUE},")
    shop_rises(world, 5)
    shop_rises(world, -2)
    shop_rises(world, 2)

    assert on_hand_and_on_the_way(world) == (15, 0)
    assert counted(world) == [("PO1", 5)]
