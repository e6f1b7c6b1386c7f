"""What lies in Amazon's warehouses of listings that Amazon ships: read, and never written."""

from collections.abc import Iterator, Sequence

import msgspec

from fillrate.channels.amazon import endpoints
from fillrate.channels.amazon.store import Account
from fillrate.channels.fields import Count
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Params
from fillrate.gateway.strict_json import decode

SKUS_AT_ONCE = 50


class Details(msgspec.Struct, gc=False):
    """What of it can be sold."""

    fulfillable: Count | None = msgspec.field(name="fulfillableQuantity", default=None)


class Summary(msgspec.Struct, gc=False):
    """One listing's units in Amazon's warehouses."""

    sku: str = msgspec.field(name="sellerSku", default="")
    details: Details | None = msgspec.field(name="inventoryDetails", default=None)


class Payload(msgspec.Struct):
    """What was asked for."""

    summaries: list[Summary] = msgspec.field(name="inventorySummaries")


class Pagination(msgspec.Struct):
    """Where an answer goes on, for half a minute."""

    next: str | None = msgspec.field(name="nextToken", default=None)


class Answer(msgspec.Struct):
    """How it is sent."""

    payload: Payload
    pagination: Pagination | None = None


ANSWER = msgspec.json.Decoder(Answer)


def fulfillable(account: Account, skus: Sequence[str]) -> dict[str, int]:
    """Return how many of these SKUs Amazon can pick and ship; what it does not speak of, it has none of.

    Asked for by name, few enough for one page. One whose number cannot be read is left out.
    """
    told = [one for question in questions(account, skus) for one in answers(account, question)]
    numbers = {one.sku: one.details.fulfillable if one.details else None for one in told}
    found = {sku: numbers.get(sku, 0) for sku in skus}
    return {sku: number for sku, number in found.items() if number is not None}


def answers(account: Account, question: Params) -> Iterator[Summary]:
    """Yield what Amazon says to one question, whatever the pages are that it says it on."""
    asked: set[str] = set()
    token: str | None = ""
    while token is not None:
        if token in asked:
            raise BadAnswer(what=f"{endpoints.FBA.label}: Amazon sent us in a circle.")
        asked.add(token)
        params = {**question, "nextToken": token} if token else question
        told = account.http.get(endpoints.FBA, params, lambda body: decode(body, ANSWER)).needed()
        yield from told.payload.summaries
        token = (told.pagination.next if told.pagination else None) or None


def questions(account: Account, skus: Sequence[str]) -> Iterator[Params]:
    """Yield what to ask for these SKUs: many at once, and alone where a comma would part them."""
    common: Params = {
        "details": "true",
        "granularityType": "Marketplace",
        "granularityId": account.marketplace,
        "marketplaceIds": account.marketplace,
    }
    plain = [one for one in skus if "," not in one]
    for start in range(0, len(plain), SKUS_AT_ONCE):
        yield {**common, "sellerSkus": ",".join(plain[start : start + SKUS_AT_ONCE])}
    for sku in [one for one in skus if "," in one]:
        yield {**common, "sellerSku": sku}
