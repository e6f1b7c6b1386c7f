"""Questions about listings and the goods that they sell."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Channel, KitPart, Listing, ListingWord, Product

WORD = sa.and_(
    col(ListingWord.channel_id) == col(Listing.channel_id),
    sa.or_(
        sa.and_(
            col(ListingWord.product_platform_id) == col(Listing.product_platform_id),
            col(ListingWord.variant_platform_id) == col(Listing.variant_platform_id),
        ),
        sa.and_(col(ListingWord.listing_key) != "", col(ListingWord.listing_key) == col(Listing.sku_key)),
    ),
)


def listed(reading: Reading, keys: Collection[str]) -> list[Any]:  # Any: rows
    """Return the listings that exist with any of these SKU keys, by their own or by a person's word.

    Columns: id, channel_id, holds_stock, item_id, own_item_id, match, sku_key, word (its SKU key, or None), per.
    """
    wanted = sorted(keys)
    statement: Select = (
        sa.select(
            *(Listing.__table__.c[name] for name in ("id", "channel_id", "item_id", "own_item_id", "match", "sku_key")),
            col(Channel.holds_stock),
            col(ListingWord.sku_key).label("word"),
            sa.func.coalesce(col(ListingWord.per), 1).label("per"),
        )
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .outerjoin(ListingWord, WORD)
        .where(
            col(Listing.deleted_at).is_(None),
            sa.or_(reading.is_in(col(Listing.sku_key), wanted), reading.is_in(col(ListingWord.sku_key), wanted)),
        )
        .order_by(col(Listing.id), col(ListingWord.listing_key).desc())
    )
    return list({row.id: row for row in reading.rows(statement)}.values())  # what names it by its ids counts


def keys_of(reading: Reading, channel_id: int, products: Sequence[str]) -> set[str]:
    """Return the SKU keys of a channel's listings of these products, as last saved."""
    rows = reading.find(Listing, "product_platform_id", list(products), "sku_key", channel_id=channel_id)
    return {row.sku_key for row in rows}


def keys_ended_at(reading: Reading, channel_id: int, at: Any) -> set[str]:  # Any: a time
    """Return the SKU keys of the listings of a channel that ended at this very time."""
    ended = sa.and_(col(Listing.channel_id) == channel_id, col(Listing.deleted_at) == at)
    return {row.sku_key for row in reading.rows(sa.select(col(Listing.sku_key)).where(ended))}


def to_review(reading: Reading, matches: Sequence[str], most: int) -> list[Any]:  # Any: rows
    """Return listings whose goods nobody knows: channel, ids, sku, sku_key, match, options, name, word and its key."""
    odd = sa.and_(col(Listing.deleted_at).is_(None), reading.is_in(col(Listing.match), list(matches)))
    statement = described("sku_key", "match", "options").outerjoin(ListingWord, WORD).where(odd)
    statement = statement.add_columns(col(ListingWord.sku).label("word"), col(ListingWord.sku_key).label("word_key"))
    return reading.rows(
        statement.order_by(col(Channel.id), col(Listing.match), col(Listing.sku_key), col(Listing.id)).limit(most)
    )


def described(*names: str) -> Select:
    """Return the question for listings with channel, ids, sku, name, and these columns."""
    columns = ("product_platform_id", "variant_platform_id", "sku", *names)
    statement: Select = (
        sa.select(
            col(Channel.name).label("channel"),
            *(Listing.__table__.c[name] for name in columns),
            col(Product.name).label("name"),
        )
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .join(Product, col(Product.id) == col(Listing.product_id))
    )
    return statement


def vanished(reading: Reading, most: int) -> list[Any]:  # Any: rows
    """Return listings that their channel no longer has, the last ones first: as `described`, with deleted_at."""
    statement = described("deleted_at").where(col(Listing.deleted_at).is_not(None))
    return reading.rows(statement.order_by(col(Listing.deleted_at).desc(), col(Listing.id)).limit(most))


def vanished_in_all(reading: Reading) -> int:
    """Return how many listings their channels no longer have."""
    return int(
        reading.scalar(sa.select(sa.func.count(col(Listing.id))).where(col(Listing.deleted_at).is_not(None))) or 0
    )


def written(reading: Reading, keys: Sequence[str]) -> dict[str, str]:
    """Return how each SKU key is written in a listing."""
    return {row.sku_key: row.sku for row in reading.find(Listing, "sku_key", list(keys), "sku_key", "sku")}


def listings_called(reading: Reading, channel_id: int, product: str, variant: str, key: str) -> list[Any]:  # Any: rows
    """Return a channel's listings of a product (of one variant, where it is named), or with a SKU key."""
    names = ("id", "product_platform_id", "variant_platform_id", "sku_key", "deleted_at")
    by = ("product_platform_id", product) if product else ("sku_key", key)
    rows = reading.find(Listing, by[0], [by[1]], *names, channel_id=channel_id)
    return [row for row in rows if row.deleted_at is None and variant in {"", row.variant_platform_id}]


def keys_worded(reading: Reading) -> set[str]:
    """Return the SKU keys of all that people spoke of: of listings, and of the goods that they named."""
    statement: Select = sa.select(col(ListingWord.sku_key), col(Listing.sku_key).label("own")).outerjoin(Listing, WORD)
    return {key or "" for row in reading.rows(statement) for key in row}


def packed(reading: Reading) -> dict[int, tuple[int, int]]:
    """Return of each item that is a pack the item that it holds, and how many."""
    rows = reading.rows(sa.select(*KitPart.__table__.c).where(col(KitPart.is_pack)))
    return {row.kit_id: (row.part_id, row.per) for row in rows}


def counts(reading: Reading) -> list[Any]:  # Any: rows
    """Return channel, match, n: how many listings that exist found their goods in which way."""
    statement: Select = (
        sa.select(col(Channel.name).label("channel"), col(Listing.match), sa.func.count().label("n"))
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .where(col(Listing.deleted_at).is_(None))
        .group_by(col(Channel.name), col(Listing.match))
        .order_by(col(Channel.name), col(Listing.match))
    )
    return reading.rows(statement)


def stocked_keys(reading: Reading) -> list[str]:
    """Return the SKU keys that channels which hold stock list."""
    statement: Select = (
        sa.select(col(Listing.sku_key))
        .join(Channel, col(Channel.id) == col(Listing.channel_id))
        .where(col(Channel.holds_stock), col(Listing.deleted_at).is_(None), col(Listing.sku_key) != "")
        .distinct()
    )
    return [row.sku_key for row in reading.rows(statement)]
