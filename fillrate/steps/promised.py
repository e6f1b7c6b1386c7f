"""Give promises: always a new row of the ledger, beside those that were given before. And book those that a plan moves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.queries import slips as queries
from fillrate.db.queries.promises import holding
from fillrate.db.tables import OrderLine, Promise
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk
from fillrate.steps.touch import touch_lines

Outcomes = dict[int, tuple[str, str]]  # state and answer of a change, by its key
SEEN = "Nobody knows its day, so there is none to promise instead."
NOT_SO = "What it was planned for had changed: the promise, what is open of the line, or its day is over."


def give(tx: Writing, days: Mapping[int, datetime], **given: Any) -> None:  # Any: columns of Promise
    """Promise the beginning of a day for each line; `given` are source, given_at, plan_id and run_id."""
    last = holding(tx, days)
    numbers = {line: last[line].number + 1 if line in last else 1 for line in days}
    tx.insert(Promise, [{"line_id": one, "number": numbers[one], "ship_by": day, **given} for one, day in days.items()])


def book_moves(
    desk: Desk, tx: Writing, channel_id: int, changes: Sequence[Any], **given: Any
) -> Outcomes:  # Any: rows of Change, columns of Promise
    """Give the promises of a plan that was approved, and return what became of each change.

    One is stale whose promise is no longer what it was, of which nothing is open, or whose day is over.
    """
    store = store_calendar(desk)
    today = store.day_of(given["given_at"])
    ids = tx.ids(OrderLine, channel_id, [row.target.removeprefix("line:") for row in changes])
    open_lines = queries.open_lines(tx, ids.values())
    last = {line: store.day_of(row.ship_by).isoformat() for line, row in holding(tx, ids.values()).items()}
    found: Outcomes = {}
    days: dict[int, datetime] = {}
    for row in changes:
        line = ids.get(row.target.removeprefix("line:"), 0)
        day = None if row.after is None else date.fromisoformat(row.after)
        if line not in open_lines or last.get(line) != row.before or (day is not None and day < today):
            found[row.id] = ("stale", NOT_SO)
            continue
        found[row.id] = ("done", "" if day else SEEN)
        if day is not None:
            days[line] = store.start_of(day)
    give(tx, days, source="slip", **given)
    touch_lines(tx, ids.values())
    return found
