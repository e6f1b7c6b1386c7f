"""One line in the staff notes of an order whose units wait: written once, and never again."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fillrate.channels.fields import text
from fillrate.db.database import Writing
from fillrate.db.queries import plans as queries
from fillrate.db.queries.queue import open_orders, platform_ids
from fillrate.decide.frames import rows_of
from fillrate.decide.plans import staff_note
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.wishes import Wishes, plan_wishes

if TYPE_CHECKING:
    import pandas as pd

STAFF_NOTE = "staff_note"


def plan_staff_notes(
    desk: Desk, tx: Writing, shop: Shop, log: RunLog, waiting: "pd.DataFrame", orders: Sequence[int]
) -> str:
    """Plan one line for each of these orders that waits and never had one, and return the plan's id or "".

    What was written to an order once, or was found in its stead, stays, whatever becomes of its units.
    """
    is_on = shop.settings.write_back.staff_note
    if not is_on and not queries.unsettled_targets(tx, shop.id, {STAFF_NOTE}):
        return ""
    targets = platform_ids(tx, shop.id, orders)
    had = queries.last_known_values(tx, shop.id, STAFF_NOTE, targets)
    wishes = Wishes(
        kind=STAFF_NOTE,
        wanted={**(lines_of(waiting) if is_on else {}), **had},
        targets=targets,
        held=had,
        reason=reason,
        entities=lambda: open_orders(tx, shop.id),
    )
    return plan_wishes(desk, tx, shop, log, wishes)


def lines_of(waiting: "pd.DataFrame") -> dict[str, str]:
    """Return the line of each order of which units wait, by the shop's id."""
    units: dict[str, Counter[str]] = {}
    for row in rows_of(waiting[["order_platform_id", "sku", "quantity"]]):
        units.setdefault(row["order_platform_id"], Counter())[row["sku"]] += row["quantity"]
    return {order: text(staff_note(sorted(found.items()))) for order, found in units.items()}


def reason(_: str, before: Any, after: Any) -> str:  # Any: JSON
    """Return in words why staff is told."""
    return "Units of this order wait for stock, and its staff notes do not say so yet."
