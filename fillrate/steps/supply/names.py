"""What the codes in a file stand for here: suppliers, locations, and the items behind SKUs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.tables import Inbound, Item, Listing, Location, Supplier
from fillrate.errors import SkipRecord
from fillrate.settings import SupplierSettings
from fillrate.steps.desk import Desk


def folded(code: str) -> str:
    """Return a code as people mean it, however they write it."""
    return " ".join(code.casefold().split())


def suppliers(tx: Writing, codes: Iterable[str], named: Sequence[SupplierSettings]) -> dict[str, int]:
    """Return our key of each supplier by folded code; a code that is new gets its row, the settings' names are taken over."""
    known = {folded(row.code): row for row in tx.rows(sa.select(*Supplier.__table__.c))}
    names = {folded(one.code): one.name or one.code for one in named}
    fresh: dict[str, str] = {}
    for code in codes:
        if code and folded(code) not in known:
            fresh.setdefault(folded(code), code)
    tx.insert(Supplier, [{"code": code, "name": names.get(key, code)} for key, code in fresh.items()])
    renamed = [{"id": row.id, "name": names[key]} for key, row in known.items() if names.get(key, row.name) != row.name]
    tx.update(Supplier, renamed, key=("id",))
    found = tx.rows(sa.select(col(Supplier.id), col(Supplier.code))) if fresh else known.values()
    return {folded(row.code): row.id for row in found}


class Places:
    """The locations of all channels of the settings, by code, name or the shop's own id."""

    def __init__(self, reading: Reading, desk: Desk) -> None:
        rows = reading.rows(
            sa.select(*Location.__table__.c).where(col(Location.deleted_at).is_(None)).order_by(col(Location.id))
        )
        order = [shop.id for shop in desk.shops.values()]
        self.default: int | None = next(
            (row.id for channel in order for row in rows if row.channel_id == channel and row.is_default), None
        )
        self.by: list[dict[str, set[int]]] = [by(rows, name) for name in ("code", "name", "platform_id")]

    def find(self, called: str) -> int | None:
        """Return the location that is called so, the default one for ""; SkipRecord for none or several."""
        if not called:
            return self.default
        for names in self.by:
            found = names.get(folded(called), set())
            if len(found) > 1:
                raise SkipRecord(f"several locations are called {called}", path="location")
            if found:
                return next(iter(found))
        raise SkipRecord(f"no location is called {called}", path="location")


def by(rows: Sequence[Any], name: str) -> dict[str, set[int]]:  # Any: rows of Location
    """Return the keys of locations by one of their names."""
    found = defaultdict(set)
    for row in rows:
        found[folded(getattr(row, name))].add(row.id)
    return found


def match_items(tx: Writing, landed: Sequence[int] = ()) -> set[int]:
    """Give lines without an item the only one that has their SKU where they go; returns the items of these lines.

    Looked at are open lines, and those that have just landed. So with lines whose item is no longer sold, where another
    one has its SKU by now.
    """
    lines = unmatched(tx, landed)
    items = items_by_sku(tx, sorted({row.sku_key for row in lines}))
    rows = []
    for line in lines:
        among = {item for item, channel in items[line.sku_key] if line.channel_id in {None, channel}}
        if len(among) == 1:
            rows.append({"id": line.id, "item_id": among.pop()})
    tx.update(Inbound, rows, key=("id",))
    return {row["item_id"] for row in rows}


def unmatched(reading: Reading, landed: Sequence[int] = ()) -> list[Any]:  # Any: rows
    """Return open lines without an item that is sold: id, sku, sku_key, channel_id of where they go, reference, source.

    With them, those among `landed` that are not open.
    """
    lines = Inbound.__table__.c
    is_lost = sa.or_(lines.item_id.is_(None), col(Item.discontinued_at).is_not(None))
    statement = (
        sa.select(lines.id, lines.sku, lines.sku_key, lines.source, lines.reference, col(Location.channel_id))
        .outerjoin(Item, col(Item.id) == lines.item_id)
        .outerjoin(Location, col(Location.id) == lines.location_id)
        .where(is_lost, sa.or_(lines.status == "open", reading.is_in(lines.id, list(landed))))
    )
    return reading.rows(statement.order_by(lines.id))


def items_by_sku(reading: Reading, keys: Sequence[str]) -> dict[str, set[tuple[int, int]]]:
    """Return (item, channel) of all that is sold under each SKU, be it the item's or one of its listings'."""
    found: dict[str, set[tuple[int, int]]] = defaultdict(set)
    same = {row.id: row.sku_key for row in reading.find(Item, "sku_key", keys, "id", "sku_key")}
    names = ("item_id", "channel_id", "sku_key", "deleted_at")
    listed = reading.find(Listing, "sku_key", keys, *names)
    for row in listed:
        if row.deleted_at is None:
            found[row.sku_key].add((row.item_id, row.channel_id))
    for row in reading.find(Listing, "item_id", sorted(same), *names):
        if row.deleted_at is None:
            found[same[row.item_id]].add((row.item_id, row.channel_id))
    return found
