"""How long a channel sells by a number that is no longer true: measured by our own runs, as far as there are any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from fillrate.channels.protocol import STOCK
from fillrate.db.database import Reading
from fillrate.db.queries import buffers as queries
from fillrate.steps.desk import Desk, Shop

FLOW = "reconcile-inventory"
MEASURED = timedelta(days=7)
UNMEASURED_S = 900.0  # before anything was measured
USUAL = 0.9  # nine of ten times it takes no longer
SILENT = 4  # … and a channel that was not reached for so many times as long is not lowered when it should be


@dataclass(frozen=True, slots=True)
class Exposure:
    """Seconds from reading the orders that a number was reckoned with until the next number has been written."""

    seconds: float
    is_silent: bool = False  # the channel cannot be reached: nobody lowers its number


def exposures(desk: Desk, reading: Reading, shops: Sequence[Shop]) -> list[Exposure]:
    """Return the exposure of each channel."""
    now = desk.outside.clock.now()
    runs = queries.runs_since(reading, FLOW, now - MEASURED)
    return [exposure(reading, shop, reached(shop.name, runs), now) for shop in shops]


def reached(name: str, runs: Sequence[Any]) -> list[datetime]:  # Any: rows of Run
    """Return when runs began that got through to a channel."""
    return [
        row.started_at
        for row in runs
        if row.channel in {"all", name} and not any(one["where"] == name for one in row.problems)
    ]


def exposure(reading: Reading, shop: Shop, starts: Sequence[datetime], now: datetime) -> Exposure:
    """Return the exposure of a channel that was reached at these times.

    It is the time between two runs, from the beginning of a run to its writes, and the channel's own lag, each as it is in nine
    of ten cases.
    """
    can = shop.channel.capabilities()
    lag = max(can.read_lag_seconds, 0) + can.stock.sweep_seconds
    if len(starts) < 2:
        return Exposure(UNMEASURED_S + lag)
    gaps = [(after - before).total_seconds() for before, after in pairwise(starts)]
    to_write = queries.seconds_to_write(reading, shop.id, STOCK, now - MEASURED)
    usual = usually(gaps)
    return Exposure(
        usual + usually(to_write) + lag, is_silent=(now - starts[-1]).total_seconds() > SILENT * max(usual, 60.0)
    )


def usually(seconds: Sequence[float]) -> float:
    """Return what nine of ten do not exceed; 0 of none."""
    return sorted(seconds)[int(USUAL * (len(seconds) - 1) + 0.5)] if seconds else 0.0
