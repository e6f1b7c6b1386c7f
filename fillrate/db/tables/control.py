"""How the work is kept in order: cursors, sweeps, leases, quota, runs, plans and changes, rejected records."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from fillrate.db.tables.columns import Json, Model, key, ref, when

LIVE_CHANGE_STATES = ("planned", "approved", "sending", "unknown", "parked")
UNSETTLED = "state NOT IN ('done', 'superseded', 'dry_run')"  # few of many: they have an index of their own
PLAN_STATES = ("planned", "waiting", "approved", "rejected", "applied", "superseded", "dry_run")
CHANGE_STATES = (*LIVE_CHANGE_STATES, "dry_run", "done", "stale", "failed", "superseded")


class Cursor(Model, table=True):
    """How far a stream was read: the newest saved time of the shop, and the window that is being read, if any."""

    channel_id: int = ref("channel.id", primary=True)
    stream: str = Field(primary_key=True)
    saved_until: datetime | None = when(null=True)
    window_since: datetime | None = when(null=True)
    window_until: datetime | None = when(null=True)
    after: str | None = None
    sweep: bool = False  # the window in progress is a complete sweep
    swept_at: datetime | None = when(null=True)


class SweepSeen(Model, table=True):
    """What the complete sweep in progress has met; emptied when it ends."""

    __tablename__ = "sweep_seen"
    channel_id: int = ref("channel.id", primary=True)
    stream: str = Field(primary_key=True)
    platform_id: str = Field(primary_key=True)


class Lease(Model, table=True):
    """Who may do a piece of work, until when by the database's clock; each change of hands is a new epoch."""

    name: str = Field(primary_key=True)
    epoch: int
    holder: str
    until: datetime | None = when(null=True)


class Quota(Model, table=True):
    """A store's request budget, shared by all processes."""

    channel_id: int = ref("channel.id", primary=True)
    limit_requests: int
    window_s: float
    left_requests: int
    resets_at: datetime = when()


class Run(Model, table=True):
    """One run of a flow: what it did and what it could not do. A rerun of the same flow run is a new row."""

    __tablename__ = "flow_run"
    __table_args__ = (Index("ix_flow_run_flow", "flow", "started_at"),)
    id: str = Field(primary_key=True)
    flow: str
    channel: str
    started_at: datetime = when()
    ended_at: datetime | None = when(null=True)
    state: str
    counts: dict[str, Any] = Field(sa_type=Json)  # Any: JSON
    problems: list[dict[str, Any]] = Field(sa_type=Json)  # Any: JSON


class Plan(Model, table=True):
    """A stored list of intended writes under one hash."""

    __table_args__ = (CheckConstraint(f"state IN {PLAN_STATES}", name="ck_plan_state"),)
    id: str = Field(primary_key=True)  # P- + ten characters of the hash + - + number
    flow: str
    channel_id: int = ref("channel.id")
    hash: str
    cursors: dict[str, Any] = Field(sa_type=Json)  # Any: JSON
    policy: dict[str, Any] = Field(sa_type=Json)  # Any: JSON
    state: str
    waits_because: str = ""
    run_id: str
    created_at: datetime = when()
    approved_by: str = ""
    approved_at: datetime | None = when(null=True)


class Change(Model, table=True):
    """One intended write; at most one live one for a target."""

    __table_args__ = (
        Index(
            "uq_change_live",
            "channel_id",
            "kind",
            "target",
            unique=True,
            sqlite_where=sa.text(f"state IN {LIVE_CHANGE_STATES}"),
            postgresql_where=sa.text(f"state IN {LIVE_CHANGE_STATES}"),
        ),
        Index("ix_change_plan", "plan_id"),
        Index(
            "ix_change_unsettled",
            "channel_id",
            "kind",
            sqlite_where=sa.text(UNSETTLED),
            postgresql_where=sa.text(UNSETTLED),
        ),
        Index("ix_change_target", "channel_id", "kind", "target"),
        CheckConstraint(f"state IN {CHANGE_STATES}", name="ck_change_state"),
    )
    id: int | None = key()
    plan_id: str = Field(foreign_key="plan.id")
    channel_id: int = ref("channel.id")
    kind: str
    target: str
    before: Any = Field(sa_type=Json, nullable=True)  # Any: JSON
    after: Any = Field(sa_type=Json, nullable=True)  # Any: JSON
    seen: Any = Field(
        sa_type=Json, nullable=True
    )  # Any: JSON; what the channel held when the change was refused as stale
    reason: str
    key: str = Field(unique=True)
    state: str
    attempts: int = 0
    payload_version: int = 1
    answer: str = ""
    day: datetime | None = when(null=True)  # the day by which something leaves, where a page says it by this change
    changed_at: datetime = when()


class KeptValue(Model, table=True):
    """What stood in a shop where we wrote: `kept` is given back, where `written`, our own value, stands there still."""

    __tablename__ = "kept_value"
    channel_id: int = ref("channel.id", primary=True)
    kind: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    kept: Any = Field(sa_type=Json, nullable=True)  # Any: JSON
    written: Any = Field(sa_type=Json, nullable=True)  # Any: JSON


class RejectedRecord(Model, table=True):
    """A record from outside that could not be read, with its reason; resolved when it is read after all."""

    __tablename__ = "rejected_record"
    __table_args__ = (UniqueConstraint("channel_id", "stream", "platform_id"),)
    id: int | None = key()
    channel_id: int = ref("channel.id")
    stream: str
    platform_id: str
    reason: str
    payload_hash: str
    attempts: int
    first_seen_at: datetime = when()
    last_seen_at: datetime = when()
    resolved_at: datetime | None = when(null=True)
