"""Store what should change as a plan, and let policy or a person approve it.

A plan is a list of changes under one hash; dry run, approval and apply show the same one. Nothing to change, no plan.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import plans as queries
from fillrate.db.tables import Change, Cursor, Plan
from fillrate.decide.plans import ADOPT, BY_WORD, OWN_LEDGER, REJECTED, plan_hash
from fillrate.errors import FillrateError, FixSettings, NotFound
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog

PROMISE = "promise"  # the kind of change that moves one
REPLACEABLE = ("planned", "approved", "parked")  # nothing of these is on its way


class Intended(msgspec.Struct, frozen=True, kw_only=True):
    """One intended write: what kind, on what (the shop's own id), from what to what, and why."""

    channel: str
    kind: str
    target: str
    before: Any  # Any: JSON
    after: Any  # Any: JSON
    reason: str
    day: datetime | None = None  # what a page says by it, where it says a day
    rank: int = 0  # what is more urgent goes out first


class Rejected(NamedTuple):
    """A plan that was refused: the flow that made it, and how many of its changes were sent without a clear answer."""

    flow: str
    in_doubt: int


def store_plan(
    desk: Desk,
    tx: Writing,
    shop: Shop,
    log: RunLog,
    changes: Sequence[Intended],
    *,
    waits_because: str = "",
    booked_by: str = "",
    approved_by: str = "policy",
) -> str:
    """Store a plan for these changes and return its id; "" where there is nothing to change.

    `booked_by` says who wanted changes of our own tables that this very transaction makes: "policy" or a person;
    `approved_by` whose word lets out what does not wait. A dry run's plan is kept beside the live ones; a plan that says the
    same as one that still waits is that one, while none of its changes has ended.
    """
    if not changes:
        return ""
    digest = plan_hash(msgspec.to_builtins(changes))
    alike = queries.plans_with_hash(tx, digest)
    state = "dry_run" if log.is_dry else "applied" if booked_by else "waiting" if waits_because else "approved"
    same = [plan.id for plan in alike if plan.state == state and state in {"dry_run", "waiting"}]
    if same and queries.change_counts(tx, same[-1:])[same[-1]].keys() <= {"dry_run", "planned"}:
        return str(same[-1])
    plan_id = f"P-{digest[:10]}-{len(alike) + 1}"
    tx.insert(Plan, [plan_row(desk, tx, shop, log, plan_id, digest, state, waits_because, booked_by or approved_by)])
    if not log.is_dry:
        supersede(desk, tx, shop, changes)
    change_state = {"dry_run": "dry_run", "waiting": "planned", "approved": "approved", "applied": "done"}[state]
    tx.insert(Change, [change_row(desk, shop, plan_id, one, change_state) for one in in_order(changes)])
    return plan_id


def in_order(changes: Sequence[Intended]) -> list[Intended]:
    """Return changes in the order in which they go out: the most urgent first, then by target, numbers as numbers."""
    return sorted(changes, key=lambda one: (one.kind, one.rank, len(one.target), one.target))


def plan_row(
    desk: Desk,
    tx: Writing,
    shop: Shop,
    log: RunLog,
    plan_id: str,
    digest: str,
    state: str,
    waits_because: str,
    approved_by: str,
) -> dict[str, Any]:  # Any: a table's row
    """Return the row of a plan, with the cursors and the policy it was decided under."""
    now = desk.outside.clock.now()
    cursors = tx.rows(sa.select(col(Cursor.stream), col(Cursor.saved_until)).where(col(Cursor.channel_id) == shop.id))
    is_approved = state in {"applied", "approved"}
    return {
        "id": plan_id,
        "flow": log.flow,
        "channel_id": shop.id,
        "hash": digest,
        "cursors": {row.stream: row.saved_until.isoformat() for row in cursors if row.saved_until is not None},
        "policy": desk.settings.policy.for_(channel=shop.name).model_dump(),
        "state": state,
        "waits_because": waits_because,
        "run_id": log.id,
        "created_at": now,
        "approved_by": approved_by if is_approved else "",
        "approved_at": now if is_approved else None,
    }


def change_row(desk: Desk, shop: Shop, plan_id: str, one: Intended, state: str) -> dict[str, Any]:  # Any: a row
    """Return the row of one change."""
    return {
        "plan_id": plan_id,
        "channel_id": shop.id,
        "kind": one.kind,
        "target": one.target,
        "before": one.before,
        "after": one.after,
        "seen": None,
        "reason": one.reason,
        "key": f"{plan_id}:{one.kind}:{one.target}",
        "state": state,
        "attempts": 0,
        "payload_version": 1,
        "answer": "",
        "day": one.day,
        "changed_at": desk.outside.clock.now(),
    }


def supersede(desk: Desk, tx: Writing, shop: Shop, changes: Sequence[Intended]) -> None:
    """End older changes of the same targets that are not on their way; plans left with nothing to do end with them."""
    for kind in sorted({one.kind for one in changes}):
        targets = [one.target for one in changes if one.kind == kind]
        live = queries.live_changes(tx, shop.id, kind, targets)
        old = [live[target] for target in targets if target in live and live[target].state in REPLACEABLE]
        end_changes(desk, tx, [row.id for row in old], "superseded", "A newer plan took its place.")
        settle_plans(tx, sorted({row.plan_id for row in old}))


def withdraw(
    desk: Desk,
    tx: Writing,
    shop: Shop,
    kind: str,
    wanted: Mapping[str, Any],  # Any: JSON
    held: Mapping[str, Any],  # Any: JSON
    targets: Collection[str],
) -> None:
    """End changes that wait or were refused and would bring nothing any more: what the shop holds is what is wanted.

    Only `targets` are looked at.
    """
    live = queries.live_changes(tx, shop.id, kind, targets).values()
    waiting = [row for row in live if row.state in REPLACEABLE and row.flow not in BY_WORD]
    failed = [row for row in queries.failed(tx) if row.target in targets]
    refused = [row for row in failed if (row.channel_id, row.kind) == (shop.id, kind)]
    needless = [row for row in (*waiting, *refused) if held.get(row.target) == wanted.get(row.target)]
    end_changes(desk, tx, [row.id for row in needless], "superseded", "The shop holds what is wanted.")
    settle_plans(tx, sorted({row.plan_id for row in needless}))


def end_changes(desk: Desk, tx: Writing, change_ids: Sequence[int], state: str, answer: str) -> None:
    """Give these changes their last state."""
    at = desk.outside.clock.now()
    rows = [{"id": one, "state": state, "answer": answer, "changed_at": at} for one in change_ids]
    tx.update(Change, rows, key=("id",))


def settle_plans(tx: Writing, plan_ids: Sequence[str]) -> None:
    """End plans of which nothing is left to do: applied, or superseded where nothing was ever written or decided."""
    counts = queries.change_counts(tx, queries.undecided(tx, plan_ids))
    waited = set(queries.undecided(tx, plan_ids, ("waiting",)))
    ended = {
        plan_id: "superseded" if plan_id in waited or set(states) <= {"superseded"} else "applied"
        for plan_id, states in counts.items()
        if not set(states) & {"planned", "approved", "sending", "unknown", "parked"}
    }
    tx.update(Plan, [{"id": plan_id, "state": state} for plan_id, state in ended.items()], key=("id",))


def approve(desk: Desk, plan_id: str, digest: str | None, who: str) -> Any:  # Any: a row of Plan
    """Approve a plan for the next apply: one that waits, one of a dry run, or again what the shop refused of one.

    `digest` must be the hash that was shown. Returns the plan as it is then: one that moves promises is applied at once.
    """
    with desk.db.write("plan.approve", lock=True) as tx:
        again = refused_of(tx, plan_id)
        plan, changes = waiting_plan(tx, plan_id, ("waiting", "dry_run", *(["applied"] if again else [])), "approved")
        if digest is not None and digest != plan.hash:
            what = f"Plan {plan_id} is not the one that was shown (its hash differs)."
            raise FillrateError(what, next=f"Look again: fillrate show {plan_id}")
        shop = next((shop for shop in desk.shops.values() if shop.id == plan.channel_id), None)
        if shop is None:
            what = f"Plan {plan_id} belongs to a channel that is no longer in the settings."
            raise FixSettings(what, next="Put the channel back into fillrate.toml, or reject the plan.")
        if plan.state == "dry_run":
            refuse_doubt(tx, shop, plan, changes)
            supersede(desk, tx, shop, [intended_of(shop, row) for row in changes])
        fresh = [row.id for row in changes if row.state in {"planned", "dry_run"}]
        end_changes(desk, tx, [*fresh, *again], "approved", "")
        at = desk.outside.clock.now()
        tx.update(Plan, [{"id": plan_id, "state": "approved", "approved_by": who, "approved_at": at}], key=("id",))
        book_at_once(desk, tx, shop, plan_id, [row for row in changes if row.id in fresh], who)
        return queries.plan(tx, plan_id)


def book_at_once(
    desk: Desk, tx: Writing, shop: Shop, plan_id: str, changes: Sequence[Any], who: str
) -> None:  # Any: rows of Change
    """Carry out what an approved plan changes in our own tables: promises. No shop is told, so no run has to write it."""
    from fillrate.steps.mail.notices import now_of
    from fillrate.steps.promised import book_moves

    moves = [row for row in changes if row.kind == PROMISE]
    if not moves:
        return
    given = {"given_at": now_of(desk, tx, shop.name), "plan_id": plan_id, "run_id": who}
    outcomes = book_moves(desk, tx, shop.id, moves, **given)
    for outcome in sorted(set(outcomes.values())):
        end_changes(desk, tx, [key for key, one in outcomes.items() if one == outcome], *outcome)
    settle_plans(tx, [plan_id])


def refused_of(reading: Reading, plan_id: str) -> list[int]:
    """Return the changes of a plan that the shop refused and that nothing newer replaces."""
    return [row.id for row in queries.failed(reading) if row.plan_id == plan_id]


def refuse_doubt(tx: Writing, shop: Shop, plan: Any, changes: Sequence[Any]) -> None:  # Any: rows of Plan and Change
    """Raise FillrateError where an earlier write to one of the same targets is still in doubt."""
    live = {kind: queries.live_changes(tx, shop.id, kind) for kind in {row.kind for row in changes}}
    earlier = [live[row.kind].get(row.target) for row in changes]
    doubtful = [row.target for row in earlier if row is not None and row.state not in REPLACEABLE]
    if doubtful:
        what = f"Plan {plan.id} would write to {shop.name}:{doubtful[0]}, where an earlier write is still in doubt"
        more = f" ({len(doubtful)} such targets)" if len(doubtful) > 1 else ""
        raise FillrateError(f"{what}{more}.", next=f"Find out about it first: fillrate run {plan.flow}")


def intended_of(shop: Shop, row: Any) -> Intended:  # Any: a row of Change
    """Return a stored change as it was intended."""
    return Intended(
        channel=shop.name,
        kind=row.kind,
        target=row.target,
        before=row.before,
        after=row.after,
        reason=row.reason,
        day=row.day,
    )


def reject(desk: Desk, plan_id: str, who: str) -> Rejected:
    """Refuse a plan: nothing more of it is sent; what is in doubt is still found out about."""
    with desk.db.write("plan.reject", lock=True) as tx:
        plan, changes = waiting_plan(tx, plan_id, ("waiting", "dry_run", "approved"), "rejected")
        live = [row.id for row in changes if row.state in {*REPLACEABLE, "dry_run"}]
        end_changes(desk, tx, live, "superseded", REJECTED.format(who=who))
        at = desk.outside.clock.now()
        tx.update(Plan, [{"id": plan_id, "state": "rejected", "approved_by": who, "approved_at": at}], key=("id",))
    return Rejected(plan.flow, sum(row.state in queries.IN_DOUBT for row in changes))


def waiting_plan(
    tx: Writing, plan_id: str, states: Sequence[str], wish: str
) -> tuple[Any, list[Any]]:  # Any: rows of Plan and Change
    """Return a plan that may still be decided about, with its changes."""
    plan = queries.plan(tx, plan_id)
    if plan is None:
        raise NotFound(f"There is no plan {plan_id}.", next="List them: fillrate plans")
    changes = queries.changes(tx, plan_id)
    if is_nobodys_choice(changes) and plan.state != "done":
        what = f"Plan {plan_id} only counts in Fillrate's own ledger, which {plan.flow} does without anybody's word."
        raise FillrateError(what, next=f"Run it: fillrate run {plan.flow}")
    only_shows = plan.flow == ADOPT and plan.state == "dry_run"
    if only_shows or (plan.flow in BY_WORD and plan.state != "approved"):
        raise refused_word(plan, wish)
    if plan.state not in states:
        what = f"Plan {plan_id} is {plan.state} and can no longer be {wish}."
        raise FillrateError(what, next=f"See what became of it: fillrate show {plan_id}")
    return plan, changes


def refused_word(plan: Any, wish: str) -> FillrateError:  # Any: a row of Plan
    """Return why a plan that only shows, or that was booked at once, is neither approved nor rejected, and what to do."""
    if plan.state == "dry_run":
        what = f"Plan {plan.id} only shows what fillrate {plan.flow} would change, and cannot be {wish}."
        return FillrateError(what, next="To have it so, run that command without --dry-run.")
    what = f"Plan {plan.id} was booked at once by {plan.approved_by}, and can no longer be {wish}."
    return FillrateError(what, next=f"To take it back: fillrate undo {plan.id} --reason TEXT")


def is_nobodys_choice(changes: Sequence[Any]) -> bool:  # Any: rows of Change
    """Tell whether a plan changes our own ledger only: the run that decides it books it, and nothing waits for a word."""
    return all(row.kind in OWN_LEDGER for row in changes)
