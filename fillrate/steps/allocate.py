"""Lay the stock along the queue, save which unit waits for what, and plan what the shops should know of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.queries import plans as plan_queries
from fillrate.db.queries import queue as queries
from fillrate.db.queries.stock import unread_channels
from fillrate.db.tables import Allocation, OpenUnit, Plan, Stock, Transition
from fillrate.decide.frames import rows_of
from fillrate.errors import RetryLater, StopChannel
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, store_plan, withdraw
from fillrate.steps.runs import Problem, RunLog

if TYPE_CHECKING:
    import pandas as pd

NOTE = "metafield"
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
    from fillrate.decide.allocation import allocate as decide

    at = as_of or newest_time(desk, log, shops)
    if at is None:
        return
    with desk.db.hold("stock", wait_s=60) as lease, desk.db.write("allocate.save", lease, lock=True) as tx:
        known = [shop.id for shop in desk.shops.values()]
        untold = unread_channels(tx)
        unread = [shop.name for shop in desk.shops.values() if shop.id in untold]
        demand = ranked(desk, queries.demand(tx, known))
        demand = demand[~(demand["channel"].isin(unread) & demand["needs_stock"] & demand["is_tracked"])]
        shelves, allocations = queries.shelves(tx), queries.allocations(tx)
        is_known = allocations["channel_id"].isin(known)
        before, held = allocations[is_known], allocations[~is_known]
        result = decide(demand, shelves.assign(on_hand=shelves["on_hand"] - taken_from(shelves, held)), before)
        counts = {
            "units_backlog": units_in(result.units, "backlog"),
            "units_backorder": units_in(result.units, "backorder"),
            "units_moved": int(result.moves["quantity"].sum()),
        }
        if not log.is_dry:
            save_allocations(tx, before, result.allocations)
            save_units(tx, result.units, result.moves)
            save_moves(tx, result.moves, log.id, at)
            save_shelves(tx, shelves, result.allocations, held)
        waiting = backordered(demand, result.units)
        plans = [plan_notes(desk, tx, shop, log, waiting[waiting["channel"] == shop.name]) for shop in shops]
    log.counts.update(counts)
    log.plans += [plan_id for plan_id in plans if plan_id]
    log.problems += [Problem(shop.name, *UNREAD) for shop in shops if shop.name in unread]


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


def taken_from(shelves: "pd.DataFrame", allocations: "pd.DataFrame") -> "pd.Series[int]":
    """Return how many units of each shelf these allocations set aside."""
    keys = ["item_id", "location_id"]
    sums = allocations.groupby(keys, as_index=False)["quantity"].sum()
    return shelves[keys].merge(sums, on=keys, how="left")["quantity"].fillna(0).astype("int64")


def backordered(demand: "pd.DataFrame", units: "pd.DataFrame") -> "pd.DataFrame":
    """Return channel, order_platform_id, line_platform_id, sku, reason, quantity of all that waits for supply."""
    lines = demand.drop_duplicates("line_id")[["line_id", "channel", "order_platform_id", "line_platform_id", "sku"]]
    waiting = units[units["state"] == "backorder"].merge(lines, on="line_id")
    keys = ["channel", "order_platform_id", "line_platform_id", "sku", "reason"]
    return waiting.groupby(keys, as_index=False, sort=True).agg(quantity=("quantity", "sum"))


def units_in(units: "pd.DataFrame", state: str) -> int:
    """Return how many units are in a state."""
    return int(units.loc[units["state"] == state, "quantity"].sum())


def ranked(desk: Desk, demand: "pd.DataFrame") -> "pd.DataFrame":
    """Add what settings say (hold, priority) and whole-number ranks of the shop's ids, which break every tie."""
    demand["hold"] = settings_column(desk, demand, ["channel", "status"], hold_of)
    demand["priority"] = settings_column(desk, demand, ["channel", "group", "brand", "sku"], priority_of).astype(
        "int64"
    )
    demand["order_key"] = rank(demand["order_platform_id"])
    demand["line_key"] = rank(demand["line_platform_id"])
    return demand


def settings_column(
    desk: Desk, demand: "pd.DataFrame", names: list[str], rule: Any
) -> "pd.Series[Any]":  # Any: see rules
    """Return rule(desk, *values) for each row, asked once for each different combination."""
    codes = demand.groupby(names, sort=False, dropna=False).ngroup()
    combinations = demand[names].drop_duplicates().itertuples(index=False, name=None)
    return codes.map(dict(enumerate(rule(desk, *values) for values in combinations)))


def hold_of(desk: Desk, channel: str, status: str) -> str:
    """Return what keeps a whole order from being worked on: payment, review, or nothing."""
    meaning = desk.shop(channel).settings.meaning(status)
    return {"payment": "payment", "review": "review", "unknown": "review"}.get(meaning, "")


def priority_of(desk: Desk, channel: str, group: str, brand: str, sku: str) -> int:
    """Return the class in the queue that the policy gives."""
    return desk.settings.policy.for_(channel=channel, group=group, brand=brand, sku=sku).priority


def rank(ids: "pd.Series[str]") -> "pd.Series[int]":
    """Return whole numbers that sort as the shop's ids do: numbers by value, other text by its letters."""
    keys = ids.str.len().astype(str).str.zfill(4) + ids
    return keys.rank(method="dense").fillna(0).astype("int64")


def save_allocations(tx: Writing, before: "pd.DataFrame", after: "pd.DataFrame") -> None:
    """Write the rows that differ."""
    keys = ["line_id", "item_id", "location_id"]
    both = before.merge(after, on=keys, how="outer", suffixes=("_before", "_after")).fillna(0)
    gone = both[(both["quantity_after"] == 0)]
    differs = both[(both["quantity_after"] != both["quantity_before"]) & (both["quantity_after"] > 0)]
    tx.delete(Allocation, rows_of(gone[keys]), key=tuple(keys))
    tx.upsert(
        Allocation, rows_of(differs[[*keys, "quantity_after"]].set_axis([*keys, "quantity"], axis=1)), key=tuple(keys)
    )


def save_units(tx: Writing, units: "pd.DataFrame", moves: "pd.DataFrame") -> None:
    """Replace the open units of lines that moved."""
    moved = moves["line_id"].unique()
    tx.delete(OpenUnit, [{"line_id": int(one)} for one in moved], key=("line_id",))
    fresh = units[units["line_id"].isin(moved)]
    tx.insert(OpenUnit, rows_of(fresh[["line_id", "state", "reason", "queued_at", "quantity"]]))


def save_moves(tx: Writing, moves: "pd.DataFrame", run_id: str, at: datetime) -> None:
    """Append a transition for each move."""
    rows = rows_of(moves)
    tx.insert(Transition, [{**row, "plan_id": "", "run_id": run_id, "at": at} for row in rows])


def save_shelves(tx: Writing, shelves: "pd.DataFrame", allocations: "pd.DataFrame", held: "pd.DataFrame") -> None:
    """Write the cached sum of each shelf of which more or less is set aside now."""
    keys = ["item_id", "location_id"]
    both = shelves.assign(quantity=taken_from(shelves, allocations) + taken_from(shelves, held))
    differs = both[both["quantity"] != both["allocated"]]
    tx.update(
        Stock,
        rows_of(differs[[*keys, "quantity"]].set_axis([*keys, "allocated"], axis=1).astype("int64")),
        key=tuple(keys),
    )


def plan_notes(desk: Desk, tx: Writing, shop: Shop, log: RunLog, waiting: "pd.DataFrame") -> str:
    """Plan one note in the shop for each order with backordered units, and none on the others; returns the plan's id."""
    from fillrate.decide.plans import must_wait

    wanted = notes(waiting)
    if not log.is_dry:
        withdraw(desk, tx, shop, NOTE, wanted)
    changes = note_changes(tx, shop, wanted)
    policy = desk.settings.policy.for_(channel=shop.name)
    why = must_wait(
        kind=NOTE,
        changes=len(changes),
        entities=queries.open_orders(tx, shop.id),
        is_first=is_first_plan(tx, shop, log.flow),
        is_practice=shop.settings.practice,
        share=policy.wait_above_share,
        limit=policy.wait_above_changes,
    )
    return store_plan(desk, tx, shop, log, changes, waits_because=why)


def notes(backordered: "pd.DataFrame") -> dict[str, Any]:  # Any: JSON
    """Return the note of each order, by the shop's order id."""
    from fillrate.decide.plans import backorder_note

    return {str(order): backorder_note(lines) for order, lines in backordered.groupby("order_platform_id")}


def note_changes(tx: Writing, shop: Shop, wanted: dict[str, Any]) -> list[Intended]:  # Any: JSON
    """Return the notes that differ from what the shop was last known to hold and are not on their way already."""
    held = plan_queries.last_known_values(tx, shop.id, NOTE)
    live = plan_queries.live_changes(tx, shop.id, NOTE)
    refused = plan_queries.refused_values(tx, shop.id, NOTE)
    changes = []
    for target in sorted({*wanted, *held, *live}):
        before, after = held.get(target), wanted.get(target)
        on_its_way = live.get(target)
        if on_its_way is not None and (on_its_way.after == after or on_its_way.state in {"sending", "unknown"}):
            continue
        if before == after or (target in refused and refused[target] == after):
            continue
        changes.append(
            Intended(
                channel=shop.name, kind=NOTE, target=target, before=before, after=after, reason=reason(before, after)
            )
        )
    return changes


def reason(before: Any, after: Any) -> str:  # Any: JSON
    """Return in words why an order's note changes."""
    if after is None:
        return "Nothing of this order waits for stock any more."
    return "Units of this order wait for stock." if before is None else "Other units of this order wait for stock now."


def is_first_plan(tx: Writing, shop: Shop, flow: str) -> bool:
    """Tell whether nothing that this flow planned for this shop was ever approved."""
    statement = sa.select(sa.func.count()).where(
        col(Plan.channel_id) == shop.id, col(Plan.state).in_(("approved", "applied")), col(Plan.flow) == flow
    )
    return not tx.scalar(statement)
