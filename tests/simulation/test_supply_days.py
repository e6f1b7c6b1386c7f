"""Days of a merchant whose supplier slips, cuts and delivers, under policies drawn at random: what was touched is all there is.

After each allocation of what was touched, `unsettled` ranks everything, and nothing may move.
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fillrate.settings import LocationSettings, Match, Policy, PolicyPart, PolicyRule, PolicySettings
from fillrate.steps.runs import RunLog, recorded
from fillrate.steps.supply.sync import import_inbound
from sandbox import Request
from tests.simulation.happenings import SCARCE, much_happens, something_is_scarce
from tests.simulation.world import World, fresh

DAYS = 6
DAY_S = 86_400


def policy(chance: random.Random) -> PolicySettings:
    """A policy that anybody may set."""
    default = Policy(
        ship_complete=chance.random() < 0.5,
        hold_days=chance.choice([0, 5, 14]),
        starve_days=chance.choice([3, 60]),
        split_limit=chance.choice([0, 0, 1]),
        locations=chance.choice(["rank", "nearest", "most_stock", "fewest_splits"]),
        horizon_days=chance.choice([None, None, 2]),
        by_promise=chance.random() < 0.5,
    )
    urgent = PolicyRule(
        match=Match(sku=SCARCE), set=PolicyPart(priority=chance.choice([1, 100]), displaces=chance.random() < 0.5)
    )
    kept = PolicyRule(match=Match(channel="main", sku=SCARCE), set=PolicyPart(reserve=chance.choice([0, 2])))
    return PolicySettings(default=default, rule=(urgent, kept))


def told_by_the_supplier(world: World, folder: Path, number: int) -> None:
    """Import what the supplier tells today."""
    answer = world.shop.handle(Request("GET", "/supplier/inbound.csv", "", headers={}, body=b""))
    file = folder / f"{number}.csv"
    file.write_bytes(answer.body)
    with world.desk() as desk, recorded(desk, RunLog(f"supply-{number}", "sync-inbound", "all")) as log:
        import_inbound(desk, log, file)


def something_comes(world: World, chance: random.Random) -> None:
    """Let one thing or two happen: to an order, to the goods, to what the supplier promised."""
    day = datetime.fromtimestamp(world.shop.state.clock.now(), UTC).date()
    soon = str(day + timedelta(days=chance.randint(1, 12)))
    some = chance.randint(1, 5)
    order = chance.choice([one for one in world.shop.state.orders if any(line.sku == SCARCE for line in one.lines)])
    line = {"order_id": order.id, "line_id": order.lines[0].id}
    wishes: list[dict[str, Any]] = [
        {"action": "place_order", "lines": [{"sku": SCARCE, "quantity": some}]},
        {"action": "set_status", "order_id": order.id, "status": chance.choice([5, 7, 11])},
        {"action": "edit_line", **line, "quantity": some},
        {"action": "ship", "order_id": order.id, "lines": [{"line_id": order.lines[0].id, "quantity": 1}]},
        {"action": "receive", "sku": SCARCE, "quantity": some},
        {"action": "lose", "sku": SCARCE, "quantity": 1},
        {"action": "order_goods", "lines": [{"sku": SCARCE, "quantity": some}], "expected": soon},
    ]
    for purchase in world.practice("state", method="GET")["purchase_orders"]:
        for one in purchase["lines"]:
            what = {"reference": purchase["reference"], "line": one["line"]}
            if one["status"] == "open":
                wishes.append({"action": "slip", **what, "to": soon})
                wishes.append({"action": "receive", **what, "quantity": some})
                wishes.append({"action": "cancel_goods", **what})
    for wish in chance.sample(wishes, chance.randint(1, 2)):
        world.practice("shop", [wish])


@pytest.mark.slow  # test_touched.py has one of each thing
@pytest.mark.parametrize("seed", range(70, 110))
def test_an_allocation_of_what_was_touched_is_one_of_everything(
    seed: int, tmp_path: Path, sqlite_template: Path
) -> None:
    chance = random.Random(seed)
    world = World.make(fresh(tmp_path, sqlite_template, "days"), seed)
    something_is_scarce(world)
    world.policy, world.looks = policy(chance), True
    world.locations = (LocationSettings(channel="main", code="BC-LOCATION-1", near=("US",)),)
    for number in range(DAYS):
        told_by_the_supplier(world, tmp_path, number)
        world.day()
        assert world.violations == []
        something_comes(world, chance)
        if number == 1:
            much_happens(world)
        if number == 4:
            world.policy = policy(chance)
        world.practice("clock", {"advance_seconds": DAY_S})
        world.clock.sleep(DAY_S)
