"""Twenty mistakes that one could make, each planted in turn: the simulator must find every one of them."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fillrate.decide import owing
from fillrate.decide.owing import LineFacts
from fillrate.errors import FillrateError
from fillrate.steps import ledger, plan, stock, wishes
from fillrate.steps.allocating import load, save
from fillrate.steps.intake import compare, lines, orders, shipments, sweeps, windows
from sandbox import Switches
from tests.simulation.crash import Crash, CrashAt, Watch
from tests.simulation.happenings import much_happens
from tests.simulation.history import ending, notes
from tests.simulation.oracle import complaints, open_of
from tests.simulation.world import World, fresh

Patch = pytest.MonkeyPatch
DOUBTS = [{"match": "POST /v3/orders/metafields", "kind": "drop", "times": 1}]
EMPTY = [{"match": "GET /v3/catalog/products*", "kind": "empty_catalogue", "times": None}]
BAD = [{"match": "GET /v2/orders*", "kind": "bad_record", "times": 4}]


def nothing(*_: Any, **__: Any) -> Any:
    return None


def without_refunds(facts: LineFacts, *more: Any) -> Any:
    return REAL_TARGETS(facts._replace(refunded=0), *more)


def without_edits(facts: LineFacts, before: Any, *more: Any) -> Any:
    return REAL_TARGETS(facts._replace(quantity=before.ordered or facts.quantity), before, *more)


def without_shipments(facts: LineFacts, *more: Any) -> Any:
    return REAL_TARGETS(facts._replace(shipped=0), *more)


def last_first(*demand: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame, reaches = REAL_RULES(*demand)
    return frame.assign(priority=-frame["queued_at"].astype("int64")), reaches


REAL_TARGETS = owing.targets
REAL_RULES = load.with_rules
REAL_ROW = windows.row


def skips_a_page(channel_id: int, stream: Any, window: Any, after: str | None) -> dict[str, Any]:
    return REAL_ROW(
        channel_id, stream, window, None if after is None else str(int(after) + 4) if after.isdigit() else after
    )


BUGS: dict[str, Callable[[Patch], None]] = {
    "refunded units stay open": lambda p: p.setattr(owing, "targets", without_refunds),
    "shipped units stay open": lambda p: p.setattr(owing, "targets", without_shipments),
    "a cancelled line keeps what was set aside": lambda p: p.setattr(ledger, "lower_allocations", nothing),
    "a move leaves no trace": lambda p: p.setattr(
        lines, "transition", lambda *a: {**REAL_TRANSITION(*a), "quantity": 1}
    ),
    "units in the queue are not written": lambda p: p.setattr(lines, "save_units", nothing),
    "the cached sum is not kept": lambda p: p.setattr(save, "save_shelves", nothing),
    "allocation forgets to write its rows": lambda p: p.setattr(save, "save_allocations", nothing),
    "sold units are forgotten in the opening stock": lambda p: p.setattr(
        stock.queries, "sources_deducted_at_order", lambda *_: []
    ),
    "shipments do not leave the shelf": lambda p: p.setattr(shipments.Shelves, "counts", lambda *_: False),
    "orders that are gone stay open": lambda p: p.setattr(orders, "close_deleted", nothing),
    "one sweep is enough to delete": lambda p: p.setattr(sweeps, "SWEEPS_TO_DELETE", 1),
    "an empty catalogue is believed": lambda p: p.setattr(sweeps, "vanishing", lambda *_: ""),
    "decided units are not written": lambda p: p.setattr(save, "save_units", nothing),
    "a note is never taken back": lambda p: p.setattr(wishes, "differences", only_new_notes),
    "an edited quantity is ignored": lambda p: p.setattr(owing, "targets", without_edits),
    "the cursor runs ahead of what is saved": lambda p: p.setattr(windows, "row", skips_a_page),
    "what was written is planned again": lambda p: p.setattr(plan.queries, "last_known_values", lambda *_: {}),
    "the last in the queue is served first": lambda p: p.setattr(load, "with_rules", last_first),
    "known orders are never looked at again": lambda p: p.setattr(compare, "kind_of_change", only_new),
    "units that leave stay in the queue": lambda p: p.setattr(owing.Queue, "leave", lambda *_: 0),
}
REAL_TRANSITION = lines.transition
REAL_NOTES = wishes.differences


def only_new(record: Any, row: Any, content: str) -> str:
    return "new" if row is None else "unchanged"


def only_new_notes(*known: Any) -> list[Any]:
    return [one for one in REAL_NOTES(*known) if one.after is not None]


class Rival:
    """Somebody who buys while the stock is being read."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.has_bought = False

    def __call__(self, path: str) -> None:
        if path.endswith("/v3/inventory/items") and not self.has_bought:
            self.has_bought = True
            chosen = next(
                v for v in self.world.shop.state.variants if self.world.shop.state.item_of(v.product_id, v.id)
            )
            line = {"variant_id": chosen.id, "quantity": 1}
            self.world.practice("shop", [{"action": "place_order", "lines": [line]}])


def suspicions(folder: Path, template: Path) -> list[str]:
    """Live through everything that a merchant's shop may bring, and return what looks wrong first."""
    found: list[str] = []
    for seed, mode in ((21, "order_placed"), (22, "order_completed_or_shipped")):
        switches = Switches(unstated_limit_max=6, backorders=seed == 21)
        config = {"settings": {"update_stock_behavior": mode}}
        world = World.make(fresh(folder, template, f"w{seed}"), seed, switches, **config)
        try:
            found += one_life(world)
            found += [] if found else cut_off(World.make(fresh(folder, template, f"c{seed}"), seed, switches, **config))
        except FillrateError as error:
            found.append(f"a run failed: {error}")
        if found:
            break
    return found


def one_life(world: World) -> list[str]:
    """A first day, an unfair one, a day of faults, and quiet ones after it."""
    scarce_goods(world)
    world.practice("faults", [*DOUBTS, *BAD])
    world.day()
    found = [one for one in complaints(world) if "is lost" in one] + unfair(world)
    world.day(full=True)
    found += complaints(world)
    much_happens(world)
    for faults in (DOUBTS, EMPTY, EMPTY):
        world.practice("faults", faults)
        endure(world)
    world.practice("faults", method="DELETE")
    hidden = world.shop.state.products.get(max(world.shop.state.products.rows))
    world.shop.state.products.remove(hidden.id)
    world.day(full=True)
    world.shop.state.products.add(hidden)
    found += [one for one in complaints(world) if "deleted here" in one]
    gone = next(iter(world.shop.state.products)).id
    world.practice("shop", [{"action": "delete_product", "product_id": gone}])
    world.during = Rival(world)
    world.day(full=True)
    world.during = None
    found += complaints(world)
    for _ in range(2):
        world.day(full=True)
    a_unit_leaves(world)
    world.orders_only()
    found += complaints(world)
    world.day(full=True)
    found += [*complaints(world), *world.violations]
    before, written = ending(world), len(world.practice("requests?bodies=1", method="GET")["writes"])
    found += [str(one) for one in before.broken]
    world.day()
    after = ending(world)
    found += [f"a quiet day changed {table}" for table, rows in before.rows.items() if rows != after.rows[table]]
    found += (
        ["a quiet day wrote"] if len(world.practice("requests?bodies=1", method="GET")["writes"]) != written else []
    )
    found += untold(world, after.rows)
    return found


def scarce_goods(world: World) -> None:
    """Two customers want two each of something of which there are three."""
    state = world.shop.state
    wanted = next(v for v in state.variants if (i := state.item_of(v.product_id, v.id)) and not i.by_product and v.sku)
    places = state.item_of(wanted.product_id, wanted.id).cells
    for place in places:
        number = 3 if place == 1 else 0
        world.practice("shop", {"action": "set_stock", "variant_id": wanted.id, "location_id": place, "number": number})
    for _ in range(2):
        line = {"variant_id": wanted.id, "quantity": 2}
        world.practice("shop", {"action": "place_order", "lines": [line]})
        world.practice("clock", {"advance_seconds": 600})


def a_unit_leaves(world: World) -> None:
    """One unit is shipped of an open order."""
    for order in world.practice("state", method="GET")["orders"]:
        for line in order["lines"]:
            item = world.shop.state.item_of(line["product_id"], line["variant_id"])
            if order["status_id"] in {11, 9} and open_of(order, line) and item is not None and not item.by_product:
                parts = [{"line_id": line["id"], "quantity": 1}]
                world.practice("clock", {"advance_seconds": 60})
                done = world.practice("shop", {"action": "ship", "order_id": order["id"], "lines": parts})
                if "refused" not in str(done):
                    return


def endure(world: World) -> None:
    """Live through a day on which a run may fail, as long as it says so."""
    with suppress(FillrateError):
        world.day(full=True)


def unfair(world: World) -> list[str]:
    """Return items of which a later unit was served and an earlier one waits, before anything was sticky."""
    from tests.simulation.oracle_sql import rows

    served = {item: queued for item, queued in rows(world, "backlog", "MAX") if item}
    waits = {item: queued for item, queued in rows(world, "backorder", "MIN") if item}
    return [f"item {item} is served out of turn" for item in waits if item in served and served[item] > waits[item]]


def untold(world: World, rows: dict[str, Any]) -> list[str]:
    """Return orders whose note in the shop does not say what waits, and listings of products that are gone."""
    waiting = {line for line, state, *_ in rows["open_unit"] if state == "backorder"}
    truth = world.practice("state", method="GET")["orders"]
    wanted = {order["id"] for order in truth if any(str(line["id"]) in waiting for line in order["lines"])}
    noted = {order for order, _ in notes(world)}
    alive = {row[0] for row in rows["product"] if row[-1] == "1"}
    stale = [row for row in rows["listing"] if row[7] == "1" and row[0] not in alive]
    return [f"notes are on {sorted(noted)}, not on {sorted(wanted)}"] * (wanted != noted) + ["dead listings"] * bool(
        stale
    )


def cut_off(world: World) -> list[str]:
    """Crash in the middle of the pages and after the write, and look whether one more run heals it."""
    for label in ("orders.page", "products.page", "apply.sending"):
        faults = CrashAt(label, "after_commit", 1)
        try:
            world.day(faults)
        except Crash:
            world.abandon_leases()
    world.day()
    watch = Watch()
    world.day(watch)
    return complaints(world) + ([] if watch.seen else ["nothing ran"])


@pytest.mark.slow
def test_without_a_bug_there_is_nothing_to_suspect(tmp_path: Path, sqlite_template: Path) -> None:
    assert suspicions(tmp_path, sqlite_template) == []


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_the_simulator_finds(bug: str, tmp_path: Path, sqlite_template: Path, monkeypatch: Patch) -> None:
    BUGS[bug](monkeypatch)

    assert suspicions(tmp_path, sqlite_template) != []
