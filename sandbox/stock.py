"""How orders move stock.

Two numbers for each item and location: `shelf`, what is physically there, and `shown`, the number the shop publishes.

* `update_stock_behavior = order_placed`: placing an order lowers `shown`; the goods stay on the shelf until they ship. So
  a shelf of 10 with 4 sold and unshipped shows 6: shelf = shown + units deducted and not yet shipped.
* `order_completed_or_shipped`: `shown` falls when the goods leave, so shelf = shown while orders are open.
* The shop never shows less than 0 (without native backorders). What an order asks beyond the number is not deducted from
  anything: the order stands, the line's `deducted` says how many units really were taken, and `booked` how many were
  asked for. With native backorders what the limits of the locations allow is added to `backordered` and counts as
  deducted; a new order or line beyond them is refused. Where orders deduct at shipping, nothing is backordered.
* Units come from the default location first, then from the others by id.
* A status of Cancelled (5) or Refunded (4) puts all that was deducted back on `shown`, shipped or not, if
  `refund_order_stock_adjustment`; the shelf does not move. Edits move `shown` only if `edit_order_stock_adjustment`, and of an
  order that the API made as Awaiting Fulfillment only if the switch `ready_orders_adjust` says so. The
  refunds endpoint alone never moves anything.
* A channel may have settings of its own, which hold for its orders.

Over all locations of an item this always holds:
    shelf + shipped = shown − backordered + deducted + changes by hand
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from sandbox.records import DEFAULT_LOCATION, Cell, Item, Line, Order, Taken
from sandbox.state import State

T = TypeVar("T")


class Beyond(NamedTuple):
    """Units that nobody will sell: what is asked of an item, what there is, what may still be backordered."""

    item_id: int
    asked: int
    available: int
    for_backorder: int


CLOSING = frozenset({4, 5})
DONE = frozenset({2, 10})
NEVER_PLACED = frozenset({0, 4, 5, 6})
UNPAID = frozenset({1, 7, 12})


def at_order(state: State, order: Order) -> bool:
    """Whether the shop deducts for an order when it is placed."""
    return bool(state.setting(order, "update_stock_behavior") == "order_placed")


def is_placed(state: State, status: int) -> bool:
    """Whether a status counts as placed."""
    unpaid_counts = state.switches.placed_deducts == "all_but_incomplete"
    return status not in NEVER_PLACED and (unpaid_counts or status not in UNPAID)


def cells_of(item: Item) -> list[tuple[int, Cell]]:
    """Locations and cells, the default location first."""
    return sorted(item.cells.items(), key=lambda pair: (pair[0] != DEFAULT_LOCATION, pair[0]))


def merge(taken: Taken, more: Taken) -> Taken:
    """Units by location, added up; locations with nothing left vanish."""
    total: dict[int, int] = {}
    for location, units in (*taken, *more):
        total[location] = total.get(location, 0) + units
    return tuple((location, units) for location, units in total.items() if units)


def units_in(taken: Taken) -> int:
    """How many units in all."""
    return sum(units for _, units in taken)


def change_item(state: State, item: Item | None, change: Callable[[], T]) -> T:
    """Change the stock of an item, if it is counted, with the read lag and the date that follow from it."""
    if item is None:
        return change()
    state.items.before_change(item)
    outcome = change()
    state.items.changed(item, state.clock.now())
    product = state.products.get(item.product_id)
    if state.switches.stock_moves_product_date and product is not None:
        state.products.before_change(product)
        state.products.changed(product, state.clock.now())
    return outcome


def take_units(item: Item, units: int, *, may_backorder: bool) -> tuple[Taken, int]:
    """Lower the shown numbers by up to so many units; gives what was taken and how many of those were backordered."""
    taken: list[tuple[int, int]] = []
    for location, cell in cells_of(item):
        here = min(units, max(cell.shown, 0))
        if here:
            cell.shown -= here
            units -= here
            taken.append((location, here))
    beyond = 0
    for location, cell in cells_of(item) if may_backorder else ():
        here = min(units, allowance(cell))
        cell.backordered += here
        units -= here
        beyond += here
        taken.append((location, here))
    return merge((), tuple(taken)), beyond


def allowance(cell: Cell) -> int:
    """How many units may still be sold beyond the number (native backorders)."""
    return max(cell.backorder_limit - cell.backordered, 0)


def beyond_limit(state: State, order: Order, wanted: Counter[int], status: int | None = None) -> list[Beyond]:
    """Where an order (of that status) asks more units of an item than it may, natively; the shop then takes nothing of it."""
    placed = is_placed(state, order.status if status is None else status)
    if not (state.switches.backorders and at_order(state, order) and placed):
        return []
    found = []
    for item_id, units in wanted.items():
        cells = state.items.rows[item_id].cells.values()
        number, more = sum(max(cell.shown, 0) for cell in cells), sum(map(allowance, cells))
        if units > number + more:
            found.append(Beyond(item_id, units, number, more))
    return found


def book(state: State, order: Order, line: Line, units: int) -> None:
    """Take what there is of a line's units off the shown numbers."""
    line.booked += units
    item = state.line_item(line)
    if item is not None:
        may = state.switches.backorders and at_order(state, order)
        taken, beyond = take_units(item, units, may_backorder=may)
        line.deducted = merge(line.deducted, taken)
        line.backordered += beyond


def deduct(state: State, order: Order, line: Line, units: int) -> None:
    """Book units of a line now."""
    if units > 0:
        change_item(state, state.line_item(line), lambda: book(state, order, line, units))


def put_back_units(item: Item, line: Line, units: int) -> None:
    """Raise the shown numbers by units of a line that were deducted, backordered ones first, last location first."""
    left = min(units, units_in(line.deducted))
    back: list[tuple[int, int]] = []
    for location, had in reversed(line.deducted):
        here, cell = min(left, had), item.cells.get(location)
        if cell is None or not here:
            continue
        from_backorder = min(here, cell.backordered, line.backordered)
        cell.backordered -= from_backorder
        line.backordered -= from_backorder
        cell.shown += here - from_backorder
        left -= here
        back.append((location, -here))
    line.deducted = merge(line.deducted, tuple(back))


def give_back(state: State, line: Line, units: int) -> None:
    """Undo the booking of units of a line; units that never were deducted are undone first."""
    item = state.line_item(line)
    short = line.booked - units_in(line.deducted)
    line.booked -= units
    if item is not None and units > short:
        change_item(state, item, lambda: put_back_units(item, line, units - short))


def on_placed(state: State, order: Order) -> None:
    """An order came in with its status."""
    on_status(state, order, order.status)


def on_status(state: State, order: Order, status: int) -> None:
    """Move stock as a new status asks."""
    if status in CLOSING:
        if state.setting(order, "refund_order_stock_adjustment"):
            for line in order.lines:
                give_back(state, line, line.booked)
        return
    due = is_placed(state, status) if at_order(state, order) else status in DONE
    for line in order.lines if due else ():
        deduct(state, order, line, line.quantity - line.booked)


def edits_move(state: State, order: Order) -> bool:
    """Whether edits of an order move stock: by the setting, and by the switch where the API made it ready at once."""
    may = not order.made_ready or state.switches.ready_orders_adjust
    return bool(may and state.setting(order, "edit_order_stock_adjustment"))


def on_edit(state: State, order: Order, line: Line, quantity: int) -> None:
    """A line's quantity was changed by staff."""
    difference = quantity - line.quantity
    line.quantity = quantity
    if not (at_order(state, order) and is_placed(state, order.status)):
        return
    if not edits_move(state, order):
        line.booked = max(line.booked + difference, 0)
    elif difference > 0:
        deduct(state, order, line, difference)
    else:
        give_back(state, line, min(-difference, line.booked))


def leave_shelf(item: Item, line: Line, units: int) -> Taken:
    """Take units off the shelves: where the line was deducted, then where there are any, then the default location."""
    first = [location for location, _ in line.deducted]
    ordered = sorted(cells_of(item), key=lambda pair: pair[0] not in first)
    left: list[tuple[int, int]] = []
    for location, cell in ordered:
        here = min(units, max(cell.shelf, 0))
        if here:
            cell.shelf -= here
            units -= here
            left.append((location, here))
    if units:
        location, cell = cells_of(item)[0]
        cell.shelf -= units
        left.append((location, units))
    return merge((), tuple(left))


def _release_backorder(item: Item, line: Line, units: int) -> None:
    """Shipping backordered units: the shop's backordered count and its number fall together."""
    before = max(0, line.shipped - units - (line.quantity - line.backordered))
    beyond = max(0, line.shipped - (line.quantity - line.backordered)) - before
    for _, cell in cells_of(item):
        released = min(beyond, cell.backordered, cell.shown)
        cell.backordered -= released
        cell.shown -= released
        beyond -= released


def on_marked_done(state: State, line: Line) -> None:
    """Staff call an order shipped or completed: what is there has left the shelf all the same."""
    item = state.line_item(line)
    if item is None:
        return
    there = sum(max(cell.shelf, 0) for cell in item.cells.values())
    units = min(line.quantity - line.shipped - units_in(line.gone), there)
    if units <= 0:
        return

    def change() -> None:
        left = leave_shelf(item, line, units)
        for location, here in left:
            item.cells[location].by_hand -= here
        line.gone = merge(line.gone, left)

    change_item(state, item, change)


def _explain_gone(item: Item, line: Line, units: int) -> Taken:
    """Put units that have left already into a shipment: the shelf does not move again, and goods explain it now."""
    explained: list[tuple[int, int]] = []
    for location, had in line.gone:
        here = min(units, had)
        if here:
            units -= here
            _cell(item, location).by_hand += here
            explained.append((location, here))
    line.gone = merge(line.gone, tuple((location, -here) for location, here in explained))
    return tuple(explained)


def _cell(item: Item, location: int) -> Cell:
    """The cell of a location, or the first one where the item is not stocked there any more."""
    return item.cells.get(location) or cells_of(item)[0][1]


def send(state: State, order: Order, line: Line, units: int) -> Taken:
    """Units leave the building; gives the locations they left from."""
    line.shipped += units
    item = state.line_item(line)
    if item is None:
        return ((DEFAULT_LOCATION, units),)
    explained = _explain_gone(item, line, units)
    gone = merge(explained, leave_shelf(item, line, units - units_in(explained)))
    if line.backordered and state.switches.backorder_release == "ship":
        _release_backorder(item, line, units)
    if not at_order(state, order) and state.switches.shipped_deducts == "units":
        book(state, order, line, max(0, min(units, line.quantity - line.booked)))
    return gone


def on_shipped(state: State, order: Order, line: Line, units: int) -> Taken:
    """The same, now."""
    return change_item(state, state.line_item(line), lambda: send(state, order, line, units))


def on_shipment_deleted(state: State, line: Line, units: int, location: int) -> None:
    """A shipment is undone: the goods lie on the shelf again; the shown number does not move."""
    line.shipped -= units
    item = state.line_item(line)
    if item is None:
        return

    def change() -> None:
        _cell(item, location).shelf += units

    change_item(state, item, change)


def forget_line(state: State, line: Line) -> None:
    """An order vanishes: the number and the shelf stay as its line left them, and nothing explains them any more."""
    item = state.line_item(line)
    if item is None:
        return

    def change() -> None:
        waiting = min(line.backordered, max(line.quantity - line.shipped, 0))
        cells = [cell for _, cell in cells_of(item)]
        for cell in cells:
            released = min(waiting, cell.backordered)
            cell.backordered -= released
            cell.by_hand -= released
            waiting -= released
        cells[0].by_hand += units_in(line.deducted) - line.shipped

    change_item(state, item, change)


def count_anew(state: State, product_id: int) -> None:
    """A product is counted in new items: what its lines took from the old ones cannot come back to these."""
    lines = [line for order in state.orders for line in order.lines if line.product_id == product_id]
    for line in lines:
        line.deducted, line.backordered = (), 0
        item = state.line_item(line)
        if item is not None:
            cells_of(item)[0][1].by_hand += line.shipped


def receive(state: State, item: Item, location: int, units: int, *, book: bool = True) -> None:
    """Goods arrive on the shelf; the shop's number rises too when the receipt is booked."""

    def change() -> None:
        cell = item.cells.setdefault(location, Cell(0, 0))
        cell.shelf += units
        if not book:
            cell.by_hand += units
            return
        fills = min(units, cell.backordered) if state.switches.backorder_release == "receive" else 0
        cell.backordered -= fills
        cell.shown += units - fills

    change_item(state, item, change)


def take_back(state: State, item: Item, location: int, units: int, *, book: bool = True) -> None:
    """Goods that were received are not there after all; the number, if it followed, falls as far as it can."""

    def change() -> None:
        cell = item.cells[location]
        cell.shelf -= units
        falls = min(units, cell.shown) if book else 0
        cell.shown -= falls
        cell.by_hand -= units - falls

    change_item(state, item, change)


def set_shown(state: State, item: Item, location: int, number: int) -> None:
    """Somebody types a number into the shop; nothing moves on the shelf."""

    def change() -> None:
        cell = item.cells.setdefault(location, Cell(0, 0))
        cell.by_hand += cell.shown - number
        cell.shown = number

    change_item(state, item, change)


def set_backordered(state: State, item: Item, location: int, units: int) -> None:
    """Somebody types how many units were sold beyond the number."""

    def change() -> None:
        cell = item.cells[location]
        cell.by_hand += units - cell.backordered
        cell.backordered = units

    change_item(state, item, change)


def lose(state: State, item: Item, location: int, units: int) -> None:
    """Goods vanish from the shelf without anybody booking it."""

    def change() -> None:
        cell = item.cells[location]
        cell.shelf -= units
        cell.by_hand -= units

    change_item(state, item, change)
