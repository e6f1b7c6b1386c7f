"""A plan's changes as a person reads them: on what, from what to what, why, and what became of it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading
from fillrate.db.tables import Item, Listing, Location, Product
from fillrate.decide.plans import ADOPTING, OWN_HOOKS
from fillrate.report.changes import from_to
from fillrate.report.texts import text
from fillrate.steps.correcting.named import named

PAGE = "product_page"
OF_GOODS = frozenset({PAGE, "purchasing", "backorder_limit"})
HEAD = ("on", "what", "why", "state")


def in_words(reading: Reading, changes: Sequence[Any]) -> list[tuple[str, str, str, str]]:  # Any: rows of Change
    """Return each change under HEAD; a shelf is told by its SKU and its location's name."""
    shelves = {row.target: row.target.rpartition("@") for row in changes if row.kind == "count"}
    skus = skus_of(reading, sorted({origin for origin, _, _ in shelves.values()}))
    places = places_of(reading, changes[0].channel_id) if shelves else {}
    told = {
        target: f"{skus.get(origin) or origin} · {places.get(place, place)}"
        for target, (origin, _, place) in shelves.items()
    }
    told.update(named(reading, changes))
    told.update(goods_named(reading, changes))
    told.update(adopted_names(reading, changes))
    told.update({row.target: row.target for row in changes if row.kind in OWN_HOOKS})
    return [
        (
            told.get(row.target) or text("say", "on_order", order=row.target),
            from_to(row.kind, row.before, row.after),
            row.reason,
            text("change_state", row.state),
        )
        for row in changes
    ]


def goods_named(reading: Reading, changes: Sequence[Any]) -> dict[str, str]:  # Any: rows of Change of one channel
    """Return what to call each page, and each SKU with its location where there is one, that these changes are about."""
    targets = {row.target for row in changes if row.kind in OF_GOODS}
    channel_id = changes[0].channel_id if changes else 0
    goods = {target: target.partition("@") for target in targets}
    products = sorted({one.partition("/")[0] for one, _, _ in goods.values()})
    pages = reading.find(Product, "platform_id", products, channel_id=channel_id)
    listings = reading.find(Listing, "product_platform_id", products, channel_id=channel_id)
    names = {row.platform_id: row.name for row in pages}
    names |= {f"{row.product_platform_id}/{row.variant_platform_id}": row.sku for row in listings if row.sku}
    places = places_of(reading, channel_id) if targets else {}
    told = {
        target: f"{names.get(one, one)} · {places.get(place, place)}" if place else names.get(one, one)
        for target, (one, _, place) in goods.items()
    }
    return told | {row.target: text("say", "on_page", name=told[row.target]) for row in changes if row.kind == PAGE}


def adopted_names(reading: Reading, changes: Sequence[Any]) -> dict[str, str]:  # Any: rows of Change
    """Return what to call the products and the shelves that are taken over from another app."""
    rows = [row for row in changes if row.kind in ADOPTING]
    if not rows:
        return {}
    channel_id = rows[0].channel_id
    products = sorted({row.target.partition("@")[0].partition("/")[0] for row in rows})
    listed = reading.find(Listing, "product_platform_id", products, channel_id=channel_id)
    skus = {f"{one.product_platform_id}/{one.variant_platform_id}": one.sku for one in listed}
    whole = {
        one.platform_id: one.sku or one.name
        for one in reading.find(Product, "platform_id", products, channel_id=channel_id)
    }
    places = places_of(reading, channel_id)
    found = {}
    for row in rows:
        goods, _, place = row.target.partition("@")
        name = skus.get(goods) or whole.get(goods) or text("say", "on_product", product=goods)
        found[row.target] = f"{name} · {places.get(place, place)}" if place else name
    return found


def skus_of(reading: Reading, origins: Sequence[str]) -> dict[str, str]:
    """Return the SKU of each item by its origin."""
    statement = sa.select(col(Item.origin), col(Item.sku)).where(reading.is_in(col(Item.origin), origins))
    return {row.origin: row.sku for row in reading.rows(statement)}


def places_of(reading: Reading, channel_id: int) -> dict[str, str]:
    """Return the name of each location of a channel by the channel's own id."""
    statement = sa.select(col(Location.platform_id), col(Location.name)).where(col(Location.channel_id) == channel_id)
    return {row.platform_id: row.name for row in reading.rows(statement)}
