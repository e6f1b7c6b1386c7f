"""Units refunded before they left that a shop's number leaves out, and how its rises put them back (`decide.refunded`)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col

from fillrate.db.database import Reading, Writing
from fillrate.db.queries import stock as queries
from fillrate.db.queries import supply
from fillrate.db.tables import OrderLine
from fillrate.decide.frames import REFUNDED, UNITS_BY_SHELF, rows_of
from fillrate.decide.owing import Meaning
from fillrate.decide.refunded import Refunded, put_back, sums
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.mirrored import is_copy
from fillrate.steps.supply.seen import lines_of

if TYPE_CHECKING:
    import pandas as pd

OFF_THE_NUMBER = {Meaning.BY_LINES, Meaning.PAYMENT, Meaning.REVIEW, Meaning.DONE}


def refunded_lines(reading: Reading, shop: Shop, since: datetime | None = None) -> list[Refunded]:
    """Return the lines of a shop with units that were refunded before they left; `since` as in `queries.deducted_units`."""
    rows = queries.refunded_lines(reading, shop.id, since=since)
    return [Refunded(row.line_id, row.item_id, units_off(shop, row), row.put_back) for row in rows]


def units_off(shop: Shop, row: Any) -> int:  # Any: a row of queries.refunded_lines
    """Return how many refunded units of a line the shop has taken off and not restocked; none where nobody knows."""
    meaning = shop.settings.meaning(row.status)
    is_off = meaning in OFF_THE_NUMBER and row.status not in shop.settings.undeducted_statuses
    if is_copy(row.note):  # how much of it has left is told elsewhere
        is_off = is_off and meaning != Meaning.DONE
    return int(row.units) if is_off else 0


class AfterRefunds(NamedTuple):
    """Units of an item refunded before they left: missing in the shop's number, taken to be in it again, in it twice."""

    missing: int = 0
    back: int = 0
    twice: int = 0


def after_refunds(desk: Desk, reading: Reading, item_id: int) -> AfterRefunds:
    """Return how the numbers of all shops stand to what was refunded of an item."""
    meant = col(OrderLine.item_id) == item_id
    lines = [
        Refunded(row.line_id, item_id, units_off(shop, row), row.put_back)
        for shop in desk.shops.values()
        for row in queries.refunded_lines(reading, shop.id, of_lines=meant)
    ]
    missing, twice = sums(lines).get(item_id, (0, 0))
    return AfterRefunds(missing, sum(min(one.quantity, one.put_back) for one in lines), twice)


def read_lines(reading: Reading, shop: Shop, lines: Sequence[Refunded]) -> list[Refunded]:
    """Return those of items whose number was read before: what was refunded earlier is taken to be in the first number."""
    known = {item for item, _ in queries.read_before(reading, shop.id)}
    return [one for one in lines if one.item_id in known]


def refunded_frame(lines: Sequence[Refunded]) -> "pd.DataFrame":
    """Return as REFUNDED what the number leaves out and what is in it twice."""
    import pandas as pd

    rows = [(item, *units) for item, units in sums(lines).items()]
    return pd.DataFrame(rows, columns=list(REFUNDED))


def told_receipts(reading: Reading, shop: Shop, items: Collection[int], counted_at: datetime) -> "pd.DataFrame":
    """Return item_id, location_id, units of these items that were told as received lately and that no count has shown."""
    import pandas as pd

    first_read = {shelf: row.first_read_at for shelf, row in queries.read_before(reading, shop.id).items()}
    rows = supply.to_be_seen(reading, sorted(items)) if items else []
    rows = [row for row in rows if (row.item_id, row.location_id) in first_read]
    lines = lines_of(reading, rows, first_read, counted_at)
    frame = pd.DataFrame([(*one.shelf, one.unseen) for one in lines], columns=list(UNITS_BY_SHELF))
    return frame.groupby(["item_id", "location_id"], as_index=False).agg(units=("units", "sum"))


def save_put_back(tx: Writing, lines: Sequence[Refunded], known: Sequence[Refunded], counted: "pd.DataFrame") -> int:
    """Note what the number shows of refunded units; returns how many of a rise were taken to be these.

    Those of an item whose number was read for the first time are in it: nobody can say that they are not.
    """
    units = {row["item_id"]: row["put_back"] for row in rows_of(counted[counted["put_back"] != 0])}
    seen, read = {one.line_id for one in known}, set(counted["item_id"])
    fresh = [one for one in lines if one.line_id not in seen and one.item_id in read]
    found = {one.line_id: one.quantity for one in fresh if one.quantity != one.put_back} | put_back(known, units)
    tx.update(OrderLine, [{"id": key, "qty_put_back": n} for key, n in found.items()], key=("id",))
    return sum(max(0, n) for n in units.values())


def note_history(tx: Writing, shop: Shop, line_platform_ids: Sequence[str]) -> None:
    """Note of lines met for the first time, refunded already, what the first number of their item may know of.

    That is all that was refunded of orders older than it.
    """
    if not line_platform_ids:
        return
    ids = sorted(tx.ids(OrderLine, shop.id, line_platform_ids).values())
    rows = queries.refunded_lines(tx, shop.id, of_lines=tx.is_in(col(OrderLine.id), ids))
    first: dict[int, datetime] = {}
    for (item, _), row in queries.read_before(tx, shop.id).items() if rows else ():
        first[item] = min(first.get(item, row.first_read_at), row.first_read_at)
    old = [row for row in rows if row.item_id in first and row.placed_at <= first[row.item_id]]
    tx.update(OrderLine, [{"id": row.line_id, "qty_put_back": units_off(shop, row)} for row in old], key=("id",))
