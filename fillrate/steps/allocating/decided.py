"""What becomes of a queue: the allocation, the days on which lines leave, and the promises that follow from them."""

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from fillrate.decide.allocation import Allocated, allocate
from fillrate.decide.days import INSTANTS, days_of
from fillrate.decide.slips import last_deliveries
from fillrate.steps.allocating.load import Queue, by_value
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk


@dataclass(frozen=True, slots=True)
class Decided:
    """An allocation with line_id, likely_by, sure_by, uncovered of what waits, and new promises.

    These are line_id, ship_by, source, and by supply inbound_id.
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
            return Decided(demand, result, forecasts, with_delivery(queue, result, pd.concat(given, ignore_index=True)))
        days = fresh.set_index("line_id")["ship_by"]
        demand = demand.assign(promised_at=demand["promised_at"].fillna(demand["line_id"].map(days)))


def with_delivery(queue: Queue, result: Allocated, promises: pd.DataFrame) -> pd.DataFrame:
    """Return new promises with the delivery that decides the day of those by supply, `inbound_id`; empty for the others."""
    last = last_covers(queue, result.covers, promises.loc[promises["source"] == "supply", "line_id"])
    return promises.merge(last, on="line_id", how="left").astype({"inbound_id": "Int64"})


def ship_days(desk: Desk, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return line_id, likely_by, sure_by, uncovered: the days on which lines leave whose goods come when FORECASTS say."""
    store, handling = store_calendar(desk), desk.settings.store.handling_days

    def leaves(at: datetime) -> datetime:
        return store.start_of(store.ship_by(at, handling))

    days = {f"{name}_by": by_value(forecasts[f"{name}_at"], leaves) for name in ("likely", "sure")}
    return forecasts[["line_id", "uncovered"]].assign(**days)


def new_promises(desk: Desk, queue: Queue, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return line_id, ship_by, source of first promises.

    That is the day that the product page showed at order; else the day on which the line leaves from stock, or surely
    leaves. What nothing covers has no day and gets its promise once something does.
    """
    lines = queue.demand.groupby("line_id", as_index=False).agg(
        promised_at=("promised_at", "first"), queued_at=("queued_at", "min")
    )
    lines = lines.loc[lines["promised_at"].isna(), ["line_id", "queued_at"]]
    shown = queue.shown.drop_duplicates("line_id").set_index("line_id")["ship_by"]
    fresh = lines.merge(forecasts, on="line_id", how="left", indicator=True)
    days = {
        "shown": shown.reindex(fresh["line_id"]).set_axis(fresh.index).astype(INSTANTS),
        "stock": from_stock(desk, queue, fresh["queued_at"]).where(fresh["_merge"] == "left_only"),
        "supply": fresh["sure_by"],
    }
    ship_by, source = days["shown"], pd.Series("shown", index=fresh.index, dtype="str")
    for name in ("stock", "supply"):
        source = source.where(ship_by.notna(), name)
        ship_by = ship_by.fillna(days[name])
    rows = fresh[["line_id"]].assign(ship_by=ship_by.astype(INSTANTS), source=source)
    return rows[rows["ship_by"].notna()].sort_values("line_id", ignore_index=True)


def from_stock(desk: Desk, queue: Queue, queued_at: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    """Return the day on which what is set aside leaves: counted from when it was ordered, however late it was read.

    Where that day is over already, it is the next shipping day from now.
    """
    store, handling, at = store_calendar(desk), desk.settings.store.handling_days, queue.supply.as_of
    local = queued_at.dt.tz_convert(store.zone)
    second = (local.dt.hour * 60 + local.dt.minute) * 60 + local.dt.second + (local.dt.microsecond > 0)
    last = store.cut_off
    is_late = second > (last.hour * 60 + last.minute) * 60 if last else pd.Series(False, index=queued_at.index)
    sides = [days_of(queued_at, store), is_late]  # of a day, before or after its cut-off
    alike = queued_at.groupby(sides).transform("max")
    days = by_value(alike, lambda one: store.start_of(store.ship_by(one, handling)))
    today = pd.Timestamp(store.start_of(store.day_of(at)))
    return days.mask(days < today, pd.Timestamp(store.start_of(store.ship_by(at, handling))))


def last_covers(queue: Queue, covers: pd.DataFrame, line_ids: "pd.Series[int]") -> pd.DataFrame:
    """Return line_id, inbound_id: the last delivery of each of these lines; of an order that ships complete, of all its lines."""
    lines = queue.demand.drop_duplicates("line_id")[["line_id", "order_id", "ship_complete"]]
    mine = lines[lines["line_id"].isin(line_ids)]
    is_whole = mine["ship_complete"].astype("bool")
    whole = lines[lines["order_id"].isin(mine.loc[is_whole, "order_id"])]
    of_order = mine.merge(whole.rename(columns={"line_id": "waits_for"})[["order_id", "waits_for"]], on="order_id")
    alone = mine.loc[~is_whole, "line_id"]
    pairs = pd.concat([pd.DataFrame({"line_id": alone, "waits_for": alone}), of_order[["line_id", "waits_for"]]])
    days = queue.supply.inbound[["inbound_id", "likely_at"]].rename(columns={"likely_at": "comes_at"})
    claims = covers[["line_id", "inbound_id"]].drop_duplicates().rename(columns={"line_id": "waits_for"})
    return last_deliveries(pairs.merge(claims, on="waits_for").merge(days, on="inbound_id", how="left"))
