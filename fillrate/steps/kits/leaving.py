"""The line of a kit that was shipped, cancelled or edited: its parts leave the shelves on which they were set aside."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fillrate.db.queries.kits import Part
from fillrate.decide.recipes import Parcel, come_back
from fillrate.steps.ledger import Booking, Shelf, Taken

if TYPE_CHECKING:
    from fillrate.steps.intake.shipments import Left


@dataclass(frozen=True, slots=True)
class KitLine:
    """One such line: what it is made of, what is set aside for it, what has left with it before, and what is counted."""

    line: "Left"
    parts: Sequence[Part]
    aside: Sequence[tuple[Shelf, int]]
    parcels: Sequence[Parcel]  # its shipments so far, where parts left with them
    number: int  # of its shipment
    default_location: int | None

    def leave(self, booking: Booking) -> dict[Shelf, int]:
        """Add what the line gives back to the booking; return what leaves its shelves (negative) or comes back to one.

        What leaves comes out of what is set aside, then out of the default location. What comes back are the parts that
        left, by whatever recipe, and they come to the default location.
        """
        result = self.line.result
        moved: dict[Shelf, int] = defaultdict(int)
        left = list(self.aside)
        for part in self.parts:
            mine = [(shelf, units) for shelf, units in left if shelf.item_id == part.item_id]
            left = [(shelf, units) for shelf, units in left if shelf.item_id != part.item_id]
            wanted = result.newly_shipped * part.per
            stays = sum(one.quantity for one in result.units) * part.per
            for shelf, units in mine:
                leaves = min(units, wanted)
                moved[shelf] -= leaves
                wanted -= leaves
                keeps = min(units - leaves, stays)
                stays -= keeps
                if units > keeps:
                    booking.given_back[Taken(self.line.line_id, shelf)] += units - keeps
            if wanted and self.default_location is not None:
                moved[Shelf(part.item_id, self.default_location)] -= wanted
        for shelf, units in left:  # of an earlier recipe
            booking.given_back[Taken(self.line.line_id, shelf)] += units
        if result.newly_unshipped and self.default_location is not None:
            for item, units in come_back(self.parcels, result.newly_unshipped).items():
                moved[Shelf(item, self.default_location)] += units
        return {shelf: units for shelf, units in moved.items() if units}

    def rows(self, moved: dict[Shelf, int]) -> list[dict[str, Any]]:  # Any: rows of PartLeft
        """Return what left in this shipment as rows."""
        return [
            {
                "line_id": self.line.line_id,
                "number": self.number,
                "part_id": shelf.item_id,
                "location_id": shelf.location_id,
                "quantity": -units,
            }
            for shelf, units in moved.items()
        ]
