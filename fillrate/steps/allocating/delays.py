"""Judge what delays mean for customers: which are told, which are asked, and which orders staff should cancel.

Lines are judged whose order was touched or ranked, or whose day has come; all of them where the rules themselves changed.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pandas as pd
import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import delays as queries
from fillrate.db.queries import promises
from fillrate.db.tables import Delay, Mark
from fillrate.decide.calendars import Calendar
from fillrate.decide.delays import DelayRules, delays, next_looks
from fillrate.decide.frames import rows_of
from fillrate.decide.slips import expected_by
from fillrate.steps.allocating.rules import by_combination, hold_of
from fillrate.steps.allocating.save import with_empty
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk

MARK = "delays"  # the fingerprint of the rules under which all open lines were judged


class Judged(NamedTuple):
    """Lines of which something else is to be done than before, and their orders."""

    lines: list[int]
    orders: list[int]


def judge_delays(desk: Desk, tx: Writing, order_ids: Sequence[int], at: datetime) -> Judged:
    """Write what is to be done about each line that may be late, where that changed."""
    rules = DelayRules(**desk.settings.delays.model_dump())
    known = tx.scalar(sa.select(col(Mark.value)).where(col(Mark.name) == MARK))
    if not rules.enabled:
        if known is not None:
            tx.execute(sa.delete(Delay))
            tx.delete(Mark, [{"name": MARK}], key=("name",))
        return Judged([], [])
    mark = fingerprint(desk)
    channels = [shop.id for shop in desk.shops.values()]
    lines = queries.lines(tx, channels, order_ids if mark == known else None, at)
    tx.upsert(Mark, [{"name": MARK, "value": mark}], key=("name",))
    is_open = lines["open"].notna()
    gone = lines[~is_open & lines["was_judged"]]
    tx.delete(Delay, rows_of(gone[["line_id"]]), key=("line_id",))
    judged = judge(desk, tx, lines[is_open].reset_index(drop=True), rules, at)
    before = judged[[f"{name}_before" for name in queries.SAVED]].set_axis(list(queries.SAVED), axis=1)
    now = judged[list(queries.SAVED)]
    is_same = ((before == now) | (before.isna() & now.isna())).all(axis=1) & judged["was_judged"]
    fresh = judged[~is_same]
    tx.upsert(Delay, with_empty(fresh[["line_id", *queries.SAVED]]), key=("line_id",))
    changed = pd.concat([gone, fresh])
    return Judged(*([int(one) for one in changed[name].unique()] for name in ("line_id", "order_id")))


def fingerprint(desk: Desk) -> str:
    """Return what changes with the rules and the days by which delays are judged."""
    parts = (desk.settings.delays, desk.settings.store, [one.statuses for one in desk.settings.channel])
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def judge(desk: Desk, reading: Reading, lines: pd.DataFrame, rules: DelayRules, at: datetime) -> pd.DataFrame:
    """Return open lines with what is to be done about each: the columns of Delay."""
    store, ids = store_calendar(desk), [int(one) for one in lines["line_id"]]
    given = promises.of_lines(reading, ids)
    known = lines.assign(
        ordered_at=lines["placed_at"],
        complete_at=complete_at(desk, lines, at),
        forecast_by=forecast_by(desk, store, lines, given, at),
    )
    told, answers = queries.told(reading, ids), queries.answered(reading, ids)
    found = delays(known, given, told, answers, rules, store, at)
    found = found.assign(look_at=next_looks(found, store, at))
    return known.merge(found, on="line_id")


def complete_at(desk: Desk, lines: pd.DataFrame, at: datetime) -> "pd.Series[pd.Timestamp]":
    """Return when each order was first seen complete and paid: when it was placed, if it was so at first sight.

    Empty while its payment is missing, it is being reviewed, or a person holds it until something is cleared up.
    """
    numbers, holds = by_combination(lines, ["channel", "status"], lambda *facts: hold_of(desk, *facts))
    is_complete = (pd.Series(holds, dtype="str").take(numbers).set_axis(lines.index) == "") & ~lines["is_held"]
    at_first_sight = lines["placed_at"].where(~lines["was_judged"], pd.Timestamp(at))
    return lines["complete_at_before"].fillna(at_first_sight).where(is_complete)


def forecast_by(
    desk: Desk, store: Calendar, lines: pd.DataFrame, given: pd.DataFrame, at: datetime
) -> "pd.Series[pd.Timestamp]":
    """Return when each line is expected to leave.

    What is all set aside leaves as promised while that day is not over, and then on the next shipping day.
    """
    last = given.sort_values("number").drop_duplicates("line_id", keep="last").set_index("line_id")["ship_by"]
    promised = last.reindex(lines["line_id"]).set_axis(lines.index)
    today = pd.Timestamp(store.start_of(store.day_of(at)))
    leaves = pd.Timestamp(store.start_of(store.ship_by(at, desk.settings.store.handling_days)))
    from_stock = promised.where(promised >= today, leaves)
    return expected_by(lines["likely_by"], lines["sure_by"], promised).where(lines["has_forecast"], from_stock)
