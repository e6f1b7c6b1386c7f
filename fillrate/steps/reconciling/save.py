"""Keep what a reconciliation understood, tell what it found, and plan what the channel should show."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fillrate.channels.protocol import STOCK
from fillrate.db.database import Writing
from fillrate.db.queries import plans as plan_queries
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.stock import newest_line
from fillrate.db.tables import DriftFound, ShownStock
from fillrate.decide.plans import must_wait
from fillrate.decide.reconcile import Drift
from fillrate.decide.sweeps import emptying
from fillrate.report.texts import text
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, end_changes, settle_plans, store_plan
from fillrate.steps.reconciling.numbers import Numbers
from fillrate.steps.runs import RunLog
from fillrate.steps.wishes import is_first_plan

Row = Mapping[str, Any]  # Any: plain values
TOLD = (Drift.LATE_ORDER, Drift.COMPONENT, Drift.EDITED, Drift.UNKNOWN)
WATCHED, WAITS, HEALED, LEFT = "watched", "waits", "healed", "left"


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:  # Any: plain values, None where there is none
    """Return a frame's rows as plain values."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def save_bases(tx: Writing, shop: Shop, numbers: Numbers, rows: Sequence[Row]) -> None:
    """Keep what was understood as the base of the next time, and what was not as it was found."""
    newest = newest_line(tx)
    tx.upsert(ShownStock, [base_row(shop, numbers, newest, row) for row in rows], key=("channel_id", "target"))


def base_row(shop: Shop, numbers: Numbers, newest: int, row: Row) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one number."""
    known = {
        "channel_id": shop.id,
        **{name: row[name] for name in ("target", "item_id", "location_id", "wanted", "held")},
    }
    if not row["settles"]:
        is_same = row["odd"] == row["unexplained"] and row["odd_since"] is not None
        return {
            **known,
            "shown": row["base"] + row["base_reserved"],
            "reserved": row["base_reserved"],
            **{name: row[f"base_{name}"] for name in ("taken", "returned", "parts")},
            "line_id": row["line_id"],
            "read_at": row["read_at"],
            "odd": row["unexplained"],
            "odd_since": row["odd_since"] if is_same else numbers.began_at,
            "is_settled": False,
        }
    is_before = row["has_base"] and row["theirs"] == row["base"] + row["base_taken"] - row["taken_before"]
    is_after = not row["has_base"] or row["theirs"] == row["base"] + row["base_taken"] - row["taken"]
    return {
        **known,
        "shown": row["theirs"] + row["reserved"],
        "reserved": row["reserved"],
        "taken": row["taken_before"] if is_before and not is_after else row["taken"],
        **{name: row[name] for name in ("returned", "parts")},
        "line_id": newest,
        "read_at": numbers.began_at,
        "odd": 0,
        "odd_since": None,
        "is_settled": row["write"] is None and row["drift"] != Drift.FIRST_SEEN,
    }


def save_drift(desk: Desk, tx: Writing, shop: Shop, log: RunLog, rows: Sequence[Row]) -> None:
    """Note what was found, and settle what was found before and is over."""
    at = desk.outside.clock.now()
    known = {row.target: row for row in queries.open_drift(tx, shop.id, [row["target"] for row in rows])}
    new, again, over = [], [], []
    for row in rows:
        old, outcome = known.get(row["target"]), outcome_of(row)
        is_same = old is not None and outcome and (old.drift, old.unexplained) == (row["drift"], row["unexplained"])
        if is_same and old is not None:
            again.append({"id": old.id, "times": old.times + 1, "seen_at": at, "outcome": outcome})
            continue
        if old is not None and old.outcome != WAITS:
            over.append({"id": old.id, "settled_at": at})
        if outcome:
            new.append(drift_row(shop, log, row, outcome, at))
    tx.update(DriftFound, again, key=("id",))
    tx.update(DriftFound, over, key=("id",))
    tx.insert(DriftFound, new)
    for row in new:
        log.counts[f"drift_{row['drift']}"] += 1


def outcome_of(row: Row) -> str:
    """Return what becomes of a difference, "" where there is nothing to tell."""
    if row["waits"]:
        return WAITS
    if row["drift"] == Drift.IN_FLIGHT:
        return WATCHED if row["unexplained"] else ""
    if row["drift"] not in TOLD:
        return ""
    return LEFT if row["wanted"] is None else HEALED


def drift_row(shop: Shop, log: RunLog, row: Row, outcome: str, at: Any) -> dict[str, Any]:  # Any: a time; a table's row
    """Return the row of one finding."""
    return {
        "channel_id": shop.id,
        **{name: row[name] for name in ("target", "item_id", "location_id", "drift", "base", "theirs", "wanted")},
        "unexplained": row["unexplained"] or row["theirs"] - row["base"],
        "evidence": evidence(row),
        "outcome": outcome,
        "times": 1,
        "found_at": at,
        "seen_at": at,
        "settled_at": at if outcome == HEALED else None,
        "run_id": log.id,
    }


def evidence(row: Row) -> str:
    """Return in one sentence why a number is what it is."""
    return text(
        "drift",
        row["drift"],
        base=row["base"],
        theirs=row["theirs"],
        sold=row["taken"] - row["base_taken"],
        expected=row["base"] + row["base_taken"] - row["taken"],
        late=row["late"],
        parts=row["parts"] - row["base_parts"],
        units=row["unexplained"],
    )


def plan_numbers(desk: Desk, tx: Writing, shop: Shop, log: RunLog, rows: Sequence[Row]) -> None:
    """Plan what the channel should show, the most urgent first; what only lowers a number never waits for a person.

    Unless it is the channel's first plan, or so many would show nothing at once that somebody should look first.
    """
    targets = [row["target"] for row in rows]
    live, refused = (
        ask(tx, shop.id, STOCK, targets) for ask in (plan_queries.live_changes, plan_queries.refused_values)
    )
    if not log.is_dry:
        withdraw_needless(desk, tx, rows, live)
    if not shop.settings.publish:
        log.counts["numbers_not_written"] += sum(row["write"] is not None for row in rows)
        return
    changes = [change_of(shop, row) for row in rows if row["write"] is not None and may_replace(row, live)]
    changes = [one for one in changes if refused.get(one.target) != one.after]
    policy = desk.settings.policy.for_(channel=shop.name)
    shows = queries.published(tx, shop.id)
    is_first = is_first_plan(tx, shop, STOCK)
    why = must_wait(
        kind=STOCK,
        changes=len(changes),
        entities=lambda: shows,
        is_first=is_first,
        is_practice=shop.settings.practice,
        share=policy.wait_above_share,
        limit=policy.wait_above_changes,
    )
    emptied = sum(one.after["quantity"] == 0 and one.before["quantity"] > 0 for one in changes)
    if mass := emptying(emptied, shows, policy.vanish_share):
        why = mass
    is_looked_at = mass or (is_first and not shop.settings.practice)
    goes = [one for one in changes if not why or (lowers(one) and not is_looked_at)]
    waiting = [one for one in changes if why and (is_looked_at or not lowers(one))]
    for some, waits in ((goes, ""), (waiting, why)):
        if plan_id := store_plan(desk, tx, shop, log, some, waits_because=waits):
            log.plans.append(plan_id)


def lowers(one: Intended) -> bool:
    """Tell whether a write only lowers a number, so that nothing more can be sold by it."""
    return bool(one.after["quantity"] < one.before["quantity"])


def change_of(shop: Shop, row: Row) -> Intended:
    """Return the write that gives a number its value; what may be sold twice goes out first."""
    before, after = row["theirs"] + row["reserved"], row["write"] + row["reserved"]
    reason = text("stock_reason", row["drift"], shows=row["theirs"], sellable=row["write"])
    if row.get("buffer"):
        reason += " " + text("stock_reason", "buffer", n=row["buffer"])
    rank = 0 if row["write"] == 0 < row["theirs"] else 1 if after < before else 2 if row["theirs"] <= 0 else 3
    return Intended(
        channel=shop.name,
        kind=STOCK,
        target=row["target"],
        before={"quantity": before},
        after={"quantity": after},
        reason=reason,
        rank=rank,
    )


def may_replace(row: Row, live: Mapping[str, Any]) -> bool:  # Any: rows of Change
    """Tell whether nothing is on its way to a number, and the same is not wanted already."""
    old = live.get(row["target"])
    if old is None:
        return True
    is_same = (
        old.after == {"quantity": row["write"] + row["reserved"]}
        and old.before["quantity"] == row["theirs"] + row["reserved"]
    )
    return old.state not in plan_queries.IN_DOUBT and not is_same


def withdraw_needless(desk: Desk, tx: Writing, rows: Sequence[Row], live: Mapping[str, Any]) -> None:  # Any: as above
    """End changes that wait for what is no longer wanted: the newest target wins."""
    needless = [
        old
        for row in rows
        if (old := live.get(row["target"])) is not None
        and old.state not in plan_queries.IN_DOUBT
        and row["settles"]
        and row["write"] is None
    ]
    end_changes(desk, tx, [old.id for old in needless], "superseded", "The channel shows what it should.")
    settle_plans(tx, sorted({old.plan_id for old in needless}))
