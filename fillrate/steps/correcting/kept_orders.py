"""Mark an order as not to be cancelled for want of an answer, whatever the rules for delays say; or take the mark away."""

from collections.abc import Collection

from fillrate.db.database import Reading
from fillrate.db.tables import Order
from fillrate.steps.correcting.find import find, line_ids, rows_of
from fillrate.steps.correcting.word import Kind, Said, Scene, Told, Values, anything, take, taking
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.runs import RunLog
from fillrate.steps.touch import touch_lines


def do_not_cancel(desk: Desk, log: RunLog, said: Said, which: str, *, mark: bool = True) -> Told:
    """Mark an order, or take its mark away."""
    with taking(desk) as tx:
        found = find(desk, tx, "order", which)
        return take(Scene(desk, tx, log, found.shop, said), KEPT_ORDER, {found.target: mark})


def held(_: Desk, reading: Reading, shop: Shop, targets: Collection[str]) -> Values:
    """Return whether each order is marked."""
    return {target: bool(row.do_not_cancel) for target, row in rows_of(reading, shop, targets).items()}


def book(scene: Scene, wanted: Values) -> None:
    """Save the marks; the next allocation judges the orders' delays anew."""
    tx, rows = scene.tx, rows_of(scene.tx, scene.shop, wanted)
    tx.update(Order, [{"id": row.id, "do_not_cancel": wanted[target]} for target, row in rows.items()], key=("id",))
    touch_lines(tx, line_ids(tx, rows))


KEPT_ORDER = Kind("do_not_cancel", held, anything, book)
