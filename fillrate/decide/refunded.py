"""Units that were refunded before they left, where the shop had taken them off its number at order.

A refund puts nothing back: they lie on the shelf and are missing in the number, until somebody types them in, or the order
becomes cancelled or refunded and the shop restocks it. So a rise of the number that nothing else explains is first taken
as these, never as new goods: too little for some time where it was goods, never too much. Where the shop restocks an order
after that, it counts them twice, and the ledger does not, until the number falls by as many.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Refunded(NamedTuple):
    """Units of a line that were refunded, never left, and that the shop did not restock; and how many its number showed again."""

    line_id: int
    item_id: int
    quantity: int
    put_back: int

    @property
    def missing(self) -> int:
        """Units that lie there and that the number leaves out."""
        return max(0, self.quantity - self.put_back)

    @property
    def twice(self) -> int:
        """Units that the number counts twice: put back by hand, and restocked by the shop or shipped after all."""
        return max(0, self.put_back - self.quantity)


def sums(lines: Iterable[Refunded]) -> dict[int, tuple[int, int]]:
    """Return by item how many units are missing in the number and how many are in it twice."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for one in lines:
        found[one.item_id][0] += one.missing
        found[one.item_id][1] += one.twice
    return {item: (missing, twice) for item, (missing, twice) in found.items()}


def put_back(lines: Iterable[Refunded], units: Mapping[int, int]) -> dict[int, int]:
    """Return by line how many units are put back in all, once the number has shown so many more (or fewer) of an item.

    The oldest line comes first.
    """
    left, found = dict(units), {}
    for one in sorted(lines):
        wanted = left.get(one.item_id, 0)
        step = max(-one.twice, min(one.missing, wanted))
        if step:
            left[one.item_id] = wanted - step
            found[one.line_id] = one.put_back + step
    return found
