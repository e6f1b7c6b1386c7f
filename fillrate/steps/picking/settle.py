"""Bring pick lines up to what is known by now: shipped in the shop, cancelled, edited, on hold, or without their shelf."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.queries import picks as queries
from fillrate.db.tables import OpenUnit, PickLine, PickList, Transition
from fillrate.decide.picks import Pick, settle_picks
from fillrate.decide.states import Cause, Move, Reason, State, check_moves
from fillrate.steps.days import time_now
from fillrate.steps.desk import Desk
from fillrate.steps.ledger import save_units, transition
from fillrate.steps.picking.parts import set_aside_whole
from fillrate.steps.runs import RunLog

BACKLOG = State.BACKLOG.value


def settle(desk: Desk, log: RunLog) -> None:
    """Bring all pick lines up to date, in a transaction of their own; a dry run leaves them."""
    if log.is_dry:
        return
    with desk.db.read() as reading:
        if not queries.unsettled_lines(reading):
            return
    with desk.db.write("picks.settle", lock=True) as tx:
        log.counts.update(settle_all(desk, tx, log.id))


def settle_all(desk: Desk, tx: Writing, run_id: str) -> dict[str, int]:
    """Settle every pick line that units are being packed for; returns how many units left, and are not to be picked."""
    line_ids = queries.unsettled_lines(tx)
    if not line_ids:
        return {}
    rows = queries.picks_of(tx, line_ids)
    seen = queries.shipped_while_picked(tx, line_ids)
    picking = units_picking(tx, line_ids)
    backed = {
        (line, place): units for line, place, units in set_aside_whole(tx, line_ids).itertuples(index=False, name=None)
    }
    counted = queries.counted_lines(tx, line_ids)
    by_line: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_line[row.line_id].append(row)
    changed, loose, counts = [], {}, {"units_shipped_from_picks": 0, "units_removed_from_picks": 0}
    for line_id, mine in by_line.items():
        picks = [
            pick_of(row, backed.get((line_id, row.location_id), 0) if line_id in counted else None) for row in mine
        ]
        found = settle_picks(picks, seen.get(line_id, 0), picking.get(line_id, 0))
        if found.loose:
            loose[line_id] = found.loose
        for before, after in zip(sorted(picks), found.picks, strict=True):
            if before != after:
                changed.append({"id": after.id, "seen": after.seen, "removed": after.removed})
                counts["units_shipped_from_picks"] += max(0, after.seen - before.seen)
                counts["units_removed_from_picks"] += after.removed - before.removed
    tx.update(PickLine, changed, key=("id",))
    put_back(desk, tx, loose, run_id)
    close_lists(tx, sorted({row.list_id for row in rows}))
    return counts


def pick_of(row: Any, backed: int | None) -> Pick:  # Any: a row of PickLine with its list's
    """Return one pick line as a plain value."""
    return Pick(row.id, row.location_id, row.quantity, row.shipped, row.seen, row.short, row.removed, backed)


def units_picking(tx: Writing, line_ids: list[int]) -> dict[int, int]:
    """Return how many units of each line are being packed."""
    found: dict[int, int] = defaultdict(int)
    for row in tx.find(OpenUnit, "line_id", line_ids, "line_id", "quantity", reason=Reason.PICKING.value):
        found[row.line_id] += row.quantity
    return found


def put_back(desk: Desk, tx: Writing, units: Mapping[int, int], run_id: str) -> None:
    """Make so many units of each line ready again that were being packed, the latest in the queue first."""
    if not units:
        return
    start, end = (BACKLOG, Reason.PICKING.value), (BACKLOG, Reason.READY.value)
    check_moves([Move(*start, *end, Cause.POLICY.value)])
    buckets: dict[int, dict[tuple[str, str, Any], int]] = defaultdict(dict)
    for row in tx.find(OpenUnit, "line_id", sorted(units)):
        buckets[row.line_id][row.state, row.reason, row.queued_at] = row.quantity
    moves, at = [], time_now(desk, tx)
    for line_id, quantity in sorted(units.items()):
        mine, left = buckets[line_id], quantity
        for bucket in sorted((one for one in mine if one[:2] == start), key=lambda one: one[2], reverse=True):
            taken = min(left, mine[bucket])
            left -= taken
            mine[bucket] -= taken
            ready = (*end, bucket[2])
            mine[ready] = mine.get(ready, 0) + taken
        moves.append(transition(line_id, quantity - left, start, end, Cause.POLICY, run_id, at))
    tx.insert(Transition, moves)
    save_units(tx, buckets)


def close_lists(tx: Writing, list_ids: list[int]) -> None:
    """Mark lists as done of which nothing is left to be picked."""
    waiting = {row.list_id for row in queries.lines(tx, list_ids) if row.to_do}
    states = {row.id: row.state for row in tx.find(PickList, "id", list_ids, "id", "state")}
    done = [one for one in list_ids if one not in waiting and states[one] in {"open", "taken"}]
    tx.update(PickList, [{"id": one, "state": "done"} for one in done], key=("id",))
