"""How late each supplier really is, and so when what is on its way is likely and sure to come.

Observed is received − told, in days of the store, once for each date that was told of a delivery before it came: the
first one and every slip. A delivery is one reference received on one day. The last 20 deliveries count, each half as much
for every year of its age; of their lateness, the weighted empirical median and 90th percentile: the smallest lateness
such that those up to it have that share of all weight. A supplier with n < 5 deliveries is blended with all suppliers:
n/(n+5) × own + 5/(n+5) × all. Source: replenishment practice for lead times from own receipts (Silver, Pyke & Thomas,
Inventory and Production Management in Supply Chains), without a shape assumed for their distribution.

A lead time is how late somebody is for the day of the order: where no day is told, the same is learnt from the orders of a
supplier with at least 5 deliveries. Others' lead times say nothing of his.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from fillrate.decide.calendars import Calendar

if TYPE_CHECKING:
    import pandas as pd

NOBODY = 0  # the supplier of lines that name none: all suppliers together
LAST = 20
ENOUGH = 5
YEAR = 365.0
DELIVERY = ["supplier_id", "received_on", "reference"]
SHARES = {"median_days": 0.5, "sure_days": 0.9}


def observed_lateness(told: "pd.DataFrame") -> "pd.DataFrame":
    """Return supplier_id, reference, received_on, late_days: one row for each date that was told of a delivery.

    `told` has supplier_id, reference, received_on and told_for, the last two as days (datetime64); dates told twice count
    once.
    """
    rows = told.drop_duplicates(["supplier_id", "reference", "received_on", "told_for"])
    return rows.assign(late_days=(rows["received_on"] - rows["told_for"]).dt.days).drop(columns="told_for")


def lateness_of(told: "pd.DataFrame", as_of: date, default_days: int) -> "pd.DataFrame":
    """Return supplier_id, deliveries, median_days, sure_days (90th percentile) of each supplier and of NOBODY, all of them.

    Without any delivery at all: 0 and `default_days`. See `observed_lateness` for `told`.
    """
    import pandas as pd

    observed = observed_lateness(told)
    observed = observed.merge(last_received(observed), on=DELIVERY)
    age = (pd.Timestamp(as_of) - observed["received_on"]).dt.days.clip(lower=0)
    observed = observed.assign(weight=0.5 ** (age / YEAR))
    nothing_known = {"median_days": 0.0, "sure_days": float(default_days)}
    together = shares(observed) if len(observed) else nothing_known
    counts = last_received(observed).groupby("supplier_id").size().to_dict()
    rows = [(NOBODY, sum(counts.values()), *together.values())]
    for supplier_id, own in observed[observed["supplier_id"] != NOBODY].groupby("supplier_id", sort=True):
        n = counts[supplier_id]
        trust = 1.0 if n >= ENOUGH else n / (n + ENOUGH)
        found = shares(own)
        rows.append(
            (int(own["supplier_id"].iloc[0]), n, *(trust * found[x] + (1 - trust) * together[x] for x in SHARES))
        )
    return pd.DataFrame(rows, columns=["supplier_id", "deliveries", *SHARES])


def lead_times_of(ordered: "pd.DataFrame", as_of: date) -> "pd.DataFrame":
    """Return as `lateness_of` how many days after their order each supplier's deliveries come, where enough are known.

    `ordered` is as `told`, with the day of the order as told_for.
    """
    found = lateness_of(ordered, as_of, 0)
    return found[(found["supplier_id"] != NOBODY) & (found["deliveries"] >= ENOUGH)]


def last_received(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return the last deliveries of each supplier: supplier_id, received_on, reference."""
    deliveries = rows[DELIVERY].drop_duplicates().sort_values(DELIVERY)
    return deliveries.groupby("supplier_id").tail(LAST)


def shares(observed: "pd.DataFrame") -> dict[str, float]:
    """Return the weighted median and 90th percentile of these observations."""
    in_order = observed.sort_values("late_days", kind="stable")
    reached = in_order["weight"].cumsum().to_numpy() / in_order["weight"].sum()
    late = in_order["late_days"].to_numpy()
    return {name: float(late[int(np.argmax(reached >= share - 1e-9))]) for name, share in SHARES.items()}


def arrivals(
    inbound: "pd.DataFrame", lateness: "pd.DataFrame", as_of: datetime, calendars: Mapping[int, Calendar]
) -> "pd.DataFrame":
    """Return inbound_id, likely_at, sure_at: expected + median and + 90th percentile, on the supplier's working days.

    `inbound` has inbound_id, supplier_id (NOBODY for none) and expected_at; `calendars` has NOBODY for suppliers without
    their own. NaT for both where no date is told, and once as_of is past the sure day: such a delivery may come on any
    day. A day that is over is moved to the first one on which it can still come.
    """
    import pandas as pd

    days = lateness.set_index("supplier_id")[list(SHARES)].to_dict("index")

    def come(supplier_id: int, expected_at: datetime) -> tuple[datetime, datetime] | tuple[None, None]:
        calendar = calendars.get(supplier_id, calendars[NOBODY])
        late = days.get(supplier_id) or days[NOBODY]
        told, today = calendar.day_of(expected_at), calendar.day_of(as_of)
        likely, sure = (calendar.next_working_day(told + timedelta(days=ceil(late[name] - 1e-9))) for name in SHARES)
        if sure < today:
            return None, None
        likely = max(likely, calendar.next_working_day(today))
        return calendar.start_of(likely), calendar.start_of(max(sure, likely))

    told = inbound[["supplier_id", "expected_at"]].drop_duplicates().dropna()
    found = told.copy()
    come_at = [come(int(one), at.to_pydatetime()) for one, at in zip(*(told[name] for name in told), strict=True)]
    for number, name in enumerate(("likely_at", "sure_at")):
        found[name] = pd.Series([one[number] for one in come_at], index=told.index, dtype="datetime64[us, UTC]")
    joined = inbound.merge(found, on=["supplier_id", "expected_at"], how="left")
    return joined[["inbound_id", "likely_at", "sure_at"]]
