"""A year of orders as columns of numbers: when, by whom, what and how many.

Days follow the season (a peak before Christmas), the weekday and a little growth. Few products sell most, and some sell
mainly in their own season.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import gmtime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sandbox.clock import DAY
from sandbox.config import ShopConfig
from sandbox.generate.catalogue import Catalogue

Ints = NDArray[np.int64]
MONTH_FACTOR = (0.8, 0.8, 0.9, 0.95, 1.0, 0.95, 0.85, 0.9, 1.0, 1.1, 1.7, 1.9)
WEEKDAY_FACTOR = (1.1, 1.0, 1.0, 1.0, 1.05, 0.8, 0.95)
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class OrderColumns:
    """One entry an order; `customer` is 0 for a guest; lines of order n are `first[n]` up to `first[n + 1]`."""

    when: list[int]
    customer: list[int]
    person: list[int]
    draw: list[float]
    first: list[int]
    pick: list[int]
    quantity: list[int]


def _moments(count: int, days: int, opened: int, offset: int, numbers: np.random.Generator) -> Ints:
    """When orders came in: most of them early in the afternoon, by the clock of the store's zone."""
    start = opened - days * DAY
    midnight = (start + offset) // DAY * DAY - offset
    weights = np.empty(days + 1)
    for day in range(days + 1):
        t = gmtime(midnight + offset + day * DAY)
        weights[day] = MONTH_FACTOR[t.tm_mon - 1] * WEEKDAY_FACTOR[t.tm_wday] * (1 + 0.3 * day / days)
    day_of = np.searchsorted(np.cumsum(weights / weights.sum()), numbers.random(count), side="right")
    of_day = np.clip(numbers.normal(0.58, 0.17, count), 0.0, 0.9999) * DAY
    moments: Ints = midnight + np.minimum(day_of, days) * DAY + of_day.astype(np.int64)
    moments[moments < start] += DAY  # the first and the last day are parts of days, which make a whole one
    moments[moments >= opened] -= DAY
    return np.sort(moments)


def _buyers(count: int, customers: int, numbers: np.random.Generator) -> tuple[Ints, Ints]:
    """Who bought: a few customers come again and again; guests too sometimes come back, under the same address."""
    guests = np.full(count, True) if not customers else numbers.random(count) < 0.28
    if customers:
        weights = 1.0 / (1 + numbers.permutation(customers)) ** 0.7
        known = np.searchsorted(np.cumsum(weights / weights.sum()), numbers.random(count)) + 1
        customer = np.where(guests, 0, np.minimum(known, customers))
    else:
        customer = np.zeros(count, dtype=np.int64)
    strangers = 1_000_000 + numbers.integers(0, max(count * 9 // 10, 1), count)
    return customer, np.where(guests, strangers, customer)


def _line_counts(count: int, numbers: np.random.Generator) -> Ints:
    counts: Ints = np.minimum(numbers.geometric(0.48, count), 9)
    if count >= 30:
        large = numbers.choice(count, max(1, count // 1000), replace=False)
        counts[large] = numbers.integers(51, 64, len(large))
    return counts


def _picks(made: Catalogue, when: Ints, quarter: Ints, numbers: np.random.Generator) -> Ints:
    """Variants by popularity: products fall off like 1/rank, variants share theirs unevenly, seasons shift both.

    Nothing sells before it was created: products stand by age, so that an order chooses among the first so many.
    """
    products = len(made.products)
    rank = numbers.permutation(products) + 1
    counts = np.array([len(p.variant_ids) for p in made.products])
    of_product = np.repeat(np.arange(products), counts)
    share = numbers.uniform(0.3, 1.0, len(of_product))
    weights = (1.0 / rank**0.9)[of_product] * share / np.bincount(of_product, share)[of_product]
    there = np.searchsorted([p.created for p in made.products], when, side="right")
    last = np.cumsum(counts)[np.maximum(there, 1) - 1] - 1
    season = numbers.integers(0, 2 * QUARTERS, products)[of_product]
    picks = np.empty(len(quarter), dtype=np.int64)
    for q in range(QUARTERS):
        mine = quarter == q
        seasonal = weights * np.where(season == q, 3.0, np.where(season < QUARTERS, 0.5, 1.0))
        shares = np.cumsum(seasonal / seasonal.sum())
        drawn = numbers.random(int(mine.sum())) * shares[last[mine]]
        picks[mine] = np.searchsorted(shares, drawn, side="right")
    chosen: Ints = np.minimum(picks, last)
    return chosen


def draw_columns(made: Catalogue, config: ShopConfig, zone: str, opened: int) -> OrderColumns:
    """Draw all orders of the past."""
    numbers, count = np.random.default_rng([config.seed, 4]), config.orders
    offset = datetime.fromtimestamp(opened, ZoneInfo(zone)).utcoffset() or timedelta()
    when = _moments(count, config.days, opened, int(offset.total_seconds()), numbers)
    customer, person = _buyers(count, config.customers, numbers)
    counts = _line_counts(count, numbers)
    first = np.concatenate([[0], np.cumsum(counts)])
    quarter = np.repeat((when // DAY % 365) * QUARTERS // 365, counts)
    pick = _picks(made, np.repeat(when, counts), np.minimum(quarter, QUARTERS - 1), numbers)
    chances = numbers.random(len(pick))
    steps = np.searchsorted([0.7, 0.87, 0.93, 0.97, 0.99], chances)
    quantity = np.array([1, 2, 3, 4, 6, 12])[steps]
    draw = numbers.random(count).tolist()
    columns = (when, customer, person, first, pick, quantity)
    whens, customer_ids, persons, firsts, picks, quantities = (column.tolist() for column in columns)
    return OrderColumns(whens, customer_ids, persons, draw, firsts, picks, quantities)
