"""What somebody counted on the shelves that are to be taken over; a row that fits none is rejected with its reason."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fillrate.channels.count_files import CountRow, Counts, parse_counts
from fillrate.channels.row_files import BadRow
from fillrate.db.database import Reading
from fillrate.db.queries.adopting import adopted
from fillrate.db.queries.stock import locations
from fillrate.decide.sku import sku_key
from fillrate.errors import FixSettings, NotFound, SkipRecord
from fillrate.gateway.folder import read_file
from fillrate.steps.adopting.find import Found, Shelf, home_of
from fillrate.steps.desk import Shop
from fillrate.steps.supply.names import by, folded

NOT_MEANT = "nothing is taken over from an app for this SKU: the shop counts it, nobody waits for it, or it is not sold"


@dataclass(slots=True)
class Counted:
    """The shelves as counted, those of products of which somebody said to leave them, and the rows that fit none."""

    shelves: list[Shelf] = field(default_factory=list)
    left: list[Shelf] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def read_counts(path: Path) -> Counts:
    """Return what a file tells; NotFound or FixSettings where it cannot be used at all."""
    try:
        return parse_counts(read_file(path))
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}.", next="Name the file with what was counted.") from None
    except SkipRecord as skip:
        raise FixSettings(f"{path.name} was refused. {skip.what}", next="Mend it and run this again.") from None


def with_counts(reading: Reading, shop: Shop, found: Found, counts: Counts) -> Counted:
    """Return the shelves with what was counted there, those at other locations that were counted added."""
    result = Counted(bad=list(counts.bad))
    place = Place(reading, shop)
    shelves = {(one.origin, one.location_id): one for one in found.shelves}
    origins: dict[str, set[str]] = defaultdict(set)
    for one in found.shelves:
        origins[sku_key(one.sku)].add(one.origin)
    met: dict[tuple[str, int], int] = {}
    done = {(sku_key(one.sku), one.location_id): one.on_hand for one in adopted(reading, shop.id) if one.sku}
    for row in counts.rows:
        try:
            if sku_key(row.sku) not in origins and is_done(row, done, place):
                continue
            key = shelf_of(row, origins, place, met)
            shelves[key] = counted(shelves, key, row, place)
        except SkipRecord as skip:
            result.bad.append(BadRow(row=row.row, reason=skip.what))
    left = {one.product for one in shelves.values() if one.is_left}
    result.left = [one for one in shelves.values() if one.product in left]
    result.shelves = [one for one in shelves.values() if one.product not in left]
    return result


def is_done(row: CountRow, done: Mapping[tuple[str, int], int | None], place: "Place") -> bool:
    """Tell whether a shelf was taken over with this very count already: the same file serves every run."""
    key = sku_key(row.sku), place.find(row.location)
    return key in done and done[key] == row.on_hand


class Place:
    """The locations of a shop by code, name or its own id."""

    def __init__(self, reading: Reading, shop: Shop) -> None:
        self.rows = {row.id: row for row in locations(reading, shop.id)}
        self.home = home_of(reading, shop).id
        self.names = [by(list(self.rows.values()), name) for name in ("code", "name", "platform_id")]

    def find(self, called: str) -> int:
        """Return the location that is called so, the one that is sold from for ""; SkipRecord for none or several."""
        if not called:
            return int(self.home)
        for names in self.names:
            found = names.get(folded(called), set())
            if len(found) == 1:
                return next(iter(found))
            if found:
                raise SkipRecord(f"several locations are called {called}", path="location")
        raise SkipRecord(f"no location is called {called}", path="location")


def shelf_of(
    row: CountRow, origins: Mapping[str, set[str]], place: Place, met: dict[tuple[str, int], int]
) -> tuple[str, int]:
    """Return the shelf that a row is about, and note that it was met; SkipRecord for none, several, or one met before."""
    meant = origins.get(sku_key(row.sku), set())
    if len(meant) > 1:
        raise SkipRecord(f"several goods have the SKU {row.sku}", path="sku")
    if not meant:
        raise SkipRecord(NOT_MEANT, path="sku")
    key = next(iter(meant)), place.find(row.location)
    if met.setdefault(key, row.row) != row.row:
        raise SkipRecord(f"this shelf is in row {met[key]} already", path="sku")
    return key


def counted(shelves: Mapping[tuple[str, int], Shelf], key: tuple[str, int], row: CountRow, place: Place) -> Shelf:
    """Return a shelf as it was counted; one at another location is new."""
    known = shelves.get(key)
    if known is None:
        origin, location_id = key
        like = next(one for one in shelves.values() if one.origin == origin)
        where: Any = place.rows[location_id]
        known = replace(like, location_id=location_id, place=where.platform_id, taken_off=0, is_home=False)
        known = replace(known, seen=None if like.seen is None else 0)
    return replace(known, on_hand=row.on_hand or 0, is_counted=True, is_left=row.on_hand is None)


def rejected(bad: Sequence[BadRow]) -> list[dict[str, Any]]:  # Any: JSON
    """Return bad rows as plain values."""
    return [{"row": one.row, "reason": one.reason} for one in bad]
