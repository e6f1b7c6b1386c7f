"""What stands in a shop where we write in its stead: our own value where one is due, else what stood there before."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import goods
from fillrate.db.queries import plans as queries
from fillrate.decide.selling import given_back
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.wishes import Wishes, plan_wishes

PAGE, BUYING, LIMIT = "product_page", "purchasing", "backorder_limit"
ENTITIES = {
    PAGE: goods.pages,
    BUYING: goods.variants,
    LIMIT: goods.limited,
}  # how many there are of each kind's targets
KEPT = frozenset(ENTITIES)

Values = Mapping[str, Any]  # Any: JSON, by target


def kept_values(
    reading: Reading, channel_id: int, kind: str, targets: Collection[str] | None = None
) -> dict[str, Any]:  # Any: rows of KeptValue
    """Return what stood where we wrote (`kept`) and what we wrote (`written`), of these targets or all."""
    return {row.target: row for row in queries.kept(reading, channel_id, kind, targets)}


def plan_kept(
    desk: Desk,
    tx: Writing,
    shop: Shop,
    log: RunLog,
    kind: str,
    read: Values,
    due: Collection[str],
    ours: Callable[[str, Any], Any],  # Any: JSON
    reason: Callable[[str, Any, Any], str],  # Any: JSON
    days: Mapping[str, datetime],
) -> str:
    """Plan our own value for the targets that are `due`, and what stood there before for all others of those `read`.

    What we last wrote or saw counts before what was `read`, which may be older. `ours` makes our value of the other's own.
    """
    known = queries.last_known_values(tx, shop.id, kind, read)
    held = {**read, **{target: value for target, value in known.items() if value is not None}}
    kept = kept_values(tx, shop.id, kind, held)
    own = {
        target: given_back(value, kept[target].kept, kept[target].written) if target in kept else value
        for target, value in held.items()
    }
    wishes = Wishes(
        kind=kind,
        wanted={target: ours(target, value) if target in due else value for target, value in own.items()},
        targets=held,
        held=held,
        reason=reason,
        entities=lambda: ENTITIES[kind](tx, shop.id),
        days=days,
    )
    return plan_wishes(desk, tx, shop, log, wishes)
