"""Propose to move the promises that late deliveries break: one plan for each line on its way.

Position decides here, too: what is expected later than promised and was not decided yet is proposed, whenever it slipped.
A proposal that waits and would say the same stays. Small ones apply by themselves, by the settings.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas as pd

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import promises
from fillrate.db.queries import slips as queries
from fillrate.decide.calendars import Calendar
from fillrate.decide.days import INSTANTS
from fillrate.decide.frames import EXPECTED, PROMISED_LINES, conform, rows_of
from fillrate.decide.slips import MoveRules, expected_by, proposals, slips
from fillrate.report.money import summed
from fillrate.report.promises import proposal_sentences
from fillrate.report.texts import text
from fillrate.steps.allocating.decided import Decided, last_covers
from fillrate.steps.allocating.load import Queue
from fillrate.steps.allocating.save import Before
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, end_changes, settle_plans, store_plan
from fillrate.steps.promised import give
from fillrate.steps.runs import RunLog

FINE = "Its promise is expected to hold, or that it breaks was decided before."
MOVED = "Its promise was moved meanwhile."
GONE = "Nothing of the line is open any more."
POLICY = "policy"
NO_DELIVERY = 0


def propose(
    desk: Desk, tx: Writing, log: RunLog, queue: Queue, decided: Decided, was: Before, orders: Sequence[int]
) -> list[str]:
    """Plan the moves of promises that break, in the transaction that has saved what is expected; returns the plans.

    `was` is what was expected before; `orders` are all whose lines may no longer need what is proposed for them.
    """
    slipped = slipped_lines(desk, tx, queue, decided, was)
    rules, store, plans = MoveRules(**move_rules(desk)), store_calendar(desk), []
    for shop in desk.shops.values():
        waiting = {row.target: row for row in queries.proposed(tx, shop.id, orders)}
        mine = slipped[slipped["channel_id"] == shop.id]
        found = proposals(mine, rules)
        names = queries.deliveries(tx, [int(one) for one in found["inbound_id"].dropna()])
        broken = mine[mine["breaks"]]
        breaking: dict[int, list[Any]] = defaultdict(list)
        for delivery, row in zip(broken["delivery"].tolist(), broken.itertuples(), strict=True):
            breaking[delivery].append(row)
        wanted: set[str] = set()
        for proposal in found.itertuples():
            name = names.get(delivery_of(proposal), "")
            lines = breaking[delivery_of(proposal)]
            moves = [move_of(store, shop, row, name) for row in lines]
            wanted |= {move.target for move in moves}
            if not proposal.by_itself and all(is_proposed(move, waiting.get(move.target)) for move in moves):
                continue
            plans.append(planned(desk, tx, shop, log, moves, proposal, name, lines))
            if proposal.by_itself:
                days = {int(row.line_id): row.move_to for row in lines}
                given = {"given_at": queue.supply.as_of, "plan_id": plans[-1], "run_id": log.id}
                give(tx, days, source="slip", **given)
        ranked = {int(one) for one in queue.demand["line_id"].unique()}
        end_others(desk, tx, store, [row for target, row in waiting.items() if target not in wanted], ranked)
    return plans


def move_rules(desk: Desk) -> dict[str, int]:
    """Return by which rules proposals apply by themselves."""
    settings = desk.settings.promises
    return {"days": settings.move_by_itself_days, "lines": settings.move_by_itself_lines}


def slipped_lines(desk: Desk, reading: Reading, queue: Queue, decided: Decided, was: Before) -> pd.DataFrame:
    """Return SLIPS, with channel_id, platform_id, currency and delivery (NO_DELIVERY: none) of each line."""
    store = store_calendar(desk)
    expected = expectations(reading, decided, was)
    moved = expected[~(expected["now_by"] <= expected["ship_by"]) | (expected["now_by"] > expected["was_by"])]
    facts = queries.facts(reading, [int(one) for one in moved["line_id"]])
    moved = moved.merge(facts, on="line_id")
    moved = moved.assign(
        was_by=was_decided(desk, reading, store, moved),
        quantity=moved["open"],
        value_e4=moved["open"] * moved["unit_price_e4"],
    )
    now, before = (last_covers(queue, one, moved["line_id"]) for one in (decided.result.covers, was.covers))
    lines = conform(moved, PROMISED_LINES)
    found = slips(lines, expected_frame(moved, "was_by", before), expected_frame(moved, "now_by", now), store)
    found = found.merge(moved[["line_id", "channel_id", "platform_id", "currency"]], on="line_id")
    return found.assign(delivery=found["inbound_id"].fillna(NO_DELIVERY).astype("int64"))


def expectations(reading: Reading, decided: Decided, was: Before) -> pd.DataFrame:
    """Return line_id, first_by, ship_by, now_by, was_by of the lines that wait and have a promise.

    A line that was expected later than promised and is not decided yet counts as having been expected as promised.
    """
    waits = decided.forecasts
    given = promises.of_lines(reading, [int(one) for one in waits["line_id"]]).sort_values("number")
    by_line = given.groupby("line_id")["ship_by"]
    lines = waits.merge(by_line.first().rename("first_by"), on="line_id").merge(
        by_line.last().rename("ship_by"), on="line_id"
    )
    old = was.forecasts.set_index("line_id").reindex(lines["line_id"]).set_axis(lines.index)
    promised = lines["ship_by"]
    was_by = expected_by(old["likely_by"], old["sure_by"], promised)
    return lines.assign(
        now_by=expected_by(lines["likely_by"], lines["sure_by"], promised),
        was_by=was_by.where(was_by <= promised, promised),
    )[["line_id", "first_by", "ship_by", "now_by", "was_by"]]


def was_decided(desk: Desk, reading: Reading, store: Calendar, moved: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Return `was_by`, but the day that a person decided about where he refused to promise it, or has seen that none is known."""
    breaks = moved[~(moved["now_by"] <= moved["ship_by"])]
    days: dict[int, Any] = {}  # Any: times
    for shop in desk.shops.values():
        mine = breaks[breaks["channel_id"] == shop.id]
        lines = {f"line:{row['platform_id']}": row for row in rows_of(mine[["platform_id", "line_id", "ship_by"]])}
        for word in queries.decided(reading, shop.id, lines):
            line = lines[word.target]
            if word.before == day_of(store, line["ship_by"]):
                days[line["line_id"]] = pd.NaT if word.after is None else pd.Timestamp(start_of(store, word.after))
    by_person = pd.Series(days, dtype=INSTANTS).reindex(moved["line_id"]).set_axis(moved.index)
    return moved["was_by"].mask(moved["line_id"].isin(list(days)), by_person)


def expected_frame(moved: pd.DataFrame, by: str, last: pd.DataFrame) -> pd.DataFrame:
    """Return as EXPECTED when lines leave, and which delivery decides it."""
    rows = moved[["line_id", by]].rename(columns={by: "forecast_by"}).merge(last, on="line_id", how="left")
    return conform(rows, EXPECTED)


def delivery_of(proposal: Any) -> int:  # Any: a row of PROPOSALS
    """Return which delivery a proposal is about."""
    return NO_DELIVERY if pd.isna(proposal.inbound_id) else int(proposal.inbound_id)


def move_of(store: Calendar, shop: Shop, row: Any, name: str) -> Intended:  # Any: a row of SLIPS
    """Return the move of one promise; to None where nobody knows the day."""
    is_dated = not pd.isna(row.move_to)
    why = "slip_delivery" if name else "slip_alone"
    return Intended(
        channel=shop.name,
        kind=queries.KIND,
        target=f"line:{row.platform_id}",
        before=day_of(store, row.ship_by),
        after=day_of(store, row.move_to) if is_dated else None,
        reason=text("promise", why if is_dated else "slip_undated", delivery=name),
    )


def is_proposed(move: Intended, row: Any) -> bool:  # Any: a row of queries.proposed, or None
    """Tell whether a move waits for a person already."""
    return row is not None and (row.before, row.after) == (move.before, move.after)


def planned(
    desk: Desk,
    tx: Writing,
    shop: Shop,
    log: RunLog,
    moves: Sequence[Intended],
    proposal: Any,  # Any: a row of PROPOSALS
    name: str,
    lines: Sequence[Any],  # Any: rows of SLIPS
) -> str:
    """Store the plan of one delivery, which says what breaks, and return its id."""
    values = [(int(row.value_e4), row.currency) for row in lines]
    said = proposal_sentences(
        name,
        int(proposal.slips),
        int(proposal.breaks),
        int(proposal.undated),
        None if pd.isna(proposal.late_days) else int(proposal.late_days),
        int(proposal.quantity),
        summed(values),
        by_itself=bool(proposal.by_itself),
    )
    booked_by = POLICY if proposal.by_itself else ""
    return store_plan(desk, tx, shop, log, moves, waits_because=" ".join(said), booked_by=booked_by)


def end_others(
    desk: Desk, tx: Writing, store: Calendar, rows: Sequence[Any], ranked: set[int]
) -> None:  # Any: rows of queries.proposed
    """End moves that wait and are wanted no more: nothing is open, the promise moved, or is not expected to break."""
    last = promises.holding(tx, [row.line_id for row in rows])
    over: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        held = last.get(row.line_id)
        if not row.is_open:
            end = ("stale", GONE)
        elif held is None or day_of(store, held.ship_by) != row.before:
            end = ("stale", MOVED)
        elif row.line_id in ranked:
            end = ("superseded", FINE)
        else:
            continue
        over.setdefault(end, []).append(row.id)
    for (state, answer), ids in over.items():
        end_changes(desk, tx, ids, state, answer)
    ended = {one for ids in over.values() for one in ids}
    settle_plans(tx, sorted({row.plan_id for row in rows if row.id in ended}))


def day_of(store: Calendar, at: Any) -> str:  # Any: a time
    """Return the store's day of an instant as ISO text."""
    return store.day_of(pd.Timestamp(at).to_pydatetime()).isoformat()


def start_of(store: Calendar, day: str) -> Any:  # Any: a time
    """Return the beginning of a day that is ISO text."""
    return store.start_of(pd.Timestamp(day).date())
