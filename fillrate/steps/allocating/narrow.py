"""What has to be ranked anew: the items that were touched or whose day has come, and those that hang on them.

A run costs what changed. Everything is ranked where the rules themselves have changed, or too much at once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import kits
from fillrate.db.queries import queue as queries
from fillrate.db.tables import Mark, Order, OrderLine, Touched, TouchedOrder
from fillrate.decide.allocation import Supply
from fillrate.decide.calendars import DAY, Calendar
from fillrate.decide.frames import rows_of
from fillrate.steps.allocating.rules import columns_asked_for, with_rules
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk
from fillrate.steps.touch import ALLOCATED, insert_missing

MANY = 50_000  # from so many touched items on, ranking everything is cheaper
NEAR = pd.Timedelta(days=10)  # what is due so soon is looked at daily: it may come, or be late


@dataclass(frozen=True, slots=True)
class Scope:
    """What one allocation looks at: items (None: all of them), orders that were touched, and the mark of its rules."""

    items: list[int] | None
    orders: list[int]
    mark: str


def scope_of(desk: Desk, reading: Reading, locations: Sequence[Any], unread: Sequence[str], as_of: datetime) -> Scope:
    """Return what has to be looked at."""
    mark = fingerprint(desk, locations, unread)
    orders = [row.order_id for row in reading.rows(sa.select(*TouchedOrder.__table__.c))]
    last = reading.scalar(sa.select(col(Mark.value)).where(col(Mark.name) == ALLOCATED))
    due = sa.select(col(Touched.item_id)).where(col(Touched.due_at) <= as_of).limit(MANY + 1)
    items = [row.item_id for row in reading.rows(due)]
    if mark != last or len(items) > MANY or orders_hang_on_skus(desk):
        return Scope(None, orders, mark)
    if orders_hang_together(desk):
        return Scope(closed(desk, reading, items, locations), orders, mark)
    return Scope(with_kits(reading, items), orders, mark)


def with_kits(reading: Reading, items: Sequence[int]) -> list[int]:
    """Return these items with all that hang on them by kits."""
    return sorted(kits.hanging_together(items, kits.parts_that_matter(reading, items)))


def scope_around(desk: Desk, reading: Reading, items: Sequence[int]) -> Scope:
    """Return as much of the queue as one must look at to see the place of everybody who is owed one of these items."""
    if orders_hang_on_skus(desk):
        return Scope(None, [], "")
    if orders_hang_together(desk):
        return Scope(closed(desk, reading, items, queries.locations(reading)), [], "")
    return Scope(with_kits(reading, items), [], "")


def fingerprint(desk: Desk, locations: Sequence[Any], unread: Sequence[str]) -> str:
    """Return what changes with the rules that an allocation goes by, though no order and no stock does."""
    settings = desk.settings
    statuses = [(one.name, sorted(one.statuses.items()), one.write_back) for one in settings.channel]
    parts = (settings.policy, settings.store, settings.supply, settings.supplier, settings.location)
    rules = [repr(part) for part in parts] + [repr(statuses), repr([tuple(row) for row in locations]), repr(unread)]
    return hashlib.sha256("\n".join(rules).encode()).hexdigest()


def orders_hang_on_skus(desk: Desk) -> bool:
    """Tell whether a rule makes an order ship complete by a brand or a SKU: then any line may concern all of its order."""
    rules = [rule.match for rule in desk.settings.policy.rule if "ship_complete" in rule.set.model_fields_set]
    return any(match.brand is not None or match.sku is not None for match in rules)


def orders_hang_together(desk: Desk) -> bool:
    """Tell whether any order may be shipped complete, or from few locations."""
    policy = desk.settings.policy
    kinds = (policy.default, *(rule.set for rule in policy.rule))
    return any(one.ship_complete or one.split_limit or one.locations == "fewest_splits" for one in kinds)


def closed(desk: Desk, reading: Reading, items: Sequence[int], locations: Sequence[Any]) -> list[int]:
    """Return these items with all that hang on them by kits, by orders that ship complete, or from few locations."""
    found, known = set(items), [shop.id for shop in desk.shops.values()]
    pairs = kits.parts_that_matter(reading, items)
    while True:
        found = kits.hanging_together(found, pairs)
        demand, _ = with_rules(desk, queries.demand(reading, known, sorted(found), columns_asked_for(desk)), locations)
        shared = found.intersection(part for _, part in pairs)
        more = hanging_on(reading, demand, sorted(found), shared) - found
        if not more:
            return sorted(found)
        found |= more


def hanging_on(reading: Reading, demand: pd.DataFrame, items: Sequence[int], shared: set[int]) -> set[int]:
    """Return the items of orders that hang together, where an order may not get all it wants, as of what kits `shared`."""
    few = (demand["split_limit"] > 0) | (demand["choice"] == "fewest_splits")
    orders = demand.loc[demand["ship_complete"] | few, "order_id"].unique()
    if not len(orders):
        return set()
    units = queries.units_of_orders(reading, [int(one) for one in orders])
    units = units[units["item_id"].notna()]
    shelves = queries.shelves(reading, items)
    there = shelves[shelves["usable"]].groupby("item_id")["on_hand"].sum()
    wanted = demand.groupby("item_id")["quantity"].sum()
    scarce = wanted.index[wanted > there.reindex(wanted.index).fillna(0)]
    scarce = scarce.union(pd.Index(sorted(shared), dtype="int64"))
    waits = (units["state"] != "backlog") | (units["reason"] == "ship_complete") | units["item_id"].isin(scarce)
    troubled = set(units.loc[waits, "order_id"]) | set(demand.loc[few, "order_id"])
    return {int(one) for one in units.loc[units["order_id"].isin(troubled), "item_id"].unique()}


def settle_scope(desk: Desk, tx: Writing, scope: Scope, demand: pd.DataFrame, supply: Supply) -> None:
    """Forget what was looked at, and note when each of its items must be looked at again though nothing happens."""
    looked_at = sa.true() if scope.items is None else tx.is_in(col(Touched.item_id), scope.items)
    tx.execute(sa.delete(Touched).where(looked_at))
    tx.upsert(Mark, [{"name": ALLOCATED, "value": scope.mark}], key=("name",))
    days = next_days(by_part(demand, supply.recipes), supply.inbound, supply.as_of, store_calendar(desk))
    tx.upsert(Touched, rows_of(days), key=("item_id",))


def settle_orders(tx: Writing, moved_lines: Sequence[int], told: Sequence[int]) -> None:
    """Forget the touched orders of the channels that were told, and note what has moved of the others."""
    theirs = sa.exists().where(col(Order.id) == col(TouchedOrder.order_id), col(Order.channel_id).in_(told))
    tx.execute(sa.delete(TouchedOrder).where(theirs))
    moved = sa.select(col(OrderLine.order_id)).where(tx.is_in(col(OrderLine.id), moved_lines))
    others = moved.where(col(OrderLine.channel_id).not_in(told)).distinct()
    insert_missing(tx, TouchedOrder.__table__, others)


def by_part(demand: pd.DataFrame, recipes: pd.DataFrame) -> pd.DataFrame:
    """Return the demand with each line of a kit once for each of its parts, as wanting that."""
    if not len(recipes):
        return demand
    parts = demand.drop(columns="item_id").merge(recipes[["recipe_id", "item_id"]], on="recipe_id")
    return pd.concat([demand[demand["recipe_id"].isna()], parts], ignore_index=True)


def next_days(demand: pd.DataFrame, inbound: pd.DataFrame, as_of: datetime, store: Calendar) -> pd.DataFrame:
    """Return item_id, due_at: the next moment at which time alone may change what becomes of an item."""
    now = pd.Timestamp(as_of)
    tomorrow = pd.Timestamp(store.start_of(store.day_of(as_of) + DAY))
    days = [expected(demand, inbound, now, tomorrow), special(demand)]
    found = pd.concat(days, ignore_index=True).dropna()
    found = found[found["due_at"] > now]
    return found.groupby("item_id", as_index=False).agg(due_at=("due_at", "min"))


def expected(demand: pd.DataFrame, inbound: pd.DataFrame, now: pd.Timestamp, tomorrow: pd.Timestamp) -> pd.DataFrame:
    """Return the days of what is on its way: it comes near enough to hold an order for it, or is looked at daily when due."""
    wanted = demand.groupby("item_id")["hold_days"].agg(["min", "max"])
    coming = inbound[inbound["item_id"].isin(wanted.index)].merge(wanted, left_on="item_id", right_index=True)
    is_near = coming["likely_at"] < now + NEAR
    times = [(coming["likely_at"] - NEAR).mask(is_near, tomorrow)]
    times += [coming["likely_at"] - pd.to_timedelta(coming[name], unit="D") for name in ("min", "max")]
    return pd.concat([pd.DataFrame({"item_id": coming["item_id"], "due_at": one}) for one in times])


def special(demand: pd.DataFrame) -> pd.DataFrame:
    """Return the days on which a release, the end of patience, or the horizon comes."""
    starved = demand["placed_at"] + pd.to_timedelta(demand["starve_days"], unit="D") + pd.Timedelta(seconds=1)
    horizon = demand["promised_at"] - pd.to_timedelta(demand["horizon_days"].astype("float64"), unit="D")
    times = [demand["release_at"], starved.where(demand["ship_complete"]), horizon]
    return pd.concat([pd.DataFrame({"item_id": demand["item_id"], "due_at": one}) for one in times])
