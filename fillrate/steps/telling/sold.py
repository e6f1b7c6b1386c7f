"""How goods stand that a channel sells: what is free, what waits, and when the next free unit leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import goods as queries
from fillrate.db.queries.queue import locations
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk, Shop


@dataclass(frozen=True, slots=True)
class Sold:
    """What a channel sells of goods that were looked at: its listings, and by item what is free, waits, and comes next."""

    listings: Sequence[Any]  # Any: rows of queries.listed
    free: Mapping[int, int]
    waiting: Mapping[int, int]
    days: Mapping[int, datetime]


def look(desk: Desk, tx: Writing, shop: Shop, items: Sequence[int] | None, at: datetime) -> Sold:
    """Return what the channel sells on the pages of these items, or all, and how those goods stand."""
    listings = queries.listed(tx, shop.id, items)
    every = sorted({row.item_id for row in listings})
    return Sold(
        listings,
        queries.free_units(tx, every),
        queries.waiting_units(tx, every),
        next_free_days(desk, tx, every, at),
    )


def next_free_days(desk: Desk, reading: Reading, items: Sequence[int], at: datetime) -> dict[int, datetime]:
    """Return the day by which the next unit on its way that nobody waits for surely leaves, by item."""
    from fillrate.steps.allocating.load import on_its_way

    coming = on_its_way(desk, reading, at, locations(reading), items)
    coming = coming.merge(queries.claimed(reading, items), on=["inbound_id", "item_id"], how="left")
    so_far = coming.groupby(["inbound_id", "item_id"])[
        "quantity"
    ].cumsum()  # what came in part is two rows, the first first
    is_free = (so_far > coming["claimed"].fillna(0)) & coming["sure_at"].notna()
    first = coming[is_free].groupby("item_id")["sure_at"].min()
    store, handling = store_calendar(desk), desk.settings.store.handling_days
    ready = zip(first.index.tolist(), first.tolist(), strict=True)
    return {item: store.start_of(store.ship_by(when.to_pydatetime(), handling)) for item, when in ready}
