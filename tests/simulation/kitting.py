"""Kits in a shop of one's own making: products, files of kits, and what lies on the shelves in truth."""

import copy
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fillrate.steps.kits.sync import import_kits
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.land import Landed
from sandbox import Shop
from tests.simulation.world import World

Recipes = dict[str, dict[str, int]]


def shop(world: World, action: str, **wish: Any) -> dict[str, Any]:
    """Let one thing happen in the shop."""
    answer: dict[str, Any] = world.practice("shop", [{"action": action, **wish}])[0]
    assert "refused" not in answer, answer
    return answer


def copy_of(world: World, file: Path) -> World:
    """Return the same shop with a database of its own."""
    db = sqlite3.connect(world.url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as other:
        db.backup(other)
    db.close()
    twin = Shop(world.shop.config)
    twin.state = copy.deepcopy(world.shop.state)
    return World(twin, f"sqlite:///{file}", world.seed, world.undeducted, looks=True, runs=10)


def kits(world: World) -> Recipes:
    """Return the kits as they are known."""
    found: Recipes = defaultdict(dict)
    question = (
        "SELECT k.sku, p.sku AS part, per FROM kit_part JOIN item k ON k.id = kit_id JOIN item p ON p.id = part_id"
    )
    for kit, part, per in asked(world, question):
        found[kit][part] = per
    return dict(found)


def sell(world: World, sku: str, stock: int, tracking: str = "product", limit: int = 1000) -> int:
    """Let the shop sell something; returns its product."""
    product = int(shop(world, "create_product", name=sku, sku=sku, cents=700, stock=stock)["product_id"])
    if tracking == "none":
        shop(world, "set_tracking", product_id=product, tracking="none")
    else:
        shop(world, "set_backorder_limit", sku=sku, quantity=limit)
    return product


def order(world: World, **wanted: int) -> dict[str, Any]:
    """Order so many of each SKU; returns order_id and lines."""
    wish = [{"sku": sku, "quantity": quantity} for sku, quantity in wanted.items()]
    made = shop(world, "place_order", lines=wish)
    world.practice("clock", {"advance_seconds": 60})
    return made


def take_in(world: World, file: Path, recipes: Recipes, *, parts_counted: bool = False) -> Landed:
    """Import a file with these kits."""
    rows = [f"{kit},{part},{per}" for kit, parts in recipes.items() for part, per in parts.items()]
    file.write_text("\n".join(["kit_sku,part_sku,quantity", *rows, ""]))
    with world.desk() as desk, recorded(desk, RunLog(f"kits-{world.runs}", "import-kits", "all")) as log:
        return import_kits(desk, log, file, parts_counted=parts_counted)


def asked(world: World, question: str) -> list[tuple[Any, ...]]:
    """Ask the database."""
    with world.desk() as desk, desk.db.read() as reading:
        return [tuple(row) for row in reading.rows(sa.text(question))]


def on_hand(world: World) -> dict[str, int]:
    """Return what lies on the shelves of each SKU, as we say."""
    rows = asked(
        world,
        "SELECT i.sku, CAST(SUM(s.on_hand) AS BIGINT) FROM stock s JOIN item i ON i.id = s.item_id GROUP BY i.sku",
    )
    return {str(sku): int(units) for sku, units in rows}


def aside(world: World) -> dict[tuple[str, str], int]:
    """Return what is set aside: by SKU ordered and SKU set aside."""
    rows = asked(
        world,
        "SELECT l.sku, i.sku AS part, a.quantity FROM allocation a JOIN order_line l ON l.id = a.line_id"
        " JOIN item i ON i.id = a.item_id",
    )
    found: Counter[tuple[str, str]] = Counter()
    for sku, part, units in rows:
        found[sku, part] += units
    return dict(found)


def units(world: World) -> dict[tuple[str, str, str], int]:
    """Return open units by SKU, state and reason."""
    rows = asked(
        world, "SELECT l.sku, u.state, u.reason, u.quantity FROM open_unit u JOIN order_line l ON l.id = u.line_id"
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for sku, state, reason, quantity in rows:
        found[sku, state, reason] += quantity
    return dict(found)
