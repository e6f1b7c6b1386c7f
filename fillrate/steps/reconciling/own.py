"""Stock that a channel keeps itself (a fulfilment centre): our ledger follows its number, and nothing is ever drawn on it."""

from collections.abc import Sequence

from fillrate.db.database import Writing
from fillrate.db.queries import reconciling as queries
from fillrate.db.queries.stock import last_facts
from fillrate.records import StockLevel
from fillrate.steps.desk import Desk, Shop
from fillrate.steps.ledger import Booking, Shelf, book, load_stock
from fillrate.steps.reconciling.numbers import Numbers
from fillrate.steps.reconciling.sight import goods
from fillrate.steps.runs import RunLog


def count_own(desk: Desk, tx: Writing, shop: Shop, log: RunLog, numbers: Numbers) -> None:
    """Book what a channel's own locations hold more or less than the ledger knows, once for each shelf that differs."""
    shown = on_shelves(tx, shop, numbers.own)
    held = load_stock(tx, shown)
    booking = Booking(log.id, numbers.began_at, desk.settings.policy)
    count = f"counted:{shop.name}:{last_facts(tx).movement + 1}"
    for shelf, units in sorted(shown.items()):
        if quantity := units - held.get(shelf, (0, 0))[0]:
            cause = f"{count}:{shelf.item_id}:{shelf.location_id}"
            booking.move(shelf, "counted", quantity, cause, numbers.began_at)
    log.counts["shelves_counted"] += len(booking.movements)
    book(tx, booking)


def on_shelves(tx: Writing, shop: Shop, levels: Sequence[StockLevel]) -> dict[Shelf, int]:
    """Return what lies on each shelf by what the channel told of locations of its own."""
    places = {row.platform_id: row.id for row in queries.own_places(tx, shop.id)}
    mine = [level for level in levels if level.location_platform_id in places]
    sold = goods(tx, shop, sorted({level.product_platform_id for level in mine}))
    found: dict[Shelf, int] = {}
    for level in mine:
        one = sold.get((level.product_platform_id, level.variant_platform_id))
        if one is not None:
            found[Shelf(one[0], places[level.location_platform_id])] = level.shown
    return found
