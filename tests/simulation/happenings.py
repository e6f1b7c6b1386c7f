"""What happens in a shop between two runs: sales, edits, shipments, cancellations, refunds, goods and renamed things."""

import random
from typing import Any

from tests.simulation.world import World

OWING = {1, 3, 7, 8, 9, 11, 12, 14}


SCARCE = "SCARCE"


def something_is_scarce(world: World) -> None:
    """Four customers want what lies there twice, one of them in an order of sixty lines."""
    world.practice("shop", {"action": "create_product", "name": SCARCE, "sku": SCARCE, "cents": 700, "stock": 2})
    world.practice("shop", {"action": "set_backorder_limit", "sku": SCARCE, "quantity": 100})
    for lines in ([2], [3], [1], [1] * 60):
        wanted = [{"sku": SCARCE, "quantity": quantity} for quantity in lines]
        world.practice("shop", {"action": "place_order", "lines": wanted})
        world.practice("clock", {"advance_seconds": 60})


def scarcity_goes_on(world: World) -> None:
    """The next day four more want it, one wants more of it, one less, one nothing; and the shop loses an order."""
    waiting = [one for one in world.shop.state.orders if any(line.sku == SCARCE for line in one.lines)]
    _, more, nothing, less = waiting
    wishes = [{"action": "place_order", "lines": [{"sku": SCARCE, "quantity": n}]} for n in (1, 2, 3, 4)]
    wishes += [
        {"action": "edit_line", "order_id": more.id, "line_id": more.lines[0].id, "quantity": 9},
        {"action": "edit_line", "order_id": less.id, "line_id": less.lines[0].id, "quantity": 0},
        {"action": "set_status", "order_id": nothing.id, "status": 5},
    ]
    world.practice("clock", {"advance_seconds": 86_400})
    world.practice("shop", wishes)
    lost = next(one for one in world.shop.state.orders if one.status in OWING and one not in waiting)
    world.shop.state.orders.remove(lost.id)


def much_happens(world: World) -> list[dict[str, Any]]:
    """Let one thing of each kind happen, on orders and goods drawn by the seed; returns what was done."""
    chance = random.Random(world.seed)
    world.practice("clock", {"advance_seconds": 7200})
    truth = world.practice("state", method="GET")
    still_open = [
        (order["id"], line)
        for order in truth["orders"]
        if order["status_id"] in OWING and not order["archived"]
        for line in order["lines"]
        if line["quantity"] - line["quantity_shipped"] - line["quantity_refunded"] > 0
        and line["kind"] == "physical"
        and line["sku"] != SCARCE
    ]
    chance.shuffle(still_open)
    skus = [
        variant for variant in world.shop.state.variants if world.shop.state.item_of(variant.product_id, variant.id)
    ]
    wishes: list[dict[str, Any]] = []
    for variant in chance.sample(skus, min(4, len(skus))):
        line = {"variant_id": variant.id, "quantity": chance.randint(2, 6)}
        wishes.append({"action": "place_order", "lines": [line], "status": chance.choice([11, 7, 9])})
        wishes.append({"action": "receive", "variant_id": variant.id, "quantity": chance.randint(1, 3)})
    kinds = (
        lambda order, line: {
            "action": "ship",
            "order_id": order,
            "lines": [{"line_id": line["id"], "quantity": 1}],
            "force": True,
        },
        lambda order, line: {"action": "set_status", "order_id": order, "status": 5},
        lambda order, line: {
            "action": "edit_line",
            "order_id": order,
            "line_id": line["id"],
            "quantity": line["quantity"] + 2,
        },
        lambda order, line: {"action": "refund", "order_id": order, "lines": [{"line_id": line["id"], "quantity": 1}]},
        lambda order, line: {"action": "set_status", "order_id": order, "status": 2},
        lambda order, line: {"action": "delete_order", "order_id": order},
    )
    for make, (order, line) in zip(kinds, still_open, strict=False):
        wishes.append(make(order, line))
    variant = chance.choice(skus)
    wishes.append({"action": "set_stock", "variant_id": variant.id, "number": chance.randint(0, 3)})
    wishes.append({"action": "rename_product", "product_id": variant.product_id, "to": "Renamed | <b>thing</b>"})
    done: list[dict[str, Any]] = world.practice("shop", wishes)
    world.practice("clock", {"advance_seconds": 300})
    return done
