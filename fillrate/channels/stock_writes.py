"""What is said of a number that is to be written, whatever the channel: held already, moved, gone, no number, or to be sent."""

from typing import Any

from fillrate.channels.batch_writes import GONE, HELD, MOVED
from fillrate.channels.fields import INT32
from fillrate.channels.protocol import Outcome, Write

UNREADABLE = Outcome(state="unknown", answer="It cannot be read, so nothing was sent.")
NO_NUMBER = Outcome(state="refused", answer="It is no whole number of units from nothing up, with nothing beside it.")


def settled(wish: Write, seen: Any) -> Outcome | None:  # Any: JSON
    """Return what is said of a target that is not to be sent, None where it is; `seen` is what it holds, None for nothing."""
    if seen is None:
        return GONE
    if not is_quantity(wish.after):
        return NO_NUMBER
    if seen == wish.after:
        return HELD
    return None if seen == wish.before else Outcome(state="stale", answer=MOVED, seen=seen)


def is_quantity(after: Any) -> bool:  # Any: JSON
    """Tell whether a value is {"quantity": n} of a number that any shop can hold."""
    if not isinstance(after, dict) or set(after) != {"quantity"}:
        return False
    quantity = after["quantity"]
    return isinstance(quantity, int) and not isinstance(quantity, bool) and 0 <= quantity <= INT32
