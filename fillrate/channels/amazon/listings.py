"""Listings with their numbers: by search where the account has up to a thousand of them, by a report where it has more.

A number of the merchant's own is told for the channel DEFAULT; what Amazon ships lies in Amazon's warehouses, and its
number is told elsewhere (`fba`).
"""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from fillrate.channels.amazon import endpoints
from fillrate.channels.amazon.store import Account
from fillrate.channels.fields import Count, Money
from fillrate.channels.parsing import RowReader
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Endpoint, Params, Reply
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Reject

T = TypeVar("T")
PAGE = 20
SKUS_AT_ONCE = 20
SEARCHABLE = 1_000  # the search shows no more, however many there are
OWN = "DEFAULT"  # the channel of what the merchant ships
DATA = "summaries,fulfillmentAvailability,offers"


class Summary(msgspec.Struct, gc=False):
    """What a listing is in one store."""

    store: str = msgspec.field(name="marketplaceId", default="")
    type: str = msgspec.field(name="productType", default="")
    name: str | None = msgspec.field(name="itemName", default=None)
    status: list[str] = []


class Availability(msgspec.Struct, gc=False):
    """How many of a listing can be bought, by who ships them."""

    channel: str = msgspec.field(name="fulfillmentChannelCode")
    quantity: Count | None = None


class Price(msgspec.Struct, gc=False):
    """An amount of money."""

    amount: Money | None = None


class Offer(msgspec.Struct, gc=False):
    """What a listing costs."""

    price: Price | None = None
    type: str = msgspec.field(name="offerType", default="")


class ListingRow(msgspec.Struct, gc=False):
    """A listing, as sent."""

    id: str = msgspec.field(name="sku")
    summaries: list[Summary] = []
    availability: list[Availability] = msgspec.field(name="fulfillmentAvailability", default_factory=list)
    offers: list[Offer] = []

    def own(self) -> int | None:
        """Return the merchant's own number, None where the merchant ships none of it."""
        return next((one.quantity or 0 for one in self.availability if one.channel == OWN), None)

    @property
    def is_fba(self) -> bool:
        """Whether Amazon ships it, too."""
        return any(one.channel != OWN for one in self.availability)

    @property
    def type(self) -> str:
        """The product type, which every change of a listing must name."""
        return next((one.type for one in self.summaries if one.type), "")


class Pagination(msgspec.Struct, gc=False):
    """Where the search goes on."""

    next: str | None = msgspec.field(name="nextToken", default=None)


class Found(msgspec.Struct, Generic[T]):
    """A page of the search."""

    total: int = msgspec.field(name="numberOfResults")
    items: list[T]
    pagination: Pagination | None = None


class Batch(msgspec.Struct):
    """One page as received."""

    rows: list[ListingRow]
    rejects: list[Reject]
    total: int
    next: str | None

    @property
    def size(self) -> int:
        """How many rows Amazon sent."""
        return len(self.rows) + len(self.rejects)


ROWS = RowReader(ListingRow, Found, ("sku",), has_text_ids=True)


def decode_page(body: bytes) -> Batch:
    """Return a page; Malformed where it is none, so that the gateway asks again."""
    try:
        page, rows, rejects = ROWS.read(body, lambda page: page.items)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    return Batch(rows, rejects, page.total, page.pagination.next if page.pagination else None)


def ask(account: Account, endpoint: Endpoint, params: Params) -> Batch:
    """Ask for one page of the search."""
    reply: Reply[Batch] = account.http.get(
        endpoints.below(endpoint, account.seller), {"marketplaceIds": account.marketplace, **params}, decode_page
    )
    return reply.needed()


def first_question() -> Params:
    """Return the question for the first page of all listings, in an order that does not move."""
    return {"includedData": DATA, "pageSize": PAGE, "sortBy": "sku", "sortOrder": "ASC"}


def search(account: Account, endpoint: Endpoint, after: str | None) -> Iterator[tuple[Batch, str | None]]:
    """Yield pages with the token of the next one; the first one's `total` says whether the search shows them all."""
    question: Params | None = first_question() if after is None else dict(parse_qsl(after))
    asked: set[str] = set()
    while question is not None:
        token = urlencode(question)
        if token in asked:
            raise BadAnswer(what=f"{endpoint.label}: Amazon sent us in a circle.")
        asked.add(token)
        batch = ask(account, endpoint, question)
        if after is None and not batch.size and batch.total:
            raise BadAnswer(what=f"{endpoint.label}: Amazon counts {batch.total} listings and shows none.")
        question = {**first_question(), "pageToken": batch.next} if batch.next and batch.size else None
        yield batch, urlencode(question) if question else None


def by_sku(account: Account, skus: Sequence[str]) -> tuple[dict[str, ListingRow], dict[str, Reject]]:
    """Return the listings of these SKUs by name, and those that cannot be read; what is in neither is not there."""
    rows: dict[str, ListingRow] = {}
    rejects: dict[str, Reject] = {}
    plain = [one for one in skus if "," not in one]  # the list is divided by commas
    for start in range(0, len(plain), SKUS_AT_ONCE):
        asked = plain[start : start + SKUS_AT_ONCE]
        question: Params = {
            "identifiers": ",".join(asked),
            "identifiersType": "SKU",
            "includedData": DATA,
            "pageSize": PAGE,
        }
        batch = ask(account, endpoints.BY_SKU, question)
        rows |= {row.id: row for row in batch.rows if row.id in asked}
        rejects |= {one.platform_id: one for one in batch.rejects if one.platform_id in asked}
    for sku in [one for one in skus if "," in one]:
        found = alone(account, sku)
        if isinstance(found, Reject):
            rejects[sku] = msgspec.structs.replace(found, platform_id=sku)
        elif found is not None:
            rows[sku] = found
    return rows, rejects


def alone(account: Account, sku: str) -> ListingRow | Reject | None:
    """Return one listing, asked for by itself; None where there is none."""
    params: Params = {"marketplaceIds": account.marketplace, "includedData": DATA}
    reply = account.http.get(endpoints.below(endpoints.ONE, account.seller, sku), params, ROWS.one)
    return None if reply.is_gone else reply.needed()
