"""Lay the stock along the queue, save which unit waits for what, and plan what the shops should know of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fillrate.db.database import Reading
from fillrate.db.queries import queue as queries
from fillrate.errors import RetryLater, StopChannel
from fillrate.steps.days import refuse_past
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.mail.plan import plan_mails
from fillrate.steps.picking.settle import settle
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.telling import plan_orders, states_told, unsettled_orders
from fillrate.steps.telling.goods import plan_goods

if TYPE_CHECKING:
    import pandas as pd

    from fillrate.decide.allocation import Allocated

UNREAD = (
    "Its stock has not been read yet, so what is owed of counted goods stays as it is.",
    "Run: fillrate run reconcile-inventory",
)


def allocate(desk: Desk, log: RunLog, shops: Sequence[Shop], as_of: datetime | None) -> None:
    """Rank everything owed, lay stock on hand along the queue, save what changed, and plan what `shops` should know.

    All of it in one transaction, so that no fact can come between. A dry run saves its plans and nothing else. Orders of
    channels that are no longer in the settings stay as they are, with what is set aside for them; so do lines of counted
    goods where a channel's stock has not been read yet.
    """
    from fillrate.steps.allocating.decided import decide
    from fillrate.steps.allocating.delays import judge_delays
    from fillrate.steps.allocating.load import load
    from fillrate.steps.allocating.narrow import settle_orders
    from fillrate.steps.allocating.save import before, save
    from fillrate.steps.allocating.slips import propose

    at = as_of or newest_time(desk, log, shops)
    if at is None:
        return
    with desk.db.hold("stock", wait_s=60) as lease, desk.db.write("allocate.save", lease, lock=True) as tx:
        if not log.is_dry:
            refuse_past(desk, tx, as_of)
        queue = load(desk, tx, at)
        decided = decide(desk, queue)
        result = decided.result
        ranked = {int(one) for one in queue.demand["order_id"].unique()}
        unsettled = {one for shop in shops for one in unsettled_orders(tx, shop)}
        orders = sorted({*queue.scope.orders, *unsettled, *ranked})
        proposed: list[str] = []
        if not log.is_dry:
            was = before(tx, queue)
            save(desk, tx, log, queue, decided, was)
            proposed = propose(desk, tx, log, queue, decided, was, orders)
            judged = judge_delays(desk, tx, orders, at)
            moved = [int(one) for one in result.moves["line_id"].unique()]
            settle_orders(tx, [*moved, *judged.lines], [shop.id for shop in shops])
            orders = sorted({*orders, *judged.orders})
        units = units_now(tx, orders if shops else (), result.units, states_told(shops))
        plans = [one for shop in shops for one in plan_orders(desk, tx, shop, log, units, orders)]
        plans += proposed
        plans += [one for shop in shops for one in plan_goods(desk, tx, shop, log, queue.scope.items, at)]
        plans += [plan_mails(desk, tx, shop, log, orders, at) for shop in shops]
    settle(desk, log)
    log.counts.update(counts_of(result))
    log.plans += [plan_id for plan_id in plans if plan_id]
    log.problems += [Problem(shop.name, *UNREAD) for shop in shops if shop.name in queue.unread]


def newest_time(desk: Desk, log: RunLog, shops: Sequence[Shop]) -> datetime | None:
    """Return the newest of the shops' own times; a shop that does not tell it is stopped, and None comes of none at all."""
    if not shops:
        return desk.outside.clock.now()
    times = []
    for shop in shops:
        try:
            times.append(shop.channel.time())
        except (StopChannel, RetryLater) as error:
            log.stop(shop.name, error)
    return max(times, default=None)


def units_now(reading: Reading, orders: Sequence[int], ranked: "pd.DataFrame", states: Sequence[str]) -> "pd.DataFrame":
    """Return channel, order_platform_id, line_platform_id, sku, state, reason, quantity of these orders' units in these states.

    What was `ranked` just now counts as it was decided; a dry run has not saved it.
    """
    import pandas as pd

    saved = queries.open_units(reading, orders)
    lines = saved.drop_duplicates("line_id")[["line_id", "channel", "order_platform_id", "line_platform_id", "sku"]]
    both = pd.concat([saved[~saved["line_id"].isin(ranked["line_id"])], ranked.merge(lines, on="line_id")])
    keys = ["channel", "order_platform_id", "line_platform_id", "sku", "state", "reason"]
    told = both[both["state"].isin(states)]
    return told.groupby(keys, as_index=False, sort=True).agg(quantity=("quantity", "sum"))


def counts_of(result: "Allocated") -> dict[str, int]:
    """Return how many lines were ranked, where their units stand now, and how many of them moved."""
    by_state = result.units.groupby("state")["quantity"].sum()
    return {
        "lines_ranked": int(result.units["line_id"].nunique()),
        **{f"units_{state}": int(by_state.get(state, 0)) for state in ("backlog", "backorder")},
        "units_moved": int(result.moves["quantity"].sum()),
    }
