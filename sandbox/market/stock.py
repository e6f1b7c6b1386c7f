"""How orders move the number, under the manners of a kind.

While a line holds units, under `moves_at="order"` they are out of the number and in `reserved`; under `shipping` they are
in both until they leave. A line without a counted listing moves nothing.
"""

from sandbox.market.manners import Manners
from sandbox.market.records import CANCELLED, OPEN, PARTLY_SHIPPED, PENDING, SHIPPED, Cell, Line, Listing, Order
from sandbox.market.state import MarketState


def _cell(state: MarketState, line: Line) -> tuple[Listing, Cell] | None:
    listing = state.listings.get(line.listing_id)
    counted = state.counted(listing) if listing is not None else None
    cell = counted.cells.get(line.location_id) if counted is not None else None
    return None if counted is None or cell is None else (counted, cell)


def sellable(manners: Manners, cell: Cell) -> int:
    """What may still be sold of a cell."""
    return cell.number if manners.moves_at == "order" else cell.number - cell.reserved


def _take(cell: Cell, units: int, manners: Manners) -> int:
    """Lower a number; gives how much it really fell."""
    fell = units if manners.below_zero == "negative" else min(units, max(0, cell.number))
    cell.number -= fell
    return fell


def hold(state: MarketState, manners: Manners, line: Line, units: int) -> None:
    """A line takes (or, below 0, lets go of) units that it holds and has not shipped."""
    found = _cell(state, line)
    if found is None or not units:
        return
    listing, cell = found
    units = max(units, -line.held)
    line.held += units
    cell.reserved += units
    if manners.moves_at == "order":
        if units > 0:
            line.taken += _take(cell, units, manners)
        else:
            back = min(-units, line.taken)
            line.taken -= back
            cell.number += back
    state.touch(listing, line.location_id)


def leave(state: MarketState, manners: Manners, line: Line, units: int) -> None:
    """Units of a line leave the shop."""
    line.shipped += units
    found = _cell(state, line)
    if found is None:
        return
    listing, cell = found
    freed = min(units, line.held)
    line.held -= freed
    cell.reserved -= freed
    if manners.moves_at == "shipping":
        cell.number -= units
        line.taken += units
    elif freed < units:
        line.taken += _take(cell, units - freed, manners)
    state.touch(listing, line.location_id)


def come_back(state: MarketState, manners: Manners, line: Line, units: int) -> int:
    """Units of a line go back into the number: first those that it holds, then shipped ones; gives how many came."""
    held = min(units, line.held)
    hold(state, manners, line, -held)
    found = _cell(state, line)
    shipped = min(units - held, line.taken)
    if found is None or shipped <= 0:
        return held
    listing, cell = found
    line.taken -= shipped
    cell.number += shipped
    state.touch(listing, line.location_id)
    return held + shipped


def let_go(state: MarketState, line: Line, units: int) -> None:
    """Units that a line held are promised to nobody any more; the number stays, and `taken` says what it has lost."""
    found = _cell(state, line)
    if found is not None:
        freed = min(units, line.held)
        line.held -= freed
        found[1].reserved -= freed


def promise(state: MarketState, line: Line, units: int) -> None:
    """Units that the shop counts as taken all along are promised again."""
    found = _cell(state, line)
    if found is not None:
        found[1].reserved += units
        line.held += units


def write_number(state: MarketState, listing: Listing, place_id: int, number: int) -> None:
    """Somebody (a person or an API) sets the number of a counted listing; a place that had none of it gets it."""
    cell = listing.cells.setdefault(place_id, Cell(0))
    cell.number, cell.active = number, True
    state.touch(listing, place_id)


def holds(manners: Manners, order: Order) -> bool:
    """Whether the state of an order is one that moves stock."""
    return order.status != CANCELLED and (manners.pending_holds or order.status != PENDING)


def set_progress(order: Order) -> None:
    """The state of an order that follows from its lines; one that is pending, cancelled or worse keeps its own."""
    if order.status not in {OPEN, PARTLY_SHIPPED, SHIPPED}:
        return
    gone = any(line.shipped for line in order.lines)
    if not any(line.due for line in order.lines):
        order.status = SHIPPED if gone else CANCELLED
    else:
        order.status = PARTLY_SHIPPED if gone else OPEN
