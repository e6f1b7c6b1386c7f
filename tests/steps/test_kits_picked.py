"""Kits on pick lists: what is picked, not found and counted of them are their parts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fillrate.db.tables import ShelfReport
from fillrate.errors import Conflict
from fillrate.steps.picking import told
from fillrate.steps.picking.shelves import counted, in_doubt
from tests.simulation.kitting import asked, copy_of, order, sell, shop, take_in
from tests.simulation.world import World, fresh
from tests.steps.releasing import backlog, is_sound, lists, released, shop_of

STOCK = {"CUP": 10, "TEA": 20, "BOX": 0, "WRAP": 0, "SET": 5}
KITS = {"BOX": {"CUP": 1, "TEA": 2, "WRAP": 1}, "SET": {"WRAP": 2}}
WEST = "BC-LOCATION-1"


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Ten cups and twenty packs of tea; boxes of one cup and two teas in wrapping that nobody counts."""
    folder = tmp_path_factory.mktemp("kits")
    world = shop_of(fresh(folder, sqlite_template, "opened"), "order_completed_or_shipped")
    for sku, stock in STOCK.items():
        sell(world, sku, stock, tracking="none" if sku == "WRAP" else "product")
    world.day()
    take_in(world, folder / "kits.csv", KITS)
    return world


@pytest.fixture
def world(opened: World, tmp_path: Path) -> World:
    return copy_of(opened, tmp_path / "kits.db")


def tell(world: World, act: Callable[..., Any], *words: Any) -> Any:
    """What the warehouse tells, and what it is answered."""
    with world.desk() as desk, desk.db.write("told", lock=True) as tx:
        return act(desk, tx, *words)


def count(world: World, sku: str, quantity: int) -> dict[str, Any]:
    found: dict[str, Any] = tell(world, counted, sku, WEST, quantity, world.clock.now())
    return found


def bought(world: World, **wanted: int) -> None:
    """Somebody orders, and what is there is set aside."""
    order(world, **wanted)
    world.day()


def doubts(world: World) -> dict[str, tuple[int, str]]:
    """Of each shelf in doubt: what is known, and what to do."""
    with world.desk() as desk, desk.db.read() as reading:
        return {one["sku"]: (one["known"], one["to_do"]) for one in in_doubt(reading)}


def test_a_kit_is_not_counted_and_an_old_count_of_it_stops_nothing(world: World) -> None:
    bought(world, BOX=2)
    with pytest.raises(Conflict, match="BOX is a kit and lies on no shelf") as refused:
        count(world, "BOX", 0)
    assert refused.value.next == "Count its parts: CUP, TEA, WRAP."
    [(kit, place)] = asked(
        world, "SELECT i.id, l.id FROM item i, location l WHERE i.sku = 'BOX' AND l.code = 'BC-LOCATION-1'"
    )
    for kind in ("counted", "short"):
        old = {"kind": kind, "quantity": 0, "expected": 0, "movement_id": 99, "at": world.clock.now()}
        tell(world, lambda _, tx, row: tx.insert(ShelfReport, [row]), {**old, "item_id": kit, "location_id": place})

    assert (doubts(world), released(world).counts["units_released"]) == ({}, 2)
    is_sound(world)


def test_of_a_kit_that_was_not_found_its_parts_are_in_doubt_until_they_are_counted(world: World) -> None:
    bought(world, BOX=2)
    released(world)
    [line] = lists(world)[0]["lines"]
    with pytest.raises(Conflict, match="POT is no part of BOX") as refused:
        tell(world, told.short, 1, [told.Told(line["id"], 1, "POT")])
    assert refused.value.next == "Its parts: CUP, TEA, WRAP."
    tell(world, told.short, 1, [told.Told(line["id"], 1, "tea")])
    assert list(doubts(world)) == ["TEA"]
    tell(world, told.short, 1, [told.Told(line["id"], 1)])
    assert sorted(doubts(world)) == ["CUP", "TEA", "WRAP"]

    for sku, quantity in {"CUP": 10, "WRAP": 3, "TEA": 1}.items():
        assert released(world).counts["units_released"] == 0
        count(world, sku, quantity)
    assert released(world).counts["units_released"] == 0  # a box takes two teas, and one lies there
    count(world, "TEA", 3)
    assert released(world).counts["units_released"] == 1
    count(world, "TEA", 5)
    assert released(world).counts["units_released"] == 1
    is_sound(world)


def test_what_left_in_kits_lies_on_the_shelf_of_no_part_and_what_is_known_is_known_now(world: World) -> None:
    bought(world, BOX=2)
    released(world)
    [line] = lists(world)[0]["lines"]
    assert count(world, "TEA", 19)["difference"] == -1
    tell(world, told.shipped, 1, [told.Told(line["id"], 2)], "")

    assert doubts(world) == {"TEA": (16, "Mend the number in the shop: 1 fewer than known; the ledger follows it.")}
    found = count(world, "TEA", 16)
    assert (found["expected"], found["difference"], found["to_do"]) == (16, 0, "")


def test_a_line_says_what_it_takes_from_the_shelves(world: World) -> None:
    bought(world, BOX=2, TEA=1)
    released(world)
    [box, tea] = sorted(lists(world)[0]["lines"], key=lambda one: one["sku"])

    assert tea["parts"] == []
    assert [(one["sku"], one["per"], one["quantity"]) for one in box["parts"]] == [
        ("CUP", 1, 2),
        ("TEA", 2, 4),
        ("WRAP", 1, 2),
    ]


def test_a_kit_whose_parts_lie_at_different_locations_is_on_no_list_and_the_run_says_why(world: World) -> None:
    shop(world, "receive", sku="CUP", quantity=5, location_id=2)
    bought(world, BOX=12)  # ten boxes at the first location, two cups more at the second
    shop(world, "receive", sku="TEA", quantity=20)
    world.day()

    log = released(world)

    assert [(one["location"], one["units"]) for one in lists(world)] == [(WEST, 10)]
    assert backlog(world) == {"picking": 10, "ready": 2}
    [problem] = log.problems
    assert problem.where == "kit BOX"
    assert problem.what.startswith("2 unit(s) that are ready cannot be picked: their parts lie at different locations")
    world.day()
    assert released(world).counts["units_released"] == 0
    is_sound(world)


@pytest.mark.slow
def test_what_is_counted_of_a_kit_are_its_parts_whatever_the_shop_counts_of_the_kit(world: World) -> None:
    [(product,)] = [(one.id,) for one in world.shop.state.products if one.sku == "BOX"]
    shop(world, "set_tracking", product_id=product, tracking="none")
    bought(world, BOX=2, SET=1)

    assert released(world).counts["units_released"] == 3
    assert sorted((one["sku"], one["quantity"]) for one in lists(world)[0]["lines"]) == [("BOX", 2), ("SET", 1)]
    is_sound(world)


@pytest.mark.slow
def test_kits_that_are_packed_at_two_locations_leave_from_where_the_warehouse_told(world: World) -> None:
    for sku, quantity in {"CUP": 4, "TEA": 8}.items():
        shop(world, "receive", sku=sku, quantity=quantity, location_id=2)
    made = order(world, BOX=12)
    world.day()
    released(world)
    assert [(one["location"], one["units"]) for one in lists(world)] == [(WEST, 10), ("LOC-2", 2)]
    [line] = lists(world)[1]["lines"]
    tell(world, told.shipped, 2, [told.Told(line["id"], 2)], "")
    shop(world, "ship", order_id=made["order_id"], lines=[{"line_id": made["line_ids"][0], "quantity": 2}], force=True)
    world.orders_only()

    moved = "SELECT i.sku, l.code, m.quantity FROM movement m JOIN item i ON i.id = item_id JOIN location l ON l.id = location_id"
    assert sorted(asked(world, f"{moved} WHERE m.kind = 'shipped'")) == [("CUP", "LOC-2", -2), ("TEA", "LOC-2", -4)]
    is_sound(world, with_shops=False)
