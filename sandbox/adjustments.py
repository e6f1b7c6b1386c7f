"""Inventory writes: answered at once, carried out later.

* Absolutes and settings have no order: which of two that wait is carried out last is anybody's guess.
* Relatives are carried out in the order in which they came, and looked at once more then: what by that time would leave less
  than the safety stock comes to nothing, and nobody is told.
* A relative that came while an absolute of the same item and location waited starts from the number before that.
* A number that is written does not move the shelf. Where `qty_backordered` falls with receipts, a relative that raises
  the number fills backordered units first, unless the same row says what becomes of them.
"""

from random import Random

from sandbox import stock
from sandbox.api.body import MOST
from sandbox.records import Cell, Change, Item, Transaction
from sandbox.state import State

LATE, LATEST = 2, 5
ATTRIBUTES = {
    "safety_stock": "safety",
    "is_in_stock": "in_stock",
    "warning_level": "warning",
    "bin_picking_number": "bin",
    "backorder_limit": "backorder_limit",
    "backorder_message_id": "message_id",
}


def accept(state: State, kind: str, reason: str, changes: list[Change]) -> str:
    """Take a write that was found right; gives the id of its transaction."""
    number = len(state.transactions)
    chance = Random(f"{state.config.seed}:transaction:{number}")
    made = Transaction(
        id=f"{chance.getrandbits(32):08x}-0000-4000-8000-{number:012x}",
        kind=kind,
        reason=reason,
        accepted=state.clock.now(),
        changes=tuple(changes),
        left=1 + {"at_once": 0, "late": LATE, "unordered": chance.randrange(LATEST)}[state.switches.inventory_writes],
    )
    if kind == "relative":
        made.left = max([made.left, *(other.left for other in state.waiting if other.kind == kind)])
    state.transactions.append(made)
    state.waiting.append(made)
    return made.id


def old_number(state: State, item: Item, location: int) -> int | None:
    """The present number, if an absolute that waits is going to replace it."""
    for transaction in state.waiting:
        here = ((change.item_id, change.location_id) for change in transaction.changes)
        if transaction.kind == "absolute" and (item.id, location) in here:
            return item.cells[location].shown if location in item.cells else 0
    return None


def settle(state: State) -> None:
    """A request has passed: carry out what is due."""
    for transaction in state.waiting:
        transaction.left -= 1
        if not transaction.left:
            _carry_out(state, transaction)
    state.waiting = [transaction for transaction in state.waiting if transaction.left]


def settle_all(state: State) -> None:
    """Time has passed: carry out everything that waits."""
    while state.waiting:
        settle(state)


def _carry_out(state: State, transaction: Transaction) -> None:
    for change in transaction.changes:
        item = state.items.get(change.item_id)
        reason = "it is not counted any more" if item is None else _apply(state, transaction.kind, item, change)
        if reason:
            transaction.failed.append(f"item {change.item_id} at location {change.location_id}: {reason}")
    transaction.changes = ()


def _apply(state: State, kind: str, item: Item, change: Change) -> str | None:
    location = change.location_id
    if kind == "absolute":
        item.cells.setdefault(location, Cell(0, 0))
        return _write(state, item, change, change.quantity, change.backordered)
    cell = item.cells.get(location)
    if cell is None:
        return "it is not stocked there any more"
    if kind == "settings":
        stock.change_item(state, item, lambda: _set(cell, change))
        return None
    base = cell.shown if change.base is None else change.base
    fills = 0
    if change.backordered is None and state.switches.backorder_release == "receive":
        fills = max(min(change.quantity or 0, cell.backordered), 0)
    number = None if change.quantity is None else base + change.quantity - fills
    beyond = cell.backordered - fills + (change.backordered or 0)
    if number is not None and (change.quantity or 0) < 0 and number < cell.safety:
        return "it would leave less than the safety stock"
    if beyond < 0 or (number or 0) > MOST:
        return "it would leave a number that cannot be"
    return _write(state, item, change, number, beyond)


def _set(cell: Cell, change: Change) -> None:
    for name, value in change.settings:
        setattr(cell, ATTRIBUTES[name], value)


def _write(state: State, item: Item, change: Change, number: int | None, backordered: int | None) -> None:
    if number is not None:
        stock.set_shown(state, item, change.location_id, number)
    if backordered is not None:
        stock.set_backordered(state, item, change.location_id, backordered)
