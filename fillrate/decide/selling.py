"""What a shop's page may say of goods: when the next free unit leaves, and whether they can be bought at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple


class Goods(NamedTuple):
    """One thing that a page sells: units that lie there for nobody, and the day by which the next free one surely leaves."""

    free: int
    day: datetime | None


def page_day(sold: Sequence[Goods]) -> datetime | None:
    """Return the day that a page may show for all that it sells, None for none.

    One page speaks for all of its variants: so the latest of their days, and none while any of them lies there or has no day.
    """
    days = [one.day for one in sold if one.day is not None and one.free <= 0]
    return max(days) if days and len(days) == len(sold) else None


def is_at_limit(waiting: int, free: int, limit: int | None) -> bool:
    """Tell whether nobody more may buy: as many units wait as may, and none lies there for the next."""
    return limit is not None and free <= 0 and waiting >= limit


def shared_out(limit: int | None, own: Mapping[str, int | None], default: str) -> dict[str, int]:
    """Return the limits of the places that hold an item: a place's own, the rest of the item's at the default one, else none.

    `own` has each place, None where nothing is said of it; without a limit of the item only places with their own get one.
    """
    said = {place: units for place, units in own.items() if units is not None}
    if limit is None:
        return said
    rest = max(0, limit - sum(said.values()))
    return {place: said.get(place, rest if place == default else 0) for place in own}


def given_back(held: Any, kept: Any, written: Any) -> Any:  # Any: JSON
    """Return what should stand where we have nothing to say: what stood there before us, unless somebody changed it since.

    Of several texts each is somebody's own: who changes one of them does not make our other one his.
    """
    if isinstance(held, Mapping):
        return {name: given_back(held[name], kept.get(name), written.get(name)) for name in held}
    return kept if held == written else held
