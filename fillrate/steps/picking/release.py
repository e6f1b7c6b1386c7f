"""Release backlog: rank what is ready, take what fits into the day, and make one pick list for each location."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.queue import locations
from fillrate.db.tables import OpenUnit, Order, PickLine, PickList, Transition
from fillrate.decide.frames import rows_of
from fillrate.decide.reasons import restated
from fillrate.decide.releasing import Release, pickable, release
from fillrate.steps.allocate import newest_time
from fillrate.steps.days import location_calendar, refuse_past, store_calendar
from fillrate.steps.desk import Desk
from fillrate.steps.ledger import transition
from fillrate.steps.picking.load import Workable, load
from fillrate.steps.picking.settle import settle_all
from fillrate.steps.runs import Problem, RunLog
from fillrate.steps.touch import touch_lines

KEY = ("line_id", "state", "reason", "queued_at")
REASONS = ("ready", "capacity", "picking")
MOST_NAMED = 5  # orders in one problem


@dataclass(frozen=True, slots=True)
class Decided:
    """What is released, the open units as they are then (TRANCHES), and the moves that lead there (MOVES)."""

    found: Release
    tranches: pd.DataFrame
    moves: pd.DataFrame


def release_backlog(desk: Desk, log: RunLog, as_of: datetime | None) -> None:
    """Release what the warehouse can do now; all of it in one transaction.

    Where nobody works on that day nothing is released, and everything stays as it is. A dry run only counts.
    """
    at = as_of or newest_time(desk, log, list(desk.shops.values()))
    if at is None:
        return
    calendar = store_calendar(desk)
    today = calendar.day_of(at)
    with desk.db.hold("stock", wait_s=60) as lease, desk.db.write("release.save", lease, lock=True) as tx:
        if not log.is_dry:
            refuse_past(desk, tx, as_of)
            log.counts.update(settle_all(desk, tx, log.id))
        places = locations(tx)
        closed = [one for one in places if not location_calendar(desk, one.channel, one.code).is_working(today)]
        if len(closed) == len(places) and not calendar.is_working(today):
            log.say(f"{today:%A}, {today} is no working day of the store: nothing is released.")
            return
        for one in closed:
            log.say(f"{today:%A}, {today} is no working day at {one.channel}:{one.code}: nothing is released there.")
        work = load(desk, tx, calendar.start_of(today), [one.id for one in closed])
        decided = decide(work)
        if not log.is_dry:
            save(tx, log, work, decided, calendar.start_of(today), at)
        log.problems += [*too_large(tx, decided.found.too_large), *lying_apart(work.apart)]
    released, full = decided.found.released, int(decided.tranches["capacity"].sum())
    log.counts.update(
        units_released=int(released["quantity"].sum()),
        units_put_off=full,
        lists_made=released["location_id"].nunique(),
    )


def decide(work: Workable) -> Decided:
    """Return what is released, and what that makes of the reasons of all units that could be worked on."""
    ready = pickable(work.ready, work.limits, work.recipes)
    found = release(ready, work.capacity)
    offered = ready.groupby("line_id")["quantity"].sum()
    released = found.released.groupby("line_id")["quantity"].sum().reindex(offered.index).fillna(0).astype("int64")
    shares = pd.DataFrame({"released": released, "left": offered - released}).rename_axis("line_id").reset_index()
    return Decided(found, *restated(work.tranches, shares))


def save(tx: Writing, log: RunLog, work: Workable, decided: Decided, day: datetime, at: datetime) -> None:
    """Write the lists, and the reasons that differ with their moves."""
    save_reasons(tx, work.tranches, decided.tranches)
    tx.insert(Transition, [moved(row, log.id, at) for row in rows_of(decided.moves)])
    touch_lines(tx, [int(one) for one in decided.moves["line_id"].unique()])
    released = decided.found.released.merge(work.ready[["line_id", "location_id", "item_id"]])
    if released.empty:
        return
    places = sorted(int(one) for one in released["location_id"].unique())
    head = {"run_id": log.id, "day": day, "state": "open", "made_at": at, "taken_at": None}
    tx.insert(PickList, [{**head, "location_id": place} for place in places])
    ids = {
        row.location_id: row.id for row in tx.find(PickList, "location_id", places, "location_id", "id", run_id=log.id)
    }
    nothing = {"shipped": 0, "seen": 0, "short": 0, "removed": 0, "tracking": ""}
    rows = released.assign(list_id=released["location_id"].map(ids)).drop(columns="location_id")
    tx.insert(PickLine, [{**row, **nothing} for row in rows_of(rows)])


def save_reasons(tx: Writing, before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Write the open units whose number differs."""
    long = [
        frame.melt(id_vars=["line_id", "queued_at"], value_vars=list(REASONS), var_name="reason", value_name="quantity")
        for frame in (before, after)
    ]
    both = long[0].merge(long[1], on=["line_id", "queued_at", "reason"], suffixes=("_before", ""))
    rows = both[both["quantity"] != both["quantity_before"]].drop(columns="quantity_before").assign(state="backlog")
    gone = rows["quantity"] == 0
    tx.delete(OpenUnit, rows_of(rows.loc[gone, list(KEY)]), key=KEY)
    tx.upsert(OpenUnit, rows_of(rows[~gone]), key=KEY)


def moved(row: dict[str, Any], run_id: str, at: datetime) -> dict[str, Any]:  # Any: a row of MOVES, and of a table
    """Return a move as a row of its journal."""
    start, end = (row["from_state"], row["from_reason"]), (row["to_state"], row["to_reason"])
    return transition(row["line_id"], row["quantity"], start, end, row["cause"], run_id, at)


def too_large(reading: Reading, order_ids: Sequence[int]) -> list[Problem]:
    """Return a problem for each order that ships complete and that no day can take."""
    return [
        Problem(
            f"order {row.platform_id}",
            "It ships complete and is larger than a whole day of its location, so that it is never released.",
            "Raise capacity_units in fillrate.toml, or let it go out in parts.",
        )
        for row in sorted(reading.find(Order, "id", list(order_ids), "id", "platform_id"))
    ]


def lying_apart(apart: pd.DataFrame) -> list[Problem]:
    """Return a problem for each kit of which units are ready whose parts are set aside at different locations."""
    problems = []
    for sku, rows in apart.groupby("sku"):
        orders = sorted(set(rows["order_platform_id"]), key=lambda one: (len(one), one))
        named = ", ".join(orders[:MOST_NAMED]) + (" …" if len(orders) > MOST_NAMED else "")
        what = (
            f"{rows['quantity'].sum()} unit(s) that are ready cannot be picked: their parts lie at different locations"
        )
        next_ = (
            f"Bring them to one: fillrate explain order {orders[0]} says where they lie. Then mend the shop's numbers."
        )
        problems.append(Problem(f"kit {sku}", f"{what} (orders {named}).", next_))
    return problems
