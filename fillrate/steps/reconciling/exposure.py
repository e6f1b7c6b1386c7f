"""How long a channel sells by a number that is no longer true: measured by our own runs, as far as there are any."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from fillrate.channels.protocol import STOCK
from fillrate.db.database import Reading
from fillrate.db.queries import buffers as queries
from fillrate.steps.desk import Desk, Shop

FLOW, ORDERS = "reconcile-inventory", "sync-orders"
MEASURED = timedelta(days=7)
UNMEASURED_S = 900.0  # before anything was measured
USUAL = 0.9  # nine of ten times it takes no longer
SILENT = 2  # a channel that our runs have not reached for so many times as long is not lowered when it should be


@dataclass(frozen=True, slots=True)
class Exposure:
    """Seconds from reading the orders that a number is reckoned with until the number after it has been written."""

    seconds: float
    turn_s: float  # … of them from one run to the next
    blocked_s: float  # so long an order of its own keeps a number from being written
    is_silent: bool = False  # the channel cannot be reached: nobody lowers its number


def exposures(desk: Desk, reading: Reading, shops: Sequence[Shop]) -> list[Exposure]:
    """Return the exposure of each channel."""
    now = desk.outside.clock.now()
    runs = queries.runs_since(reading, (FLOW, ORDERS), now - MEASURED)
    return [exposure(reading, shop, runs, now) for shop in shops]


def reached(name: str, runs: Sequence[Any]) -> list[datetime]:  # Any: rows of Run
    """Return when reconciliations began that got through to a channel."""
    return [
        row.started_at
        for row in runs
        if row.flow == FLOW and row.channel in {"all", name} and not any(one["where"] == name for one in row.problems)
    ]


def ages(starts: Sequence[datetime], runs: Sequence[Any]) -> list[float]:  # Any: as above
    """Return how long before each of these times the orders of all channels were read last, in seconds."""
    reads = [row.started_at for row in runs if row.channel == "all"]
    before = ((start, bisect_left(reads, start)) for start in starts)
    return [(start - reads[place - 1]).total_seconds() for start, place in before if place]


def exposure(reading: Reading, shop: Shop, runs: Sequence[Any], now: datetime) -> Exposure:  # Any: as above
    """Return the exposure of a channel.

    It is the age of the other channels' orders when a run begins, the time between two runs, from the beginning of a run to its
    writes, and the channel's own lag, each as it is in nine of ten cases. Of one that cannot be reached nobody knows what it
    has sold since.
    """
    starts = reached(shop.name, runs)
    can = shop.channel.capabilities()
    lag = max(can.read_lag_seconds, 0) + can.stock.sweep_seconds
    if len(starts) < 2:
        return Exposure(UNMEASURED_S + lag, UNMEASURED_S, lag)
    gaps = [(after - before).total_seconds() for before, after in pairwise(starts)]
    to_write = queries.seconds_to_write(reading, shop.id, STOCK, now - MEASURED)
    usual, write_s = usually(gaps), usually(to_write)
    missed = (runs[-1].started_at - starts[-1]).total_seconds()
    is_silent = missed > SILENT * max(usual, 60.0)
    unheard = missed if is_silent else usually(ages(starts, runs))
    return Exposure(unheard + usual + write_s + lag, usual, write_s + lag, is_silent)


def silent(desk: Desk, reading: Reading) -> list[str]:
    """Return the channels that cannot be reached, where anything goes by it: other channels then show less of the last units."""
    policy = desk.settings.policy
    if not any(one.oversold_per_1000 for one in (policy.default, *(rule.set for rule in policy.rule))):
        return []
    shops = list(desk.shops.values())
    return [shop.name for shop, one in zip(shops, exposures(desk, reading, shops), strict=True) if one.is_silent]


def usually(seconds: Sequence[float]) -> float:
    """Return what nine of ten do not exceed; 0 of none."""
    return sorted(seconds)[int(USUAL * (len(seconds) - 1) + 0.5)] if seconds else 0.0
