"""What follows when a shop holds what it was told: what stood there before is kept, and pages have shown their days."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fillrate.db.database import Writing
from fillrate.db.tables import KeptValue, Listing, ShownDay
from fillrate.decide.selling import given_back
from fillrate.steps.desk import Shop
from fillrate.steps.telling.kept import KEPT, PAGE, kept_values
from fillrate.steps.telling.pages import end_days
from fillrate.steps.touch import touch

PRODUCT = re.compile("[/@]")  # what stands before it in a target
KEYS = ("channel_id", "kind", "target")


def settle_told(
    tx: Writing,
    shop: Shop,
    kind: str,
    at: datetime,
    rows: Sequence[Any],  # Any: rows of Change
    states: Mapping[int, str],
    is_sent: bool,
) -> None:
    """Save what follows of changes that ended in these states; `at` is the shop's time, and `is_sent` where they went out."""
    if kind not in KEPT:
        return
    done = [row for row in rows if states.get(row.id) == "done"]
    keep(tx, shop, kind, [(row, is_sent or row.attempts > 0) for row in done])
    if kind == PAGE:
        show_days(tx, shop, done, at)
    look_again(tx, shop, [row.target for row in rows if states.get(row.id) == "stale"])


def keep(tx: Writing, shop: Shop, kind: str, done: Sequence[tuple[Any, bool]]) -> None:  # Any: rows of Change
    """Keep what stood where we wrote, until it stands there again; what we only found is nobody's to give back."""
    known = kept_values(tx, shop.id, kind, [row.target for row, _ in done])
    over, fresh = [], []
    for row, was_sent in done:
        key = {"channel_id": shop.id, "kind": kind, "target": row.target}
        old = known.get(row.target)
        own = row.before if old is None else given_back(row.before, old.kept, old.written)
        if old is not None and row.after in (old.kept, own):
            over.append(key)
        elif was_sent or (old is not None and row.before == old.written):
            fresh.append({**key, "kept": own, "written": row.after})
    tx.delete(KeptValue, over, key=KEYS)
    tx.upsert(KeptValue, fresh, key=KEYS)


def show_days(tx: Writing, shop: Shop, done: Sequence[Any], at: datetime) -> None:  # Any: rows of Change
    """Note which day the listings of products show from now on, and that the one before is shown no more."""
    days = {row.target: row.day for row in done}
    end_days(tx, shop, days, at)
    listings = tx.find(Listing, "product_platform_id", list(days), "id", "product_platform_id", channel_id=shop.id)
    shown = [(row.id, days[row.product_platform_id]) for row in listings]
    fresh = [
        {"listing_id": one, "ship_by": day, "shown_from": at, "shown_until": None}
        for one, day in shown
        if day is not None
    ]
    tx.upsert(ShownDay, fresh, key=("listing_id", "shown_from"))


def look_again(tx: Writing, shop: Shop, targets: Sequence[str]) -> None:
    """Have the next allocation look at goods of which a shop holds something else than we thought."""
    products = sorted({PRODUCT.split(one, maxsplit=1)[0] for one in targets})
    rows = tx.find(Listing, "product_platform_id", products, "item_id", channel_id=shop.id)
    touch(tx, [row.item_id for row in rows])
