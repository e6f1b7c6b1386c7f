"""Questions about shelves: what a channel lists and counts, what lies where, and what orders have already taken off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading, Writing
from fillrate.db.queries.kits import IS_KIT
from fillrate.db.tables import (
    Channel,
    ChannelSettings,
    Item,
    Listing,
    Location,
    Movement,
    OpenUnit,
    Order,
    OrderLine,
    Stock,
    StockReading,
    Transition,
)

if TYPE_CHECKING:
    import pandas as pd


def listed_items(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows
    """Return each listing of a channel whose item is counted: product_platform_id, variant_platform_id, item_id, origin.

    A kit is not: it is drawn from its parts, whatever its own number says.
    """
    statement = (
        sa.select(
            col(Listing.product_platform_id), col(Listing.variant_platform_id), col(Listing.item_id), col(Item.origin)
        )
        .join(Item, col(Item.id) == col(Listing.item_id))
        .where(col(Listing.channel_id) == channel_id, col(Listing.deleted_at).is_(None), col(Item.is_tracked), ~IS_KIT)
        .order_by(col(Listing.id))
    )
    return reading.rows(statement)


def unread_channels(reading: Reading) -> set[int]:
    """Return the channels that list counted goods of which, or of the stock that they show, no number was read."""
    of_channel = sa.and_(col(Listing.channel_id) == col(Channel.id), col(Listing.deleted_at).is_(None))
    counted = sa.exists().where(of_channel, col(Item.id) == col(Listing.item_id), col(Item.is_tracked), ~IS_KIT)
    is_own = sa.or_(~col(Channel.holds_stock), col(StockReading.channel_id) == col(Channel.id))
    is_read = sa.exists(sa.select(col(StockReading.item_id)).where(is_own).correlate(Channel.__table__))
    return {row.id for row in reading.rows(sa.select(col(Channel.id)).where(counted, ~is_read))}


def lost_shelves(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows
    """Return shelves that this channel told of, whose item no listing points to any more or whose location is gone."""
    listed = sa.exists().where(col(Listing.item_id) == col(Item.id), col(Listing.deleted_at).is_(None))
    is_lost = sa.or_(~listed, ~col(Item.is_tracked), col(Location.deleted_at).is_not(None))
    statement = (
        sa.select(col(StockReading.item_id), col(StockReading.location_id))
        .join(Item, col(Item.id) == col(StockReading.item_id))
        .join(Location, col(Location.id) == col(StockReading.location_id))
        .where(col(StockReading.channel_id) == channel_id, is_lost)
        .order_by(col(StockReading.item_id), col(StockReading.location_id))
    )
    return reading.rows(statement)


def locations(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows of Location
    """Return a channel's locations that still exist."""
    statement = sa.select(*Location.__table__.c).where(
        col(Location.channel_id) == channel_id, col(Location.deleted_at).is_(None)
    )
    return reading.rows(statement.order_by(col(Location.id)))


def open_sources(reading: Reading, channel_id: int) -> list[str]:
    """Return the sources of a channel's orders with open units, or with units that were refunded."""
    line = OrderLine.__table__.c
    is_open = sa.exists().where(col(OpenUnit.line_id) == line.id)
    matters = sa.exists().where(line.order_id == col(Order.id), sa.or_(is_open, line.qty_refunded > 0))
    statement = sa.select(col(Order.source_channel)).where(col(Order.channel_id) == channel_id, matters).distinct()
    return sorted(row.source_channel for row in reading.rows(statement))


def sources_deducted_at_order(reading: Reading, channel_id: int) -> list[str]:
    """Return the sources of orders for which a channel lowers its number at once, as last read from its settings."""
    settings = reading.scalar(
        sa.select(col(ChannelSettings.stock)).where(col(ChannelSettings.channel_id) == channel_id)
    )
    return [source for source, found in (settings or {}).items() if found["deducts_at"] == "order"]


def deducted_units(
    reading: Reading, channel_id: int, *, but: Sequence[str], since: datetime | None = None, counted: bool = True
) -> "pd.DataFrame":
    """Return item_id, units: open units of orders for which a shop has lowered its number when they were placed.

    `but` are order statuses of which it has not; `since` counts only orders placed after that time. With `counted` False,
    those of goods that have no number, for which it would have.
    """
    statement = (
        sa.select(col(OrderLine.item_id), sa.cast(sa.func.sum(col(OpenUnit.quantity)), sa.BigInteger).label("units"))
        .join(OrderLine, col(OrderLine.id) == col(OpenUnit.line_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Item, col(Item.id) == col(OrderLine.item_id))
        .where(
            col(OrderLine.channel_id) == channel_id,
            col(OrderLine.needs_stock),
            col(Item.is_tracked).is_(counted),
            col(Order.status).not_in(list(but)),
            col(Order.source_channel).in_(sources_deducted_at_order(reading, channel_id)),
        )
        .group_by(col(OrderLine.item_id))
    )
    return reading.frame(statement if since is None else statement.where(col(Order.placed_at) > since))


def units_of_copies(reading: Reading, channel_id: int, statuses: Sequence[str], note: str) -> "pd.DataFrame":
    """Return item_id, units that a shop has taken off at order for orders in these statuses that are owed elsewhere."""
    left = col(OrderLine.qty_ordered) - col(OrderLine.qty_shipped)
    refunded = sa.case((col(OrderLine.qty_refunded) < left, col(OrderLine.qty_refunded)), else_=left)
    statement = (
        sa.select(col(OrderLine.item_id), sa.cast(sa.func.sum(left - refunded), sa.BigInteger).label("units"))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Item, col(Item.id) == col(OrderLine.item_id))
        .where(
            col(Order.channel_id) == channel_id,
            col(Order.note).like(note),
            col(Order.status).in_(list(statuses)),
            col(Order.deleted_at).is_(None),
            ~col(Order.is_archived),
            col(Item.is_tracked),
            col(Order.source_channel).in_(sources_deducted_at_order(reading, channel_id)),
        )
        .group_by(col(OrderLine.item_id))
    )
    return reading.frame(statement)


def given_up_units(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows
    """Return item_id, status, units: what a person gave up, by status, of orders for which a shop has lowered its number."""
    line = OrderLine.__table__.c
    left, unshipped = line.qty_withdrawn - line.qty_withdrawn_shown, line.qty_ordered - line.qty_shipped
    units = sa.func.sum(sa.case((left > unshipped, unshipped), else_=left))
    statement: Select = (
        sa.select(line.item_id, col(Order.status), sa.cast(units, sa.BigInteger).label("units"))
        .join(Order, col(Order.id) == line.order_id)
        .join(Item, col(Item.id) == line.item_id)
        .where(
            left > 0,
            line.channel_id == channel_id,
            line.needs_stock,
            col(Item.is_tracked),
            col(Order.is_archived).is_(False),
            col(Order.deleted_at).is_(None),
            col(Order.note) == "",
            col(Order.source_channel).in_(sources_deducted_at_order(reading, channel_id)),
        )
        .group_by(line.item_id, col(Order.status))
    )
    return reading.rows(statement)


def refunded_lines(
    reading: Reading,
    channel_id: int,
    *,
    since: datetime | None = None,
    of_lines: sa.ColumnElement[bool] | None = None,
) -> list[Any]:  # Any: rows
    """Return line_id, item_id, status, note, placed_at, units, put_back: refunded before they left, shown again by the number.

    Of orders for which a channel lowers its number when they are placed; after `since`, or of some lines, where told.
    """
    line = OrderLine.__table__.c
    cancelled = line.qty_cancelled - (line.qty_withdrawn - line.qty_withdrawn_shown)
    units = sa.case((cancelled < 0, 0), (line.qty_refunded < cancelled, line.qty_refunded), else_=cancelled)
    statement: Select = (
        sa.select(
            line.id.label("line_id"),
            line.item_id,
            col(Order.status),
            col(Order.note),
            col(Order.placed_at),
            sa.cast(units, sa.BigInteger).label("units"),
            line.qty_put_back.label("put_back"),
        )
        .join(Order, col(Order.id) == line.order_id)
        .join(Item, col(Item.id) == line.item_id)
        .where(
            sa.or_(line.qty_refunded > 0, line.qty_put_back > 0),
            line.channel_id == channel_id,
            line.needs_stock,
            col(Item.is_tracked),
            col(Order.deleted_at).is_(None),
            col(Order.source_channel).in_(sources_deducted_at_order(reading, channel_id)),
        )
        .order_by(line.id)
    )
    statement = statement if since is None else statement.where(col(Order.placed_at) > since)
    return reading.rows(statement if of_lines is None else statement.where(of_lines))


def on_hand(reading: Reading) -> "pd.DataFrame":
    """Return item_id, location_id, on_hand of every shelf that was read or booked on."""
    booked = sa.select(col(Stock.item_id), col(Stock.location_id), col(Stock.on_hand))
    is_booked = sa.exists().where(
        col(Stock.item_id) == col(StockReading.item_id), col(Stock.location_id) == col(StockReading.location_id)
    )
    nothing = sa.literal(0, sa.BigInteger).label("on_hand")
    read = sa.select(col(StockReading.item_id), col(StockReading.location_id), nothing).where(~is_booked).distinct()
    return reading.frame(sa.select(*booked.union_all(read).subquery().c))


def ids_of(reading: Reading, origins: Sequence[str]) -> dict[str, int]:
    """Return the item of each origin that is known."""
    return {row.origin: row.id for row in reading.find(Item, "origin", sorted(set(origins)), "origin", "id")}


def origins(reading: Reading, item_ids: list[int]) -> dict[int, str]:
    """Return the origin of each item."""
    statement = sa.select(col(Item.id), col(Item.origin)).where(reading.is_in(col(Item.id), item_ids))
    return {row.id: row.origin for row in reading.rows(statement)}


def read_before(reading: Reading, channel_id: int) -> dict[tuple[int, int], Any]:  # Any: rows of StockReading
    """Return the last reading of each shelf that this channel told of, by (item, location)."""
    statement = sa.select(*StockReading.__table__.c).where(col(StockReading.channel_id) == channel_id)
    return {(row.item_id, row.location_id): row for row in reading.rows(statement)}


class LastFacts(NamedTuple):
    """The numbers of the newest transition and of the newest movement at some moment."""

    transition: int
    movement: int


def last_facts(reading: Reading) -> LastFacts:
    """Return how far the two journals reach now."""
    newest = (sa.select(sa.func.max(col(journal.id))) for journal in (Transition, Movement))
    return LastFacts(*(int(reading.scalar(one) or 0) for one in newest))


def changed_since(reading: Reading, before: LastFacts) -> list[int]:
    """Return the items of which units or stock have moved since then, whoever moved them."""
    by_lines = (
        sa.select(col(OrderLine.item_id))
        .join(Transition, col(Transition.line_id) == col(OrderLine.id))
        .where(col(Transition.id) > before.transition, col(OrderLine.item_id).is_not(None))
    )
    by_shelves = sa.select(col(Movement.item_id)).where(col(Movement.id) > before.movement)
    return sorted(row.item_id for row in reading.rows(by_lines.union(by_shelves)))


def newest_line(reading: Reading) -> int:
    """Return the number of the newest order line."""
    return int(reading.scalar(sa.select(sa.func.max(col(OrderLine.id)))) or 0)


def orders_written_over(reading: Reading, channel_id: int, *, but: Sequence[str]) -> list[Any]:  # Any: rows
    """Return item_id, location_id, units of a channel's orders that are older than its number as we wrote it, and read since."""
    line, shelf = OrderLine.__table__.c, StockReading.__table__.c
    statement: Select = (
        sa.select(
            shelf.item_id, shelf.location_id, sa.cast(sa.func.sum(line.qty_ordered), sa.BigInteger).label("units")
        )
        .join(OrderLine, line.item_id == shelf.item_id)
        .join(Order, col(Order.id) == line.order_id)
        .where(
            shelf.channel_id == channel_id,
            shelf.written_at.is_not(None),
            line.channel_id == channel_id,
            line.needs_stock,
            line.id > shelf.line_id,
            col(Order.placed_at) <= shelf.written_at,
            col(Order.status).not_in(list(but)),
            col(Order.source_channel).in_(sources_deducted_at_order(reading, channel_id)),
        )
        .group_by(shelf.item_id, shelf.location_id)
    )
    return reading.rows(statement)


def give_up_kept_off(tx: Writing, channel_id: int, left: Mapping[tuple[int, int], int]) -> None:
    """Let numbers that leave out what others are owed leave out fewer, now that so many (item, location) units have left."""
    items = sorted({item for item, _ in left})
    shelf = StockReading.__table__.c
    rows = tx.rows(
        sa.select(shelf.channel_id, shelf.item_id, shelf.location_id, shelf.kept_off).where(
            shelf.channel_id != channel_id, shelf.kept_off.is_not(None), tx.is_in(shelf.item_id, items)
        )
    )
    lowered = [
        {**row._mapping, "kept_off": row.kept_off + left[row.item_id, row.location_id]}  # noqa: SLF001 - SQLAlchemy's own name
        for row in rows
        if (row.item_id, row.location_id) in left
    ]
    tx.update(StockReading, lowered, key=("channel_id", "item_id", "location_id"))
