"""Kits from the file to the shelf: drawn from their parts, shared with what is sold singly, shipped, taken back, changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fillrate.steps.explain import explain_order, explain_sku
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from sandbox import Switches
from tests.simulation.kitting import Recipes, aside, asked, copy_of, kits, on_hand, order, sell, shop, take_in, units
from tests.simulation.world import World, fresh

BOX = {"BOX": {"CUP": 1, "TEA": 2}}
AT_SHIPPING = {"update_stock_behavior": "order_completed_or_shipped"}
STOCK = {"CUP": 10, "TEA": 10, "BOX": 50, "LID": 5}


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], World]:
    """A shop with boxes of one cup and two teas, read and known as kits, to be copied; by whether it deducts at shipping."""
    folder, made = tmp_path_factory.mktemp("kits"), {}

    def copied(file: Path, way: str) -> World:
        if way not in made:
            settings = AT_SHIPPING if way == "at_shipping" else {}
            world = World.make(
                fresh(folder, sqlite_template, way), 3, Switches(), products=1, orders=0, settings=settings
            )
            for sku, stock in STOCK.items():
                sell(world, sku, stock)
            world.day()
            take_in(world, folder / "kits.csv", BOX)
            made[way] = world
        return copy_of(made[way], file)

    return copied


@pytest.fixture
def world(opened: Callable[[Path, str], World], tmp_path: Path) -> World:
    """Ten cups, ten packs of tea, five lids; the shop lowers its number at order."""
    return opened(tmp_path / "kits.db", "at_order")


def day(world: World) -> None:
    """A day's work, after which every invariant holds and an allocation of everything would change nothing."""
    world.practice("clock", {"advance_seconds": 7200})
    world.day()
    assert world.violations == []


@pytest.mark.slow
def test_a_kit_is_drawn_from_its_parts_and_its_own_number_means_nothing(world: World) -> None:
    order(world, BOX=2)
    day(world)
    assert aside(world) == {("BOX", "CUP"): 2, ("BOX", "TEA"): 4}
    assert on_hand(world) | {"BOX": 0} == on_hand(world)


@pytest.mark.slow
def test_orders_that_share_a_part_are_netted_together(world: World) -> None:
    order(world, BOX=3)
    order(world, TEA=3)
    order(world, BOX=2)
    day(world)
    assert aside(world) == {("BOX", "CUP"): 3, ("BOX", "TEA"): 6, ("TEA", "TEA"): 3}
    assert units(world) == {
        ("BOX", "backlog", "ready"): 3,
        ("TEA", "backlog", "ready"): 3,
        ("BOX", "backorder", "no_supply"): 2,
    }


@pytest.mark.parametrize("way", ["at_order", pytest.param("at_shipping", marks=pytest.mark.slow)])
def test_a_shipped_kit_takes_its_parts_and_a_shipment_taken_back_returns_them(
    opened: Callable[[Path, str], World], tmp_path: Path, way: str
) -> None:
    world = opened(tmp_path / "kits.db", way)
    made = order(world, BOX=3, TEA=1)
    box = made["line_ids"][0]
    day(world)
    sent = shop(world, "ship", order_id=made["order_id"], lines=[{"line_id": box, "quantity": 2}])
    day(world)
    assert (on_hand(world)["CUP"], on_hand(world)["TEA"]) == (8, 6)
    assert aside(world) == {("BOX", "CUP"): 1, ("BOX", "TEA"): 2, ("TEA", "TEA"): 1}
    day(world)  # the shop's numbers of cups and teas have not moved, and read again they do not bring the parts back
    assert (on_hand(world)["CUP"], on_hand(world)["TEA"]) == (8, 6)
    shop(world, "delete_shipment", order_id=made["order_id"], shipment_id=sent["shipment_id"])
    day(world)
    day(world)
    assert (on_hand(world)["CUP"], on_hand(world)["TEA"]) == (10, 10)
    assert aside(world) == {("BOX", "CUP"): 3, ("BOX", "TEA"): 6, ("TEA", "TEA"): 1}


@pytest.mark.slow
def test_parts_come_back_by_the_recipe_by_which_they_left(world: World, tmp_path: Path) -> None:
    made = order(world, BOX=3)
    day(world)
    lines = [{"line_id": made["line_ids"][0], "quantity": 2}]
    sent = shop(world, "ship", order_id=made["order_id"], lines=lines)
    day(world)
    take_in(world, tmp_path / "kits.csv", {"BOX": {"LID": 1}})
    shop(world, "delete_shipment", order_id=made["order_id"], shipment_id=sent["shipment_id"])
    day(world)
    assert {sku: on_hand(world)[sku] for sku in ("CUP", "TEA", "LID")} == {"CUP": 10, "TEA": 10, "LID": 5}


def test_a_recipe_that_changes_gives_back_what_it_no_longer_needs(world: World, tmp_path: Path) -> None:
    order(world, BOX=2)
    day(world)
    take_in(world, tmp_path / "kits.csv", {"BOX": {"CUP": 1, "LID": 1}})
    assert aside(world) == {("BOX", "CUP"): 2}
    assert units(world) == {("BOX", "backorder", "no_supply"): 2}
    assert world.broken() == []
    day(world)
    assert aside(world) == {("BOX", "CUP"): 2, ("BOX", "LID"): 2}
    assert units(world) == {("BOX", "backlog", "ready"): 2}


@pytest.mark.slow
def test_a_kit_that_is_none_any_more_is_sold_from_its_own_shelf_again(world: World, tmp_path: Path) -> None:
    order(world, BOX=2)
    day(world)
    take_in(world, tmp_path / "kits.csv", {"LID": {"CUP": 1}})
    assert world.broken() == []
    day(world)
    assert aside(world) == {("BOX", "BOX"): 2}
    assert on_hand(world)["BOX"] == 50


@pytest.mark.slow
def test_what_is_lost_of_one_part_breaks_whole_kits_only(world: World) -> None:
    order(world, BOX=4)
    day(world)
    shop(world, "set_stock", sku="TEA", number=5)
    day(world)
    assert units(world) == {("BOX", "backlog", "ready"): 2, ("BOX", "backorder", "no_supply"): 2}
    assert aside(world)["BOX", "TEA"] == 4
    lost = "SELECT CAST(SUM(quantity) AS INTEGER) FROM transition WHERE cause = 'stock_lost'"
    assert asked(world, lost) == [(2,)]


@pytest.mark.slow
def test_an_order_cancelled_gives_back_the_parts_of_kits_that_were_not_whole(world: World) -> None:
    made = order(world, BOX=9)
    day(world)
    shop(world, "set_status", order_id=made["order_id"], status=5)
    day(world)
    assert aside(world) == {}


@pytest.mark.slow
def test_a_cancelled_kit_of_which_no_unit_was_whole_gives_back_its_parts_at_once(world: World, tmp_path: Path) -> None:
    shop(world, "set_stock", sku="TEA", number=1)
    due = datetime.fromtimestamp(world.shop.state.clock.now(), UTC) + timedelta(days=3)
    file = tmp_path / "po.csv"
    file.write_text(f"reference,sku,quantity,expected\nPO-7,TEA,9,{due:%Y-%m-%d}\n")
    with world.desk() as desk, recorded(desk, RunLog("supply", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)
    made = order(world, BOX=1)
    day(world)
    assert aside(world) == {("BOX", "CUP"): 1, ("BOX", "TEA"): 1}
    assert units(world) == {("BOX", "backorder", "awaiting_inbound"): 1}
    shop(world, "set_status", order_id=made["order_id"], status=5)
    world.practice("clock", {"advance_seconds": 7200})
    world.orders_only()
    assert aside(world) == {}
    assert world.broken() == []


@pytest.mark.slow
def test_numbers_of_parts_that_a_person_has_set_right_are_believed(world: World, tmp_path: Path) -> None:
    made = order(world, BOX=2)
    day(world)
    shop(world, "ship", order_id=made["order_id"])
    day(world)
    shop(world, "set_stock", sku="CUP", number=8)
    shop(world, "set_stock", sku="TEA", number=6)
    take_in(world, tmp_path / "kits.csv", BOX, parts_counted=True)
    day(world)
    day(world)
    assert (on_hand(world)["CUP"], on_hand(world)["TEA"]) == (8, 6)


@pytest.mark.slow
def test_kits_that_the_shop_does_not_count_wait_for_their_parts_all_the_same(world: World, tmp_path: Path) -> None:
    sell(world, "SET", 0, tracking="none")
    sell(world, "CARD", 0, tracking="none")
    world.practice("clock", {"advance_seconds": 7200})
    world.day(full=True)
    take_in(world, tmp_path / "kits.csv", {**BOX, "SET": {"LID": 2, "CARD": 1}})
    order(world, SET=4)
    day(world)
    assert aside(world) == {("SET", "LID"): 4}
    assert units(world) == {("SET", "backlog", "ready"): 2, ("SET", "backorder", "no_supply"): 2}


@pytest.mark.parametrize(
    ("recipes", "reason"),
    [
        ({"BOX": {"CUP": 1, "SAUCER": 1}}, "no item that is sold beside the kit has the SKU SAUCER"),
        ({"NOTHING": {"CUP": 1}}, "no item has the SKU NOTHING"),
        (
            {"BOX": {"LID": 1, "BOX": 1}},
            "BOX is a part of itself, or has a kit among its parts that is or that cannot be used",
        ),
        ({"BOX": {"CUP": 1, "TEA": 0}}, "quantity must be 1 or more"),
    ],
)
def test_a_kit_that_is_told_wrongly_stays_as_it_was(
    world: World, tmp_path: Path, recipes: Recipes, reason: str
) -> None:
    landed = take_in(world, tmp_path / "kits.csv", {**recipes, "LID": {"CUP": 1}})
    assert [one.reason for one in landed.bad] == [reason]
    assert kits(world) == {**BOX, "LID": {"CUP": 1}}


def test_a_part_told_twice_is_no_recipe(world: World, tmp_path: Path) -> None:
    landed = take_in(world, tmp_path / "kits.csv", {"BOX": {"CUP": 1, "cup ": 2}, "LID": {"CUP": 1}})
    assert [(one.row, one.reason) for one in landed.bad] == [(3, "cup of BOX is in row 2 already")]
    assert kits(world) == {**BOX, "LID": {"CUP": 1}}


def test_kits_within_kits_are_taken_apart(world: World, tmp_path: Path) -> None:
    take_in(world, tmp_path / "kits.csv", {"BOX": {"LID": 2, "CUP": 1}, "LID": {"CUP": 2, "TEA": 1}})
    assert kits(world) == {"BOX": {"CUP": 5, "TEA": 2}, "LID": {"CUP": 2, "TEA": 1}}


@pytest.mark.slow
def test_an_explanation_names_the_part_that_is_missing(world: World, tmp_path: Path) -> None:
    order(world, TEA=3)
    made = order(world, BOX=5)
    file = tmp_path / "po.csv"
    file.write_text("reference,sku,quantity,expected\nPO-7,TEA,9,2030-01-01\n")
    with world.desk() as desk, recorded(desk, RunLog("supply", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)
    day(world)
    with world.desk() as desk:
        said, _ = explain_order(desk, str(made["order_id"]))
        of_part, _ = explain_sku(desk, "TEA")
    told = "\n".join([*said, *of_part])
    for sentence in (
        "It is a kit, drawn from its parts: 1 × CUP each, 2 × TEA each.",
        "3 in backlog: ready to pack.",
        "2 in backorder: a delivery is on its way.",
        "It is a kit, drawn from its parts: 1 × CUP each, 2 × TEA each.",
        "CUP: 2 of 5 are not set aside, since another part is missing; 7 lie there for whoever comes first.",
        "TEA is missing: 4 of 10. 10 on the shelf, 1 of them free; units of it that come first in the queue: 0.",
        "4 of them: waiting for PO-7 (TEA) of a supplier without a name, expected on 2030-01-01.",
        f"Order {made['order_id']}, as a part of BOX: 6 in backlog: ready to pack",
    ):
        assert sentence in told, told


@pytest.mark.slow
def test_a_cancelled_kit_gives_up_the_delivery_that_its_part_waited_for(world: World, tmp_path: Path) -> None:
    first, _ = order(world, BOX=9), order(world, TEA=4)
    file = tmp_path / "po.csv"
    file.write_text("reference,sku,quantity,expected\nPO-7,TEA,8,2030-01-01\n")
    with world.desk() as desk, recorded(desk, RunLog("supply", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)
    day(world)
    shop(world, "edit_line", order_id=first["order_id"], line_id=first["line_ids"][0], quantity=5)
    day(world)
    assert units(world) == {("BOX", "backlog", "ready"): 5, ("TEA", "backorder", "awaiting_inbound"): 4}
    shop(world, "set_status", order_id=first["order_id"], status=5)
    day(world)
    assert units(world) == {("TEA", "backlog", "ready"): 4}
