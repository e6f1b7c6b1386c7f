"""The statuses of an order and what each does to the stock, once.

`processing`, `on-hold` and `completed` take units, if the order has not taken any; `cancelled` and `pending` put back what
each line has taken; `failed`, `refunded` and the trash leave it where it is.
"""

from sandbox.market import orders, stock
from sandbox.market.manners import Manners
from sandbox.market.records import CANCELLED, OPEN, PENDING, SHIPPED, Order
from sandbox.market.state import MarketState

TRASH = "trash"
NEUTRAL = {
    "pending": PENDING,
    "checkout-draft": PENDING,
    "failed": PENDING,
    "processing": OPEN,
    "on-hold": OPEN,
    "completed": SHIPPED,
    "cancelled": CANCELLED,
    "refunded": CANCELLED,
}
TAKES, GIVES_BACK = frozenset({"processing", "on-hold", "completed"}), frozenset({"cancelled", "pending"})
CORE = (
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
)


def word_of(order: Order) -> str:
    """The status of an order in the shop's own words, trash included."""
    return str(order.own["word"])


def set_word(state: MarketState, manners: Manners, order: Order, word: str) -> None:
    """An order gets a status, with what follows for the stock."""
    order.own["word"] = word
    if word in TAKES or word not in NEUTRAL:
        _take(state, manners, order)
    elif word in GIVES_BACK:
        _give_back(state, manners, order)
    else:
        for line in order.lines:
            stock.let_go(state, line, line.held)
    order.status = NEUTRAL.get(word, OPEN)
    if word == "completed":
        for line in order.lines:
            stock.leave(state, manners, line, line.due)
        order.own["completed"] = state.clock.now()
    elif word == "cancelled":
        for line in order.lines:
            line.cancelled += line.due
    if word in TAKES:
        order.own.setdefault("paid", state.clock.now())
    orders.touched(state, order)


def _take(state: MarketState, manners: Manners, order: Order) -> None:
    for line in order.lines:
        line.cancelled = 0
        if not line.taken:
            stock.hold(state, manners, line, line.due)
        else:
            stock.promise(state, line, min(line.due, line.taken) - line.held)


def _give_back(state: MarketState, manners: Manners, order: Order) -> None:
    for line in order.lines:
        stock.come_back(state, manners, line, line.taken)


def trash(state: MarketState, order: Order) -> None:
    """Into the trash: the units that it took stay taken, for nobody."""
    order.own["before_trash"] = word_of(order)
    order.own["word"] = order.status = TRASH
    for line in order.lines:
        stock.let_go(state, line, line.held)
    order.modified = state.clock.now()


def restore(state: MarketState, manners: Manners, order: Order) -> None:
    """Out of the trash, as it was before."""
    set_word(state, manners, order, order.own.pop("before_trash"))
