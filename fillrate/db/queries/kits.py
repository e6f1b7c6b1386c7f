"""Questions about kits: what they are made of, who draws on a part, and the parts that left with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Item, KitPart, OpenUnit, OrderLine, PartLeft, Shipment
from fillrate.decide.recipes import Parcel

if TYPE_CHECKING:
    import pandas as pd

IS_KIT = sa.exists().where(col(KitPart.kit_id) == col(Item.id))  # beside a question for items


class Part(NamedTuple):
    """So many units of a part make one kit; of one that is not counted nothing is set aside."""

    item_id: int
    per: int
    is_counted: bool


Recipes = Mapping[int, Sequence[Part]]  # by kit


def recipes(reading: Reading, items: Iterable[int]) -> Recipes:
    """Return what each kit among these items is made of."""
    statement: Select = (
        sa.select(*KitPart.__table__.c, col(Item.is_tracked))
        .join(Item, col(Item.id) == col(KitPart.part_id))
        .where(reading.is_in(col(KitPart.kit_id), sorted(set(items))))
        .order_by(col(KitPart.kit_id), col(KitPart.part_id))
    )
    found: dict[int, list[Part]] = defaultdict(list)
    for row in reading.rows(statement):
        found[row.kit_id].append(Part(row.part_id, row.per, row.is_tracked))
    return found


def recipes_frame(reading: Reading) -> "pd.DataFrame":
    """Return recipe_id (the kit's item), item_id, per, is_counted of every kit."""
    statement: Select = sa.select(
        col(KitPart.kit_id).label("recipe_id"),
        col(KitPart.part_id).label("item_id"),
        col(KitPart.per),
        col(Item.is_tracked).label("is_counted"),
    ).join(Item, col(Item.id) == col(KitPart.part_id))
    return reading.frame(statement)


def counted_parts(reading: Reading, line_ids: Sequence[int]) -> "pd.DataFrame":
    """Return line_id, item_id, per of what is set aside for those of these order lines that are kits."""
    statement: Select = (
        sa.select(col(OrderLine.id).label("line_id"), col(KitPart.part_id).label("item_id"), col(KitPart.per))
        .join(KitPart, col(KitPart.kit_id) == col(OrderLine.item_id))
        .join(Item, col(Item.id) == col(KitPart.part_id))
        .where(reading.is_in(col(OrderLine.id), line_ids), col(OrderLine.needs_stock), col(Item.is_tracked))
    )
    return reading.frame(statement)


def parts_by_kit(reading: Reading, items: Iterable[int]) -> dict[int, list[Any]]:
    """Return of each kit among these items its parts, by SKU: rows of item_id, per, sku, sku_key, name."""
    statement: Select = (
        sa.select(
            col(KitPart.kit_id),
            col(KitPart.part_id).label("item_id"),
            col(KitPart.per),
            *(Item.__table__.c[name] for name in ("sku", "sku_key", "name")),
        )
        .join(Item, col(Item.id) == col(KitPart.part_id))
        .where(reading.is_in(col(KitPart.kit_id), sorted(set(items))))
        .order_by(col(Item.sku), col(Item.id))
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in reading.rows(statement):
        found[row.kit_id].append(row)
    return found


def parts_that_matter(reading: Reading, touched: Sequence[int]) -> list[tuple[int, int]]:
    """Return (kit, part) of all kits of which units are open, and of those that were touched: the last unit may have gone."""
    is_owed = sa.exists().where(
        col(OrderLine.item_id) == col(KitPart.kit_id), col(OpenUnit.line_id) == col(OrderLine.id)
    )
    matters = sa.or_(is_owed, reading.is_in(col(KitPart.kit_id), touched))
    return [(row.kit_id, row.part_id) for row in reading.rows(sa.select(*KitPart.__table__.c).where(matters))]


def hanging_together(items: Iterable[int], pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Return these items with every kit that draws on one of them, all its parts, and so on; `pairs` are (kit, part)."""
    neighbours: dict[int, set[int]] = defaultdict(set)
    for kit, part in pairs:
        neighbours[kit].add(part)
        neighbours[part].add(kit)
    found, new = set(items), set(items)
    while new:
        new = {other for one in new for other in neighbours[one]} - found
        found |= new
    return found


def kits_with(reading: Reading, parts: Sequence[int]) -> set[int]:
    """Return the kits that draw on any of these items."""
    return {row.kit_id for row in reading.find(KitPart, "part_id", parts, "kit_id")}


def left_with(reading: Reading, line_ids: Sequence[int]) -> dict[int, list[Parcel]]:
    """Return by line with parts that left its shipments in their order, each with what one unit of it took along."""
    quantity = sa.cast(sa.func.sum(col(PartLeft.quantity)), sa.BigInteger)
    columns = (col(Shipment.line_id), col(Shipment.number), col(Shipment.quantity), col(PartLeft.part_id))
    same = sa.and_(col(PartLeft.line_id) == col(Shipment.line_id), col(PartLeft.number) == col(Shipment.number))
    statement: Select = (
        sa.select(*columns, sa.func.coalesce(quantity, 0).label("parts"))
        .outerjoin(PartLeft, same)
        .where(reading.is_in(col(Shipment.line_id), line_ids))
        .group_by(*columns)
        .order_by(col(Shipment.line_id), col(Shipment.number))
    )
    found: dict[int, dict[int, Parcel]] = defaultdict(dict)
    for row in reading.rows(statement):
        parcel = found[row.line_id].setdefault(row.number, Parcel(row.quantity, {}))
        if row.parts:
            parcel.parts[row.part_id] = row.parts // row.quantity
    return {
        line: list(parcels.values()) for line, parcels in found.items() if any(one.parts for one in parcels.values())
    }


def left_by_shelf(reading: Reading) -> dict[tuple[int, int], int]:
    """Return by item and location how many units have left as parts of kits and not come back."""
    columns = PartLeft.__table__.c
    units = sa.cast(sa.func.sum(columns.quantity), sa.BigInteger).label("units")
    statement: Select = sa.select(columns.part_id, columns.location_id, units)
    rows = reading.rows(statement.group_by(columns.part_id, columns.location_id))
    return {(row.part_id, row.location_id): row.units for row in rows}
