"""Questions about goods on their way: what is open, what was told of what came, which files told it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.queue import IN_USE
from fillrate.db.tables import (
    ImportFile,
    Inbound,
    InboundEvent,
    Item,
    Location,
    Movement,
    RejectedRow,
    Stock,
    StockReading,
    Supplier,
)

if TYPE_CHECKING:
    import pandas as pd

LINE = Inbound.__table__.c
DATED = ("announced", "slipped", "advanced")


def units_on_their_way() -> sa.ColumnElement[int]:
    """Return how many units of an open line have neither come, by its feed or by a shop's number, nor been cancelled."""
    here = sa.case((LINE.qty_seen > LINE.qty_received, LINE.qty_seen), else_=LINE.qty_received)
    left = LINE.qty_ordered - LINE.qty_cancelled - here
    return sa.cast(sa.case((sa.and_(LINE.status == "open", left > 0), left), else_=0), sa.BigInteger)


def coming(reading: Reading, item_ids: Sequence[int] | None) -> "pd.DataFrame":
    """Return what is on its way of these items, or of all: inbound_id, item_id, location_id, supplier_id and its code, units,
    ordered_at, expected_at.
    """
    units = units_on_their_way()
    is_meant: sa.ColumnElement[bool] = sa.true()
    if item_ids is not None:  # by key, or SQLite would look through all that are open
        theirs = sa.alias(Inbound.__table__, "theirs").c
        is_meant = LINE.id.in_(sa.select(theirs.id).where(reading.is_in(theirs.item_id, item_ids)))
    statement: Select = (
        sa.select(
            LINE.id.label("inbound_id"),
            *(LINE[name] for name in ("item_id", "location_id", "supplier_id", "ordered_at", "expected_at")),
            sa.func.coalesce(col(Supplier.code), "").label("supplier_code"),
            units.label("units"),
        )
        .outerjoin(Supplier, col(Supplier.id) == LINE.supplier_id)
        .where(LINE.status == "open", units > 0, is_meant)
    )
    return reading.frame(statement.order_by(LINE.id))


def of_items(reading: Reading, item_ids: Sequence[int] | None) -> sa.ColumnElement[bool]:
    """Return the condition that a line is of these items, or of any."""
    return sa.true() if item_ids is None else reading.is_in(LINE.item_id, item_ids)


def unseen_receipts(reading: Reading, item_ids: Sequence[int] | None, since: datetime) -> list[Any]:  # Any: rows
    """Return what these items, or all, received since then that no shop's number has shown: id, item_id, location_id, source,
    reference, sku, units, received_at.

    What came before its shelf was first read is in its opening stock.
    """
    event, first = InboundEvent.__table__.c, sa.alias(StockReading.__table__, "first").c
    began = sa.select(sa.func.min(first.first_read_at)).where(
        first.item_id == LINE.item_id, first.location_id == LINE.location_id
    )
    lately, unseen = sa.func.sum(event.quantity), LINE.qty_received - LINE.qty_seen
    units = sa.cast(sa.case((lately < unseen, lately), else_=unseen), sa.BigInteger).label("units")
    names = ("id", "item_id", "location_id", "source", "reference", "sku")
    columns = [LINE[name] for name in names]
    statement: Select = (
        sa.select(*columns, units, sa.func.max(event.at).label("received_at"))
        .join(InboundEvent, sa.and_(event.inbound_id == LINE.id, event.kind == "received"))
        .where(unseen > 0, event.at >= since, event.at > began.scalar_subquery(), of_items(reading, item_ids))
        .group_by(*columns, LINE.qty_received, LINE.qty_seen)
    )
    return reading.rows(statement.order_by(LINE.id))


def transfers(reading: Reading, item_ids: Sequence[int] | None) -> list[Any]:  # Any: rows
    """Return the transfers of these items, or of all, from locations in use to others, with what lies where they start.

    As id, item_id, from_location_id, ordered_at, told_at (first), quantity, units on their way, closed_at, on_hand.
    """
    event = InboundEvent.__table__.c
    told = sa.select(sa.func.min(event.at)).where(event.inbound_id == LINE.id, event.kind == "announced")
    there = sa.and_(col(Stock.item_id) == LINE.item_id, col(Stock.location_id) == LINE.from_location_id)
    statement: Select = (
        sa.select(
            *(LINE[name] for name in ("id", "item_id", "from_location_id", "ordered_at", "closed_at")),
            told.scalar_subquery().label("told_at"),
            (LINE.qty_ordered - LINE.qty_cancelled).label("quantity"),
            units_on_their_way().label("units"),
            sa.func.coalesce(col(Stock.on_hand), 0).label("on_hand"),
        )
        .join(Location, col(Location.id) == LINE.from_location_id)
        .outerjoin(Stock, there)
        .where(IN_USE, LINE.kind == "transfer", LINE.status != "cancelled", of_items(reading, item_ids))
        .where(sa.or_(LINE.location_id.is_(None), LINE.location_id != LINE.from_location_id))
    )
    return reading.rows(statement.order_by(LINE.id))


def counts_of(reading: Reading, item_ids: Sequence[int], since: datetime) -> list[Any]:  # Any: rows
    """Return item_id, location_id, at, units by which counts moved shelves since then, less what showed deliveries."""
    event, move = InboundEvent.__table__.c, Movement.__table__.c
    moved: Select = sa.select(move.item_id, move.location_id, move.occurred_at.label("at"), move.quantity).where(
        move.kind == "counted", move.occurred_at >= since, reading.is_in(move.item_id, item_ids)
    )
    seen: Select = (
        sa.select(LINE.item_id, LINE.location_id, event.at, -event.quantity)
        .join(InboundEvent, event.inbound_id == LINE.id)
        .where(event.kind == "counted", event.at >= since, reading.is_in(LINE.item_id, item_ids))
    )
    both = moved.union_all(seen).subquery().c
    keys = (both.item_id, both.location_id, both.at)
    statement: Select = sa.select(*keys, sa.cast(sa.func.sum(both.quantity), sa.BigInteger).label("units"))
    return reading.rows(statement.group_by(*keys))


def on_their_way(reading: Reading) -> list[Any]:  # Any: rows
    """Return every line of which units are on their way, with names and `units`; the first expected first."""
    units = units_on_their_way()
    statement: Select = (
        sa.select(
            *(
                LINE[name]
                for name in ("id", "source", "reference", "position", "kind", "sku", "supplier_id", "item_id")
            ),
            *(LINE[name] for name in ("location_id", "ordered_at", "first_expected_at", "expected_at")),
            units.label("units"),
            col(Supplier.code).label("supplier_code"),
            col(Supplier.name).label("supplier"),
            col(Location.name).label("location"),
        )
        .outerjoin(Supplier, col(Supplier.id) == LINE.supplier_id)
        .outerjoin(Location, col(Location.id) == LINE.location_id)
        .where(LINE.status == "open", units > 0)
    )
    nulls_last = sa.case((LINE.expected_at.is_(None), 1), else_=0)
    return reading.rows(statement.order_by(nulls_last, LINE.expected_at, LINE.id))


def to_be_seen(reading: Reading, item_ids: Sequence[int]) -> list[Any]:  # Any: rows
    """Return the lines of these items of which units are on their way or were received and not seen in a shop's number.

    With id, item_id, location_id, qty_received, qty_seen, expected_at, and `units` on their way.
    """
    units = units_on_their_way()
    names = ("id", "item_id", "location_id", "qty_received", "qty_seen", "expected_at")
    is_wanted = sa.or_(units > 0, LINE.qty_received > LINE.qty_seen)
    statement: Select = sa.select(*(LINE[name] for name in names), units.label("units"))
    return reading.rows(statement.where(reading.is_in(LINE.item_id, item_ids), is_wanted).order_by(LINE.id))


def receipts_since(reading: Reading, inbound_ids: Sequence[int], since: datetime) -> list[Any]:  # Any: rows
    """Return what these lines received since then: inbound_id, quantity, at."""
    event = InboundEvent.__table__.c
    statement: Select = sa.select(event.inbound_id, event.quantity, event.at).where(
        reading.is_in(event.inbound_id, inbound_ids), event.kind == "received", event.at >= since
    )
    return reading.rows(statement)


def items_on_their_way() -> Select:
    """Return the question for the items of all open lines."""
    is_open = sa.and_(LINE.status == "open", LINE.item_id.is_not(None))
    statement: Select = sa.select(LINE.item_id).where(is_open).distinct()
    return statement


def told_dates(reading: Reading) -> "pd.DataFrame":
    """Return supplier_id, reference, received_at, told_for: each date told of what a purchase brought, before it came.

    What was announced counts whenever it was read. Receipts that were taken back altogether do not.
    """
    came, told = sa.alias(InboundEvent.__table__, "came"), sa.alias(InboundEvent.__table__, "told")
    in_time = sa.or_(told.c.kind == "announced", told.c.at < came.c.at)
    statement: Select = (
        sa.select(
            sa.func.coalesce(LINE.supplier_id, sa.literal(0, sa.BigInteger)).label("supplier_id"),
            LINE.reference,
            came.c.at.label("received_at"),
            told.c.expected_after.label("told_for"),
        )
        .join(came, sa.and_(came.c.inbound_id == LINE.id, came.c.kind == "received"))
        .join(told, sa.and_(told.c.inbound_id == LINE.id, told.c.kind.in_(DATED), in_time))
        .where(LINE.kind == "purchase", LINE.qty_received > 0, told.c.expected_after.is_not(None))
        .distinct()
    )
    return reading.frame(statement)


def ordered_dates(reading: Reading) -> "pd.DataFrame":
    """Return supplier_id, reference, received_at, told_for: the order's time of what purchases of known suppliers brought."""
    came = InboundEvent.__table__.c
    statement: Select = (
        sa.select(LINE.supplier_id, LINE.reference, came.at.label("received_at"), LINE.ordered_at.label("told_for"))
        .join(InboundEvent, sa.and_(came.inbound_id == LINE.id, came.kind == "received"))
        .where(
            LINE.kind == "purchase", LINE.qty_received > 0, LINE.supplier_id.is_not(None), LINE.ordered_at <= came.at
        )
        .distinct()
    )
    return reading.frame(statement)


def suppliers(reading: Reading) -> list[Any]:  # Any: rows of Supplier
    """Return the suppliers by name."""
    return reading.rows(sa.select(*Supplier.__table__.c).order_by(col(Supplier.name), col(Supplier.id)))


def slipped(reading: Reading, run_id: str, limit: int) -> list[Any]:  # Any: rows
    """Return what one run learnt to come later: reference, sku, supplier, units, from when, to when."""
    event = InboundEvent.__table__.c
    statement: Select = (
        sa.select(
            LINE.reference,
            LINE.sku,
            col(Supplier.name).label("supplier"),
            event.quantity.label("units"),
            event.expected_before,
            event.expected_after,
        )
        .join(InboundEvent, event.inbound_id == LINE.id)
        .outerjoin(Supplier, col(Supplier.id) == LINE.supplier_id)
        .where(event.run_id == run_id, event.kind == "slipped")
    )
    return reading.rows(statement.order_by(event.quantity.desc(), event.id).limit(limit))


def feeds(reading: Reading) -> list[Any]:  # Any: rows
    """Return of each feed how many files were read, when last, how many were refused, how many rows could not be used."""
    file = ImportFile.__table__.c
    statement: Select = sa.select(
        file.source,
        sa.func.count().label("files"),
        sa.func.max(file.read_at).label("read_at"),
        sa.cast(sa.func.sum(sa.case((file.refused != "", 1), else_=0)), sa.BigInteger).label("refused"),
        sa.cast(sa.func.sum(file.rejected), sa.BigInteger).label("rejected"),
    )
    return reading.rows(statement.group_by(file.source).order_by(file.source))


def bad_files(reading: Reading, limit: int) -> list[Any]:  # Any: rows
    """Return what could not be used: source, name, row (0 for a whole file) and reason."""
    file, row = ImportFile.__table__.c, RejectedRow.__table__.c
    whole: Select = sa.select(file.source, file.name, sa.literal(0).label("row"), file.refused.label("reason"))
    rows: Select = sa.select(row.source, row.name, row.row, row.reason)
    both = whole.where(file.refused != "").union_all(rows).subquery().c
    return reading.rows(sa.select(*both).order_by(both.source, both.name, both.row).limit(limit))


def skus_like(reading: Reading, start: str, limit: int) -> list[str]:
    """Return SKUs of things that are sold which begin like that, by their comparable form."""
    is_like = col(Item.sku_key).startswith(start, autoescape=True)
    statement = sa.select(col(Item.sku)).where(is_like, col(Item.discontinued_at).is_(None)).distinct()
    return [row.sku for row in reading.rows(statement.order_by(col(Item.sku)).limit(limit))]
