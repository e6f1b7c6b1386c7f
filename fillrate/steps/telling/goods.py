"""What a shop should say of goods that happened to change: the day on a product's page, and whether it can be bought.

It follows from what the allocation of this very transaction has saved; a dry run saves nothing, so it plans none of it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import goods as queries
from fillrate.db.queries import plans as plan_queries
from fillrate.db.queries.queue import locations
from fillrate.decide.selling import Goods, given_back, is_at_limit, page_day
from fillrate.report.messages.words import day as day_in_words
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch
from fillrate.steps.wishes import Wishes, plan_wishes

PAGE, BUYING, LIMIT = "product_page", "purchasing", "backorder_limit"
ENTITIES = {
    PAGE: queries.pages,
    BUYING: queries.variants,
    LIMIT: queries.limited,
}  # how many there are of each kind's targets
KEPT = frozenset(ENTITIES)  # of these, what stood there before is given back
NEAR = timedelta(days=10)  # a page whose day is so near is looked at daily, since its goods may be late

Values = Mapping[str, Any]  # Any: JSON, by target


@dataclass(frozen=True, slots=True)
class Sold:
    """What a channel sells of goods that were looked at: its listings, and by item what is free, waits, and comes next."""

    listings: Sequence[Any]  # Any: rows of queries.listed
    free: Mapping[int, int]
    waiting: Mapping[int, int]
    days: Mapping[int, datetime]


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
    unsettled = plan_queries.unsettled_targets(reading, channel_id, KEPT)
    return bool(unsettled) or any(kept_values(reading, channel_id, kind) for kind in sorted(KEPT))


def kept_values(
    reading: Reading, channel_id: int, kind: str, targets: Collection[str] | None = None
) -> dict[str, Any]:  # Any: rows of KeptValue
    """Return what stood where we wrote (`kept`) and what we wrote (`written`), of these targets or all."""
    return {row.target: row for row in plan_queries.kept(reading, channel_id, kind, targets)}


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
    is_free = (coming["quantity"] > coming["claimed"].fillna(0)) & coming["sure_at"].notna()
    first = coming[is_free].groupby("item_id")["sure_at"].min()
    store, handling = store_calendar(desk), desk.settings.store.handling_days
    ready = zip(first.index.tolist(), first.tolist(), strict=True)
    return {item: store.start_of(store.ship_by(when.to_pydatetime(), handling)) for item, when in ready}


def plan_pages(desk: Desk, tx: Writing, shop: Shop, log: RunLog, sold: Sold, at: datetime) -> str:
    """Plan the day on each page whose goods are all gone, and elsewhere what the merchant's own page said."""
    template = shop.settings.write_back.product_page
    language = desk.settings.mail.language if desk.settings.mail else "en"
    store = store_calendar(desk)
    by_product = groupby(sorted(sold.listings, key=product_of), product_of)
    pages = {product: list(rows) for product, rows in by_product}
    days = {product: day for product, rows in pages.items() if template and (day := day_of(rows, sold))}
    texts = {
        product: template.replace("{day}", day_in_words(store.day_of(day), language)) for product, day in days.items()
    }
    look_again(tx, {product: [row.item_id for row in pages[product]] for product in days}, days, at)

    def ours(product: str, own: Any) -> Any:  # Any: JSON
        said = {"availability_description": texts[product]}
        if pages[product][0].availability == "preorder":
            said["preorder_message"] = texts[product]
        return {**own, **said}

    def reason(product: str, before: Any, after: Any) -> str:  # Any: JSON
        if product not in days:
            return "Goods are there again, or none are known to come: the page says what it said before."
        return f"None is left, and the next free unit leaves by {store.day_of(days[product])}."

    read = {
        product: {
            "availability_description": rows[0].availability_text,
            "preorder_message": rows[0].preorder_message,
        }
        for product, rows in pages.items()
    }
    return plan_kept(desk, tx, shop, log, PAGE, read, set(days), ours, reason, days)


def product_of(row: Any) -> str:  # Any: a row of queries.listed
    """Return the page on which a listing is sold."""
    return str(row.product_platform_id)


def day_of(rows: Sequence[Any], sold: Sold) -> datetime | None:  # Any: rows of queries.listed
    """Return the day that a page may show, None where it may show none."""
    if not all(row.is_counted for row in rows):
        return None
    day = page_day([Goods(sold.free.get(row.item_id, 0), sold.days.get(row.item_id)) for row in rows])
    release = rows[0].preorder_release_at if rows[0].availability == "preorder" else None
    return max(day, release) if day and release else day


def look_again(tx: Writing, items: Mapping[str, Sequence[int]], days: Mapping[str, datetime], at: datetime) -> None:
    """Have pages that show a day looked at again before it comes, though nothing else may happen to their goods."""
    due: dict[datetime, list[int]] = {}
    for product, day in days.items():
        due.setdefault(max(day - NEAR, at + timedelta(days=1)), []).extend(items[product])
    for when, found in due.items():
        touch(tx, found, when)


def plan_buying(desk: Desk, tx: Writing, shop: Shop, log: RunLog, sold: Sold) -> str:
    """Plan that variants cannot be bought whose limit of backorders is reached, and can again where they could before."""
    is_on, limit_of = shop.settings.write_back.purchasing, limits(desk, shop)
    read = {variant_of(row): not row.is_purchasable for row in sold.listings}
    at_limit = set()
    for row in sold.listings:
        stands = sold.waiting.get(row.item_id, 0), sold.free.get(row.item_id, 0)
        if is_on and row.is_counted and is_at_limit(*stands, limit_of(row)):
            at_limit.add(variant_of(row))

    def reason(variant: str, before: Any, after: Any) -> str:  # Any: JSON
        if variant in at_limit:
            return "None is left, and as many units wait as may: nobody can buy more."
        return "Units are free again, or more may wait."

    return plan_kept(desk, tx, shop, log, BUYING, read, at_limit, lambda *_: True, reason, {})


def limits(desk: Desk, shop: Shop) -> Callable[[Any], int | None]:  # Any: a row of queries.listed
    """Return what tells how many units of a listing's goods may wait, None for any number."""
    from fillrate.steps.allocating.rules import facts_asked_for

    asked = [name for name in ("brand", "sku") if name in facts_asked_for(desk)]

    @cache
    def limit(*facts: str) -> int | None:
        found = dict(zip(asked, facts, strict=True))
        return desk.settings.policy.for_(channel=shop.name, **found).backorder_limit

    return lambda row: limit(*(getattr(row, name) for name in asked))


def plan_limits(desk: Desk, tx: Writing, shop: Shop, log: RunLog, sold: Sold) -> str:
    """Plan the policy's limits in a shop with native backorders: all of it at the default location, none elsewhere."""
    is_on, limit_of = shop.settings.write_back.backorder_limit, limits(desk, shop)
    counted = {row.item_id: row for row in sold.listings if row.is_counted}
    read, due = {}, {}
    for told in queries.limits(tx, shop.id, sorted(counted)):
        row = counted[told.item_id]
        goods = row.product_platform_id if row.tracking == "product" else variant_of(row)
        target, limit = f"{goods}@{told.location}", limit_of(row)
        read[target] = told.backorder_limit
        if is_on and limit is not None:
            due[target] = limit if told.is_default else 0

    def reason(target: str, before: Any, after: Any) -> str:  # Any: JSON
        if target in due:
            return "So many units may be sold beyond the stock, by the policy."
        return "The policy sets no limit any more: the one of before holds again."

    return plan_kept(desk, tx, shop, log, LIMIT, read, due, lambda target, _: due[target], reason, {})


def variant_of(row: Any) -> str:  # Any: a row of queries.listed
    """Return the target of a listing: its product and its variant."""
    return f"{row.product_platform_id}/{row.variant_platform_id}"


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
    known = plan_queries.last_known_values(tx, shop.id, kind, read)
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
