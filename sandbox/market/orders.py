"""What happens to orders, whoever asks for it: an API, a person, a customer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sandbox.market import stock
from sandbox.market.manners import Manners
from sandbox.market.records import CANCELLED, OPEN, PENDING, Event, Line, Listing, Order
from sandbox.market.state import MarketState

Parts = Sequence[tuple[Line, int]]
"""Units by line."""

FIRST_PERSON = 3_000_000


class OutOfStock(Exception):
    """A sale that the shop refuses, since it goes beyond the number."""


def place_for(state: MarketState, listing: Listing, units: int, manners: Manners) -> int:
    """The place from which units are sold: the first that has them, else the first that the listing is kept at."""
    counted = state.counted(listing)
    kept = [] if counted is None else [p for p, cell in sorted(counted.cells.items()) if cell.active]
    enough = (p for p in kept if counted is not None and stock.sellable(manners, counted.cells[p]) >= units)
    return next(enough, kept[0] if kept else min(state.places))


def refuse_beyond(state: MarketState, manners: Manners, wanted: Sequence[tuple[Listing, int, int]]) -> None:
    """Raise OutOfStock where a shop that sells only what it has is asked for more: (listing, units, place id) each."""
    if manners.below_zero != "refuses":
        return
    asked: Counter[tuple[int, int]] = Counter()
    for listing, units, place_id in wanted:
        counted = state.counted(listing)
        if counted is None:
            continue
        asked[counted.id, place_id] += units
        cell = counted.cells.get(place_id)
        left = 0 if cell is None else stock.sellable(manners, cell)
        if units > 0 and asked[counted.id, place_id] > left:
            raise OutOfStock(f"out of stock: {asked[counted.id, place_id]} of {listing.sku!r} asked, {left} left")


def new_line(state: MarketState, listing: Listing, units: int, place_id: int, price: int | None = None) -> Line:
    """A line that holds nothing yet."""
    cost = listing.price if price is None else price
    return Line(state.fresh_id("line", 1001), listing.id, place_id, listing.sku, listing.title, units, cost)


def refuse_unsellable(state: MarketState, manners: Manners, wanted: Sequence[tuple[Listing, int, int]]) -> None:
    """Raise OutOfStock for what goes beyond the number, whatever the manners."""
    refuse_beyond(state, replace(manners, below_zero="refuses"), wanted)


def place(
    state: MarketState, manners: Manners, wanted: Sequence[tuple[Listing, int, int]], *, status: str = OPEN
) -> Order:
    """A new order over (listing, units, place id). Raises OutOfStock."""
    if status != PENDING or manners.pending_holds:
        refuse_beyond(state, manners, wanted)
    now, order_id = state.clock.now(), state.fresh_id("order", 5001)
    lines = [new_line(state, *one) for one in wanted]
    order = Order(order_id, now, now, status, lines, person=FIRST_PERSON + order_id)
    state.orders[order_id] = order
    if stock.holds(manners, order):
        for line in lines:
            stock.hold(state, manners, line, line.quantity)
    return order


def touched(state: MarketState, order: Order) -> None:
    """An order has changed now."""
    stock.set_progress(order)
    order.modified = state.clock.now()


def pay(state: MarketState, manners: Manners, order: Order) -> None:
    """A pending order is paid and takes its units if it has not. Raises OutOfStock."""
    if not manners.pending_holds:
        wanted = [(state.listings[line.listing_id], line.due, line.location_id) for line in known(state, order)]
        refuse_beyond(state, manners, wanted)
        for line in order.lines:
            stock.hold(state, manners, line, line.due)
    order.status = OPEN
    touched(state, order)


def known(state: MarketState, order: Order) -> list[Line]:
    """The lines whose listing still exists."""
    return [line for line in order.lines if line.listing_id in state.listings]


def edit_line(state: MarketState, manners: Manners, order: Order, line: Line, quantity: int) -> None:
    """The quantity of a line becomes another; the difference is held or comes back. Raises OutOfStock."""
    more = quantity - line.quantity
    listing = state.listings.get(line.listing_id)
    moves = stock.holds(manners, order)
    if listing is not None and moves:
        refuse_beyond(state, manners, [(listing, more, line.location_id)])
    line.quantity = quantity
    if moves:
        stock.hold(state, manners, line, more)
    touched(state, order)


def cancel(state: MarketState, manners: Manners, order: Order, parts: Parts, *, restock: bool | None = None) -> None:
    """Units that have not shipped are off; when nothing is left and nothing went, so is the order."""
    back = manners.cancel_restocks if restock is None else restock
    for line, units in parts:
        line.cancelled += units
        _free(state, manners, line, units, back=back)
    if not any(line.due or line.shipped for line in order.lines):
        order.status = CANCELLED
    touched(state, order)


def refund(state: MarketState, manners: Manners, order: Order, parts: Parts, *, restock: bool | None = None) -> Event:
    """Money goes back for units: for those that have not shipped first, which then do not ship any more."""
    back = manners.refund_restocks if restock is None else restock
    before: dict[int, int] = {}
    for line, units in parts:
        unsent = min(units, line.due)
        before[line.id] = unsent
        line.refunded += units
        line.dropped += unsent
        if back:
            stock.come_back(state, manners, line, units)
        else:
            stock.let_go(state, line, unsent)
    made = Event(state.fresh_id("refund", 301), state.clock.now(), _ids(parts), back, {"unsent": before})
    order.refunds.append(made)
    touched(state, order)
    return made


def ship(state: MarketState, manners: Manners, order: Order, parts: Parts) -> Event:
    """Units leave."""
    for line, units in parts:
        stock.leave(state, manners, line, units)
    made = Event(state.fresh_id("shipment", 701), state.clock.now(), _ids(parts))
    order.shipments.append(made)
    touched(state, order)
    return made


def _free(state: MarketState, manners: Manners, line: Line, units: int, *, back: bool) -> None:
    if back:
        stock.hold(state, manners, line, -min(units, line.held))
    else:
        stock.let_go(state, line, units)


def _ids(parts: Parts) -> tuple[tuple[int, int], ...]:
    return tuple((line.id, units) for line, units in parts)
