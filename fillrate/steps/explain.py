"""Explain an order or a SKU: load what has to do with it, and let `fillrate.report.explain` say it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fillrate.db.database import Reading
from fillrate.db.queries import explain as queries
from fillrate.db.queries import plans
from fillrate.db.queries.queue import owed_of
from fillrate.decide.sku import sku_key
from fillrate.errors import NotFound
from fillrate.report.explain import (
    CoverFact,
    ForecastFact,
    LineFact,
    MoveFact,
    OrderFact,
    PromiseFact,
    ShelfFact,
    SkuFact,
    UnitsFact,
    as_json,
    order_lines,
    sku_lines,
)
from fillrate.report.kits import PartFact
from fillrate.report.texts import text
from fillrate.steps.correcting.named import words_of
from fillrate.steps.desk import Desk
from fillrate.steps.kits.explain import part_facts, queue_of, unknown_to_shops
from fillrate.steps.queue import in_order

Explained = tuple[list[str], dict[str, Any]]  # Any: JSON
LAST_MOVEMENTS = 10


def explain_order(desk: Desk, which: str) -> Explained:
    """Return an order in sentences and as facts; `which` is `1234` or `main:1234`."""
    channel, _, number = which.rpartition(":")
    with desk.db.read() as reading:
        found = queries.order(reading, channel or None, number)
        if len(found) != 1:
            raise NotFound(*no_single_order(which, found))
        fact = order_fact(desk, reading, found[0])
    return order_lines(fact, desk.settings.store.zone), as_json(fact)


def no_single_order(which: str, found: Sequence[Any]) -> tuple[str]:  # Any: rows of Order
    """Return why an order cannot be explained."""
    if found:
        return (f"Several channels have an order {which}: {', '.join(f'{row.channel}:{which}' for row in found)}.",)
    return (f"There is no order {which} in the tables. Read the shop first: fillrate run sync-orders",)


def order_fact(desk: Desk, reading: Reading, row: Any) -> OrderFact:  # Any: a row of Order
    """Load an order with all that has to do with it."""
    lines = queries.lines(reading, row.id)
    ids = [line.id for line in lines]
    items = sorted({line.item_id for line in lines if line.item_id is not None})
    units, aside, moves = (
        by_line(queries.units(reading, ids)),
        by_line(queries.set_aside(reading, ids)),
        by_line(queries.transitions(reading, ids)),
    )
    covers, promises = by_line(queries.covers(reading, ids)), by_line(queries.promises(reading, ids))
    forecasts = queries.forecasts(reading, ids)
    shelves, queue = by_item(queries.shelves(reading, items)), by_item(waiting(desk, reading, items))
    parts = part_facts(desk, reading, lines)
    words = words_of(
        reading, row.channel_id, [f"order:{row.platform_id}", *(f"line:{one.platform_id}" for one in lines)]
    )
    note = plans.last_change(reading, row.channel_id, "metafield", row.platform_id)
    return OrderFact(
        order=f"{row.channel}:{row.platform_id}",
        placed_at=row.placed_at,
        recipient=row.recipient,
        status=status_name(desk, row.channel, row.status),
        note=row.note,
        is_gone=row.deleted_at is not None,
        note_in_shop="" if note is None else note.state,
        words=words.get(f"order:{row.platform_id}", ()),
        lines=tuple(
            LineFact(
                line=line.platform_id,
                sku=line.sku,
                name=line.name,
                ordered=line.qty_ordered,
                shipped=line.qty_shipped,
                cancelled=line.qty_cancelled,
                needs_stock=line.needs_stock and needs_stock(line, parts.get(line.id, ())),
                units=tuple(UnitsFact(one.state, one.reason, one.quantity, one.queued_at) for one in units[line.id]),
                set_aside={} if line.id in parts else {one.location: one.quantity for one in aside[line.id]},
                units_ahead=units_ahead(queue[line.item_id], line.id) if line.item_id is not None else None,
                shelves=()
                if line.id in parts or line.item_id is None
                else tuple(map(shelf_fact, shelves[line.item_id])),
                moves=tuple(MoveFact(one.at, one.quantity, one.to_state, one.cause) for one in moves[line.id]),
                covers=tuple(cover_fact(one, is_kit=line.id in parts) for one in covers[line.id]),
                forecast=forecast_fact(forecasts.get(line.id)),
                promises=tuple(PromiseFact(one.ship_by, one.source, one.given_at) for one in promises[line.id]),
                release_at=line.release_at,
                parts=parts.get(line.id, ()),
                words=words.get(f"line:{line.platform_id}", ()),
            )
            for line in lines
        ),
    )


def needs_stock(line: Any, parts: Sequence[PartFact]) -> bool:  # Any: a row of queries.lines
    """Tell whether anything that a line draws on is counted."""
    return any(part.is_counted for part in parts) if parts else line.is_tracked is not False


def cover_fact(row: Any, *, is_kit: bool) -> CoverFact:  # Any: a row of queries.covers
    """Return what units wait for; those of a kit for a part, which is named."""
    reference = f"{row.reference} ({row.sku})" if is_kit else row.reference
    return CoverFact(row.quantity, reference, row.supplier or "", row.expected_at)


def forecast_fact(row: Any) -> ForecastFact | None:  # Any: a row of Forecast, or None
    """Return when a line is expected to leave."""
    return None if row is None else ForecastFact(row.likely_by, row.sure_by, row.uncovered)


def status_name(desk: Desk, channel: str, status: str) -> str:
    """Return an order's status in the shop's own words; its code where the channel is no longer in the settings."""
    shop = desk.shops.get(channel)
    return status if shop is None else shop.channel.capabilities().statuses.get(status, status)


def waiting(desk: Desk, reading: Reading, items: Sequence[int]) -> list[Any]:  # Any: rows of owed_of
    """Return all open units of items in the order of the queue."""
    return in_order(desk.settings.policy, owed_of(reading, items))


def units_ahead(queue: Sequence[Any], line_id: int) -> int:  # Any: rows of `waiting`
    """Return how many waiting units of other lines come before this one's first waiting unit."""
    waiting = [row for row in queue if row.state == "backorder"]
    mine = [place for place, row in enumerate(waiting) if row.line_id == line_id]
    return sum(row.quantity for row in waiting[: mine[0]] if row.line_id != line_id) if mine else 0


def order_of(row: Any, item_id: int) -> str:  # Any: a row of owed_of
    """Return the order of units that draw on an item, with the kit of which it is a part."""
    order = str(row.order_platform_id)
    return order if row.item_id == item_id else text("say", "in_kit", order=order, sku=row.sku)


def shelf_fact(row: Any, in_kits: int = 0) -> ShelfFact:  # Any: a row of queries.shelves
    """Return what lies on a shelf."""
    shown = (row.shown, row.deducted, row.backordered, row.read_at)
    return ShelfFact(row.location, row.on_hand, row.allocated, *shown, in_kits)


def by_line(rows: Sequence[Any]) -> dict[int, list[Any]]:  # Any: rows
    """Return rows by their line."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.line_id].append(row)
    return found


def by_item(rows: Sequence[Any]) -> dict[int, list[Any]]:  # Any: rows
    """Return rows by their item."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.item_id].append(row)
    return found


def explain_sku(desk: Desk, which: str) -> Explained:
    """Return every item with this SKU in sentences and as facts."""
    with desk.db.read() as reading:
        found = queries.items(reading, sku_key(which))
        if not found:
            raise NotFound(
                f"There is no SKU {which} in the tables.", next="Read the shop first: fillrate run sync-catalog"
            )
        facts = [sku_fact(desk, reading, row) for row in found]
    zone = desk.settings.store.zone
    said = [sentence for fact in facts for sentence in (*sku_lines(fact, zone), "")]
    return said[:-1], {"items": [as_json(fact) for fact in facts]}


def sku_fact(desk: Desk, reading: Reading, row: Any) -> SkuFact:  # Any: a row of Item
    """Load an item with all that has to do with it."""
    shelves = queries.shelves(reading, [row.id])
    in_kits = unknown_to_shops(reading, shelves)
    return SkuFact(
        sku=row.sku,
        name=row.name,
        is_tracked=row.is_tracked,
        shelves=tuple(shelf_fact(one, in_kits.get((one.item_id, one.location_id), 0)) for one in shelves),
        queue=tuple(
            (order_of(one, row.id), UnitsFact(one.state, one.reason, one.quantity * per, one.queued_at))
            for one, per in queue_of(desk, reading, [row.id])[row.id]
        ),
        movements=tuple(
            (one.occurred_at, one.kind, one.quantity) for one in queries.movements(reading, row.id, LAST_MOVEMENTS)
        ),
    )


def example_order(desk: Desk) -> str:
    """Return an order worth explaining, or ""."""
    with desk.db.read() as reading:
        found = queries.example(reading)
    return "" if found is None else f"{found.channel}:{found.platform_id}"
