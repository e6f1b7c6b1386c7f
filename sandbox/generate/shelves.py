"""Stock before the open orders are laid on it: how much of each item lies where, and which items will run short."""

from random import Random

import numpy as np

from sandbox.generate.catalogue import Catalogue
from sandbox.records import DEFAULT_LOCATION, Cell, Item

SHORT_SHARE = 0.4


def make_items(made: Catalogue, locations: list[int], seed: int, *, backorders: bool) -> list[Item]:
    """An item for everything that is counted, with cells at the default location and at some of the others."""
    numbers = np.random.default_rng([seed, 2])
    items: list[Item] = []
    for product in made.products:
        if product.tracking == "product":
            only = None if product.has_options else product.variant_ids[0]
            items.append(Item(product.variant_ids[0], product.id, only, True, {}, product.modified))
        elif product.tracking == "variant":
            items += [Item(v, product.id, v, False, {}, product.modified) for v in product.variant_ids]
    for location in locations:
        _fill(items, location, numbers, backorders=backorders)
    return items


def _fill(items: list[Item], location: int, numbers: np.random.Generator, *, backorders: bool) -> None:
    count = len(items)
    default = location == DEFAULT_LOCATION
    amounts = numbers.negative_binomial(1, 0.03 if default else 0.1, count)
    amounts[numbers.random(count) < 0.08] = 0
    here = np.ones(count, dtype=bool) if default else numbers.random(count) < 0.35
    safety = np.where(numbers.random(count) < 0.1, numbers.integers(1, 6, count), 0)
    limits = np.where(numbers.random(count) < 0.6, numbers.integers(5, 60, count), 0) if backorders else safety * 0
    rows = zip(items, amounts.tolist(), here.tolist(), safety.tolist(), limits.tolist(), strict=True)
    for item, amount, present, kept, limit in rows:
        if present:
            bin_name = f"{location}-{item.id % 97:02d}" if item.id % 3 else ""
            cell = Cell(amount, amount, kept, 5, bin_name)
            cell.backorder_limit = limit if default else 0
            item.cells[location] = cell


def run_short(items: dict[int, Item], demand: dict[int, int], seed: int) -> None:
    """Make a good part of the items that open orders want too scarce for them, and the rest plentiful enough."""
    chance = Random(f"{seed}:short")
    for item_id, wanted in demand.items():
        item = items[item_id]
        default = item.cells[DEFAULT_LOCATION]
        if chance.random() >= SHORT_SHARE:
            default.shelf = default.shown = default.shown + wanted
            continue
        default.shelf = default.shown = chance.randrange(wanted)
        keep_elsewhere = chance.random() < 0.2
        for location, cell in item.cells.items():
            if location != DEFAULT_LOCATION:
                cell.shelf = cell.shown = min(cell.shown, chance.randint(1, 3)) if keep_elsewhere else 0
