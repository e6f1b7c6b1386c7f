"""What a shop should say of goods to which something happened: the day on a page, whether they can be bought, how many may wait.

It follows from what the allocation of this very transaction has saved; a dry run saves nothing, so it plans none of it.
"""

from collections.abc import Sequence
from datetime import datetime

from fillrate.db.database import Reading, Writing
from fillrate.db.queries.plans import unsettled_targets
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.telling.buying import plan_buying, plan_limits
from fillrate.steps.telling.kept import KEPT, kept_values
from fillrate.steps.telling.pages import plan_pages
from fillrate.steps.telling.sold import look


def plan_goods(
    desk: Desk, tx: Writing, shop: Shop, log: RunLog, items: Sequence[int] | None, at: datetime
) -> list[str]:
    """Plan what a shop should say of these items, or all, and return the plans' ids."""
    wishes = shop.settings.write_back
    is_any = wishes.product_page or wishes.purchasing or wishes.backorder_limit or is_anything_left(tx, shop.id)
    if log.is_dry or not is_any or (items is not None and not items):
        return []
    sold = look(desk, tx, shop, items, at)
    plans = (
        plan_pages(desk, tx, shop, log, sold, at),
        plan_buying(desk, tx, shop, log, sold),
        plan_limits(desk, tx, shop, log, sold),
    )
    return [plan_id for plan_id in plans if plan_id]


def is_anything_left(reading: Reading, channel_id: int) -> bool:
    """Tell whether a shop holds anything of ours that is to be given back, or a plan for it is not settled."""
    unsettled = unsettled_targets(reading, channel_id, KEPT)
    return bool(unsettled) or any(kept_values(reading, channel_id, kind) for kind in sorted(KEPT))
