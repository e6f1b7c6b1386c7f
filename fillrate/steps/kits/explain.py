"""What has to do with the parts of kits, for an explanation."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries.kits import kits_with, left_by_shelf, recipes
from fillrate.db.queries.queue import owed_of
from fillrate.db.tables import Allocation, Item, Location, OrderLine, Stock
from fillrate.report.kits import PartFact
from fillrate.steps.desk import Desk
from fillrate.steps.queue import in_order


def queue_of(desk: Desk, reading: Reading, items: Sequence[int]) -> dict[int, list[tuple[Any, int]]]:
    """Return by item all open units that draw on it in the order of the queue, each with how many of it one unit takes."""
    rows = in_order(desk.settings.policy, owed_of(reading, sorted({*items, *kits_with(reading, items)})))
    made_of = recipes(reading, {row.item_id for row in rows})
    found: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    for row in rows:
        parts = {part.item_id: part.per for part in made_of.get(row.item_id, ())} or {row.item_id: 1}
        for item, per in parts.items():
            found[item].append((row, per))
    return found


def part_facts(desk: Desk, reading: Reading, lines: Sequence[Any]) -> Mapping[int, tuple[PartFact, ...]]:  # Any: lines
    """Return of each line of a kit with open units what becomes of its parts."""
    made_of = recipes(reading, {line.item_id for line in lines if line.item_id is not None})
    kits = [line for line in lines if line.item_id in made_of]
    items = sorted({part.item_id for line in kits for part in made_of[line.item_id]})
    queue = queue_of(desk, reading, items)
    skus = {row.id: row.sku for row in reading.find(Item, "id", items, "id", "sku")}
    shelves: dict[int, list[Any]] = defaultdict(list)
    for row in reading.find(Stock, "item_id", items):
        shelves[row.item_id].append(row)
    aside: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for row in reading.find(Allocation, "line_id", [line.id for line in kits]):
        aside[row.line_id, row.item_id][row.location_id] = row.quantity
    places = {one for mine in aside.values() for one in mine}
    names = {row.id: row.name for row in reading.find(Location, "id", sorted(places), "id", "name")}
    return {
        line.id: tuple(
            PartFact(
                sku=skus[part.item_id],
                per=part.per,
                wanted=part.per * (line.qty_ordered - line.qty_shipped - line.qty_cancelled),
                is_counted=part.is_counted and line.needs_stock,
                set_aside={names[place]: n for place, n in sorted(aside[line.id, part.item_id].items())},
                units_ahead=units_ahead(queue[part.item_id], line.id),
                on_hand=sum(row.on_hand for row in shelves[part.item_id]),
                free=sum(max(0, row.on_hand) - row.allocated for row in shelves[part.item_id]),
            )
            for part in made_of[line.item_id]
        )
        for line in kits
        if line.qty_ordered > line.qty_shipped + line.qty_cancelled
    }


def units_ahead(queue: Sequence[tuple[Any, int]], line_id: int) -> int:  # Any: rows of owed_of
    """Return how many units of a part those wait for that come before this line's first waiting unit."""
    ahead = 0
    for row, per in queue:
        if row.state == "backorder":
            if row.line_id == line_id:
                return ahead
            ahead += row.quantity * per
    return 0


def unknown_to_shops(reading: Reading, shelves: Sequence[Any]) -> dict[tuple[int, int], int]:  # Any: rows of shelves
    """Return by item and location how many units left in kits of which the shop's number does not know."""
    left = left_by_shelf(reading)
    return {
        (one.item_id, one.location_id): left.get((one.item_id, one.location_id), 0) - one.parts_known
        for one in shelves
        if one.parts_known is not None
    }


def made_of_parts(reading: Reading, item_id: int) -> tuple[tuple[str, int], ...]:
    """Return the SKUs of the parts of a kit, each with how many of it one takes; nothing for what is no kit."""
    parts = recipes(reading, {item_id}).get(item_id, ())
    skus = {row.id: row.sku for row in reading.find(Item, "id", [one.item_id for one in parts], "id", "sku")}
    return tuple((skus[one.item_id], one.per) for one in parts)


def taken_by_kits(reading: Reading, item_id: int, line_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, str]]:
    """Return of those of these lines that are kits with an item in them: how many of it one unit takes, and the kit's SKU."""
    lines = reading.find(OrderLine, "id", list(line_ids), "id", "item_id", "sku")
    made_of = recipes(reading, {line.item_id for line in lines if line.item_id not in {None, item_id}})
    kits = {line.id: line for line in lines if line.item_id in made_of}
    takes = {
        key: sum(part.per for part in made_of[one.item_id] if part.item_id == item_id) for key, one in kits.items()
    }
    return takes, {key: one.sku for key, one in kits.items()}
