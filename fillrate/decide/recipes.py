"""What kits come to once kits among their parts are taken apart, and which parts come back with a kit."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

MOST = 1_000_000  # of one part in one kit


def taken_apart(
    kits: Mapping[str, Mapping[str, int]], broken: Collection[str] = ()
) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Return by kit how many of each part it comes to, none of which is a kit; and why the other kits cannot be.

    Such a reason is "circle" (it is a part of itself, or has a kit among its parts that is or that is `broken`), or "many".
    """
    flat: dict[str, dict[str, int]] = {}
    order = TopologicalSorter({kit: [part for part in parts if part in kits] for kit, parts in kits.items()})
    with suppress(CycleError):
        order.prepare()
    while ready := order.get_ready() if order.is_active() else ():
        for kit in ready:
            flat[kit] = defaultdict(int)
            for part, per in kits[kit].items():
                for inner, n in flat.get(part, {part: 1}).items():
                    flat[kit][inner] = min(flat[kit][inner] + per * n, MOST + 1)
        order.done(*(kit for kit in ready if kit not in broken))
    refused = dict.fromkeys(kits.keys() - flat.keys(), "circle") | dict.fromkeys(kits.keys() & broken, "circle")
    refused |= {kit: "many" for kit, parts in flat.items() if max(parts.values()) > MOST}
    return {kit: dict(parts) for kit, parts in flat.items() if kit not in refused}, refused


class Parcel(NamedTuple):
    """Units of a line that left together (negative: came back), and how many of each part one of them took along."""

    quantity: int
    parts: dict[int, int]


def come_back(parcels: Sequence[Parcel], units: int) -> dict[int, int]:
    """Return how many of each part come back with so many units of a line; what left last comes back first."""
    away: list[Parcel] = []
    for parcel in parcels:
        if parcel.quantity > 0:
            away.append(parcel)
        else:
            taken(away, -parcel.quantity)
    back: dict[int, int] = defaultdict(int)
    for parcel in taken(away, units):
        for part, per in parcel.parts.items():
            back[part] += per * parcel.quantity
    return dict(back)


def taken(away: list[Parcel], units: int) -> list[Parcel]:
    """Take so many units off the end of what is away; changes `away`."""
    found = []
    while units and away:
        last = away.pop()
        some = min(units, last.quantity)
        units -= some
        found.append(last._replace(quantity=some))
        if last.quantity > some:
            away.append(last._replace(quantity=last.quantity - some))
    return found
