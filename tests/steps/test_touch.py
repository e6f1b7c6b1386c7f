"""Items are noted for the allocation once, at the earliest time that anybody named."""

from datetime import UTC, datetime

import sqlalchemy as sa

from fillrate.db.database import Database
from fillrate.db.tables import Item, Touched
from fillrate.steps.touch import NOW, touch

SOON, LATER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def test_an_item_is_due_at_the_earliest_time_that_was_named(db: Database) -> None:
    with db.write("items") as tx:
        names = {"sku": "", "sku_key": "", "name": "", "is_tracked": True}
        tx.insert(Item, [{"origin": f"x:{n}", **names} for n in range(3)])
        first, second, third = sorted(tx.ids(Item, None, ["x:0", "x:1", "x:2"], "origin").values())

        touch(tx, [second, first, first], LATER)
        touch(tx, [first], SOON)
        touch(tx, [first], LATER)
        touch(tx, [third])
        touch(tx, [third], SOON)
        touch(tx, [])

        due = {row.item_id: row.due_at for row in tx.rows(sa.select(*Touched.__table__.c))}
    assert due == {first: SOON, second: LATER, third: NOW}
