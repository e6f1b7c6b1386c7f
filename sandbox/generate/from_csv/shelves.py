"""Stock that makes a third of the open lines short, and the open lines laid on it by the shop's own rules.

Units go to the lines in the order of time. So an item that runs out leaves its latest lines short, and how many those
are is decided first: some items are plentiful, some scarce, and in all it is exactly a third.
"""

from random import Random

from sandbox.generate.from_csv.orders import WAITING
from sandbox.records import DEFAULT_LOCATION, Item, Line, Order
from sandbox.state import State
from sandbox.stock import at_order, take_units

SHORT_OF = 3


def lay_out(state: State, orders: list[Order]) -> None:
    """Fill the shelves for the open orders and let these take what is theirs."""
    waiting = [order for order in orders if order.status == WAITING]
    wanted: dict[int, list[Line]] = {}
    for line in (line for order in waiting for line in order.lines):
        item = state.line_item(line)
        if item is not None:
            wanted.setdefault(item.id, []).append(line)
    _fill(state, wanted, Random(f"{state.config.seed}:csv shelves"))
    for order in waiting:
        if at_order(state, order):
            for line in order.lines:
                _book(state, line)


def _fill(state: State, wanted: dict[int, list[Line]], chance: Random) -> None:
    left = round(sum(map(len, wanted.values())) / SHORT_OF)
    for item_id in chance.sample(sorted(wanted), len(wanted)):
        item, lines = state.items.rows[item_id], wanted[item_id]
        short = min(left, chance.randint(1, len(lines)))
        if short:
            _run_out(item, lines, len(lines) - short, chance)
            left -= short
        else:
            cell = item.cells[DEFAULT_LOCATION]
            cell.shelf = cell.shown = cell.shown + sum(line.quantity for line in lines)


def _run_out(item: Item, lines: list[Line], served: int, chance: Random) -> None:
    """As many units as the first lines take, and a part of what the next one asks for; some lie elsewhere."""
    units = sum(line.quantity for line in lines[:served]) + chance.randrange(lines[served].quantity)
    for location, cell in item.cells.items():
        if location != DEFAULT_LOCATION:
            cell.shelf = cell.shown = min(cell.shown, units // 2)
            units -= cell.shown
    cell = item.cells[DEFAULT_LOCATION]
    cell.shelf = cell.shown = units


def _book(state: State, line: Line) -> None:
    item = state.line_item(line)
    line.booked = line.quantity
    if item is not None:
        may = state.switches.backorders
        line.deducted, line.backordered = take_units(item, line.quantity, may_backorder=may)
