"""Compare what other policies would make of today's queue; nothing is saved."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from fillrate.db.queries.prices import unit_prices
from fillrate.decide.frames import POLICY_OUTCOME
from fillrate.steps.allocate import newest_time
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog


def compare(desk: Desk, log: RunLog, channel: str | None, as_of: datetime | None) -> dict[str, Any]:  # Any: JSON
    """Return as_of, channel, lines, lines_without_cost, and for each policy a POLICY_OUTCOME of the orders of a channel, or all.

    All channels compete for the stock, whichever is looked at. A margin is the price less the cost, where that is known.
    """
    from fillrate.decide import comparing
    from fillrate.steps.allocating.decided import decide
    from fillrate.steps.allocating.load import load
    from fillrate.steps.days import store_calendar

    shops = [desk.shop(channel)] if channel else list(desk.shops.values())
    at = as_of or newest_time(desk, log, shops) or desk.outside.clock.now()
    with desk.db.read() as reading:
        queue, prices = load(desk, reading, at, whole=True), unit_prices(reading)
    prices = prices.set_index("line_id").loc[queue.demand["line_id"]].set_axis(queue.demand.index)
    margin = (prices["unit_price_e4"] - prices["cost_e4"].fillna(0)).astype("int64")
    meant = queue.demand if channel is None else queue.demand[queue.demand["channel"] == channel]
    costless = meant.loc[prices.loc[meant.index, "cost_e4"].isna(), "line_id"]
    store = store_calendar(desk)
    today = store.start_of(store.day_of(at))
    rows = []
    for policy in comparing.POLICIES:
        demand = comparing.under(policy, queue.demand, margin)
        allocations = comparing.kept_aside(policy, demand, queue.allocations)
        decided = decide(desk, replace(queue, demand=demand, allocations=allocations))
        found = comparing.outcome(meant, decided.result.units, decided.result.allocations, decided.forecasts, today)
        rows.append({"policy": policy, **found.iloc[0].to_dict()})
    whole = [name for name, dtype in POLICY_OUTCOME.items() if dtype == "int64"]
    plain = [{**row, **{name: int(row[name]) for name in whole}} for row in rows]
    counts = {"lines": int(meant["line_id"].nunique()), "lines_without_cost": int(costless.nunique())}
    return {"as_of": at.isoformat(), "channel": channel or "all", **counts, "policies": plain}
