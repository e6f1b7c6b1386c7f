"""Give up units of a line that the shop still shows as wanted: here at once, there by its staff.

Fillrate writes no order lines to a shop. So what was given up is listed until the shop shows the same, and counts once
(`fillrate.decide.withdrawals`).
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from fillrate.db.bulk import Select
from fillrate.db.database import Reading
from fillrate.db.queries.words import words
from fillrate.db.tables import Order, OrderLine
from fillrate.decide.owing import OWES_NOTHING, Meaning
from fillrate.decide.plans import BY_WORD
from fillrate.decide.withdrawals import give_up
from fillrate.errors import FillrateError
from fillrate.steps.correcting.find import find, rows_of
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.intake.lines import Head, LineNow, line_of, settle_lines, withdrawn_of
from fillrate.steps.intake.orders import meaning_of
from fillrate.steps.runs import RunLog

NAME = "cancelled"


def cancel_units(desk: Desk, log: RunLog, said: Said, which: str, quantity: int) -> Told:
    """Give up so many units of a line, in all; fewer than before takes the others up again."""
    with taking(desk) as tx:
        found = find(desk, tx, "line", which)
        told = take(Scene(desk, tx, log, found.shop, said), CANCELLED, {found.target: quantity})
        key = (found.shop.name, found.row.platform_id)
        of_line = [one.units for one in to_cancel(desk, tx) if (one.channel, one.line) == key]
        left = 0 if log.is_dry else sum(of_line)
    what = f"Cancel or refund {left} of {found.name} in the shop as well; until then fillrate status lists it."
    return told._replace(next=what if left else "", waits=bool(left))


def held(_: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return how many units of each line were given up by a person's word, in all."""
    return {target: row.qty_withdrawn for target, row in rows_of(reading, shop, targets).items()}


def check(scene: Scene, wanted: Values) -> None:
    """Refuse more units than are open, and fewer than the shop itself has cancelled by now."""
    rows = rows_of(scene.tx, scene.shop, wanted)
    for target, quantity in wanted.items():
        row, line = rows[target], target.replace(":", " ")
        at_least = int(row.qty_withdrawn_shown)
        at_most = int(row.qty_withdrawn + row.qty_ordered - row.qty_shipped - row.qty_cancelled)
        if at_least > quantity >= 0:
            what = f"The shop itself shows {at_least} of the units of {line} as cancelled that were given up here."
            raise FillrateError(
                what, next="Let the shop's staff put them back into the order; Fillrate reads it there."
            )
        if not 0 <= quantity <= max(at_most, at_least, int(row.qty_withdrawn)):
            known = f" ({row.qty_withdrawn} were given up before)" if row.qty_withdrawn else ""
            what = f"Of {line} at most {at_most} units can be given up in all{known}, not {quantity}."
            raise FillrateError(what, next="The number is that of all units of the line to be given up.")


def book(scene: Scene, wanted: Values) -> None:
    """Save what is given up, and settle the lines anew by what the shop told of them last."""
    tx, shop = scene.tx, scene.shop
    policy = scene.desk.settings.policy.for_(channel=shop.name)
    changed = []
    for target, row in rows_of(tx, shop, wanted).items():
        refunded = row.qty_refunded if policy.refund_cancels_unshipped else 0
        quantity, shown, floor = give_up(withdrawn_of(row), wanted[target], row.qty_ordered - refunded)
        columns = ("qty_withdrawn", "qty_withdrawn_shown", "qty_withdrawn_floor")
        changed.append({"id": row.id, **dict(zip(columns, (quantity, shown, floor), strict=True))})
    tx.update(OrderLine, changed, key=("id",))
    rows = list(rows_of(tx, shop, wanted).values())
    orders = {row.id: row for row in tx.find(Order, "id", sorted({row.order_id for row in rows}))}
    settle_lines(scene.desk, shop, scene.log, tx, [line_now(scene, orders[row.order_id], row) for row in rows])


def line_now(scene: Scene, order: Any, row: Any) -> LineNow:  # Any: rows of Order and OrderLine
    """Return a line as the shop told of it last; what comes of it now happens now."""
    head = Head(order.id, order.platform_id, order.placed_at, scene.now(), order.shipped_at)
    return LineNow(head, None if row.is_removed else line_of(row), row, meaning_now(scene.shop, order))


def meaning_now(shop: Shop, order: Any) -> Meaning:  # Any: a row of Order, or one with its columns
    """Return what a saved order means for the queue."""
    if order.deleted_at is not None:
        return Meaning.NOTHING
    return Meaning.DONE if order.note else meaning_of(shop, order)


class GivenUp(NamedTuple):
    """Units of a line that were given up here and that the shop still shows as wanted; by whom and why, "" where nobody knows."""

    channel: str
    order: str
    line: str
    sku: str
    units: int
    value_e4: int
    currency: str
    who: str
    reason: str


def to_cancel(desk: Desk, reading: Reading) -> list[GivenUp]:
    """Return what was given up and the shop still shows as wanted."""
    found = []
    for shop in desk.shops.values():
        rows = given_up(reading, shop.id)
        targets = [f"line:{row.platform_id}" for row in rows]
        last = {one.target: one for one in words(reading, shop.id, BY_WORD, targets) if one.kind == NAME}
        for row in rows:
            said = last.get(f"line:{row.platform_id}")
            if units := units_left(shop, row):
                line = (shop.name, row.order_platform_id, row.platform_id, row.sku)
                worth = (units, units * row.unit_price_e4, row.currency)
                found.append(GivenUp(*line, *worth, *((said.who, said.reason) if said else ("", ""))))
    return found


def given_up(reading: Reading, channel_id: int) -> list[Any]:  # Any: rows of OrderLine with columns of their order
    """Return the lines of a channel of which units were given up that the shop has not shown as cancelled."""
    of_order: list[Any] = [
        Order.__table__.c[name] for name in ("status", "is_archived", "deleted_at", "note", "currency")
    ]
    of_order.append(col(Order.platform_id).label("order_platform_id"))
    statement: Select = (
        sa.select(*OrderLine.__table__.c, *of_order)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(
            col(OrderLine.channel_id) == channel_id, col(OrderLine.qty_withdrawn) > col(OrderLine.qty_withdrawn_shown)
        )
    )
    return reading.rows(statement.order_by(col(OrderLine.id)))


def units_left(shop: Shop, row: Any) -> int:  # Any: a row of `given_up`
    """Return how many units of a line staff still has to cancel in the shop: none of what left, or of a closed order."""
    if meaning_now(shop, row) in OWES_NOTHING:
        return 0
    return min(withdrawn_of(row).left, int(row.qty_ordered - row.qty_shipped))


CANCELLED = Kind(NAME, held, check, book)
