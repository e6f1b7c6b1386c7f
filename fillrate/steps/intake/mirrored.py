"""Orders that another tool has copied into a shop from a channel that is read here itself: owed there, and not twice."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading, Writing
from fillrate.db.tables import Channel, Order
from fillrate.records import Order as OrderRecord
from fillrate.steps.desk import Shop

MIRRORED = "owed as {channel}:{order}, of which it is a copy"
PATTERN = "owed as %, of which it is a copy"


def notes_of_copies(reading: Reading, shop: Shop, records: Sequence[OrderRecord]) -> dict[str, str]:
    """Return a note for each of these orders that is a copy of one that is known here."""
    wanted: dict[str, set[str]] = {}
    for record in records:
        if (channel := shop.settings.original(record.source_channel)) and record.external_order_id:
            wanted.setdefault(channel, set()).add(record.external_order_id)
    ids = {row.name: row.id for row in reading.find(Channel, "name", sorted(wanted))}
    known = {
        (name, platform_id)
        for name, orders in wanted.items()
        if name in ids
        for platform_id in reading.ids(Order, ids[name], sorted(orders))
    }
    return {
        record.platform_id: MIRRORED.format(channel=channel, order=record.external_order_id)
        for record in records
        if (channel := shop.settings.original(record.source_channel)) and (channel, record.external_order_id) in known
    }


def note_new_copies(tx: Writing, shop: Shop) -> list[int]:
    """Note what orders have turned out to be copies, since their original has been read by now; returns these orders."""
    by_channel: dict[str, list[str]] = {}
    for source in sources(tx, shop, col(Order.note) == "") if shop.settings.mirrors else ():
        if name := shop.settings.original(source):
            by_channel.setdefault(name, []).append(source)
    found = [row for name, theirs in sorted(by_channel.items()) for row in copies(tx, shop, name, theirs)]
    rows = [{"id": row.id, "note": MIRRORED.format(channel=row.name, order=row.external_order_id)} for row in found]
    tx.update(Order, rows, key=("id",))
    return [row.id for row in found]


def sources_of_copies(reading: Reading, shop: Shop) -> list[str]:
    """Return the sources of a shop's orders that are owed elsewhere."""
    return sources(reading, shop, col(Order.note).like(PATTERN)) if shop.settings.mirrors else []


def sources(reading: Reading, shop: Shop, which: sa.ColumnElement[bool]) -> list[str]:
    """Return the sources of those of a shop's orders that name an order of elsewhere."""
    is_meant = (col(Order.channel_id) == shop.id, col(Order.external_order_id) != "", which)
    statement: Select = sa.select(col(Order.source_channel)).where(*is_meant).distinct()
    return [row.source_channel for row in reading.rows(statement)]


def copies(reading: Reading, shop: Shop, channel: str, theirs: Sequence[str]) -> list[Any]:  # Any: rows
    """Return a shop's orders without a note that are copies of a channel's, by their sources."""
    original = aliased(Order)
    statement: Select = (
        sa.select(col(Order.id), col(Order.external_order_id), col(Channel.name))
        .join(original, col(original.platform_id) == col(Order.external_order_id))
        .join(Channel, sa.and_(col(Channel.id) == col(original.channel_id), col(Channel.name) == channel))
        .where(col(Order.channel_id) == shop.id, col(Order.source_channel).in_(theirs), col(Order.note) == "")
    )
    return reading.rows(statement)


def is_copy(note: str) -> bool:
    """Tell whether an order's note says that it is owed elsewhere."""
    start, end = PATTERN.split("%")
    return note.startswith(start) and note.endswith(end)


def owing_statuses(meanings: Mapping[str, str], but: Sequence[str]) -> list[str]:
    """Return the statuses in which a shop holds stock for an order."""
    return sorted(
        one for one, meaning in meanings.items() if meaning in {"by_lines", "payment", "review"} and one not in but
    )
