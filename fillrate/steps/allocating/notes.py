"""Plan what shops should know of an allocation: one note on each order with backordered units, and none on the others."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import plans as plan_queries
from fillrate.db.queries import queue as queries
from fillrate.db.tables import Order, Plan
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.plan import Intended, store_plan, withdraw
from fillrate.steps.runs import RunLog

if TYPE_CHECKING:
    import pandas as pd

NOTE = "metafield"


def unsettled_orders(reading: Reading, shop: Shop) -> list[int]:
    """Return the orders whose last note is still to be written, or did not come to what was wanted."""
    return list(reading.ids(Order, shop.id, sorted(plan_queries.unsettled_targets(reading, shop.id, NOTE))).values())


def plan_notes(desk: Desk, tx: Writing, shop: Shop, log: RunLog, waiting: "pd.DataFrame", orders: Sequence[int]) -> str:
    """Plan one note in the shop for each of these orders with backordered units, and none on the others of them.

    Returns the plan's id.
    """
    from fillrate.decide.plans import must_wait

    wanted, targets = notes(waiting), queries.platform_ids(tx, shop.id, orders)
    if not log.is_dry:
        withdraw(desk, tx, shop, NOTE, wanted, targets)
    changes = note_changes(tx, shop, wanted, targets)
    policy = desk.settings.policy.for_(channel=shop.name)
    why = must_wait(
        kind=NOTE,
        changes=len(changes),
        entities=queries.open_orders(tx, shop.id) if changes else 0,
        is_first=is_first_plan(tx, shop, log.flow),
        is_practice=shop.settings.practice,
        share=policy.wait_above_share,
        limit=policy.wait_above_changes,
    )
    return store_plan(desk, tx, shop, log, changes, waits_because=why)


def notes(backordered: "pd.DataFrame") -> dict[str, Any]:  # Any: JSON
    """Return the note of each order, by the shop's order id."""
    from fillrate.decide.plans import backorder_note

    return {str(order): backorder_note(lines) for order, lines in backordered.groupby("order_platform_id")}


def note_changes(tx: Writing, shop: Shop, wanted: dict[str, Any], targets: set[str]) -> list[Intended]:  # Any: JSON
    """Return the notes that differ from what the shop was last known to hold and are not on their way already."""
    held = plan_queries.last_known_values(tx, shop.id, NOTE, targets)
    live = plan_queries.live_changes(tx, shop.id, NOTE, targets)
    refused = plan_queries.refused_values(tx, shop.id, NOTE, targets)
    changes = []
    for target in sorted(targets):
        before, after = held.get(target), wanted.get(target)
        on_its_way = live.get(target)
        if on_its_way is not None and (on_its_way.after == after or on_its_way.state in {"sending", "unknown"}):
            continue
        if before == after or (target in refused and refused[target] == after):
            continue
        changes.append(
            Intended(
                channel=shop.name, kind=NOTE, target=target, before=before, after=after, reason=reason(before, after)
            )
        )
    return changes


def reason(before: Any, after: Any) -> str:  # Any: JSON
    """Return in words why an order's note changes."""
    if after is None:
        return "Nothing of this order waits for stock any more."
    return "Units of this order wait for stock." if before is None else "Other units of this order wait for stock now."


def is_first_plan(tx: Writing, shop: Shop, flow: str) -> bool:
    """Tell whether nothing that this flow planned for this shop was ever approved."""
    statement = sa.select(sa.func.count()).where(
        col(Plan.channel_id) == shop.id, col(Plan.state).in_(("approved", "applied")), col(Plan.flow) == flow
    )
    return not tx.scalar(statement)
