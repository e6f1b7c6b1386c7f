"""Units that a person gave up before the shop shows them as cancelled.

What a shop wants of a line is its quantity, less what it refunded. Nobody but the shop's staff can change that, so units
that were given up here are owed no more, and wait until the shop wants less of the line than it did then: by an edit or by a
refund. Each unit counts once, whoever tells of it first, and however much happened between two readings.
"""

from typing import NamedTuple


class Withdrawn(NamedTuple):
    """Units of a line that a person gave up in all, how many of them the shop has shown, and what it wants without the rest."""

    quantity: int = 0
    shown: int = 0
    floor: int = 0

    @property
    def left(self) -> int:
        """Units that the shop still shows as wanted."""
        return self.quantity - self.shown


def give_up(withdrawn: Withdrawn, quantity: int, wanted: int) -> Withdrawn:
    """Return what is given up where a person says `quantity` in all, while the shop wants so many.

    Raises ValueError for fewer units than the shop has shown.
    """
    if quantity < withdrawn.shown:
        message = f"the shop has shown {withdrawn.shown} units, more than {quantity}"
        raise ValueError(message)
    return Withdrawn(quantity, withdrawn.shown, wanted - (quantity - withdrawn.shown))


def seen(withdrawn: Withdrawn, wanted: int) -> Withdrawn:
    """Return what is given up once the shop wants so many: more is wanted anew, less shows what was given up, for good."""
    left = min(max(wanted - withdrawn.floor, 0), withdrawn.left)
    return withdrawn._replace(shown=withdrawn.quantity - left)
