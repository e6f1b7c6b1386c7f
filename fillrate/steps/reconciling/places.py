"""Where the stock lies that each of a channel's locations shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries.queue import locations as in_use
from fillrate.db.queries.stock import locations as of_channel
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import Problem, RunLog

Pools = Mapping[int, tuple[int, ...]]  # a channel's location -> those whose stock it shows


def pools(desk: Desk, reading: Reading, shop: Shop, log: RunLog) -> Pools:
    """Return for each location of a channel where the stock lies that it shows.

    Without a word in the settings the default one shows all that may serve the channel, and the others show nothing of
    ours: two numbers for the same goods would sell them twice.
    """
    held = serving(desk, shop, in_use(reading))
    shows = [row for row in of_channel(reading, shop.id) if row.is_enabled and not row.is_own_stock]
    told = shop.settings.locations
    if told:
        return {row.id: named(held, told[key]) for row in shows for key in (row.platform_id, row.code) if key in told}
    if len(shows) > 1 and shop.settings.publish:
        others = ", ".join(row.name or row.platform_id for row in shows if not row.is_default)
        what = f"Only its default location is reconciled; nobody said whose stock the others show: {others:.100}."
        log.problems.append(Problem(f"{shop.name}: locations", what, "Say so under [channel.locations]."))
    return {row.id: tuple(one.id for one in held) for row in shows if row.is_default or len(shows) == 1}


def serving(desk: Desk, shop: Shop, held: Sequence[Any]) -> list[Any]:  # Any: rows of locations in use
    """Return the locations in use whose stock may serve a channel's customers."""
    places = {(one.channel, one.code): one for one in desk.settings.location}
    found = []
    for row in held:
        place = places.get((row.channel, row.code))
        if place is None or not place.serves or shop.name in place.serves:
            found.append(row)
    return found


def named(held: Sequence[Any], codes: Sequence[str]) -> tuple[int, ...]:  # Any: as above
    """Return the locations with these codes, or `channel:code`."""
    return tuple(row.id for row in held if row.code in codes or f"{row.channel}:{row.code}" in codes)
