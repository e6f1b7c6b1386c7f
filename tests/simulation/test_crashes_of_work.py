"""A crash at every point of what people and warehouses do, then the same once more: it ends as if there had been none.

The day's work itself is cut off in test_crashes.py; here are pick lists that are settled, words, and recipes of kits.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fillrate.gateway.outside import Faults
from fillrate.steps.correcting.cancelled_units import cancel_units
from fillrate.steps.correcting.holds import hold
from fillrate.steps.correcting.word import said
from fillrate.steps.kits.sync import import_kits
from fillrate.steps.runs import RunLog, recorded
from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.history import ending
from tests.simulation.kitting import copy_of, order, sell, shop
from tests.simulation.world import World, fresh
from tests.steps.releasing import answers, backlog, ordered, released, thing

Act = Callable[[World, Faults | None], None]
OURS = (
    "picks.",
    "correct.",
    "kits.",
    "orders.page",
    "orders.end",
    "stock.count",
    "allocate.",
)  # around what is told here
ANN = said("Ann", "the customer called")
MORE = {
    "pick_line": "SELECT o.platform_id, l.platform_id, p.quantity, p.shipped, p.seen, p.short, p.removed, k.state"
    " FROM pick_line p JOIN pick_list k ON k.id = p.list_id JOIN order_line l ON l.id = p.line_id"
    " JOIN sales_order o ON o.id = l.order_id",
    "word": "SELECT platform_id, hold, priority, qty_withdrawn, qty_withdrawn_shown, qty_withdrawn_floor FROM order_line",
    "file": "SELECT f.source, f.name, f.rejected, r.row FROM import_file f LEFT JOIN rejected_row r ON r.source = f.source",
}


def how_it_ends(world: World) -> dict[str, Any]:
    """All that must be equal, with what was never told outside these flows."""
    end = ending(world)
    return {
        **end.rows,
        **{name: sorted(map(str, answers(world, sql))) for name, sql in MORE.items()},
        "broken": end.broken,
    }


def cut_off_anywhere(morning: World, act: Act, folder: Path) -> set[str]:
    """Do something once undisturbed, then cut it off at each point of ours and do it again; returns what it passes."""
    calm, watch = replace(copy_of(morning, folder / "calm.db"), looks=False), Watch()
    act(calm, watch)
    act(calm, None)
    expected = how_it_ends(calm)
    assert expected["broken"] == []
    for number, (label, phase) in enumerate(point for point in watch.seen if point[0].startswith(OURS)):
        world, faults = replace(copy_of(morning, folder / f"{number}.db"), looks=False), CrashAt(label, phase, 1)
        with pytest.raises(Crash):
            act(world, faults)
        world.abandon_leases()
        act(world, None)
        assert how_it_ends(world) == expected, (label, phase)
    return {label for label, _ in watch.seen}


@pytest.fixture
def packing(tmp_path: Path, sqlite_template: Path) -> World:
    """A morning on which four orders of three are being packed, and each has had another thing happen to it since."""
    settings = {"update_stock_behavior": "order_completed_or_shipped"}
    world = World.make(
        fresh(tmp_path, sqlite_template, "packing"), 3, Switches(), products=0, orders=0, settings=settings
    )
    mug = thing(world, stock=12)
    shipped, cancelled, edited, last = (ordered(world, (mug, 3)) for _ in range(4))
    world.day()
    released(world)
    assert backlog(world) == {"picking": 12}
    shop(world, "ship", order_id=shipped["order_id"], lines=[{"line_id": shipped["line_ids"][0], "quantity": 2}])
    shop(world, "set_status", order_id=cancelled["order_id"], status=5)
    shop(world, "edit_line", order_id=edited["order_id"], line_id=edited["line_ids"][0], quantity=1)
    shop(world, "lose", sku="T", quantity=1)
    shop(world, "set_stock", sku="T", number=5)
    world.practice("clock", {"advance_seconds": 600})
    assert last
    return world


@pytest.mark.slow
def test_pick_lists_that_are_settled(packing: World, tmp_path: Path) -> None:
    def day(world: World, faults: Faults | None) -> None:
        world.day(faults)

    assert "picks.settle" in cut_off_anywhere(packing, day, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("word", ["hold", "cancel-units"])
def test_a_word_about_what_is_being_packed(packing: World, word: str, tmp_path: Path) -> None:
    [(line,)] = answers(packing, "SELECT platform_id FROM order_line ORDER BY id DESC LIMIT 1")

    def say(world: World, faults: Faults | None) -> None:
        with world.desk(faults) as desk, recorded(desk, RunLog(f"word-{world.runs}", word, "all")) as log:
            if word == "hold":
                hold(desk, log, ANN, "line", str(line))
            else:
                cancel_units(desk, log, ANN, str(line), 2)
        world.day(faults)

    assert {"correct.save", "picks.settle"} <= cut_off_anywhere(packing, say, tmp_path)


@pytest.mark.slow
def test_kits_of_a_new_recipe_that_ship_and_are_cancelled(tmp_path: Path, sqlite_template: Path) -> None:
    morning = World.make(fresh(tmp_path, sqlite_template, "kits"), 5, Switches(backorders=True), products=1, orders=0)
    for sku, stock in {"A": 8, "B": 5, "AB": 0}.items():
        sell(morning, sku, stock)
    first, second = order(morning, AB=2, A=1), order(morning, AB=3)
    morning.day()
    file = tmp_path / "kits.csv"
    recipe = "kit_sku,part_sku,quantity\nAB,A,1\nAB,B,{}\n"

    def change(world: World, faults: Faults | None) -> None:
        with world.desk(faults) as desk, recorded(desk, RunLog(f"kits-{world.runs}", "import-kits", "all")) as log:
            import_kits(desk, log, file)
        world.day(faults)

    file.write_text(recipe.format(1))
    assert "kits.file" in cut_off_anywhere(morning, change, tmp_path)

    change(morning, None)
    released(morning)
    shop(
        morning,
        "ship",
        order_id=first["order_id"],
        lines=[{"line_id": first["line_ids"][0], "quantity": 1}],
        force=True,
    )
    shop(morning, "set_status", order_id=second["order_id"], status=5)
    morning.practice("clock", {"advance_seconds": 600})
    file.write_text(recipe.format(2))
    again = tmp_path / "again"
    again.mkdir()
    assert {"kits.file", "picks.settle"} <= cut_off_anywhere(morning, change, again)
