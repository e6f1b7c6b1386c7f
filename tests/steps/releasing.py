"""A world in which goods are released: one thing on a shelf, orders for it, and a warehouse that tells what it does."""

from collections.abc import Sequence
from typing import Any

from fillrate.db.queries.picks import counted_lines, in_hand
from fillrate.decide.parts import LINE_AND_PLACE
from fillrate.settings import LocationSettings
from fillrate.steps.audit import audit
from fillrate.steps.picking.parts import set_aside_whole
from fillrate.steps.picking.release import release_backlog
from fillrate.steps.picking.show import one_list, shown
from fillrate.steps.runs import RunLog, recorded
from sandbox import Switches
from tests.simulation.world import World

Plain = dict[str, Any]


def shop_of(url: str, deducts: str = "order_placed") -> World:
    """A shop without goods or orders, which lowers its numbers at order unless told otherwise."""
    return World.make(url, 3, Switches(), products=0, orders=0, settings={"update_stock_behavior": deducts})


def limited(world: World, **limits: Any) -> None:
    """Let the default location take so much in a day."""
    code = world.shop.state.locations[1].code
    world.locations = (LocationSettings(channel="main", code=code, **limits),)


def answers(world: World, question: str) -> list[tuple[Any, ...]]:
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.connection.exec_driver_sql(question)]


def happen(world: World, *actions: Plain) -> list[Plain]:
    done: list[Plain] = world.practice("shop", list(actions))
    assert "refused" not in str(done), done
    world.practice("clock", {"advance_seconds": 60})
    return done


def thing(world: World, sku: str = "T", stock: int = 10) -> int:
    """A thing on the shelf; returns its variant."""
    [made] = happen(world, {"action": "create_product", "name": sku, "sku": sku, "cents": 500, "stock": stock})
    variant: int = made["variant_ids"][0]
    return variant


def ordered(world: World, *lines: tuple[int, int]) -> Plain:
    """An order of (variant, quantity)."""
    wanted = [{"variant_id": variant, "quantity": quantity} for variant, quantity in lines]
    return happen(world, {"action": "place_order", "lines": wanted})[0]


def released(world: World, name: str = "") -> RunLog:
    """What a release did."""
    with world.desk() as desk:
        log = RunLog(name or f"release-{world.runs}", "release-backlog", "all")
        with recorded(desk, log):
            release_backlog(desk, log, None)
    return log


def backlog(world: World) -> dict[str, int]:
    return dict(answers(world, "SELECT reason, SUM(quantity) FROM open_unit WHERE state = 'backlog' GROUP BY reason"))  # type: ignore[arg-type]


def lists(world: World) -> list[Plain]:
    """All lists with their lines, the oldest first."""
    with world.desk() as desk, desk.db.read() as reading:
        return [one_list(desk, reading, one["id"]) for one in reversed(shown(desk, reading))]


def lines(world: World) -> Sequence[tuple[int, ...]]:
    """Of each line: quantity, to do, shipped, seen, not found, removed."""
    names = ("quantity", "to_do", "shipped", "seen", "short", "removed")
    return [tuple(line[name] for name in names) for one in lists(world) for line in one["lines"]]


def is_sound(world: World, *, with_shops: bool = True) -> None:
    """The invariants hold; units being packed are just those that pick lines stand for, and lie whole where they are picked."""
    assert world.violations == []
    with world.desk() as desk:
        assert [one for one in audit(desk, with_shops=with_shops) if one["violations"]] == []
    left = "SELECT line_id, SUM(quantity - seen - short - removed) FROM pick_line GROUP BY line_id"
    packed = "SELECT line_id, SUM(quantity) FROM open_unit WHERE reason = 'picking' GROUP BY line_id"
    assert {line: n for line, n in answers(world, left) if n} == dict(answers(world, packed))  # type: ignore[arg-type]
    with world.desk() as desk, desk.db.read() as reading:
        picks = in_hand(reading).groupby(LINE_AND_PLACE, as_index=False)["quantity"].sum()
        picks = picks[picks["line_id"].isin(counted_lines(reading, picks["line_id"].tolist()))]
        there = set_aside_whole(reading, picks["line_id"].tolist())
    both = picks.merge(there, on=LINE_AND_PLACE, how="left", suffixes=("", "_there")).fillna(0)
    assert both[both["quantity"] > both["quantity_there"]].to_dict("records") == []
