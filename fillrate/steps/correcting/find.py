"""What a person means by an id: an order or a line, typed as `1234` or `main:1234`."""

from collections.abc import Collection, Sequence
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.explain import order as orders_called
from fillrate.db.tables import Channel, OpenUnit, Order, OrderLine
from fillrate.errors import FixSettings, NotFound
from fillrate.steps.desk import Desk, Shop

Subject = Literal["order", "line"]
TABLES: dict[str, type[Order] | type[OrderLine]] = {"order": Order, "line": OrderLine}


class Found(NamedTuple):
    """An order or a line: its shop, its row (a line's with `order_platform_id`), and how changes and people call it."""

    shop: Shop
    row: Any  # Any: a row of Order or OrderLine
    target: str
    name: str

    @property
    def order_name(self) -> str:
        """Return how people call its order."""
        number = self.row.platform_id if self.target.startswith("order:") else self.row.order_platform_id
        return f"order {self.shop.name}:{number}"


def find(desk: Desk, reading: Reading, subject: Subject, which: str) -> Found:
    """Return what is called so; NotFound for none or several, FixSettings where its channel is no longer in the settings."""
    channel, _, number = which.rpartition(":")
    rows = (orders_called if subject == "order" else lines_called)(reading, channel or None, number)
    if not rows:
        where = "See an order's lines: fillrate explain order ID" if subject == "line" else ""
        what = f"There is no {subject} {which} in the tables."
        raise NotFound(what, next=f"{where or 'Look at its number'}; or read the shop first: fillrate run sync-orders")
    if len(rows) > 1:
        choice = ", ".join(f"{row.channel}:{number}" for row in rows)
        raise NotFound(f"Several channels have {subject} {number}.", next=f"Name one of: {choice}")
    row = rows[0]
    shop = desk.shops.get(row.channel)
    if shop is None:
        what = f"{subject.capitalize()} {which} belongs to channel {row.channel}, which is no longer in the settings."
        raise FixSettings(what, next="Put the channel back into fillrate.toml; until then its orders stay as they are.")
    of_order = f" of order {row.channel}:{row.order_platform_id}" if subject == "line" else ""
    name = f"line {number}{of_order}" if subject == "line" else f"order {row.channel}:{number}"
    return Found(shop, row, f"{subject}:{number}", name)


def lines_called(reading: Reading, channel: str | None, platform_id: str) -> list[Any]:  # Any: rows of OrderLine
    """Return the lines with this id, of one channel or of all, with `channel` and `order_platform_id`."""
    of_order: tuple[Any, ...] = (col(Order.platform_id).label("order_platform_id"), col(Channel.name).label("channel"))
    statement: Select = (
        sa.select(*OrderLine.__table__.c, *of_order)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(Channel, col(Channel.id) == col(OrderLine.channel_id))
        .where(col(OrderLine.platform_id) == platform_id)
    )
    of_one = statement if channel is None else statement.where(col(Channel.name) == channel)
    return reading.rows(of_one.order_by(col(Channel.name)))


def rows_of(
    reading: Reading, shop: Shop, targets: Collection[str]
) -> dict[str, Any]:  # Any: rows of Order or OrderLine
    """Return the row of each of these targets, such as "order:1234" or "line:56"."""
    found = {}
    for subject, table in TABLES.items():
        ids = [target.partition(":")[2] for target in targets if target.startswith(f"{subject}:")]
        rows = reading.find(table, "platform_id", ids, channel_id=shop.id)
        found.update({f"{subject}:{row.platform_id}": row for row in rows})
    return found


def line_ids(reading: Reading, rows: dict[str, Any]) -> list[int]:  # Any: as above
    """Return our keys of the lines that these targets are or have, where any unit of them is open."""
    lines = [row.id for target, row in rows.items() if target.startswith("line:")]
    orders = [row.id for target, row in rows.items() if target.startswith("order:")]
    is_meant = sa.or_(
        reading.is_in(col(OrderLine.id), lines),
        reading.is_in(col(OrderLine.order_id), orders),
    )
    is_open = sa.exists().where(col(OpenUnit.line_id) == col(OrderLine.id))
    return [row.id for row in reading.rows(sa.select(col(OrderLine.id)).where(is_meant, is_open))]


def lines_of(reading: Reading, order_id: int) -> Sequence[str]:
    """Return an order's lines as targets."""
    rows = reading.find(OrderLine, "order_id", [order_id], "platform_id")
    return [f"line:{row.platform_id}" for row in rows]
