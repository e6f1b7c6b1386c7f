"""Give orders the status that the merchant's pairs name for how they stand now."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.queries import plans as queries
from fillrate.db.queries.queue import open_orders
from fillrate.db.tables import Order
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.wishes import Wishes, plan_wishes

STATUS = "order_status"
STANDINGS = {
    "waits": "All that is open of this order waits for stock",
    "part_waits": "A part of this order waits for stock",
    "picking": "Units of this order are being packed",
    "ready": "All that is open of this order is ready",
}


def plan_statuses(
    desk: Desk, tx: Writing, shop: Shop, log: RunLog, standings: Mapping[str, str], orders: Sequence[int]
) -> str:
    """Plan the statuses of those of these orders that a pair of the settings fits, and return the plan's id or "".

    `standings` tells how each order stands, by the shop's id. What was written to an order last is not written to it again:
    who changed the status since has the last word, until another one is due.
    """
    if not shop.settings.write_back.order_status and not queries.unsettled_targets(tx, shop.id, {STATUS}):
        return ""
    names = ("platform_id", "status", "is_archived", "deleted_at")
    rows = tx.find(Order, "id", list(orders), *names, channel_id=shop.id)
    held = {row.platform_id: row.status for row in rows}
    gone = {row.platform_id for row in rows if row.is_archived or row.deleted_at is not None}
    written = queries.last_known_values(tx, shop.id, STATUS, held)
    pairs: dict[tuple[str, str], str] = {(one.from_, one.when): one.to for one in shop.settings.write_back.order_status}
    due = {
        order: to
        for order, status in held.items()
        if (to := pairs.get((status, standings.get(order, "")))) and to != written.get(order) and order not in gone
    }
    wishes = Wishes(
        kind=STATUS,
        wanted={**held, **due},
        targets=held,
        held=held,
        reason=reasons(shop, {order: standings[order] for order in due}),
        entities=lambda: open_orders(tx, shop.id),
    )
    return plan_wishes(desk, tx, shop, log, wishes)


def reasons(shop: Shop, standings: Mapping[str, str]) -> Callable[[str, Any, Any], str]:  # Any: JSON
    """Return what says why an order's status changes, with the shop's own names of both."""
    names = shop.channel.capabilities().statuses

    def reason(order: str, before: Any, after: Any) -> str:  # Any: JSON
        return f"{STANDINGS[standings[order]]}: from {names.get(before, before)} to {names.get(after, after)}."

    return reason
