"""Plan what a shop should hold: the differences to what it holds, and nothing that is on its way or was refused already."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import plans as queries
from fillrate.db.tables import Change, Plan
from fillrate.decide.plans import BY_WORD
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, store_plan, withdraw
from fillrate.steps.runs import RunLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What targets of one kind should hold: `wanted` by target (None, or left out: nothing), of the `targets` looked at.

    `held` is what the shop was read to hold; without it, what it was last written or seen to hold counts. `reason` says
    in words why a target's value becomes another; `entities` says how many there are of what such a plan changes. `days`
    are those that pages say by the values.
    """

    kind: str
    wanted: Mapping[str, Any]  # Any: JSON
    targets: Collection[str]
    reason: Callable[[str, Any, Any], str]  # Any: JSON
    entities: Callable[[], int]
    held: Mapping[str, Any] | None = None  # Any: JSON
    days: Mapping[str, datetime] = field(default_factory=dict)


def plan_wishes(desk: Desk, tx: Writing, shop: Shop, log: RunLog, wishes: Wishes) -> str:
    """Store a plan of what differs, end older changes that would bring nothing, and return the plan's id or ""."""
    from fillrate.decide.plans import must_wait

    if not log.is_dry:
        withdraw(desk, tx, shop, wishes.kind, wishes.wanted, held_now(tx, shop, wishes), wishes.targets)
    changes = differences(tx, shop, wishes)
    policy = desk.settings.policy.for_(channel=shop.name)
    why = must_wait(
        kind=wishes.kind,
        changes=len(changes),
        entities=wishes.entities,
        is_first=is_first_plan(tx, shop, wishes.kind),
        is_practice=shop.settings.practice,
        share=policy.wait_above_share,
        limit=policy.wait_above_changes,
    )
    return store_plan(desk, tx, shop, log, changes, waits_because=why)


def differences(reading: Reading, shop: Shop, wishes: Wishes) -> list[Intended]:
    """Return what differs from what the shop holds, is not on its way already, and was not refused."""
    kind, targets = wishes.kind, wishes.targets
    held = held_now(reading, shop, wishes)
    live = queries.live_changes(reading, shop.id, kind, targets)
    refused = queries.refused_values(reading, shop.id, kind, targets)
    changes = []
    for target in sorted(targets):
        before, after = held.get(target), wishes.wanted.get(target)
        on_its_way = live.get(target)
        if on_its_way is not None and (on_its_way.after == after or is_settled(on_its_way)):
            continue
        if before == after or (target in refused and refused[target] == after):
            continue
        why = wishes.reason(target, before, after)
        day = wishes.days.get(target)
        one = Intended(channel=shop.name, kind=kind, target=target, before=before, after=after, reason=why, day=day)
        changes.append(one)
    return changes


def is_settled(row: Any) -> bool:  # Any: a live row of Change
    """Tell whether a change must not be replaced: it is on its way already, or a person takes something back by it."""
    return row.state in queries.IN_DOUBT or row.flow in BY_WORD


def held_now(reading: Reading, shop: Shop, wishes: Wishes) -> Mapping[str, Any]:  # Any: JSON
    """Return what the shop holds of these targets, as far as is known."""
    if wishes.held is not None:
        return wishes.held
    return queries.last_known_values(reading, shop.id, wishes.kind, wishes.targets)


def is_first_plan(reading: Reading, shop: Shop, kind: str) -> bool:
    """Tell whether no plan with changes of this kind was ever approved for this shop."""
    was_approved = sa.exists().where(
        col(Plan.id) == col(Change.plan_id),
        col(Plan.state).in_(("approved", "applied")),
        col(Change.channel_id) == shop.id,
        col(Change.kind) == kind,
    )
    return not reading.scalar(sa.select(was_approved))
