"""What a changed order means for its lines: open units, every move of them, and what the ledger must book.

What a change means is decided by `fillrate.decide.owing`; here it is loaded and saved, a page of orders at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.tables import Listing, OpenUnit, OrderLine, Transition
from fillrate.decide.owing import KnownLine, LineFacts, Meaning, Settlement, Units, settle
from fillrate.decide.states import Cause
from fillrate.decide.withdrawals import Withdrawn
from fillrate.records import Line
from fillrate.steps.days import shop_time
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.shipments import Left, is_stock_read, ship_and_release
from fillrate.steps.intake.uncovered import wait_for_stock
from fillrate.steps.ledger import save_units, transition
from fillrate.steps.put_back import note_history
from fillrate.steps.runs import RunLog


class Head(NamedTuple):
    """What a line needs to know of its order."""

    id: int
    platform_id: str
    placed_at: datetime
    modified_at: datetime
    shipped_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineNow:
    """One line of a changed order: what the shop says, and what we knew."""

    order: Head
    line: Line | None  # None: it vanished from the order
    saved: Any  # Any: a row of OrderLine, or None
    meaning: Meaning


def settle_lines(desk: Desk, shop: Shop, log: RunLog, tx: Writing, lines: Sequence[LineNow]) -> None:
    """Decide what each line's change means, and save it: the line, its units, moves, shipments and bookings."""
    saved_ids = [now.saved.id for now in lines if now.saved is not None]
    units = load_units(tx, saved_ids)
    policy = desk.settings.policy.for_(channel=shop.name)
    settled = []
    for now in lines:
        before = known_line(now.saved, units) if now.saved is not None else None
        result = settle(line_facts(now), before, refund_cancels_unshipped=policy.refund_cancels_unshipped)
        settled.append((now, before, result))
    items = find_items(tx, shop.id, [now.line for now in lines if now.line is not None])
    tx.upsert(
        OrderLine,
        [line_row(shop.id, now, result, items) for now, _, result in settled],
        key=("channel_id", "platform_id"),
    )
    save_shown(tx, settled)
    note_history(tx, shop, [platform_id(now) for now, before, _ in settled if before is None and is_refunded(now)])
    was_read = is_stock_read(tx)
    moving = [(now, result) for now, before, result in settled if has_moved(before, result, was_read)]
    line_ids = tx.ids(OrderLine, shop.id, [platform_id(now) for now, _ in moving])
    moved = [(line_ids[platform_id(now)], now, result) for now, result in moving]
    save_moves(desk, log, tx, moved)
    left = [
        Left(
            line_id=line_id,
            platform_id=platform_id(now),
            placed_at=now.order.placed_at,
            left_at=now.order.shipped_at or now.order.modified_at,
            item_id=item_of(now, items),
            is_known=now.saved is not None,
            result=result,
        )
        for line_id, now, result in moved
    ]
    log.counts["units_lost_their_stock"] += ship_and_release(desk, shop, log.id, tx, left)
    others = [now.saved.id for now in lines if has_other_needs(now, items)]
    if others:
        wait_for_stock(tx, tx.is_in(col(OrderLine.id), others), log.id, shop_time(desk, tx, shop))


def line_of(saved: Any) -> Line:  # Any: a row of OrderLine
    """Return a saved line as the shop last told it."""
    return Line(
        platform_id=saved.platform_id,
        product_platform_id=saved.product_platform_id,
        variant_platform_id=saved.variant_platform_id,
        sku=saved.sku,
        name=saved.name,
        quantity=saved.qty_ordered,
        quantity_shipped=saved.qty_shipped_told,
        quantity_refunded=saved.qty_refunded,
        quantity_backordered=None,
        needs_stock=saved.needs_stock,
        unit_price_e4=saved.unit_price_e4,
    )


def platform_id(now: LineNow) -> str:
    """Return the shop's id of a line."""
    return str(now.line.platform_id if now.line is not None else now.saved.platform_id)


def item_of(now: LineNow, items: dict[tuple[str, str], int]) -> int | None:
    """Return the item behind a line, where one is known."""
    if now.line is None:
        return None if now.saved.item_id is None else int(now.saved.item_id)
    found = items.get((now.line.product_platform_id, now.line.variant_platform_id))
    return found if found is not None or now.saved is None else now.saved.item_id


def has_other_needs(now: LineNow, items: dict[tuple[str, str], int]) -> bool:
    """Tell whether a known line draws on another item than before, or needs stock where it needed none."""
    if now.saved is None or now.line is None:
        return False
    return item_of(now, items) != now.saved.item_id or (now.line.needs_stock and not now.saved.needs_stock)


def has_moved(before: KnownLine | None, result: Settlement, was_read: bool) -> bool:
    """Tell whether open units of a line changed, or units left or came back that a stock number knew of."""
    if before is None and not was_read:
        return bool(result.moves)
    old = () if before is None else before.units
    return bool(result.moves or result.units != old or result.newly_shipped or result.newly_unshipped)


def line_facts(now: LineNow) -> LineFacts:
    """Return what the shop says of one line."""
    line = now.line
    return LineFacts(
        meaning=now.meaning,
        quantity=line.quantity if line is not None else 0,
        shipped=line.quantity_shipped if line is not None else now.saved.qty_shipped_told,
        refunded=line.quantity_refunded if line is not None else now.saved.qty_refunded,
        is_removed=line is None or line.quantity == 0,
        placed_at=now.order.placed_at,
        modified_at=now.order.modified_at,
    )


def load_units(tx: Writing, line_ids: Sequence[int]) -> dict[int, list[Units]]:
    """Return the open units of these lines."""
    found: dict[int, list[Units]] = defaultdict(list)
    for row in tx.find(OpenUnit, "line_id", line_ids):
        found[row.line_id].append(Units(row.state, row.reason, row.queued_at, row.quantity))
    return found


def known_line(saved: Any, units: dict[int, list[Units]]) -> KnownLine:  # Any: a row of OrderLine
    """Return what we knew of one line."""
    mine = tuple(sorted(units.get(saved.id, ())))
    withdrawn = withdrawn_of(saved)
    return KnownLine(saved.qty_ordered, saved.qty_shipped, saved.qty_cancelled, mine, saved.qty_shipped_told, withdrawn)


def withdrawn_of(saved: Any) -> Withdrawn:  # Any: a row of OrderLine
    """Return what a person gave up of one line."""
    return Withdrawn(saved.qty_withdrawn, saved.qty_withdrawn_shown, saved.qty_withdrawn_floor)


def find_items(tx: Writing, channel_id: int, lines: Iterable[Line]) -> dict[tuple[str, str], int]:
    """Return the item behind each (product, variant) of these lines that the catalogue knows."""
    variants = sorted({line.variant_platform_id for line in lines} - {""})
    names = ("product_platform_id", "variant_platform_id", "item_id")
    rows = tx.find(Listing, "variant_platform_id", variants, *names, channel_id=channel_id)
    return {(product, variant): item_id for product, variant, item_id in rows}


def line_row(
    channel_id: int, now: LineNow, result: Settlement, items: dict[tuple[str, str], int]
) -> dict[str, Any]:  # Any: a table's row
    """Return the row of one line; one that vanished keeps what it was."""
    source = now.line if now.line is not None else now.saved
    return {
        "channel_id": channel_id,
        "order_id": now.order.id,
        "platform_id": source.platform_id,
        "product_platform_id": source.product_platform_id,
        "variant_platform_id": source.variant_platform_id,
        "sku": source.sku,
        "name": source.name,
        "needs_stock": source.needs_stock,
        "unit_price_e4": source.unit_price_e4,
        "item_id": item_of(now, items),
        "qty_ordered": result.ordered,
        "qty_shipped": result.shipped,
        "qty_shipped_told": result.told,
        "qty_cancelled": result.cancelled,
        "qty_refunded": now.saved.qty_refunded if now.line is None else now.line.quantity_refunded,
        "is_removed": now.line is None,
    }


def is_refunded(now: LineNow) -> bool:
    """Tell whether units of a line were refunded."""
    return now.line is not None and now.line.quantity_refunded > 0


def save_shown(tx: Writing, settled: Sequence[tuple[LineNow, KnownLine | None, Settlement]]) -> None:
    """Note which units that a person gave up the shop shows now."""
    changed = [
        {"id": now.saved.id, "qty_withdrawn_shown": result.withdrawn.shown}
        for now, before, result in settled
        if before is not None and result.withdrawn != before.withdrawn
    ]
    tx.update(OrderLine, changed, key=("id",))


def save_moves(desk: Desk, log: RunLog, tx: Writing, moved: Sequence[tuple[int, LineNow, Settlement]]) -> None:
    """Save the open units and the transitions of lines that moved."""
    buckets = {
        line_id: {(one.state, one.reason, one.queued_at): one.quantity for one in result.units}
        for line_id, _, result in moved
    }
    save_units(tx, buckets)
    rows = []
    for line_id, now, result in moved:
        for one in result.moves:
            start, end = (one.from_state, one.from_reason), (one.to_state, one.to_reason)
            at = now.order.placed_at if one.cause == Cause.ORDERED else now.order.modified_at
            rows.append(transition(line_id, one.quantity, start, end, one.cause, log.id, at))
    tx.insert(Transition, rows)
