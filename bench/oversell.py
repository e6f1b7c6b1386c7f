"""A week of shoppers on several channels of one stock, under different ways to say what each channel shows.

The decisions are the product's own (`decide.buffers`, `decide.publishing`), looked up from tables of every number of free units;
the rest is a simulation of events: shoppers, goods that come in, readings, and writes that land later. A channel lowers its own
number at once, as shops do. What is oversold is owed and filled from the next goods.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import pandas as pd

from fillrate.decide.buffers import RECKONED, buffers, exposed, rates, unevenness
from fillrate.decide.publishing import shown
from fillrate.steps.reconciling.buffers import LATELY_DAYS, SEEN_DAYS
from fillrate.steps.reconciling.exposure import SILENT

DAY, WEEK = 86_400.0, 7 * 86_400.0
SHARES = (0.5, 0.3, 0.2)  # of what is sold, by channel
ROWS, PAGE = 10, 250  # numbers in one write, and in one page read
TARGETS = (2.0, 0.5)  # units oversold of 1,000 sold, at most
FIXED = range(7)
BEFORE = (
    0.2  # all orders are read so much of the time between two runs before each of them, and once between, as scheduled
)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How things go: minutes between runs, seconds from reading to writing, seconds until an order is listed, and troubles."""

    name: str
    minutes: float = 10
    to_write_s: float = 60
    lag_s: float = 60
    speed: float = 1  # of sales
    down_hours: float = 0  # for so long on three days the fastest channel cannot be reached
    lost: float = 0  # the part of writes that never arrives


SCENARIOS = (
    Scenario(name="a run every 10 minutes"),
    Scenario(name="every 2 minutes", minutes=2),
    Scenario(name="every 60 minutes", minutes=60),
    Scenario(name="sales 5 times as fast", speed=5),
    Scenario(name="sales a fifth as fast", speed=0.2),
    Scenario(name="orders listed 10 minutes late", lag_s=600),
    Scenario(name="one write in ten lost", lost=0.1),
    Scenario(name="a channel out of reach, 3 × 4 hours", down_hours=4),
)


@dataclass(frozen=True)
class Way:
    """How it is decided what channels show: "reckoned" (for a target), "fixed" (by `units`), "pushed" (all there is), "never"."""

    kind: str
    units: int = 0
    target: float = 0

    @property
    def name(self) -> str:
        names = {"pushed": "push the same number", "never": "no sync", "reckoned": f"reckoned for {self.target:g}"}
        return names.get(self.kind, f"buffer {self.units} for all")


RECKONED_WAYS = tuple(Way("reckoned", target=target) for target in TARGETS)
WAYS = (*RECKONED_WAYS, *(Way("fixed", units) for units in FIXED), Way("pushed"), Way("never"))


@dataclass
class World:
    """What happens whoever decides: shoppers in turn (time, channel, item, units), goods that come, and sales seen before."""

    shoppers: list[tuple[float, int, int, int]]
    comes: list[tuple[float, int, int]]
    start: "np.ndarray"
    seen: "np.ndarray"  # units of the last weeks by item and channel
    lately: "np.ndarray"


@dataclass(slots=True)
class Told:
    """What came of a week."""

    sold: int = 0
    oversold: int = 0
    withheld: int = 0  # units that were free, and that a shopper was not shown
    requests: int = 0


def world_of(scenario: Scenario, seed: int, items: int = 200) -> World:
    """Make a week: items of very different speed, of which about as much comes as is asked for, three times a week."""
    chance = np.random.default_rng(seed)
    speed = chance.lognormal(np.log(4), 1.2, items) * scenario.speed
    shares = chance.dirichlet(np.array(SHARES) * 10, items)
    means = speed[:, None] * shares  # orders a day
    sizes = np.array([1, 2, 3]), np.array([0.85, 0.1, 0.05])
    a_unit = float((sizes[0] * sizes[1]).sum())
    counts = chance.poisson(means * 7)
    item, channel = (np.repeat(one.ravel(), counts.ravel()) for one in np.indices(counts.shape))
    at = hours(chance, len(item))
    units = chance.choice(sizes[0], len(item), p=sizes[1])
    supply = np.maximum(1, chance.poisson(speed * a_unit * 2.2, (3, items)))
    comes = [(DAY * 7 * n / 3, one, int(supply[n, one])) for n in (1, 2) for one in range(items)]
    before = chance.poisson(means * a_unit * SEEN_DAYS)
    return World(
        shoppers=sorted(zip(at.tolist(), channel.tolist(), item.tolist(), units.tolist(), strict=True)),
        comes=comes,
        start=supply[0],
        seen=before,
        lately=chance.binomial(before, LATELY_DAYS / SEEN_DAYS),
    )


def hours(chance: "np.random.Generator", n: int) -> "np.ndarray":
    """Return times in a week; by day several times as many shoppers come as by night."""
    days, within = chance.integers(0, 7, n), np.linspace(0, 1, 1441)
    shape = np.cumsum(1 - 0.8 * np.cos(2 * np.pi * within))
    return (days + np.interp(chance.random(n), shape / shape[-1], within)) * DAY


@dataclass
class Numbers:
    """What each channel should show for every number of free units, by item: the product's own decisions, made once."""

    world: World
    scenario: Scenario
    way: Way
    most: int
    made: dict[tuple[int, ...], "np.ndarray"] = field(default_factory=dict)

    def of(self, channel: int, silent: tuple[int, ...], free: "np.ndarray") -> "np.ndarray":
        """Return what a channel should show while some were not reached for so many hours."""
        if silent not in self.made:
            self.made[silent] = self.decided(silent)
        return self.made[silent][np.arange(len(free)), np.clip(free, 0, self.most), channel]

    def decided(self, silent: tuple[int, ...]) -> "np.ndarray":
        """Return units by item, free units, and channel."""
        items, channels = self.world.seen.shape
        free = np.tile(np.arange(self.most + 1), items)
        fixed = np.full((len(free), channels), self.way.units)
        kept = self.reckoned(free, silent) if self.way.kind == "reckoned" else fixed
        columns = [self.publishes(free, kept[:, channel]) for channel in range(channels)]
        return np.stack(columns, axis=1).reshape(items, self.most + 1, channels)

    def reckoned(self, free: "np.ndarray", silent: tuple[int, ...]) -> "np.ndarray":
        """Return the buffers by the sales that were seen and the exposure that our runs would have measured."""
        prior = self.world.seen.sum(axis=0) / SEEN_DAYS / len(self.world.seen)
        long, short = rates(self.world.seen, SEEN_DAYS, prior), rates(self.world.lately, LATELY_DAYS, prior)
        orders = [one[3] for one in self.world.shoppers]
        uneven = unevenness(sum(orders), sum(one * one for one in orders))
        rate = np.repeat(np.maximum(long, short) * uneven, self.most + 1, axis=0)
        cycle = np.repeat(self.world.seen.sum(axis=1) / (1 + SEEN_DAYS / 7 * 3), self.most + 1)
        scenario = self.scenario
        every, blocked = scenario.minutes * 60, scenario.to_write_s + scenario.lag_s
        waits = (np.full(len(prior), one) for one in (every * (1 + BEFORE) + blocked, every, blocked))
        unheard = np.array(silent)
        exposure = exposed(rate, *waits) + unheard * 3600
        typed = np.where(unheard, 0, RECKONED) * np.ones_like(rate, dtype=np.int64)
        return buffers(free, rate, exposure, typed, np.full(len(free), self.way.target), cycle)

    @staticmethod
    def publishes(free: "np.ndarray", kept: "np.ndarray") -> "np.ndarray":
        plain = {"coming": 0, "beyond": 0, "share_e4": 10_000, "at_least": 0, "end_below": 0, "never_below": 0}
        frame = pd.DataFrame({"free": free, "buffer": kept}).assign(**plain, at_most=pd.NA)
        return shown(frame).to_numpy()


class Week:
    """One week under one way: what is really free, what we know, and what each channel shows."""

    def __init__(self, world: World, scenario: Scenario, way: Way, seed: int) -> None:
        items, channels = world.seen.shape
        supply = np.bincount([item for _, item, _ in world.comes], [n for *_, n in world.comes], items)
        self.numbers = Numbers(world, scenario, way, int((world.start + supply).max()))
        self.world, self.scenario, self.way = world, scenario, way
        self.chance = np.random.default_rng(seed + 1_000_000)
        self.free, self.known = world.start.copy(), world.start.copy()
        self.unseen = np.zeros((channels, items), np.int64)  # a channel's own orders that it does not list yet
        self.none = (0,) * channels
        self.shows = np.stack([self.numbers.of(one, self.none, self.free) for one in range(channels)])
        self.unlisted: list[list[tuple[float, int, int]]] = [[] for _ in range(channels)]  # orders that were not read
        self.reached = [0.0] * channels
        self.told = Told()

    def run(self) -> Told:
        """Let the week pass."""
        events = self.events()
        count = len(events)
        heapq.heapify(events)
        does = {"buys": self.buys, "comes": self.comes, "orders": self.reads_all_orders, "lands": self.lands}
        while events:
            at, _, what, facts = heapq.heappop(events)
            if what != "reads":
                does[what](at, *facts)
            elif lands := self.reads(at, *facts):
                count += 1
                heapq.heappush(events, (at + self.scenario.to_write_s, count, "lands", lands))
        return self.told

    def events(self) -> list[tuple[float, int, str, Any]]:
        """Return what happens in any case, numbered."""
        found: list[tuple[float, str, Any]] = [(at, "comes", facts) for at, *facts in self.world.comes]
        found += [(at, "buys", facts) for at, *facts in self.world.shoppers]
        every = self.scenario.minutes * 60
        if self.way.kind != "never":
            for channel in range(len(self.none)):
                starts = np.arange(every + channel * self.scenario.to_write_s, WEEK, every)
                found += [(float(at), "reads", (channel,)) for at in starts]
            found += [(float(at), "orders", ()) for at in np.arange(every * (1 - BEFORE), WEEK, every / 2)]
        return [(at, number, what, facts) for number, (at, what, facts) in enumerate(found)]

    def comes(self, _: float, item: int, units: int) -> None:
        """Goods are shelved, and counted."""
        self.free[item] += units
        self.known[item] += units
        if self.way.kind == "never":
            self.shows[:, item] += units

    def buys(self, at: float, channel: int, item: int, units: int) -> None:
        """A shopper buys what is shown, or goes away."""
        there = max(0, int(self.free[item]))
        if self.shows[channel, item] < units:
            self.told.withheld += units if there >= units else 0
            return
        self.shows[channel, item] -= units
        self.free[item] -= units
        self.told.sold += units
        self.told.oversold += max(0, units - there)
        self.unseen[channel, item] += units
        self.unlisted[channel].append((at, item, units))

    def is_down(self, at: float, channel: int) -> bool:
        """Tell whether a channel cannot be reached: on the second, fourth and sixth day from ten o'clock."""
        day, hour = divmod(at / DAY, 1)
        return channel == 0 and day % 2 == 1 and 0 <= hour * 24 - 10 < self.scenario.down_hours

    def reads_all_orders(self, at: float) -> None:
        """Take in the orders of all channels."""
        for channel in range(len(self.none)):
            self.reads_orders(at, channel)

    def reads_orders(self, at: float, channel: int) -> None:
        """Take in the orders of a channel that it lists by now."""
        if self.is_down(at, channel):
            return
        waiting = self.unlisted[channel]
        listed = [one for one in waiting if one[0] <= at - self.scenario.lag_s]
        self.unlisted[channel] = waiting[len(listed) :]
        for _, item, units in listed:
            self.known[item] -= units
            self.unseen[channel, item] -= units
        self.told.requests += 1

    def reads(self, at: float, channel: int) -> Any:
        """Read orders and numbers, and return what is to be written."""
        if self.is_down(at, channel):
            return None
        self.reads_orders(at, channel)
        self.reached[channel] = at
        allowed = SILENT * max(self.scenario.minutes * 60, 60)
        silent = tuple(math.ceil((at - last) / 3600) if at - last > allowed else 0 for last in self.reached)
        wanted = self.numbers.of(channel, silent, self.known)
        had = self.shows[channel].copy()
        self.told.requests += -(-len(had) // PAGE)
        if self.way.kind == "pushed":
            return channel, np.arange(len(had)), wanted, had
        (due,) = np.nonzero((wanted != had) & (self.unseen[channel] == 0))
        return (channel, due, wanted[due], had[due]) if len(due) else None

    def lands(self, at: float, channel: int, due: "np.ndarray", wanted: "np.ndarray", had: "np.ndarray") -> None:
        """A write arrives; ours looks first whether the number is still the one that was read."""
        self.told.requests += -(-len(due) // ROWS)
        arrives = self.chance.random(len(due)) >= self.scenario.lost
        if self.is_down(at, channel):
            return
        if self.way.kind != "pushed":
            self.told.requests += -(-len(due) // PAGE)
            arrives &= self.shows[channel, due] == had
        self.shows[channel, due[arrives]] = wanted[arrives]


def weeks(scenario: Scenario, seeds: Sequence[int], ways: Sequence[Way] = WAYS) -> dict[Way, list[Told]]:
    """Return what came of the same weeks under each way."""
    worlds = [(seed, world_of(scenario, seed)) for seed in seeds]
    return {way: [Week(world, scenario, way, seed).run() for seed, world in worlds] for way in ways}


def per_1000(found: Sequence[Told], name: str) -> float:
    """Return the median of a figure for 1,000 units sold."""
    return median(1000 * getattr(one, name) / one.sold for one in found)


def smallest(found: dict[Way, list[Told]], most: float) -> Way | None:
    """Return the smallest buffer for all that oversells no more than this."""
    fixed = (way for way in found if way.kind == "fixed")
    return next((way for way in fixed if per_1000(found[way], "oversold") <= most), None)


def tables(seeds: Sequence[int]) -> Iterator[str]:
    """Yield a table for each target, and one of every way in the first scenario."""
    results = {scenario: weeks(scenario, seeds) for scenario in SCENARIOS}
    for way in RECKONED_WAYS:
        yield (
            f"| target {way.target:g}: oversold + withheld of 1,000 sold | reckoned | fixed, oversells no more"
            " | withheld ÷ reckoned | fixed, within the target | same number pushed | no sync |"
        )
        yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        for scenario, found in results.items():
            yield row_of(scenario, way, found)
        yield ""
    yield f"| {SCENARIOS[0].name} | oversold of 1,000 | withheld of 1,000 | requests |"
    yield "| --- | ---: | ---: | ---: |"
    for one, told in results[SCENARIOS[0]].items():
        requests = median(week.requests for week in told)
        yield f"| {one.name} | {per_1000(told, 'oversold'):.2f} | {per_1000(told, 'withheld'):.0f} | {requests:,.0f} |"
    yield ""
    yield from speed()


def speed() -> Iterator[str]:
    """Yield what the buffers of a large catalogue cost, of which few items are nearly gone."""
    chance, items = np.random.default_rng(1), 250_000
    sold = chance.poisson(chance.gamma(0.3, 10, items)[:, None] * (1, 0.5, 0.3, 0.2, 0.1))
    exposure = np.array([900.0, 900, 1200, 7200, 3600])
    typed, target = np.full(sold.shape, RECKONED), np.full(items, 2.0)
    began = process_time()
    rate = rates(sold, SEEN_DAYS, sold.mean(axis=0) / SEEN_DAYS)
    kept = buffers(chance.integers(0, 60, items), rate, exposure, typed, target, sold.sum(axis=1) / 10)
    took = process_time() - began
    some = np.any(kept > 0, axis=1).sum()
    yield f"Buffers of {items:,} items in {sold.shape[1]} channels: {took:.2f} s; of {some:,} items some are kept back."


def row_of(scenario: Scenario, way: Way, found: dict[Way, list[Told]]) -> str:
    """Return a scenario as a row."""

    def both(one: Way | None) -> str:
        if one is None:
            return f"none up to {max(FIXED)}"
        units = f"{one.units}: " if one.kind == "fixed" else ""
        return f"{units}{per_1000(found[one], 'oversold'):.2f} + {per_1000(found[one], 'withheld'):.0f}"

    peer = smallest(found, per_1000(found[way], "oversold"))
    ours = per_1000(found[way], "withheld")
    ratio = f"{per_1000(found[peer], 'withheld') / ours:.1f}" if peer and ours else "–"
    within = both(smallest(found, way.target))
    columns = (both(way), both(peer), ratio, within, both(Way("pushed")), both(Way("never")))
    return f"| {scenario.name} | {' | '.join(columns)} |"
