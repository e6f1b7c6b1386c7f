"""Note which items the allocation has to look at, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from fillrate.db.database import Writing
from fillrate.db.tables import Item, Touched

NOW = datetime.fromtimestamp(0, UTC)  # due at the next run, whatever clock it goes by


def touch(tx: Writing, item_ids: Iterable[int], due_at: datetime = NOW) -> None:
    """Note these items for the allocation; of several times that an item is due the earliest stays."""
    items = tx.is_in(col(Item.id), sorted(set(item_ids)))
    due = sa.select(col(Item.id), sa.bindparam("due", due_at, Touched.__table__.c.due_at.type)).where(items)
    insert = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(Touched.__table__).from_select(["item_id", "due_at"], due)
    earlier = statement.excluded.due_at < col(Touched.due_at)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["item_id"], set_={"due_at": statement.excluded.due_at}, where=earlier
        )
    )
