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
    """Return as_of, margin_by, and for each policy a POLICY_OUTCOME of the orders of one channel, or of all.

    All channels compete for the stock, whichever is looked at. Margins are prices: the catalogue tells no costs.
    """
    from fillrate.decide import comparing
    from fillrate.steps.allocating.decided import decide
    from fillrate.steps.allocating.load import load
    from fillrate.steps.days import store_calendar

    shops = [desk.shop(channel)] if channel else list(desk.shops.values())
    at = as_of or newest_time(desk, log, shops) or desk.outside.clock.now()
    with desk.db.read() as reading:
        queue, prices = load(desk, reading, at, whole=True), unit_prices(reading)
    margin = queue.demand["line_id"].map(prices.set_index("line_id")["unit_price_e4"])
    meant = queue.demand if channel is None else queue.demand[queue.demand["channel"] == channel]
    store = store_calendar(desk)
    today = store.start_of(store.day_of(at))
    leaves = store.start_of(store.ship_by(at, desk.settings.store.handling_days))
    rows = []
    for policy in comparing.POLICIES:
        demand = comparing.under(policy, queue.demand, margin)
        allocations = comparing.kept_aside(policy, demand, queue.allocations)
        decided = decide(desk, replace(queue, demand=demand, allocations=allocations))
        found = comparing.outcome(
            meant, decided.result.units, decided.result.allocations, decided.forecasts, today, leaves
        )
        rows.append({"policy": policy, **found.iloc[0].to_dict()})
    whole = [name for name, dtype in POLICY_OUTCOME.items() if dtype == "int64"]
    plain = [{**row, **{name: int(row[name]) for name in whole}} for row in rows]
    return {"as_of": at.isoformat(), "channel": channel or "all", "margin_by": "price", "policies": plain}
