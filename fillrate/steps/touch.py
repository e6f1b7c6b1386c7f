"""Note what the allocation has to look at again, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Writing
from fillrate.db.tables import Item, Mark, OpenUnit, OrderLine, Touched, TouchedOrder

NOW = datetime.fromtimestamp(0, UTC)  # due at the next run, whatever clock it goes by
ALLOCATED = "allocated"  # the mark that says by which rules everything was allocated last


def touch(tx: Writing, item_ids: Iterable[int], due_at: datetime = NOW) -> None:
    """Note these items for the allocation; of several times that an item is due the earliest stays."""
    note_items(tx, sa.select(col(Item.id)).where(tx.is_in(col(Item.id), sorted(set(item_ids)))), due_at)


def touch_lines(tx: Writing, line_ids: Iterable[int]) -> None:
    """Note the items and the orders of these lines."""
    is_meant = tx.is_in(col(OrderLine.id), sorted(set(line_ids)))
    note_items(tx, sa.select(col(OrderLine.item_id)).where(is_meant, col(OrderLine.item_id).is_not(None)).distinct())
    insert_missing(tx, TouchedOrder.__table__, sa.select(col(OrderLine.order_id)).where(is_meant).distinct())


def touch_orders(tx: Writing, order_ids: Iterable[int]) -> None:
    """Note these orders, and the items of what is open of them."""
    lines = sa.select(col(OrderLine.id)).where(tx.is_in(col(OrderLine.order_id), sorted(set(order_ids))))
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    touch_lines(tx, [row.id for row in tx.rows(lines.where(is_open))])


def touch_all(tx: Writing) -> None:
    """Let the next allocation look at everything."""
    tx.upsert(Mark, [{"name": ALLOCATED, "value": ""}], key=("name",))


def note_items(tx: Writing, items: Select, due_at: datetime = NOW) -> None:
    """Note the items that a question returns."""
    chosen = items.subquery()
    due = sa.select(*chosen.c, sa.bindparam("due", due_at, Touched.__table__.c.due_at.type)).where(sa.true())
    statement = inserting(tx)(Touched.__table__).from_select(["item_id", "due_at"], due)
    earlier = statement.excluded.due_at < col(Touched.due_at)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["item_id"], set_={"due_at": statement.excluded.due_at}, where=earlier
        )
    )


def insert_missing(tx: Writing, table: sa.Table, keys: Select) -> None:
    """Insert the keys that a question returns, where they are not there yet."""
    chosen = sa.select(*keys.subquery().c).where(sa.true())  # without a condition SQLite takes ON for a join's
    names = [column.name for column in table.primary_key]
    tx.execute(inserting(tx)(table).from_select(names, chosen).on_conflict_do_nothing())


def inserting(tx: Writing) -> "type[sqlite.Insert] | type[postgresql.Insert]":
    """Return the engine's own way to insert."""
    return sqlite.Insert if tx.connection.dialect.name == "sqlite" else postgresql.Insert
