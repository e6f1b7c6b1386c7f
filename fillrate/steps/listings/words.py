"""What the rows of a file of listings stand for: each listing that they name, in our own keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fillrate.channels.listing_files import ListingRow
from fillrate.channels.row_files import BadRow
from fillrate.db.database import Reading
from fillrate.db.queries.matching import listings_called
from fillrate.decide.sku import sku_key
from fillrate.errors import SkipRecord
from fillrate.steps.desk import Desk

KEY = ("channel_id", "product_platform_id", "variant_platform_id", "listing_key")


@dataclass(slots=True)
class Words:
    """Rows of ListingWord by their key, what of the file cannot be used, and the SKU keys of all that is named."""

    rows: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)  # Any: a table's rows
    bad: list[BadRow] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


def words_of(desk: Desk, reading: Reading, rows: Sequence[ListingRow]) -> Words:
    """Return what a file says; a row that names nothing known, or what another row names already, is bad."""
    found, taken = Words(), dict[int, int]()
    good = []
    for row in rows:
        try:
            channel_id, listings = named(desk, reading, row)
            refuse_twins(listings, taken)
        except SkipRecord as skip:
            found.bad.append(BadRow(row=row.row, reason=skip.what))
            continue
        taken.update(dict.fromkeys((one.id for one in listings), row.row))
        good.append((row, channel_id, listings))
    singles: dict[tuple[int, str], int] = {}
    for row, channel_id, listings in good:
        goods = (channel_id, sku_key(row.sku))
        others = [one for one in listings_called(reading, channel_id, "", "", goods[1]) if one.id not in taken]
        if row.per == 1 and (others or len(listings) > 1 or goods in singles):
            what = (
                f"{row.channel} lists {row.sku} more than once; the orders of one would be missed at the other's number"
            )
            found.bad.append(BadRow(row=row.row, reason=what))
            continue
        if row.per == 1:
            singles[goods] = row.row
        found.keys.update((one.sku_key for one in listings), {goods[1]})
        one = word_row(channel_id, row, listings[0])
        found.rows[tuple(one[name] for name in KEY)] = one
    return found


def named(desk: Desk, reading: Reading, row: ListingRow) -> tuple[int, list[Any]]:  # Any: rows of Listing
    """Return the channel and the listings that a row names; SkipRecord for none, or for a product of several variants."""
    shop = desk.shops.get(row.channel)
    if shop is None:
        raise SkipRecord(f"no channel is called {row.channel}")
    if not sku_key(row.sku):
        raise SkipRecord("a SKU of which nothing can be seen")
    listings = listings_called(reading, shop.id, row.product, row.variant, sku_key(row.listing_sku))
    what = f"SKU {row.listing_sku}" if row.listing_sku else f"product {' '.join((row.product, row.variant)).strip()}"
    if not listings:
        raise SkipRecord(f"{row.channel} lists no {what}")
    if row.product and len(listings) > 1:
        raise SkipRecord(f"{what} of {row.channel} has {len(listings)} variants; name one")
    return shop.id, listings


def refuse_twins(listings: Sequence[Any], taken: Mapping[int, int]) -> None:  # Any: rows of Listing
    """Raise SkipRecord where another row speaks of one of these listings."""
    for one in listings:
        if one.id in taken:
            raise SkipRecord(f"row {taken[one.id]} says already what that listing sells")


def word_row(channel_id: int, row: ListingRow, listing: Any) -> dict[str, Any]:  # Any: a row of Listing; of ListingWord
    """Return a row as it is saved."""
    by_id = bool(row.product)
    return {
        "channel_id": channel_id,
        "product_platform_id": listing.product_platform_id if by_id else "",
        "variant_platform_id": listing.variant_platform_id if by_id else "",
        "listing_key": "" if by_id else sku_key(row.listing_sku),
        "sku": row.sku,
        "sku_key": sku_key(row.sku),
        "per": row.per,
    }
