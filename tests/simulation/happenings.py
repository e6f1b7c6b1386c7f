"""What happens in a shop between two runs: sales, edits, shipments, cancellations, refunds, goods and renamed things."""

import random
from typing import Any

from tests.simulation.world import World

OWING = {1, 3, 7, 8, 9, 11, 12, 14}


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
        if line["quantity"] - line["quantity_shipped"] - line["quantity_refunded"] > 0 and line["kind"] == "physical"
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
