"""A made-up supplier for a replay: what lies there at first, what is ordered when it runs low, and how late it comes.

All of it follows from the orders themselves and a seed. Every item is bought again once what is there and on its way
falls below what sells in its lead time and a week.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from fillrate.decide.stretches import Ints

LEAD_DAYS = (7, 14, 21, 28)
LATE_DAYS = (0, 0, 0, 1, 1, 2, 3, 5, 8, 14)  # a delivery's, drawn
MEDIAN_LATE, SURE_LATE = 1.0, 8.0  # their median and 90th percentile
RESERVE_DAYS, LOT_DAYS = 7, 30


@dataclass(slots=True)
class Supplier:
    """Arrays by item; `lead` in days, the others in units."""

    lead: Ints
    low: Ints  # from here on it is bought
    high: Ints  # up to here
    chance: np.random.Generator
    bought: int = 0

    @classmethod
    def of(cls, orders: pd.DataFrame, items: int, seed: int) -> "Supplier":
        """Make the supplier of these orders (item_id from 0 on, placed_at, quantity)."""
        days = max(1, (orders["placed_at"].max() - orders["placed_at"].min()).days)
        a_day = np.bincount(orders["item_id"], orders["quantity"], items) / days
        lead = np.array(LEAD_DAYS)[np.arange(items) % len(LEAD_DAYS)]
        low = np.ceil(a_day * (lead + RESERVE_DAYS)).astype(np.int64)
        return cls(lead, low, low + np.ceil(a_day * LOT_DAYS).astype(np.int64), np.random.default_rng(seed))

    def buy(self, day: date, position: Ints) -> pd.DataFrame:
        """Return what is ordered on a day: inbound_id, item_id, quantity, expected_on, comes_on.

        `position` is what is there and on its way, less what is owed, by item.
        """
        items = np.flatnonzero(position < self.low)
        rows = []
        for item in items.tolist():
            self.bought += 1
            expected = day + timedelta(days=int(self.lead[item]))
            comes = expected + timedelta(days=int(self.chance.choice(LATE_DAYS)))
            rows.append((self.bought, item, int(self.high[item] - position[item]), expected, comes))
        return pd.DataFrame(rows, columns=["inbound_id", "item_id", "quantity", "expected_on", "comes_on"])
