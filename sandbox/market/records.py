"""The records of a shop of the market. Money is in cents, moments in Unix seconds; ids are whole numbers of the shop."""

from dataclasses import dataclass, field
from typing import Any

PENDING, OPEN, PARTLY_SHIPPED, SHIPPED, CANCELLED = "pending", "open", "partly_shipped", "shipped", "cancelled"
"""States of an order in neutral words; a kind says them in its own."""


@dataclass(slots=True)
class Place:
    """A location that holds stock."""

    id: int
    name: str
    active: bool = True


@dataclass(slots=True)
class Cell:
    """Stock of one listing at one location.

    `number` is what the shop counts and callers write: under `moves_at="order"` what may still be sold, under `shipping`
    what lies there. `reserved` is what open orders hold of it (beside the number, or within it).
    """

    number: int
    reserved: int = 0
    modified: int = 0
    active: bool = True


@dataclass(slots=True)
class Listing:
    """A thing that the shop sells, or the parent of several (`sold` is false), which has stock only if they share it.

    `counts_with` is the id of the listing whose number is also this one's. `own` is what only a kind knows.
    """

    id: int
    product_id: int
    sku: str
    title: str
    price: int
    created: int
    modified: int
    cells: dict[int, Cell] = field(default_factory=dict)
    tracked: bool = True
    sold: bool = True
    counts_with: int | None = None
    own: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """A line of an order. `held` are the units that it holds of the number (or reserved) and that have not shipped.

    `quantity` is what is ordered, edits included; of these `cancelled` are off and `refunded` were paid back, `dropped`
    of them before they were shipped. `taken` is what it took out of the number and has not given back, shipped or not.
    """

    id: int
    listing_id: int
    location_id: int
    sku: str
    title: str
    quantity: int
    price: int
    shipped: int = 0
    cancelled: int = 0
    refunded: int = 0
    dropped: int = 0
    held: int = 0
    taken: int = 0
    own: dict[str, Any] = field(default_factory=dict)

    @property
    def due(self) -> int:
        """Units that are still to be shipped."""
        return max(0, self.quantity - self.cancelled - self.dropped - self.shipped)


@dataclass(frozen=True, slots=True)
class Event:
    """A refund or a shipment: (line id, units) of each line, and for a refund whether units went back into stock."""

    id: int
    at: int
    parts: tuple[tuple[int, int], ...]
    restocked: bool = False
    own: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Order:
    """An order. `key` is the name that a kind gives it, where it is not the id."""

    id: int
    placed: int
    modified: int
    status: str
    lines: list[Line]
    key: str = ""
    person: int = 0
    refunds: list[Event] = field(default_factory=list)
    shipments: list[Event] = field(default_factory=list)
    own: dict[str, Any] = field(default_factory=dict)

    def line(self, line_id: int) -> Line | None:
        """The line of an id."""
        return next((line for line in self.lines if line.id == line_id), None)
