"""How numbers are written: item and offers together, since the smaller of them is what buyers see.

All that is to be written is read right before. The answer tells each SKU and offer apart and is not believed: what was
taken is `unknown` until it was read back. Where eBay refuses several SKUs in one update, they are sent one by one.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from fillrate.channels.batch_writes import TAKEN
from fillrate.channels.ebay import endpoints
from fillrate.channels.ebay.items import SKUS_AT_ONCE, by_sku, quantity_of
from fillrate.channels.fields import Count, text
from fillrate.channels.protocol import Outcome, Write
from fillrate.channels.stock_writes import UNREADABLE, settled
from fillrate.errors import FillrateError, FixSettings, InDoubt, StopRun
from fillrate.gateway.http import Http, Reply
from fillrate.gateway.strict_json import decode

MaySend = Callable[[], None]
SILENT = Outcome(state="unknown", answer="eBay's answer does not speak of it.")


class OfferRow(msgspec.Struct, gc=False):
    """An offer, as sent."""

    id: str = msgspec.field(name="offerId")
    quantity: Count | None = msgspec.field(name="availableQuantity", default=None)
    format: str | None = None
    status: str | None = None


class Offers(msgspec.Struct):
    """All offers of a SKU."""

    offers: list[OfferRow]


class Said(msgspec.Struct, gc=False):
    """An error, as sent."""

    message: str | None = None
    long: str | None = msgspec.field(name="longMessage", default=None)


class Told(msgspec.Struct, gc=False):
    """What became of an item or an offer."""

    sku: str | None = None
    offer: str | None = msgspec.field(name="offerId", default=None)
    status: int | None = msgspec.field(name="statusCode", default=None)
    errors: list[Said] | None = None


class Answer(msgspec.Struct):
    """What became of an update: its rows, or why it was refused as a whole."""

    responses: list[Told] = []
    errors: list[Said] | None = None


OFFERS = msgspec.json.Decoder(Offers)
ANSWER = msgspec.json.Decoder(Answer)


class Item(NamedTuple):
    """One SKU to send: its new number, and the offers that have one of their own."""

    sku: str
    quantity: int
    offers: tuple[str, ...]


class Updates:
    """The writing side of one account; it remembers how many SKUs eBay takes at once, and what was written to."""

    def __init__(self, http: Http, size: int) -> None:
        self._http = http
        self._size = size
        self._written: set[str] = set()

    def read_back(self, skus: Sequence[str]) -> dict[str, Any]:  # Any: JSON
        """Return the number of each SKU now, None where there is none; what cannot be read is left out.

        Of what was written in this run the offers are looked at too: the smaller number is what buyers see.
        """
        found: dict[str, Any] = {}
        for start in range(0, len(skus), SKUS_AT_ONCE):
            answer = by_sku(self._http, skus[start : start + SKUS_AT_ONCE])
            found |= dict.fromkeys(answer.gone)
            for sku, row in answer.rows.items():
                told = [quantity_of(row)]
                if sku in self._written:
                    told += [one.quantity for one in live_offers(self._http, sku) if one.quantity is not None]
                found[sku] = {"quantity": min(told)}
        return found

    def write(self, batch: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
        """Bring each SKU to its new number; one outcome for each, whatever happens."""
        outcomes: dict[str, Outcome] = {}
        for start in range(0, len(batch), SKUS_AT_ONCE):
            part = batch[start : start + SKUS_AT_ONCE]
            try:
                outcomes |= self._part(part, may_send)
            except (FixSettings, StopRun):
                raise  # the token may not write, or this run may not any more: others find out what was done
            except FillrateError as error:
                if not outcomes:
                    raise
                left = Outcome(state="unknown", answer=error.what)
                return {one.target: left for one in batch} | outcomes
        return outcomes

    def _part(self, part: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
        """Read what is about to be written, and send what still is as planned."""
        seen = self.read_back([one.target for one in part])
        outcomes: dict[str, Outcome] = {}
        items = []
        for wish in part:
            outcome = settled(wish, seen[wish.target]) if wish.target in seen else UNREADABLE
            if outcome is None:
                offers = tuple(one.id for one in live_offers(self._http, wish.target) if one.quantity is not None)
                items.append(Item(wish.target, wish.after["quantity"], offers))
            else:
                outcomes[wish.target] = outcome
        return outcomes | self._send(items, may_send)

    def _send(self, items: Sequence[Item], may_send: MaySend) -> dict[str, Outcome]:
        """Send items so many at a time; one by one from where eBay refuses several."""
        outcomes: dict[str, Outcome] = {}
        at = 0
        while at < len(items):
            some = items[at : at + self._size]
            self._written.update(one.sku for one in some)
            try:
                reply = self._ask(some, may_send)
            except InDoubt as doubt:
                outcomes |= dict.fromkeys((one.sku for one in some), Outcome(state="unknown", answer=doubt.what))
            except (FixSettings, StopRun):
                raise
            except FillrateError as error:
                if not at:
                    raise
                return outcomes | dict.fromkeys(
                    (one.sku for one in items[at:]), Outcome(state="unknown", answer=error.what)
                )
            else:
                if reply.status >= 400 and len(some) > 1:
                    self._size = 1
                    continue
                outcomes |= {one.sku: outcome_of(one, reply) for one in some}
            at += len(some)
        return outcomes

    def _ask(self, items: Sequence[Item], may_send: MaySend) -> Reply[Answer]:
        body = {"requests": [request_of(one) for one in items]}
        return self._http.send(endpoints.UPDATE, "POST", body, lambda sent: decode(sent, ANSWER), may_send)


def live_offers(http: Http, sku: str) -> list[OfferRow]:
    """Return the offers of a SKU that buyers see at a fixed price; an auction keeps its own units."""
    reply = http.get(endpoints.OFFERS, {"sku": sku, "limit": 100}, lambda body: decode(body, OFFERS))
    offers = [] if reply.is_gone else reply.needed().offers
    return [one for one in offers if one.status == "PUBLISHED" and one.format != "AUCTION"]


def request_of(item: Item) -> dict[str, Any]:  # Any: JSON
    """Return how one SKU is written."""
    to_home = {"shipToLocationAvailability": {"quantity": item.quantity}}
    offers = [{"offerId": one, "availableQuantity": item.quantity} for one in item.offers]
    return {"sku": item.sku, **to_home, **({"offers": offers} if offers else {})}


def outcome_of(item: Item, reply: Reply[Answer]) -> Outcome:
    """Return what eBay's answer says of one SKU: refused only where nothing of it was taken."""
    answer = reply.value or Answer()
    if reply.status >= 400:
        return Outcome(state="refused", answer=in_words(reply.status, answer.errors))
    own = [one for one in answer.responses if one.sku == item.sku or (one.offer and one.offer in item.offers)]
    bad = [one for one in own if one.status is None or one.status >= 300]
    if not own:
        return SILENT
    if not bad:
        return TAKEN
    words = in_words(bad[0].status or 0, bad[0].errors)
    is_clear = len(bad) == len(own) and all(400 <= (one.status or 0) < 500 for one in bad)
    return Outcome(state="refused" if is_clear else "unknown", answer=words)


def in_words(status: int, errors: Sequence[Said] | None) -> str:
    """Return eBay's reason in one sentence."""
    told = [text(one.long or one.message, 200).rstrip(".") for one in errors or ()]
    reasons = "; ".join(one for one in told if one)
    return f"eBay refused it ({status}): {reasons}." if reasons else f"eBay refused it ({status})."
