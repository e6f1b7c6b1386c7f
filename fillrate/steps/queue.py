"""The place of units in the queue, for the few items at hand; allocation ranks the whole queue in columns by the same rule."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fillrate.settings import PolicySettings

NEVER = datetime.max.replace(tzinfo=UTC)
Place = tuple[Any, ...]  # Any: numbers, times and texts


def in_order(policy: PolicySettings, rows: Iterable[Any]) -> list[Any]:  # Any: rows of queries.queue
    """Return open units in the order of the queue."""
    return sorted(rows, key=lambda row: place(policy, row))


def place(policy: PolicySettings, row: Any) -> Place:  # Any: a row of queries.queue
    """Return what sorts units as the queue does: class, promise where the policy goes by it, time, ids by their value.

    The class is a person's word on the line or its order, or else the policy's.
    """
    rules = policy.for_(channel=row.channel, group=row.group, brand=row.brand, sku=row.sku)
    promised = row.promised_at if rules.by_promise and row.promised_at is not None else NEVER
    ids = (row.order_platform_id, row.line_platform_id)
    priority = rules.priority if row.own_priority is None else row.own_priority
    return (priority, promised, row.queued_at, row.placed_at, *((len(one), one) for one in ids))
