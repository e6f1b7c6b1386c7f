"""How the stock of a kind of shop moves: declared, not programmed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Manners:
    """When a shop's number moves, and what it does at its end.

    * `moves_at`: an `order` lowers the number at once, or only its `shipping` does (until then it is reserved)
    * `pending_holds`: whether an order that is not paid yet moves stock as a paid one
    * `cancel_restocks`, `refund_restocks`: whether units come back by themselves; an action may say otherwise
    * `below_zero`: what a sale beyond the number does: the number goes `negative`, `stops` at 0, or the shop `refuses`
    """

    moves_at: Literal["order", "shipping"] = "order"
    pending_holds: bool = False
    cancel_restocks: bool = True
    refund_restocks: bool = True
    below_zero: Literal["negative", "stops", "refuses"] = "negative"
