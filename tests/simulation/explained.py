"""Every order and every item explained, and what is wrong with that by the shop's own truth."""

from typing import Any

import sqlalchemy as sa

from fillrate.db.database import Reading
from fillrate.db.queries import explain as queries
from fillrate.db.tables import Item, Order
from fillrate.decide.states import LEGAL, REASONS, State
from fillrate.report.explain import LineFact, OrderFact, order_lines
from fillrate.report.explain_sku import sku_lines
from fillrate.report.texts import text
from fillrate.steps.desk import Desk
from fillrate.steps.explain import order_fact
from fillrate.steps.explained import sku_fact
from fillrate.steps.ranking import Queues, queues_of
from tests.simulation.oracle import open_of
from tests.simulation.world import World

OWED_OF_ITEM = """
    SELECT CAST(COALESCE(SUM(u.quantity * CASE WHEN l.item_id = :item THEN 1 ELSE k.per END), 0) AS BIGINT)
    FROM open_unit u JOIN order_line l ON l.id = u.line_id
    LEFT JOIN kit_part k ON k.kit_id = l.item_id AND k.part_id = :item
    WHERE l.item_id = :item OR k.part_id IS NOT NULL"""  # a part is owed to kits as well


def owed_in_truth(world: World) -> dict[str, int]:
    """Return what the shop owes, by order and line."""
    return {
        f"{order['id']}/{line['id']}": open_of(order, line)
        for order in world.practice("state", method="GET")["orders"]
        for line in order["lines"]
    }


def wrongly_explained(world: World, truth: dict[str, int]) -> list[str]:
    """Return what explanations say that cannot be, after a day's work that left `truth` owed, by order and line."""
    with world.desk() as desk, desk.db.read() as reading:
        items = reading.rows(sa.select(*Item.__table__.c))
        queues = queues_of(desk, reading, [item.id for item in items])
        orders = [
            order_fact(desk, reading, row, queries.lines(reading, row.id), queues)
            for name in reading.rows(sa.select(*Order.__table__.c))
            for row in queries.order(reading, "main", name.platform_id)
        ]
        found = [wrong for item in items for wrong in wrong_in_item(desk, reading, item, queues)]
    found += [wrong for one in orders for wrong in wrong_in_order(desk, one)]
    told = {
        f"{one.order.removeprefix('main:')}/{line.line}": sum(units.quantity for units in line.units)
        for one in orders
        for line in one.lines
    }
    return found + [
        f"line {line}: {told.get(line, 0)} explained, {truth.get(line, 0)} owed"
        for line in sorted(truth.keys() | told.keys())
        if told.get(line, 0) != truth.get(line, 0)
    ]


def wrong_in_order(desk: Desk, fact: OrderFact) -> list[str]:
    """Return what is wrong with an order's explanation."""
    said = order_lines(fact, desk.settings.store.zone)
    found = [f"{fact.order}: {one}" for one in said if one == text("say", "mismatch", open=fact.open)]
    for line in fact.lines:
        found += [f"{fact.order} line {line.line}: {wrong}" for wrong in wrong_in_line(line)]
    return found


def wrong_in_line(line: LineFact) -> list[str]:
    """Return what is wrong with a line's explanation: a reason, a cause, a supply or a place that cannot be."""
    found = []
    for units in line.units:
        state = State(units.state)
        if units.reason not in REASONS[state]:
            found.append(f"{units.state} for {units.reason!r}")
        if units.cause not in {cause for (_, end), causes in LEGAL.items() if end == state for cause in causes}:
            found.append(f"{units.state} by {units.cause!r}")
        if units.since is None or (units.since < units.queued_at and units.cause in {"ordered", "order_edited"}):
            found.append(f"{units.state} since {units.since}")
        if units.reason == "awaiting_inbound" and not units.covers:
            found.append("waits for a delivery that nobody names")
        if units.reason in {"no_supply", "discontinued"} and units.covers:
            found.append(f"{units.reason}, but waits for {units.covers[0].reference}")
        if units.state == "backorder" and units.place is None and not line.stays:
            found.append("waits and stands in no queue")
        if units.place is not None and units.place.number == 1 and units.place.units_before:
            found.append("is first behind others")
    return found


def wrong_in_item(desk: Desk, reading: Reading, item: Any, queues: Queues) -> list[str]:  # Any: a row of Item
    """Return what is wrong with an item's explanation."""
    fact = sku_fact(desk, reading, item, queues)
    sku_lines(fact, desk.settings.store.zone)
    owed = reading.scalar(sa.text(OWED_OF_ITEM), {"item": item.id})
    told = sum(one.units.quantity for one in fact.queue)
    found = [f"item {fact.sku}: {told} explained, {owed} owed"] if told != owed else []
    shelves = {shelf.location: shelf.allocated for shelf in fact.shelves if shelf.allocated}
    held = {place: sum(units for _, units in pairs) for place, pairs in fact.holders.items()}
    found += [f"item {fact.sku}: set aside {shelves}, explained {held}"] if shelves != held else []
    for one in fact.deliveries:
        covered = sum(units for _, units in one.covered)
        if covered + one.free != one.quantity:
            found.append(f"{one.reference}: {one.quantity} come, {covered} are for somebody, {one.free} free")
    return found
