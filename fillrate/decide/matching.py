"""Which goods each channel's listings sell: the same SKU is the same goods, unless a person's word says otherwise.

The home of a SKU is the first channel that lists it once, channels that hold stock before those that only show it. All
other listings of that SKU point to its goods. What is listed twice by one channel, or has no home, is left alone: it keeps
an item of its own, is shown to a person, and its number is never written.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple


class Match(StrEnum):
    """How a listing found its goods, or why it did not."""

    OWN = "own"  # it is the home of its SKU
    SKU = "sku"  # the same SKU as the home's
    WORD = "word"  # a person said so
    PACK = "pack"  # a person said so: several units of the goods
    NO_SKU = "no_sku"  # nothing to go by
    TWICE = "twice"  # its channel lists the SKU more than once
    AMBIGUOUS = "ambiguous"  # the SKU's home lists it more than once
    UNMATCHED = "unmatched"  # no channel that holds stock lists the SKU
    UNKNOWN_SKU = "unknown_sku"  # a person named a SKU that nobody lists


PUBLISHED = (Match.OWN, Match.SKU, Match.WORD, Match.PACK)  # whose numbers may be written
REVIEWED = tuple(one for one in Match if one not in PUBLISHED)


class Listed(NamedTuple):
    """One listing: what came with it, and a person's word on it (`per` units of the goods with that SKU key)."""

    id: int
    channel_id: int
    holds_stock: bool  # its channel does
    own_item: int
    sku_key: str
    word: str | None = None
    per: int = 1


class Found(NamedTuple):
    """What a listing sells: an item, or `per` of it."""

    item: int
    match: Match
    per: int = 1


class Home(NamedTuple):
    """Where a SKU is at home: the goods, None where its first channel lists it more than once."""

    channel_id: int
    holds_stock: bool
    item: int | None


def match(listings: Sequence[Listed]) -> dict[int, Found]:
    """Return what each listing sells, by its id. Give all listings of each SKU key, and of each key that a word names."""
    twice = listed_twice(listings)
    homes = homes_of(listings, twice)
    return {one.id: found(one, homes, twice) for one in listings}


def listed_twice(listings: Iterable[Listed]) -> set[tuple[int, str]]:
    """Return (channel, SKU key) of what one channel lists as several goods, by its own SKUs."""
    goods: dict[tuple[int, str], set[int]] = defaultdict(set)
    for one in listings:
        if one.word is None and one.sku_key:
            goods[one.channel_id, one.sku_key].add(one.own_item)
    return {key for key, items in goods.items() if len(items) > 1}


def homes_of(listings: Iterable[Listed], twice: set[tuple[int, str]]) -> dict[str, Home]:
    """Return where each SKU key is at home."""
    homes: dict[str, Home] = {}
    for one in sorted(listings, key=lambda one: (not one.holds_stock, one.channel_id, one.id)):
        if one.word is None and one.sku_key and one.sku_key not in homes:
            is_clear = (one.channel_id, one.sku_key) not in twice
            homes[one.sku_key] = Home(one.channel_id, one.holds_stock, one.own_item if is_clear else None)
    return homes


def found(one: Listed, homes: dict[str, Home], twice: set[tuple[int, str]]) -> Found:
    """Return what one listing sells."""
    home = homes.get(one.sku_key if one.word is None else one.word)
    if one.word is not None:
        return by_word(one, home)
    if home is None or (one.channel_id == home.channel_id and home.holds_stock):
        return Found(one.own_item, Match.OWN if one.holds_stock else Match.NO_SKU)
    if (one.channel_id, one.sku_key) in twice:
        return Found(one.own_item, Match.TWICE)
    if home.item is None or not home.holds_stock:
        return Found(one.own_item, Match.AMBIGUOUS if home.holds_stock else Match.UNMATCHED)
    return Found(home.item, Match.SKU)


def by_word(one: Listed, home: Home | None) -> Found:
    """Return what a listing sells of which a person said so."""
    if home is None or home.item is None:
        return Found(one.own_item, Match.UNKNOWN_SKU)
    return Found(home.item, Match.WORD) if one.per == 1 else Found(home.item, Match.PACK, one.per)


def suggestions(sku_key: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known SKU keys that look most like one, the likest first; only those that share most of it."""
    plain = squeezed(sku_key)
    if not plain:
        return []
    rated = []
    for key in known:
        matcher = SequenceMatcher(None, plain, squeezed(key))
        if matcher.real_quick_ratio() > 0.75 and matcher.quick_ratio() > 0.75 and (ratio := matcher.ratio()) > 0.75:
            rated.append((-ratio, key))
    return [key for _, key in sorted(rated)[:most]]


def squeezed(sku_key: str) -> str:
    """Return a SKU key without what people leave out or put in: everything but letters and digits."""
    return "".join(one for one in sku_key if one.isalnum())
