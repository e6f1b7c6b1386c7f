"""What must be true of our tables if one looks only at the shop's own truth, told without the product's code."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.gateway.outside import Outside
from tests.simulation.world import World

CLOSED = {0, 2, 4, 5, 6, 10}


def complaints(world: World) -> list[str]:
    """Return what the tables say that the shop's truth does not."""
    truth = world.practice("state", method="GET")
    db = Database.open(world.url, Outside())
    with db.read() as reading:
        open_units = dict(reading.rows(sa.text(OPEN)))
        on_hand = {int(row[0]): int(row[1]) for row in reading.rows(sa.text(ON_HAND))}
        products = {
            row[0]: row[1] for row in reading.rows(sa.text("SELECT platform_id, deleted_at IS NULL FROM product"))
        }
        orders = {
            row[0] for row in reading.rows(sa.text("SELECT platform_id FROM sales_order WHERE deleted_at IS NULL"))
        }
        rejected = {row[0] for row in reading.rows(sa.text("SELECT platform_id FROM rejected_record"))}
    db.close()
    found = [f"order {order['id']} is lost" for order in truth["orders"] if is_lost(order, orders, rejected)]
    found += [
        f"line {line['id']}: {open_of(order, line)} open, we say {open_units.get(str(line['id']), 0)}"
        for order in truth["orders"]
        if str(order["id"]) not in rejected
        for line in order["lines"]
        if open_of(order, line) != open_units.get(str(line["id"]), 0)
    ]
    found += shelves(world, truth, on_hand)
    alive = {str(product.id) for product in world.shop.state.products}
    found += [f"product {one} was deleted here" for one in alive if not products.get(one, True)]
    return found


OPEN = """
    SELECT l.platform_id, CAST(SUM(u.quantity) AS BIGINT) FROM open_unit u JOIN order_line l ON l.id = u.line_id
    GROUP BY l.platform_id
"""
ON_HAND = """
    SELECT CASE WHEN i.origin LIKE '%/%' THEN substr(i.origin, instr(i.origin, '/') + 1) ELSE '0' END,
           CAST(SUM(s.on_hand) AS BIGINT)
    FROM stock s JOIN item i ON i.id = s.item_id GROUP BY 1
"""


def is_lost(order: dict[str, Any], orders: set[str], rejected: set[str]) -> bool:
    """Tell whether an order that counts is nowhere."""
    return order["status_id"] != 0 and str(order["id"]) not in orders | rejected


def open_of(order: dict[str, Any], line: dict[str, Any]) -> int:
    """Return a line's open units by the rules of what owes."""
    if order["status_id"] in CLOSED or order["archived"]:
        return 0
    left = line["quantity"] - line["quantity_shipped"]
    return max(0, left - min(line["quantity_refunded"], left))


def refunded_here(order: dict[str, Any], line: dict[str, Any]) -> int:
    """Return the units of a line that were refunded before they left and that the shop does not restock by itself."""
    gone = order["status_id"] in CLOSED - {2, 10}
    return 0 if gone else min(line["quantity_refunded"], line["quantity"] - line["quantity_shipped"])


def shelves(world: World, truth: dict[str, Any], on_hand: dict[int, int]) -> list[str]:
    """Compare shelves of goods counted by variant, where nothing was typed in by hand and no order is half known."""
    open_by_variant: dict[int, int] = defaultdict(int)
    missing_by_variant: dict[int, int] = defaultdict(int)
    odd: set[int] = set()
    at_order = truth["settings"]["update_stock_behavior"] == "order_placed"
    for order in truth["orders"]:
        for line in order["lines"]:
            left = open_of(order, line)
            open_by_variant[line["variant_id"]] += left
            missing_by_variant[line["variant_id"]] += refunded_here(order, line) if at_order else 0
            taken = (
                sum(units for units in line.get("deducted", {}).values())
                if isinstance(line.get("deducted"), dict)
                else None
            )
            if taken is not None and at_order and left and taken < left:
                odd.add(line["variant_id"])
    found = []
    for item in world.shop.state.items:
        may_be = range(missing_by_variant[item.id] + 1)  # units refunded that nobody has put back into the number
        shown = sum(cell.shown - cell.backordered for cell in item.cells.values())
        expected = shown + (open_by_variant[item.id] if at_order else 0)
        if (
            item.variant_id
            and not item.by_product
            and item.id not in odd
            and on_hand.get(item.id, expected) - expected not in may_be
        ):
            found.append(f"variant {item.id}: {expected} on the shelf, we say {on_hand[item.id]}")
    return found
