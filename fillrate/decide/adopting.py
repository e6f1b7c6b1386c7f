"""What a shop's number becomes where another app sold without it: the opening-stock equality, solved for the number.

What lies on a shelf and is owed already is not for sale. So the number is what is left of it once everybody has got his
units, and what is owed beyond the shelf is told apart: in the shop's own counter of backordered units where it has one,
else in ours. Read back by the equality, number and counter give exactly what lies there.
"""

from typing import NamedTuple


class Numbers(NamedTuple):
    """What is for sale, and how many units are owed beyond what lies there."""

    number: int
    beyond: int


def numbers(on_hand: int, taken_off: int) -> Numbers:
    """Return a shelf's numbers. `taken_off` are open units that the shop counts as taken off its number at order.

    Where it lowers its number at shipping, none are: then all that lies there is the number.
    """
    free = on_hand - taken_off
    return Numbers(max(free, 0), max(-free, 0))


def beyond_left(beyond: int, shown: int, taken_off: int) -> int:
    """Return how many units the number still does not tell of: never more than it and the open units could hide."""
    return max(0, min(beyond, shown + taken_off))


def is_explained(before: int, now: int, newly_owed: int) -> bool:
    """Tell whether a number moved by orders only since it was looked at; a shop that stops at some number did not move it."""
    return now in {before, before - newly_owed}
