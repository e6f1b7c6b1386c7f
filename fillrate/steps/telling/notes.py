"""What shops should know of an allocation: one note on each order with backordered units, and none on the others."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from fillrate.db.database import Writing
from fillrate.db.queries import queue as queries
from fillrate.decide.frames import rows_of
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.wishes import Wishes, plan_wishes

if TYPE_CHECKING:
    import pandas as pd

NOTE = "metafield"


def plan_notes(desk: Desk, tx: Writing, shop: Shop, log: RunLog, waiting: "pd.DataFrame", orders: Sequence[int]) -> str:
    """Plan one note in the shop for each of these orders with backordered units, and none on the others of them.

    Returns the plan's id.
    """
    wishes = Wishes(
        kind=NOTE,
        wanted=notes(waiting),
        targets=queries.platform_ids(tx, shop.id, orders),
        reason=reason,
        entities=lambda: queries.open_orders(tx, shop.id),
    )
    return plan_wishes(desk, tx, shop, log, wishes)


def notes(backordered: "pd.DataFrame") -> dict[str, Any]:  # Any: JSON
    """Return the note of each order, by the shop's order id."""
    from fillrate.decide.plans import backorder_note

    rows = rows_of(backordered.sort_values(["order_platform_id", "line_platform_id", "reason"]))
    return {order: backorder_note(lines) for order, lines in groupby(rows, itemgetter("order_platform_id"))}


def reason(_: str, before: Any, after: Any) -> str:  # Any: JSON
    """Return in words why an order's note changes."""
    if after is None:
        return "Nothing of this order waits for stock any more."
    return "Units of this order wait for stock." if before is None else "Other units of this order wait for stock now."
