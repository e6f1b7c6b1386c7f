"""What reconciliations found lately: by class and by day, what it is worth, what waits, and what came again and again."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fillrate.db.database import Reading
from fillrate.db.queries import drift as queries
from fillrate.db.queries.explain import items as items_called
from fillrate.decide.frames import rows_of
from fillrate.decide.sku import sku_key
from fillrate.errors import NotFound
from fillrate.report.texts import text
from fillrate.steps.desk import Desk
from fillrate.steps.reconciling.save import HEALED, LEFT, TOLD, WAITS, WATCHED

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = (HEALED, WAITS, WATCHED, LEFT, "put_back", "adopted")
CLASSES = (*(one.value for one in TOLD), "in_flight")
AGAIN = 3  # healed so often, a number has a cause that lasts


def drift(desk: Desk, reading: Reading, *, days: int, most: int, sku: str = "") -> dict[str, Any]:  # Any: JSON
    """Return what was found in the last days, of one SKU or of all; `value_e4` are units by the price of their listing.

    Raises NotFound for a SKU that nobody sells.
    """
    until = desk.outside.clock.now()
    items = items_of(reading, sku) if sku else None
    frame = queries.found_since(reading, until - timedelta(days=days), items)
    frame = frame.assign(size=frame["units"].abs())
    frame = frame.assign(value_e4=frame["size"] * frame["price_e4"])
    waits = [fact(row) for row in queries.waiting(reading, items)]
    return {
        "as_of": until.isoformat(),
        "days": days,
        "currency": desk.settings.store.currency,
        "classes": by_class(frame),
        "worst": worst(frame, most),
        "trend": by_day(desk, frame, until, days),
        "waiting": sorted(waits, key=lambda one: (-one["value_e4"], one["id"])),
        "again": again(frame, most),
    }


def items_of(reading: Reading, sku: str) -> list[int]:
    """Return the items with a SKU."""
    found = [int(row.id) for row in items_called(reading, sku_key(sku))]
    if not found:
        raise NotFound(f"There is no SKU {sku} in the tables.", next="See that it is written as in the shop.")
    return found


def by_class(frame: "pd.DataFrame") -> list[dict[str, Any]]:  # Any: JSON
    """Return for each class that occurred how many findings it has, with their units, their value, and what became of them."""
    found = []
    for name in CLASSES:
        mine = frame[frame["drift"] == name]
        if mine.empty:
            continue
        ends = mine["outcome"].value_counts()
        found.append(
            {
                "class": name,
                "found": len(mine),
                "units": int(mine["size"].sum()),
                "value_e4": int(mine["value_e4"].sum()),
                "outcomes": {one: int(ends[one]) for one in OUTCOMES if one in ends},
                "next": text("drift_next", name),
            }
        )
    return found


def worst(frame: "pd.DataFrame", most: int) -> list[dict[str, Any]]:  # Any: JSON
    """Return the findings that are worth most; what was only watched until it was explained is none."""
    rows = frame[frame["outcome"] != WATCHED].sort_values(["value_e4", "size", "id"], ascending=[False, False, True])
    return [fact(row) for row in rows.head(most).itertuples()]


def by_day(desk: Desk, frame: "pd.DataFrame", until: datetime, days: int) -> list[dict[str, Any]]:  # Any: JSON
    """Return for each day of the store, the last one last, how many units were found, by what became of them."""
    zone = desk.settings.store.zone
    told = frame[frame["outcome"] != WATCHED]
    local = [at.astimezone(zone).date() for at in told["found_at"]]
    sums: Counter[tuple[date, str]] = Counter()
    for day, outcome, size in zip(local, told["outcome"], told["size"], strict=True):
        sums[day, outcome] += int(size)
    last = until.astimezone(zone).date()
    shown = [last - timedelta(days=n) for n in range(days - 1, -1, -1)]
    return [
        {
            "day": day.isoformat(),
            "units": {one: sums[day, one] for one in OUTCOMES if sums[day, one]},
        }
        for day in shown
    ]


def again(frame: "pd.DataFrame", most: int) -> list[dict[str, Any]]:  # Any: JSON
    """Return the numbers that were put right several times."""
    healed = frame[frame["outcome"] == HEALED]
    sums = healed.groupby(["channel", "target", "sku"], as_index=False).agg(
        times=("times", "sum"), units=("size", "sum")
    )
    rows = sums[sums["times"] >= AGAIN].sort_values(["times", "units", "target"], ascending=[False, False, True])
    names = ("channel", "target", "sku")
    return rows_of(rows[[*names, "times", "units"]].head(most))


def fact(row: Any) -> dict[str, Any]:  # Any: a row of queries.told; JSON
    """Return one finding."""
    units = int(row.units)
    return {
        "id": int(row.id),
        "channel": row.channel,
        "sku": row.sku,
        "target": row.target,
        "class": row.drift,
        "units": units,
        "value_e4": abs(units) * int(row.price_e4),
        "outcome": row.outcome,
        "evidence": row.evidence,
        "found_at": row.found_at.isoformat(),
    }


def waiting_in_all(desk: Desk, reading: Reading) -> dict[str, Any]:  # Any: JSON
    """Return how many numbers wait for a person, with their units and value."""
    facts: Sequence[dict[str, Any]] = [fact(row) for row in queries.waiting(reading)]
    return {
        "numbers": len(facts),
        "units": sum(abs(one["units"]) for one in facts),
        "value_e4": sum(one["value_e4"] for one in facts),
        "currency": desk.settings.store.currency,
    }
