"""Who is served when, as the allocation sees it: the queues of a few items, for those who ask about them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

import pandas as pd

from fillrate.db.database import Reading
from fillrate.decide.ranks import ranks, rule_between
from fillrate.decide.tranches import QUEUE
from fillrate.report.places import AheadFact, PlaceFact
from fillrate.steps.allocating.load import Queue, load
from fillrate.steps.allocating.narrow import scope_around
from fillrate.steps.allocating.rules import FACTS
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk

NAMED = 3  # so many of those before one are told by name


@dataclass(frozen=True, slots=True)
class Entry:
    """Units of one line that joined the queue of an item together: with stock set aside (`has`), or without (`waits`)."""

    line_id: int
    queued_at: datetime
    order: str
    has: int
    waits: int
    held_back: bool
    keys: tuple[int, ...]


class Turns(NamedTuple):
    """Those in the queue of an item who have stock, or those who wait, with their units."""

    queue: list[tuple[Entry, int]]
    number: dict[tuple[int, datetime], int]  # by line and time of joining
    units_before: list[int]


@dataclass(frozen=True, slots=True)
class Queues:
    """The queue of each item, the first one first; what the allocation knows of each line; when each delivery comes.

    `facts` has the line's channel, group, brand and sku, and its rules; a line that stays as it is has none.
    """

    by_item: dict[int, list[Entry]]
    items: dict[int, list[int]]  # by line: the items in whose queues it stands
    facts: dict[int, dict[str, Any]]  # Any: columns of the demand
    days: dict[int, tuple[datetime | None, datetime | None]]  # by inbound line: likely and surely on the shelf
    unseen: dict[int, int]  # by inbound line: units received that no shop's number has shown yet
    lie: dict[int, int]  # by transfer: units that still lie where it starts
    turns: dict[tuple[int, bool], Turns] = field(default_factory=dict)  # by item and state, once somebody has asked

    def place(self, line_id: int, queued_at: datetime, state: str) -> PlaceFact | None:
        """Return the place of units of a line among those with stock, or among those without; None for no queue at all.

        What needs several items is told by the one for which most units come before it.
        """
        items = self.items.get(line_id, [])
        found = [self.place_for(item, line_id, queued_at, has_stock=state == "backlog") for item in items]
        return max((one for one in found if one is not None), key=lambda one: one.units_before, default=None)

    def place_for(self, item_id: int, line_id: int, queued_at: datetime, *, has_stock: bool) -> PlaceFact | None:
        """Return the same in the queue of one item."""
        turns = self.turns.get((item_id, has_stock))
        if turns is None:
            turns = self.turns[item_id, has_stock] = turns_of(self.by_item[item_id], has_stock=has_stock)
        mine = turns.number.get((line_id, queued_at))
        if mine is None:
            return None
        me, before = turns.queue[mine][0], turns.queue[: min(mine, NAMED)]
        return PlaceFact(
            number=mine + 1,
            of=len(turns.queue),
            units_before=turns.units_before[mine],
            before=tuple(AheadFact(one.order, units, rule_between(one.keys, me.keys)) for one, units in before),
            others=mine - len(before),
            held_back=me.held_back,
        )


def turns_of(queue: Sequence[Entry], *, has_stock: bool) -> Turns:
    """Return those of a queue who have stock, or those who wait."""
    rows = [(one, one.has if has_stock else one.waits) for one in queue]
    rows = [(one, units) for one, units in rows if units]
    running = accumulate((units for _, units in rows), initial=0)
    return Turns(rows, {(one.line_id, one.queued_at): n for n, (one, _) in enumerate(rows)}, list(running))


def queues_of(desk: Desk, reading: Reading, items: Sequence[int]) -> Queues:
    """Return the queues of items, as the next allocation would serve them."""
    at = time_now(desk, reading)
    queue = load(desk, reading, at, scope=scope_around(desk, reading, items), facts=FACTS)
    by_item = entries(queue)
    inbound = queue.supply.inbound
    unseen = units_by_id(inbound[inbound["is_unseen"]], "quantity")
    lie = units_by_id(inbound.groupby("inbound_id", as_index=False).agg(lie=("lie", "sum")), "lie")
    return Queues(by_item, items_of(by_item), facts_of(queue.demand), days_of(inbound), unseen, lie)


def units_by_id(inbound: pd.DataFrame, column: str) -> dict[int, int]:
    """Return a number of each line on its way."""
    return dict(zip(inbound["inbound_id"].tolist(), inbound[column].tolist(), strict=True))


def items_of(by_item: dict[int, list[Entry]]) -> dict[int, list[int]]:
    """Return by line the items in whose queues it stands."""
    found: dict[int, list[int]] = defaultdict(list)
    for item, queue in by_item.items():
        for line in {one.line_id for one in queue}:
            found[line].append(item)
    return dict(found)


def facts_of(demand: pd.DataFrame) -> dict[int, dict[str, Any]]:  # Any: columns of the demand
    """Return what the allocation knows of each line."""
    names = ["line_id", "channel", "group", "brand", "sku", "priority", "ship_complete"]
    rows = demand.drop_duplicates("line_id")[names].to_dict("records")
    return {int(row["line_id"]): {str(name): value for name, value in row.items()} for row in rows}


def entries(queue: Queue) -> dict[int, list[Entry]]:
    """Return the queue of each item."""
    found = ranks(queue.demand, queue.shelves, queue.supply)
    lines = queue.demand.drop_duplicates("line_id").set_index("line_id")
    found["order"] = found["line_id"].map(lines["channel"] + ":" + lines["order_platform_id"])
    columns: list[list[Any]] = [
        found[name].tolist() for name in ("line_id", "queued_at", "order", "has", "waits", "held_back")
    ]
    columns[1] = [at.to_pydatetime() for at in columns[1]]
    keys = zip(*(found[name].tolist() for name in QUEUE), strict=True)
    by_item: dict[int, list[Entry]] = defaultdict(list)
    for item, *facts in zip(found["item_id"].tolist(), *columns, keys, strict=True):
        by_item[item].append(Entry(*facts))
    return dict(by_item)


def days_of(inbound: pd.DataFrame) -> dict[int, tuple[datetime | None, datetime | None]]:
    """Return when each line on its way is likely and surely shelved."""
    pairs = zip(inbound["inbound_id"].tolist(), inbound["likely_at"], inbound["sure_at"], strict=True)
    return {number: (day(likely), day(sure)) for number, likely, sure in pairs}


def day(at: pd.Timestamp) -> datetime | None:
    """Return a time, None for an empty one."""
    return None if pd.isna(at) else at.to_pydatetime()
