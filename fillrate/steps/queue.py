"""The place of units in the queue, for the few items at hand; allocation ranks the whole queue in columns by the same rule."""

from collections.abc import Iterable
from typing import Any

from fillrate.settings import PolicySettings

Place = tuple[Any, ...]  # Any: numbers, times and texts


def in_order(policy: PolicySettings, rows: Iterable[Any]) -> list[Any]:  # Any: rows of queries.queue
    """Return open units in the order of the queue."""
    return sorted(rows, key=lambda row: place(policy, row))


def place(policy: PolicySettings, row: Any) -> Place:  # Any: a row of queries.queue
    """Return what sorts units as the queue does: policy class, then time, then ids with numbers by value."""
    priority = policy.for_(channel=row.channel, group=row.group, brand=row.brand, sku=row.sku).priority
    ids = (row.order_platform_id, row.line_platform_id)
    return (priority, row.queued_at, row.placed_at, *((len(one), one) for one in ids))
