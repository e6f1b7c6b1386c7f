"""Whether as much is owed after the taking over as before, SKU by SKU."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fillrate.db.queries import adopting as queries
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import Problem, RunLog


class Owed(NamedTuple):
    """What is owed of a SKU by orders that nobody changed meanwhile, before and after."""

    sku: str
    before: int
    after: int


def owed_now(desk: Desk, shop: Shop) -> list[Any]:  # Any: rows of queries.owed_lines
    """Return what each line of a shop is owed."""
    with desk.db.read() as reading:
        return queries.owed_lines(reading, shop.id)


def verify(desk: Desk, shop: Shop, log: RunLog, before: Sequence[Any]) -> list[Owed]:  # Any: as above
    """Compare with what is owed now, and make a difference a problem of the run; what came in or changed since is left out."""
    with desk.db.read() as reading:
        rows = queries.owed_lines(reading, shop.id, [row.line for row in before])
    owed = compared(before, {row.line: row for row in rows})
    log.counts["units_owed_before"] += sum(one.before for one in owed)
    log.counts["units_owed_after"] += sum(one.after for one in owed)
    for one in owed:
        if one.before != one.after:
            what = f"{one.sku}: {one.before} unit(s) were owed before, {one.after} are now."
            next_step = "Nothing that was written takes away what is owed; report this with: fillrate audit --shop"
            log.problems.append(Problem(f"{shop.name}: owed", what, next_step))
    return owed


def compared(before: Sequence[Any], after: Mapping[str, Any]) -> list[Owed]:  # Any: as above
    """Return what is owed before and after by SKU, of lines whose order the shop did not change in between."""
    units: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in before:
        now = after.get(row.line)
        if now is None or now.modified_at == row.modified_at:
            units[row.sku][0] += row.units
            units[row.sku][1] += 0 if now is None else now.units
    return [Owed(sku, *pair) for sku, pair in sorted(units.items())]
