"""Questions about what customers were promised."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.tables import Promise

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("line_id", "number", "ship_by", "given_at", "source")


def of_lines(reading: Reading, line_ids: Collection[int]) -> "pd.DataFrame":
    """Return as PROMISES every promise of these lines."""
    statement: Select = sa.select(*(Promise.__table__.c[name] for name in COLUMNS))
    return reading.frame(statement.where(reading.is_in(col(Promise.line_id), sorted(line_ids))))


def holding(reading: Reading, line_ids: Collection[int]) -> dict[int, Any]:  # Any: rows of Promise
    """Return the promise of each of these lines that holds: the last one."""
    rows = reading.find(Promise, "line_id", sorted(line_ids))
    return {row.line_id: row for row in sorted(rows, key=lambda row: row.number)}
