"""What becomes of a queue: the allocation, the days on which lines leave, and the promises that follow from them."""

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from fillrate.decide.allocation import Allocated, allocate
from fillrate.steps.allocating.load import Queue, by_value
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk


@dataclass(frozen=True, slots=True)
class Decided:
    """An allocation with line_id, likely_by, sure_by, uncovered of what waits, and line_id, ship_by, source of new promises.

    `demand` is the queue's, with these promises where it goes by promises.
    """

    demand: pd.DataFrame
    result: Allocated
    forecasts: pd.DataFrame
    promises: pd.DataFrame


def decide(desk: Desk, queue: Queue) -> Decided:
    """Return what becomes of a queue.

    Where the policy goes by promises, those that are given now already count: the queue is ranked again until none is new.
    """
    given: list[pd.DataFrame] = []
    demand = queue.demand
    goes_by_promise = bool((demand["by_promise"] | demand["horizon_days"].notna()).any())
    while True:
        result = allocate(demand, queue.shelves, queue.allocations, queue.supply)
        forecasts = ship_days(desk, result.forecasts)
        fresh = new_promises(desk, replace(queue, demand=demand), forecasts)
        given.append(fresh)
        if fresh.empty or not goes_by_promise:
            return Decided(demand, result, forecasts, pd.concat(given, ignore_index=True))
        days = fresh.set_index("line_id")["ship_by"]
        demand = demand.assign(promised_at=demand["promised_at"].fillna(demand["line_id"].map(days)))


def ship_days(desk: Desk, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return line_id, likely_by, sure_by, uncovered: the days on which lines leave whose goods come when FORECASTS say."""
    store, handling = store_calendar(desk), desk.settings.store.handling_days

    def leaves(at: datetime) -> datetime:
        return store.start_of(store.ship_by(at, handling))

    days = {f"{name}_by": by_value(forecasts[f"{name}_at"], leaves) for name in ("likely", "sure")}
    return forecasts[["line_id", "uncovered"]].assign(**days)


def new_promises(desk: Desk, queue: Queue, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return line_id, ship_by, source of first promises: the day on which a line leaves from stock, or surely leaves.

    What nothing covers has no day and gets its promise once something does.
    """
    store, at = store_calendar(desk), queue.supply.as_of
    lines = queue.demand.drop_duplicates("line_id")
    lines = lines.loc[lines["promised_at"].isna(), ["line_id"]]
    fresh = lines.merge(forecasts, on="line_id", how="left", indicator=True)
    from_stock = fresh["_merge"] == "left_only"
    today = store.start_of(store.ship_by(at, desk.settings.store.handling_days))
    ship_by = fresh["sure_by"].where(~from_stock, pd.Timestamp(today)).astype("datetime64[us, UTC]")
    rows = fresh.assign(ship_by=ship_by, source=from_stock.map({True: "stock", False: "supply"}))
    return rows.loc[rows["ship_by"].notna(), ["line_id", "ship_by", "source"]].sort_values("line_id", ignore_index=True)
