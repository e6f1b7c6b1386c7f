"""Lines whose needs have changed: what fits them stays set aside, the rest is given back, and units that lack a part wait."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from fillrate.db.database import Writing
from fillrate.decide.states import Cause
from fillrate.steps.kits.needs import Standing, standing
from fillrate.steps.ledger import Shelf, Taken, load_stock, lower_allocations, move_to_backorder, save_stock


def fit(tx: Writing, line_ids: Iterable[int], run_id: str, at: datetime, *, kits_only: bool) -> None:
    """Fit what is set aside for lines (of kits only, or all) to what they need now, in the transaction of the fact."""
    found = standing(tx, line_ids, kits_only=kits_only)
    given_back: dict[Taken, int] = {}
    by_shelf: dict[Shelf, int] = defaultdict(int)
    for line, one in found.items():
        for shelf, units in beyond(one):
            given_back[Taken(line, shelf)] = units
            by_shelf[shelf] += units
            one.aside[shelf] -= units
    lower_allocations(tx, given_back)
    stock = load_stock(tx, by_shelf)
    save_stock(tx, {shelf: (on_hand, taken - by_shelf[shelf]) for shelf, (on_hand, taken) in stock.items()})
    lost = {line: one.backlog - one.whole() for line, one in found.items() if one.backlog > one.whole()}
    if lost:
        move_to_backorder(tx, lost, Cause.POLICY, run_id, at)


def beyond(one: Standing) -> list[tuple[Shelf, int]]:
    """Return what is set aside for a line beyond what its open units need, from the location drawn on last."""
    wanted = {part.item_id: part.per * one.open for part in one.parts}
    over = []
    for (item, location), units in sorted(one.aside.items()):
        stays = min(units, wanted.get(item, 0))
        wanted[item] = wanted.get(item, 0) - stays
        if units > stays:
            over.append((Shelf(item, location), units - stays))
    return over
