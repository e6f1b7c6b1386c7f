"""What the warehouse told as received of lines on their way, beside what files tell of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Receipt
from fillrate.records import InboundLine


def told_here(reading: Reading, inbound_ids: Sequence[int]) -> dict[int, int]:
    """Return how many units of lines on their way the warehouse told as received."""
    units = sa.cast(sa.func.sum(col(Receipt.quantity)), sa.BigInteger).label("units")
    statement: Select = sa.select(col(Receipt.inbound_id), units).where(
        reading.is_in(col(Receipt.inbound_id), inbound_ids)
    )
    return {row.inbound_id: row.units for row in reading.rows(statement.group_by(col(Receipt.inbound_id)))}


def at_least(line: InboundLine, row: Any, told: Mapping[int, int]) -> InboundLine:  # Any: a row of Inbound, or None
    """Return a file's line with no fewer units received than the warehouse told of: of both totals the larger holds."""
    units = 0 if row is None else told.get(row.id, 0)
    return msgspec.structs.replace(line, received=units) if units > line.received else line
