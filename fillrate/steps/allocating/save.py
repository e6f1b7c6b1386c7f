"""Save what an allocation decided: only rows that differ."""

from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.queue import of
from fillrate.db.tables import Allocation, Cover, Forecast, OpenUnit, OrderLine, Promise, Stock, Transition
from fillrate.decide.frames import rows_of
from fillrate.steps.allocating.decided import Decided
from fillrate.steps.allocating.load import SHELF, Queue, units_by_shelf
from fillrate.steps.allocating.narrow import settle_scope
from fillrate.steps.desk import Desk
from fillrate.steps.runs import RunLog

CLAIM = ["line_id", "queued_at", "inbound_id", "item_id"]


class Before(NamedTuple):
    """What was expected before an allocation: columns of Forecast, and of Cover."""

    forecasts: pd.DataFrame
    covers: pd.DataFrame


def before(reading: Reading, queue: Queue) -> Before:
    """Return what is expected of lines that are ranked, and what is claimed of items that are looked at."""
    covers = sa.select(*Cover.__table__.c).where(of(reading, col(Cover.item_id), queue.scope.items))
    forecasts = sa.select(*Forecast.__table__.c).where(forecasts_of(reading, queue))
    return Before(reading.frame(forecasts), reading.frame(covers))


def save(desk: Desk, tx: Writing, log: RunLog, queue: Queue, decided: Decided, was: Before) -> None:
    """Write what is set aside, where units stand, what moved, what waits for what, and promises that are new."""
    result = decided.result
    save_allocations(tx, queue.allocations, result.allocations)
    save_units(tx, result.units, result.moves)
    save_moves(tx, result.moves, log.id, queue.supply.as_of)
    save_shelves(tx, queue.shelves, result.allocations, queue.held)
    save_covers(tx, was.covers, result.covers)
    save_forecasts(tx, was.forecasts, decided.forecasts)
    given = {"number": 1, "given_at": queue.supply.as_of, "plan_id": "", "run_id": log.id}
    tx.insert(Promise, [{**row, **given} for row in with_empty(decided.promises)])
    settle_scope(desk, tx, queue.scope, decided.demand, queue.supply)


def save_allocations(tx: Writing, before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Write the rows that differ."""
    keys = ["line_id", "item_id", "location_id"]
    both = before.merge(after, on=keys, how="outer", suffixes=("_before", "_after")).fillna(0)
    gone = both[(both["quantity_after"] == 0)]
    differs = both[(both["quantity_after"] != both["quantity_before"]) & (both["quantity_after"] > 0)]
    tx.delete(Allocation, rows_of(gone[keys]), key=tuple(keys))
    tx.upsert(
        Allocation, rows_of(differs[[*keys, "quantity_after"]].set_axis([*keys, "quantity"], axis=1)), key=tuple(keys)
    )


def save_units(tx: Writing, units: pd.DataFrame, moves: pd.DataFrame) -> None:
    """Replace the open units of lines that moved."""
    moved = moves["line_id"].unique()
    tx.delete(OpenUnit, [{"line_id": int(one)} for one in moved], key=("line_id",))
    fresh = units[units["line_id"].isin(moved)]
    tx.insert(OpenUnit, rows_of(fresh[["line_id", "state", "reason", "queued_at", "quantity"]]))


def save_moves(tx: Writing, moves: pd.DataFrame, run_id: str, at: datetime) -> None:
    """Append a transition for each move."""
    rows = rows_of(moves)
    tx.insert(Transition, [{**row, "plan_id": "", "run_id": run_id, "at": at} for row in rows])


def save_shelves(tx: Writing, shelves: pd.DataFrame, allocations: pd.DataFrame, held: pd.DataFrame) -> None:
    """Write the cached sum of each shelf of which more or less is set aside now."""
    both = shelves.assign(quantity=units_by_shelf(shelves, allocations) + units_by_shelf(shelves, held))
    differs = both[both["quantity"] != both["allocated"]]
    tx.update(
        Stock,
        rows_of(differs[[*SHELF, "quantity"]].set_axis([*SHELF, "allocated"], axis=1).astype("int64")),
        key=tuple(SHELF),
    )


def save_covers(tx: Writing, known: pd.DataFrame, covers: pd.DataFrame) -> None:
    """Write the claims on what is on its way that differ."""
    both = known.merge(covers, on=CLAIM, how="outer", suffixes=("_before", ""))
    gone, fresh = both["quantity"].isna(), both["quantity"].notna() & (both["quantity"] != both["quantity_before"])
    tx.delete(Cover, rows_of(both.loc[gone, CLAIM]), key=tuple(CLAIM))
    tx.upsert(Cover, rows_of(both.loc[fresh, [*CLAIM, "quantity"]]), key=tuple(CLAIM))


def save_forecasts(tx: Writing, known: pd.DataFrame, forecasts: pd.DataFrame) -> None:
    """Write the forecasts that differ; a line with nothing open has none."""
    names = ["likely_by", "sure_by", "uncovered"]
    both = known.merge(forecasts, on="line_id", how="outer", suffixes=("_before", ""), indicator=True)
    before, now = both[[f"{name}_before" for name in names]].set_axis(names, axis=1), both[names]
    is_same = ((before == now) | (before.isna() & now.isna())).all(axis=1)
    tx.delete(Forecast, rows_of(both.loc[both["_merge"] == "left_only", ["line_id"]]), key=("line_id",))
    fresh = both.loc[(both["_merge"] != "left_only") & ~is_same, ["line_id", *names]]
    tx.upsert(Forecast, with_empty(fresh.astype({"uncovered": "int64"})), key=("line_id",))


def forecasts_of(reading: Reading, queue: Queue) -> sa.ColumnElement[bool]:
    """Return the condition that a forecast is of a line that was ranked, or of a touched order's with nothing open."""
    if queue.scope.items is None:
        return sa.true()
    ranked = [int(one) for one in queue.demand["line_id"].unique()]
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    of_orders = sa.select(col(OrderLine.id)).where(reading.is_in(col(OrderLine.order_id), queue.scope.orders), ~is_open)
    return sa.or_(reading.is_in(col(Forecast.line_id), ranked), col(Forecast.line_id).in_(of_orders))


def with_empty(frame: pd.DataFrame) -> list[dict[str, Any]]:  # Any: plain values
    """Return rows in which an empty time or key is None."""
    return [
        {str(name): None if value is pd.NaT or value is pd.NA else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
