"""What only Amazon knows: listings with their channels, submissions under way, documents, feeds, reports."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.amazon.availability import DEFAULT, Entry
from sandbox.market.records import Cell, Listing
from sandbox.market.state import MarketState

MERCHANT_PLACE, AMAZON_PLACE = 1, 90
TYPES = ("LUGGAGE", "HOME", "SHIRT", "TOYS_AND_GAMES", "KITCHEN")
QUEUED, RUNNING, DONE, FATAL = "IN_QUEUE", "IN_PROGRESS", "DONE", "FATAL"


@dataclass(slots=True)
class Product:
    """A listing on Amazon.

    `warehouses` is the code of Amazon's own channel. `kept` are the fields of its availability beside the number, by
    channel. While it `rejects`, submissions are accepted and come to nothing but an issue. Without an `offer` nobody can
    buy it.
    """

    asin: str
    product_type: str
    warehouses: str
    kept: dict[str, Entry] = field(default_factory=dict)
    rejects: bool = False
    offer: bool = True
    issues: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Submission:
    """What was accepted and is not done: patches, attributes or a deletion of a SKU, due at a request or a second."""

    id: str
    sku: str
    what: str
    told: Any
    due_request: int
    due_second: int


@dataclass(slots=True)
class Document:
    """A document; one to be uploaded has a content type and, once it came, a body."""

    id: str
    content_type: str
    body: bytes | None = None
    packed: bool = False


@dataclass(slots=True)
class Job:
    """A feed or a report on its way: it waits, runs and ends, each at a request or a second."""

    id: str
    kind: str
    marketplaces: list[str]
    created: int
    due_requests: tuple[int, int]
    due_seconds: tuple[int, int]
    document: str = ""
    every: int = 0
    status: str = QUEUED
    started: int | None = None
    ended: int | None = None
    result: str | None = None


@dataclass(slots=True)
class Desk:
    """All that is under way; `latest` is by SKU when the last of its submissions is due, request and second."""

    asked: int = 0
    latest: dict[str, tuple[int, int]] = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    feeds: dict[str, Job] = field(default_factory=dict)
    reports: dict[str, Job] = field(default_factory=dict)


def desk(state: MarketState) -> Desk:
    """What is under way in a shop."""
    found: Desk = state.own.setdefault("desk", Desk())
    return found


def product(listing: Listing) -> Product:
    """What Amazon knows of a listing."""
    found: Product = listing.own["product"]
    return found


def channels(listing: Listing) -> dict[str, int]:
    """The channels of a listing: the merchant's own and Amazon's, with the place of each."""
    return {DEFAULT: MERCHANT_PLACE, product(listing).warehouses: AMAZON_PLACE}


def entries(listing: Listing) -> list[Entry]:
    """The availability of a listing: the merchant's own channel with its number, Amazon's without."""
    found = []
    for channel, place_id in channels(listing).items():
        cell = listing.cells.get(place_id)
        if cell is None or not cell.active:
            continue
        number = {"quantity": max(0, cell.number)} if channel == DEFAULT else {}
        found.append({"fulfillment_channel_code": channel, **number, **product(listing).kept.get(channel, {})})
    return found


def set_entries(state: MarketState, listing: Listing, told: list[Entry]) -> None:
    """Write the availability of a listing. The merchant's number is written; what Amazon holds nobody writes.

    A channel that is not told of is gone; one that was not there is a second offer.
    """
    named = {entry["fulfillment_channel_code"]: entry for entry in told}
    for channel, place_id in channels(listing).items():
        entry, cell = named.get(channel), listing.cells.get(place_id)
        if entry is None:
            if cell is not None:
                cell.active = False
            continue
        cell = listing.cells.setdefault(place_id, Cell(0))
        cell.active = True
        if channel == DEFAULT:
            cell.number = int(entry.get("quantity", 0))
        rest = {name: value for name, value in entry.items() if name not in {"fulfillment_channel_code", "quantity"}}
        product(listing).kept[channel] = rest
        state.touch(listing, place_id)
    state.touch(listing)


def sellable(listing: Listing) -> bool:
    """Whether anybody can buy it now."""
    return product(listing).offer and any(cell.active and cell.number > 0 for cell in listing.cells.values())
