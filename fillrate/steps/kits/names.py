"""What the SKUs in a file of kits stand for here, channel by channel."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from fillrate.channels.kit_files import Kits, PartRow
from fillrate.channels.row_files import BadRow
from fillrate.db.database import Reading
from fillrate.decide.recipes import MOST, taken_apart
from fillrate.decide.sku import sku_key
from fillrate.errors import SkipRecord
from fillrate.steps.supply.names import items_by_sku

Made = dict[int, dict[int, int]]  # by kit and part: units
Sold = Mapping[str, Mapping[int, set[int]]]  # by SKU key and channel: items
WHY = {
    "circle": "{kit} is a part of itself, or has a kit among its parts that is or that cannot be used",
    "many": f"{{kit}} comes to more than {MOST:,} of one part",
}


def made_of(reading: Reading, kits: Kits) -> tuple[Made, list[BadRow]]:
    """Return what each kit comes to in our own keys, and a bad row for each kit that cannot be used."""
    rows, bad, spoiled = by_kit(kits)
    written = {sku_key(sku): sku for row in kits.rows for sku in (row.kit, row.part)}
    parts = {kit: {part: row.quantity for part, row in mine.items()} for kit, mine in rows.items()}
    flat, refused = taken_apart(parts, spoiled)
    why = {kit: WHY[reason].format(kit=written[kit]) for kit, reason in refused.items() if kit not in spoiled}
    sold, made = by_channel(reading, written), Made()
    for kit, flat_parts in flat.items():
        try:
            made |= in_items(kit, flat_parts, sold, written)
        except SkipRecord as skip:
            why[kit] = skip.what
    first = {kit: next(iter(mine.values())).row for kit, mine in rows.items()}
    return made, [*bad, *(BadRow(row=first[kit], reason=reason) for kit, reason in why.items())]


def by_kit(kits: Kits) -> tuple[dict[str, dict[str, PartRow]], list[BadRow], set[str]]:
    """Return the rows by kit and part, rows that name nothing or say the same part twice, and kits with such rows."""
    rows: dict[str, dict[str, PartRow]] = defaultdict(dict)
    bad, spoiled = [], {sku_key(kit) for kit in kits.spoiled}
    for row in kits.rows:
        kit, part = sku_key(row.kit), sku_key(row.part)
        if not (kit and part):
            bad.append(BadRow(row=row.row, reason="a SKU of which nothing can be seen"))
        elif (twin := rows[kit].setdefault(part, row)) is not row:
            bad.append(BadRow(row=row.row, reason=f"{row.part} of {row.kit} is in row {twin.row} already"))
        else:
            continue
        spoiled.add(kit)
    return {kit: mine for kit, mine in rows.items() if mine}, bad, spoiled


def by_channel(reading: Reading, keys: Iterable[str]) -> Sold:
    """Return the items that are sold under each SKU, by channel."""
    found: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for key, pairs in items_by_sku(reading, sorted(keys)).items():
        for item, channel in pairs:
            found[key][channel].add(item)
    return found


def in_items(kit: str, parts: Mapping[str, int], sold: Sold, written: Mapping[str, str]) -> Made:
    """Return one kit in each channel that sells it, of parts that the same channel sells; SkipRecord for what is unclear."""
    if not sold[kit]:
        raise SkipRecord(f"no item has the SKU {written[kit]}")
    made: Made = {}
    for channel in sorted(sold[kit]):
        item = the_only(kit, channel, sold, written)
        if item in made:  # another channel sells the very same goods
            continue
        mine: dict[int, int] = defaultdict(int)
        for part, per in parts.items():
            mine[the_only(part, channel, sold, written)] += per
        if item in mine:
            raise SkipRecord(f"{written[kit]} shares its stock with one of its parts")
        made[item] = dict(mine)
    return made


def the_only(key: str, channel: int, sold: Sold, written: Mapping[str, str]) -> int:
    """Return the one item that a channel sells under a SKU; SkipRecord for none or several."""
    items = sold[key].get(channel, set()) if key in sold else set()
    if len(items) != 1:
        many = "several items have" if items else "no item that is sold beside the kit has"
        raise SkipRecord(f"{many} the SKU {written[key]}")
    return next(iter(items))
