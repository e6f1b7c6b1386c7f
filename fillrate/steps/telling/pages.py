"""The day of the next free unit on the page of what is gone, and the merchant's own text back when it is there."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.channels.fields import text
from fillrate.db.database import Writing
from fillrate.db.queries import plans as queries
from fillrate.db.tables import Listing, ShownDay
from fillrate.decide.selling import Goods, page_day
from fillrate.report.messages.words import day as day_in_words
from fillrate.steps.days import store_calendar
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.telling.kept import PAGE, Values, kept_values, plan_kept
from fillrate.steps.telling.sold import Sold
from fillrate.steps.touch import touch

NEAR = timedelta(days=10)  # a page whose day is so near is looked at daily, since its goods may be late


def plan_pages(desk: Desk, tx: Writing, shop: Shop, log: RunLog, sold: Sold, at: datetime) -> str:
    """Plan the day on each page whose goods are all gone, and elsewhere what the merchant's own page said."""
    template = shop.settings.write_back.product_page
    language = desk.settings.mail.language if desk.settings.mail else "en"
    store = store_calendar(desk)
    by_product = groupby(sorted(sold.listings, key=product_of), product_of)
    pages = {product: list(rows) for product, rows in by_product}
    days = {product: day for product, rows in pages.items() if template and (day := day_of(desk, rows, sold))}
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
    end_days(tx, shop, overwritten(tx, shop, read), at)
    return plan_kept(desk, tx, shop, log, PAGE, read, set(days), ours, reason, days)


def product_of(row: Any) -> str:  # Any: a row of queries.listed
    """Return the page on which a listing is sold."""
    return str(row.product_platform_id)


def day_of(desk: Desk, rows: Sequence[Any], sold: Sold) -> datetime | None:  # Any: rows of queries.listed
    """Return the day that a page may show, None where it may show none."""
    if not all(row.is_counted for row in rows):
        return None
    day = page_day([Goods(sold.free.get(row.item_id, 0), sold.days.get(row.item_id)) for row in rows])
    release = rows[0].preorder_release_at if rows[0].availability == "preorder" else None
    if day is None or release is None:
        return day
    store = store_calendar(desk)
    return max(day, store.start_of(store.ship_by(release, desk.settings.store.handling_days)))


def look_again(tx: Writing, items: Mapping[str, Sequence[int]], days: Mapping[str, datetime], at: datetime) -> None:
    """Have pages that show a day looked at again before it comes, though nothing else may happen to their goods."""
    due: dict[datetime, list[int]] = {}
    for product, day in days.items():
        due.setdefault(max(day - NEAR, at + timedelta(days=1)), []).extend(items[product])
    for when, found in due.items():
        touch(tx, found, when)


def overwritten(tx: Writing, shop: Shop, read: Values) -> list[str]:
    """Return the pages on which somebody has put another text in place of our day.

    What was `read` may be older than what we wrote last: then it says what stood there before, or what we wrote earlier.
    """
    kept = kept_values(tx, shop.id, PAGE, read)
    strange = {one: read[one] for one, row in kept.items() if read[one] not in (cleaned(row.kept), row.written)}
    ours = queries.values_written(tx, shop.id, PAGE, strange)
    return [one for one, value in strange.items() if value not in ours.get(one, [])]


def cleaned(page: Any) -> Any:  # Any: the JSON of a page
    """Return a page's texts as the catalogue keeps them."""
    return {name: text(value) for name, value in page.items()}


def end_days(tx: Writing, shop: Shop, products: Collection[str], at: datetime) -> None:
    """Note that these pages show no day of ours any more."""
    rows = tx.find(Listing, "product_platform_id", list(products), "id", channel_id=shop.id)
    theirs = tx.is_in(col(ShownDay.listing_id), [row.id for row in rows])
    tx.execute(sa.update(ShownDay).where(theirs, col(ShownDay.shown_until).is_(None)).values(shown_until=at))
