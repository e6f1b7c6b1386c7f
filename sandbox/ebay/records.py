"""What only eBay knows of a listing and of an order."""

from dataclasses import dataclass, field

from sandbox.market.records import Listing, Order

PUBLISHED, UNPUBLISHED = "PUBLISHED", "UNPUBLISHED"


@dataclass(slots=True)
class Offer:
    """The offer of an item. `gap` is its own quantity less the item's total: both fall with a sale, so it stays.

    `gap` is None while the offer has no quantity of its own. `listing_id` is the page that buyers see; the members of
    a family share one.
    """

    id: str
    listing_id: str
    status: str = PUBLISHED
    gap: int | None = None


@dataclass(slots=True)
class Item:
    """The inventory item: `lost` when a write left its quantity out, `condition` and `brand` as they were sent."""

    lost: bool = False
    condition: str = "NEW"
    brand: str = "Unbranded"
    description: str = ""


@dataclass(slots=True)
class Cancellation:
    """A request to cancel an order: who asked, why, in what state it is, and when."""

    id: str
    by: str
    reason: str
    asked: int
    state: str = "REQUESTED"
    answered: int | None = None


@dataclass(frozen=True, slots=True)
class Lag:
    """What buyers still see of a listing until the shop has been asked so often."""

    live: int
    until: int


@dataclass(slots=True)
class Days:
    """Revisions of listings by calendar day."""

    day: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def item_of(listing: Listing) -> Item:
    """The inventory item of a listing."""
    found: Item = listing.own["item"]
    return found


def offer_of(listing: Listing) -> Offer | None:
    """The offer of a listing, if it has one."""
    found: Offer | None = listing.own.get("offer")
    return found


def cancellations(order: Order) -> list[Cancellation]:
    """The requests to cancel an order."""
    found: list[Cancellation] = order.own.setdefault("cancellations", [])
    return found
