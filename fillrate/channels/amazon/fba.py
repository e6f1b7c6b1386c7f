"""What lies in Amazon's warehouses of listings that Amazon ships: read, and never written."""

from collections.abc import Iterator, Sequence

import msgspec

from fillrate.channels.amazon import endpoints
from fillrate.channels.amazon.store import Account
from fillrate.channels.fields import Count
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


class Answer(msgspec.Struct):
    """How it is sent."""

    payload: Payload


ANSWER = msgspec.json.Decoder(Answer)


def fulfillable(account: Account, skus: Sequence[str]) -> dict[str, int]:
    """Return how many of these SKUs Amazon can pick and ship; what is not told, or cannot be read, is left out.

    Asked for by name, so that no answer has a second page: the token of one would end after half a minute.
    """
    found: dict[str, int] = {}
    for params in questions(account, skus):
        told = account.http.get(endpoints.FBA, params, lambda body: decode(body, ANSWER)).needed()
        found |= {
            one.sku: one.details.fulfillable
            for one in told.payload.summaries
            if one.details and one.details.fulfillable is not None
        }
    return {sku: found[sku] for sku in skus if sku in found}


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
