"""Questions about plans and changes."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading
from fillrate.db.tables import LIVE_CHANGE_STATES, UNSETTLED, Change, Channel, KeptValue, Plan
from fillrate.decide.plans import NOT_HELD, REJECTED

IN_DOUBT = ("sending", "unknown")

Targets = Collection[str] | None  # some targets only, or all


def plan(reading: Reading, plan_id: str) -> Any:  # Any: a row of Plan, or None
    """Return one plan."""
    return reading.first(sa.select(*Plan.__table__.c).where(col(Plan.id) == plan_id))


def plans(reading: Reading, states: Sequence[str] | None = None, limit: int = 50) -> list[Any]:  # Any: rows of Plan
    """Return plans, the newest first."""
    statement = sa.select(*Plan.__table__.c).order_by(col(Plan.created_at).desc(), col(Plan.id)).limit(limit)
    return reading.rows(statement if states is None else statement.where(col(Plan.state).in_(states)))


def waiting(reading: Reading, flow: str, channel_ids: Sequence[int]) -> list[str]:
    """Return the ids of a flow's plans that wait for a person, oldest first."""
    statement = (
        sa.select(col(Plan.id))
        .where(col(Plan.state) == "waiting", col(Plan.flow) == flow, reading.is_in(col(Plan.channel_id), channel_ids))
        .order_by(col(Plan.created_at), col(Plan.id))
    )
    return [row.id for row in reading.rows(statement)]


def plans_with_hash(reading: Reading, digest: str) -> list[Any]:  # Any: rows of Plan
    """Return the plans whose changes have this hash, the oldest first."""
    statement = sa.select(*Plan.__table__.c).where(col(Plan.hash) == digest)
    return reading.rows(statement.order_by(col(Plan.created_at), col(Plan.id)))


def changes(reading: Reading, plan_id: str) -> list[Any]:  # Any: rows of Change
    """Return a plan's changes in the order in which they apply."""
    return reading.rows(sa.select(*Change.__table__.c).where(col(Change.plan_id) == plan_id).order_by(col(Change.id)))


def change_counts(reading: Reading, plan_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return for each plan how many of its changes are in which state."""
    statement = (
        sa.select(col(Change.plan_id), col(Change.state), sa.func.count().label("n"))
        .where(reading.is_in(col(Change.plan_id), plan_ids))
        .group_by(col(Change.plan_id), col(Change.state))
    )
    found: dict[str, dict[str, int]] = {plan_id: {} for plan_id in plan_ids}
    for row in reading.rows(statement):
        found[row.plan_id][row.state] = row.n
    return found


def change_kinds(reading: Reading, plan_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return for each plan how many of its changes are of which kind, the most frequent first."""
    statement = (
        sa.select(col(Change.plan_id), col(Change.kind), sa.func.count().label("n"))
        .where(reading.is_in(col(Change.plan_id), plan_ids))
        .group_by(col(Change.plan_id), col(Change.kind))
        .order_by(sa.desc("n"), col(Change.kind))
    )
    found: dict[str, dict[str, int]] = {plan_id: {} for plan_id in plan_ids}
    for row in reading.rows(statement):
        found[row.plan_id][row.kind] = row.n
    return found


def about(reading: Reading, channel_id: int, kind: str, targets: Targets) -> sa.ColumnElement[bool]:
    """Return the condition that a change is of a channel and a kind, and about one of these targets."""
    is_meant = sa.true() if targets is None else reading.is_in(col(Change.target), sorted(targets))
    return sa.and_(col(Change.channel_id) == channel_id, col(Change.kind) == kind, is_meant)


def unsettled_targets(reading: Reading, channel_id: int, kinds: Collection[str]) -> set[str]:
    """Return the targets of which the last change of a kind is still to be written, or did not come to what was wanted."""
    is_meant = sa.and_(col(Change.channel_id) == channel_id, col(Change.kind).in_(sorted(kinds)))
    unsettled = sa.select(col(Change.target)).where(is_meant, is_unsettled(), is_last_word())
    return {row.target for row in reading.rows(unsettled)}


def live_changes(
    reading: Reading, channel_id: int, kind: str, targets: Targets = None
) -> dict[str, Any]:  # Any: rows of Change
    """Return the live change of each target of a kind, with the `flow` that planned it."""
    statement = (
        sa.select(*Change.__table__.c, col(Plan.flow))
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(about(reading, channel_id, kind, targets), col(Change.state).in_(LIVE_CHANGE_STATES))
    )
    return {row.target: row for row in reading.rows(statement)}


def last_change(reading: Reading, channel_id: int, kind: str, target: str) -> Any:  # Any: a row of Change, or None
    """Return the latest change of one target."""
    statement = sa.select(*Change.__table__.c).where(
        col(Change.channel_id) == channel_id, col(Change.kind) == kind, col(Change.target) == target
    )
    return reading.first(statement.order_by(col(Change.id).desc()).limit(1))


def last_words(
    reading: Reading, channel_id: int, kind: str, targets: Collection[str]
) -> dict[str, Any]:  # Any: rows of Change
    """Return the latest change of each of these targets; a dry run says nothing."""
    statement = sa.select(*Change.__table__.c).where(about(reading, channel_id, kind, targets), is_last_word())
    return {row.target: row for row in reading.rows(statement)}


def last_known_values(
    reading: Reading, channel_id: int, kind: str, targets: Targets = None
) -> dict[str, Any]:  # Any: JSON values
    """Return what each target held when we last wrote it, or last saw it instead."""
    latest = (
        sa.select(sa.func.max(col(Change.id)))
        .where(about(reading, channel_id, kind, targets), col(Change.state).in_(("done", "stale")))
        .group_by(col(Change.target))
    )
    rows = reading.rows(sa.select(*Change.__table__.c).where(col(Change.id).in_(latest)))
    return {row.target: row.after if row.state == "done" else row.seen for row in rows}


def refused_values(
    reading: Reading, channel_id: int, kind: str, targets: Targets = None
) -> dict[str, Any]:  # Any: JSON values
    """Return what a person or the shop refused to have written to each target, or a person took back, where that was the
    last word on it."""
    was_undone = (col(Plan.flow) == "undo").label("was_undone")
    statement = (
        sa.select(col(Change.target), col(Change.before), col(Change.after), was_undone)
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(
            about(reading, channel_id, kind, targets),
            is_last_word(),
            sa.or_(was_rejected(), col(Change.state) == "failed", was_undone),
        )
    )
    return {row.target: row.before if row.was_undone else row.after for row in reading.rows(statement)}


def was_rejected() -> sa.ColumnElement[bool]:
    """Return the condition that a person refused a change with its plan; it had not ended before."""
    by_person = col(Change.answer).startswith(REJECTED.partition("{")[0], autoescape=True)
    return sa.and_(col(Plan.state) == "rejected", sa.or_(by_person, col(Change.answer) == NOT_HELD))


def kept(reading: Reading, channel_id: int, kind: str, targets: Targets = None) -> list[Any]:  # Any: rows of KeptValue
    """Return what stood where we wrote, and is to be given back."""
    is_meant = sa.true() if targets is None else reading.is_in(col(KeptValue.target), sorted(targets))
    ours = (col(KeptValue.channel_id) == channel_id, col(KeptValue.kind) == kind)
    return reading.rows(sa.select(*KeptValue.__table__.c).where(*ours, is_meant))


def values_written(
    reading: Reading, channel_id: int, kind: str, targets: Collection[str]
) -> dict[str, list[Any]]:  # Any: JSON
    """Return all that was ever written to each of these targets, or found there as wanted."""
    statement = sa.select(col(Change.target), col(Change.after)).where(
        about(reading, channel_id, kind, targets), col(Change.state) == "done"
    )
    found: dict[str, list[Any]] = {}
    for row in reading.rows(statement) if targets else ():
        found.setdefault(row.target, []).append(row.after)
    return found


def failed(reading: Reading) -> list[Any]:  # Any: rows of Change with `channel`
    """Return the changes that a shop refused, where that was the last word on their target; the latest first."""
    statement = (
        sa.select(*Change.__table__.c, col(Channel.name).label("channel"))
        .join(Channel, col(Channel.id) == col(Change.channel_id))
        .where(is_unsettled(), col(Change.state) == "failed", is_last_word())
    )
    return reading.rows(statement.order_by(col(Change.id).desc()))


def is_unsettled() -> sa.ColumnElement[bool]:
    """Return the condition that a change is neither done nor over, as the index says it."""
    return sa.literal_column(f"{Change.__tablename__}.{UNSETTLED}", sa.Boolean)


def is_last_word() -> sa.ColumnElement[bool]:
    """Return the condition that a change is the latest of its target; a dry run says nothing."""
    later = sa.alias(Change.__table__, "later").c
    same = [later[name] == Change.__table__.c[name] for name in ("channel_id", "kind", "target")]
    newer = sa.exists().where(*same, later.id > col(Change.id), later.state != "dry_run")
    return sa.and_(col(Change.state) != "dry_run", ~newer)


def to_apply(reading: Reading, channel_id: int, kinds: Collection[str]) -> list[Any]:  # Any: rows of Change
    """Return a channel's changes to be dealt with, each with its plan's state as `plan_state`.

    Those of approved plans may go out. What is in doubt is found out about whatever became of its plan.
    """
    is_due = sa.and_(col(Plan.state) == "approved", col(Change.state).in_(("approved", "parked")))
    statement = (
        sa.select(*Change.__table__.c, col(Plan.state).label("plan_state"))
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(
            col(Change.channel_id) == channel_id,
            col(Change.kind).in_(sorted(kinds)),
            sa.or_(is_due, col(Change.state).in_(IN_DOUBT)),
        )
    )
    return reading.rows(statement.order_by(col(Change.id)))


def sendable(reading: Reading, change_ids: Sequence[int]) -> set[int]:
    """Return which of these changes may go out as things stand now: a person or a newer plan may have come between."""
    statement = (
        sa.select(col(Change.id))
        .join(Plan, col(Plan.id) == col(Change.plan_id))
        .where(
            reading.is_in(col(Change.id), change_ids),
            col(Plan.state) == "approved",
            col(Change.state).in_(("approved", "parked", *IN_DOUBT)),
        )
    )
    return {row.id for row in reading.rows(statement)}


def undecided(reading: Reading, plan_ids: Sequence[str], states: Sequence[str] = ("waiting", "approved")) -> list[str]:
    """Return which of these plans have not ended yet, or are in one of these states."""
    is_open = col(Plan.state).in_(states)
    return [
        row.id for row in reading.rows(sa.select(col(Plan.id)).where(reading.is_in(col(Plan.id), plan_ids), is_open))
    ]
