"""Pick lists as plain values, for the command, the API and artifacts."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import picks as queries
from fillrate.db.queries.kits import parts_by_kit
from fillrate.errors import NotFound
from fillrate.steps.desk import Desk

Plain = dict[str, Any]  # Any: JSON


def shown(
    desk: Desk, reading: Reading, states: Sequence[str] = (), location_id: int | None = None, limit: int = 100
) -> list[Plain]:
    """Return pick lists without their lines, the newest first."""
    return [head(row, desk) for row in queries.lists(reading, states, location_id, limit=limit)]


def one_list(desk: Desk, reading: Reading, list_id: int) -> Plain:
    """Return one pick list with its lines; NotFound where there is none."""
    found = queries.lists(reading, list_id=list_id)
    if not found:
        raise NotFound(f"There is no pick list {list_id}.", next="List them: fillrate picks")
    return {**head(found[0], desk), "lines": with_lines(reading, [list_id])[list_id]}


def with_lines(reading: Reading, list_ids: Sequence[int]) -> dict[int, list[Plain]]:
    """Return the lines of each of these lists."""
    found: dict[int, list[Plain]] = defaultdict(list)
    rows = queries.lines(reading, list_ids)
    parts = parts_by_kit(reading, {row.item_id for row in rows})
    for row in rows:
        found[row.list_id].append({**line(row), "parts": taken(row, parts.get(row.item_id, ()))})
    return found


def head(row: Any, desk: Desk) -> Plain:  # Any: a row of queries.lists
    """Return a list without its lines; its day is the store's."""
    names = ("id", "state", "location", "location_name", "orders", "lines", "units", "to_do", "run_id")
    day = row.day.astimezone(desk.settings.store.zone).date()
    return {**{name: getattr(row, name) for name in names}, "day": f"{day}", "made_at": row.made_at.isoformat()}


def line(row: Any) -> Plain:  # Any: a row of queries.lines
    """Return one line; `note` says what the warehouse must know of it."""
    names = ("id", "sku", "name", "quantity", "to_do", "shipped", "seen", "short", "removed", "tracking")
    order = {"channel": row.channel, "order": row.order_platform_id, "line": row.line_platform_id}
    return {**order, **{name: getattr(row, name) for name in names}, "note": note(row)}


def taken(row: Any, parts: Sequence[Any]) -> list[Plain]:  # Any: rows of queries.lines, of parts_by_kit
    """Return what a line of a kit takes from the shelves, [] of what is none; of a line that is over, what it took."""
    units = row.to_do or row.quantity
    return [{"sku": one.sku, "name": one.name, "per": one.per, "quantity": units * one.per} for one in parts]


def note(row: Any) -> str:  # Any: as above
    """Return what became of a line against what was asked, "" where all is as it was."""
    taken_back = row.shipped + row.short + row.removed - row.quantity
    if row.removed and taken_back > 0:
        return f"{taken_back} told as shipped, and no longer to be shipped: stop the parcel, or ask the shop"
    if row.removed and row.list_state == "undone":
        return f"{row.removed} no longer to be picked: the list was taken back"
    if row.removed:
        return f"{row.removed} no longer to be picked: cancelled, changed, on hold, or without stock"
    return f"{row.short} not found" if row.short else ""
