"""What lines of kits draw on, and how many whole kits what is set aside for them makes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.kits import Part, recipes
from fillrate.db.tables import Allocation, Item, KitPart, OpenUnit, OrderLine
from fillrate.decide.states import State


@dataclass(slots=True)
class Standing:
    """One line: what it needs, its open units, those of them that are in backlog, and what is set aside for it."""

    parts: Sequence[Part]
    open: int = 0
    backlog: int = 0
    aside: dict[tuple[int, int], int] = field(default_factory=dict)  # by item and location

    def whole(self) -> int:
        """Return how many whole units what is set aside makes; as many as wished where nothing is counted."""
        has: dict[int, int] = defaultdict(int)
        for (item, _), units in self.aside.items():
            has[item] += units
        return min((has[part.item_id] // part.per for part in self.parts if part.is_counted), default=self.backlog)


def standing(reading: Reading, line_ids: Iterable[int], *, kits_only: bool = True) -> dict[int, Standing]:
    """Return how these lines stand; a line of no kit needs one of its item. Lines of kits only, unless told otherwise."""
    is_kit = sa.exists().where(col(KitPart.kit_id) == col(OrderLine.item_id))
    statement: Select = (
        sa.select(col(OrderLine.id), col(OrderLine.item_id), col(OrderLine.needs_stock), col(Item.is_tracked))
        .outerjoin(Item, col(Item.id) == col(OrderLine.item_id))
        .where(reading.is_in(col(OrderLine.id), sorted(set(line_ids))))
    )
    lines = reading.rows(statement.where(is_kit) if kits_only else statement)
    made_of = recipes(reading, {row.item_id for row in lines if row.item_id is not None})
    found = {row.id: Standing(needs_of(row, made_of)) for row in lines}
    for row in reading.find(OpenUnit, "line_id", list(found)):
        found[row.line_id].open += row.quantity
        found[row.line_id].backlog += row.quantity if row.state == State.BACKLOG else 0
    for row in reading.find(Allocation, "line_id", list(found)):
        found[row.line_id].aside[row.item_id, row.location_id] = row.quantity
    return found


def needs_of(row: Any, made_of: Mapping[int, Sequence[Part]]) -> Sequence[Part]:  # Any: a row of a line
    """Return what one unit of a line draws on."""
    if row.item_id in made_of:
        return (
            made_of[row.item_id]
            if row.needs_stock
            else [one._replace(is_counted=False) for one in made_of[row.item_id]]
        )
    return [] if row.item_id is None else [Part(row.item_id, 1, row.needs_stock and bool(row.is_tracked))]


def kits_lost(reading: Reading, line_ids: Iterable[int]) -> dict[int, int]:
    """Return by line of a kit how many units in backlog are no longer whole, since a part was lost."""
    return {line: max(0, one.backlog - one.whole()) for line, one in standing(reading, line_ids).items()}
