"""Point listings to the goods that they sell, as far as SKUs and people's words tell."""

from collections import defaultdict
from collections.abc import Collection

from fillrate.db.database import Writing
from fillrate.db.queries import matching as queries
from fillrate.db.tables import KitPart, Listing, ShownStock
from fillrate.decide.matching import Found, Listed, Match, match
from fillrate.steps.touch import touch


def match_listings(tx: Writing, keys: Collection[str]) -> set[int]:
    """Point the listings with these SKU keys to their goods, and return the channels of those that changed."""
    rows = queries.listed(tx, keys)
    named = {row.word for row in rows if row.word} | {row.sku_key for row in rows if row.sku_key}
    if not named <= set(keys):
        rows = queries.listed(tx, {*keys, *named})
    listings = [
        Listed(row.id, row.channel_id, row.holds_stock, row.own_item_id, row.sku_key, row.word, row.per) for row in rows
    ]
    found = match(listings)
    packed = save_packs(tx, {one.own_item: found[one.id] for one in listings})
    changed = [
        {"id": row.id, "item_id": item, "match": found[row.id].match.value}
        for row in rows
        if (row.item_id, row.match) != ((item := sells(row.own_item_id, found[row.id])), found[row.id].match)
    ]
    tx.update(Listing, changed, key=("id",))
    by_id = {row.id: row for row in rows}
    moved = {one for row in changed for one in (row["item_id"], by_id[row["id"]].item_id)}
    touch(tx, moved)
    look_again(tx, moved | packed)
    return {by_id[row["id"]].channel_id for row in changed}


def sells(own_item: int, found: Found) -> int:
    """Return the item that a listing points to; a pack is a kit of its own, made of what was found."""
    return own_item if found.match == Match.PACK else found.item


def look_again(tx: Writing, items: Collection[int]) -> None:
    """Let the numbers that channels show of these items be looked at, though nothing of them moved."""
    tx.update(ShownStock, [{"item_id": item, "is_settled": False} for item in sorted(items)], key=("item_id",))


def save_packs(tx: Writing, found: dict[int, Found]) -> set[int]:
    """Make the items of packs kits of one part, and those of others none; returns the items that changed so."""
    packs = {item: (one.item, one.per) for item, one in found.items() if one.match == Match.PACK}
    known: dict[int, tuple[int, int]] = {}
    parts: dict[int, list[int]] = defaultdict(list)
    for row in tx.find(KitPart, "kit_id", sorted(found), "kit_id", "part_id", "per", is_pack=True):
        known[row.kit_id] = (row.part_id, row.per)
        parts[row.kit_id].append(row.part_id)
    differs = [item for item in {*packs, *known} if packs.get(item) != known.get(item)]
    tx.delete(KitPart, [{"kit_id": item} for item in differs if item in known], key=("kit_id",))
    tx.insert(
        KitPart,
        [
            {"kit_id": item, "part_id": packs[item][0], "per": packs[item][1], "is_pack": True}
            for item in sorted(differs)
            if item in packs
        ],
    )
    touch(tx, {*differs, *(part for item in differs for part in (*parts[item], *(packs.get(item) or ())[:1]))})
    return set(differs)
