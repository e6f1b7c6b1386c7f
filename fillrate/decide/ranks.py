"""The queue of each item in the order in which the allocation serves it, and what puts one before another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fillrate.decide.allocation import held_back, rules_of
from fillrate.decide.frames import DEMAND, RECIPES, SHELVES, conform
from fillrate.decide.knots import Knots, find_knots
from fillrate.decide.shelves import in_stock
from fillrate.decide.states import State
from fillrate.decide.stretches import Ints, summed
from fillrate.decide.tranches import QUEUE, STANDS, Owed, in_tranches

if TYPE_CHECKING:
    from fillrate.decide.allocation import Supply

RULES = ("class", "promise", "queued", "placed", "order", "line")  # what QUEUE goes by, in words of the texts
SAME = "same"


def ranks(demand: pd.DataFrame, shelves: pd.DataFrame, supply: "Supply") -> pd.DataFrame:
    """Return who is served when: a row for each item and all units of a line that joined the queue at the same time.

    item_id, line_id, queued_at, order_id, has (units with stock), waits (units without), held_back (may have nothing of
    what lies there today), and QUEUE, the keys of the place; by item, the first one first. The frames are those of
    `allocation.allocate`. What needs no stock stands in no queue.
    """
    rules = rules_of(supply)
    owed = in_tranches(conform(demand, DEMAND), conform(supply.recipes, RECIPES))
    knots = find_knots(owed, in_stock(conform(shelves, SHELVES)), rules)
    place = places(owed)
    served = where_served(knots, place)
    stands = np.argsort(place)[served]  # whose place it is: a ship-complete order's last one's
    waits = waiting(owed)
    found = pd.DataFrame({
        "tranche": np.arange(len(owed.row)),
        "line": owed.line,
        "line_id": owed.fact("line_id"),
        "queued_at": owed.demand["queued_at"].array[owed.row],
        "order_id": owed.fact("order_id"),
        "has": owed.quantity - waits,
        "waits": waits,
        "held_back": held_back(owed, rules),
        "served": served,
        "place": place,
        **{name: owed.fact(name, stands) for name in QUEUE},
    })  # fmt: skip
    needs = pd.DataFrame({"line": owed.needs.line, "item_id": owed.needs.item_id})
    found = found[owed.wants > 0].merge(needs, on="line")
    found = found.sort_values(["item_id", "served", "place"], ignore_index=True)
    return found.drop(columns=["tranche", "line", "served", "place"])


def places(owed: Owed) -> Ints:
    """Return by tranche its place in the queue of all."""
    place = np.empty(len(owed.row), dtype=np.int64)
    place[owed.places(np.arange(len(owed.row)))] = np.arange(len(owed.row))
    return place


def where_served(knots: Knots, place: Ints) -> Ints:
    """Return by tranche the place at which it is served: an order that ships complete where its last unit stands."""
    whole = knots.order >= 0
    last = np.full(knots.order.max(initial=-1) + 1, -1)
    np.maximum.at(last, knots.order[whole], place[whole])
    served = place.copy()
    served[whole] = last[knots.order[whole]]
    return served


def waiting(owed: Owed) -> Ints:
    """Return how many units of each tranche are not in backlog."""
    codes = [code for code, (state, _) in enumerate(STANDS) if state != State.BACKLOG]
    rows = np.isin(owed.bucket_code, codes)
    return summed(owed.bucket_tranche[rows], owed.bucket_quantity[rows], len(owed.row))


def rule_between(first: Sequence[int], second: Sequence[int]) -> str:
    """Return what decides between two places, by their keys in the order of QUEUE: the first that differs."""
    return next((rule for rule, one, other in zip(RULES, first, second, strict=True) if one != other), SAME)
