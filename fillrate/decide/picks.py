"""What became of the pick lines of one order line, by what the warehouse told, what the shop shows, and where units are.

Two roads tell that units left: the warehouse, and the shop's own count of shipped units. `shipped` and `seen` keep them
apart, and the larger of the two has gone; so it makes no difference which comes first.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Pick(NamedTuple):
    """One pick line; `backed` are units that its order line has set aside at its location, None where it needs none."""

    id: int
    location_id: int
    quantity: int
    shipped: int = 0  # as the warehouse told
    seen: int = 0  # as the shop shows
    short: int = 0  # not found
    removed: int = 0  # no longer to be picked: cancelled, edited, on hold, lost
    backed: int | None = None

    @property
    def left(self) -> int:
        """Units that are still in the state of being packed for it."""
        return self.quantity - self.seen - self.short - self.removed

    @property
    def to_do(self) -> int:
        """Units that the warehouse still has to pick."""
        return max(0, self.quantity - max(self.shipped, self.seen) - self.short - self.removed)

    @property
    def is_contradicted(self) -> bool:
        """Whether the warehouse told of units as shipped that are no longer to be shipped."""
        return self.shipped + self.short + self.removed > self.quantity


class Settled(NamedTuple):
    """The pick lines as they are, and how many units being packed no pick line stands for any more."""

    picks: list[Pick]
    loose: int


def settle_picks(picks: Sequence[Pick], seen: int, picking: int) -> Settled:
    """Return the pick lines of one order line, of which the shop shows `seen` units as shipped and `picking` are left."""
    found = with_removed(with_seen(sorted(picks), seen), picking)
    backed = {one.location_id: one.backed for one in found if one.backed is not None}
    for location, units in backed.items():
        here = [one for one in found if one.location_id == location]
        kept = {one.id: one for one in with_removed(here, units)}
        found = [kept.get(one.id, one) for one in found]
    return Settled(found, picking - sum(one.left for one in found))


def with_seen(picks: Sequence[Pick], seen: int) -> list[Pick]:
    """Give what the shop shows to the lines that the warehouse told of, then to the others, the earliest first."""
    found = {one.id: one._replace(seen=0) for one in picks}
    for told_only in (True, False):
        for one in list(found.values()):
            room = min(one.left, one.shipped - one.seen) if told_only else one.left
            units = max(0, min(seen, room))
            seen -= units
            found[one.id] = one._replace(seen=one.seen + units)
    return list(found.values())


def with_removed(picks: Sequence[Pick], most: int) -> list[Pick]:
    """Take units off until no more than `most` are left: those that nobody told of as shipped first, the latest first."""
    found = {one.id: one for one in picks}
    excess = sum(one.left for one in picks) - most
    for only_to_do in (True, False):
        for one in reversed(list(found.values())):
            units = max(0, min(excess, one.to_do if only_to_do else one.left))
            excess -= units
            found[one.id] = one._replace(removed=one.removed + units)
    return list(found.values())
