"""How numbers are written: one patch for each SKU where there are few, one feed where there are many.

A patch merges: a whole entry would lose its lead time and its restock date. What is accepted is carried out later, so it
is `unknown` until it was read back. A patch beside a feed that names the same SKU may land in any order: while a feed is at
work nothing else is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from fillrate.channels.amazon import endpoints, feeds, listings
from fillrate.channels.amazon.answers import Issue, Problems, in_words
from fillrate.channels.amazon.listings import ListingRow
from fillrate.channels.amazon.store import Account
from fillrate.channels.batch_writes import GONE, TAKEN
from fillrate.channels.protocol import Outcome, Write
from fillrate.channels.stock_writes import UNREADABLE, settled
from fillrate.errors import FillrateError, FixSettings, InDoubt, StopRun
from fillrate.gateway.documents import Documents
from fillrate.gateway.http import Reply
from fillrate.gateway.outside import Clock
from fillrate.gateway.strict_json import decode

MaySend = Callable[[], None]
FEED_TAKES_S = 300.0  # about what a feed needs from its document to its result, however many it names
NO_TYPE = Outcome(
    state="refused", answer="Amazon does not tell its product type, without which nothing can be changed."
)


class Submission(msgspec.Struct):
    """What Amazon says of a patch, or of why there was none."""

    status: str | None = None
    issues: list[Issue] = []
    errors: list[Issue] = []


ANSWER = msgspec.json.Decoder(Submission)


class Updates:
    """The writing side of one account."""

    def __init__(self, account: Account, documents: Documents, clock: Clock) -> None:
        self._account = account
        self._documents = documents
        self._clock = clock

    def read_back(self, skus: Sequence[str]) -> dict[str, Any]:  # Any: JSON
        """Return the merchant's own number of each SKU, None where there is none; what cannot be read is left out."""
        rows, rejects = listings.by_sku(self._account, skus)
        return {one: value_of(rows.get(one)) for one in skus if one not in rejects}

    def write(self, batch: Sequence[Write], may_send: MaySend) -> dict[str, Outcome]:
        """Bring each SKU to its new number; one outcome for each, whatever happens."""
        rows, rejects = listings.by_sku(self._account, [one.target for one in batch])
        outcomes: dict[str, Outcome] = {}
        items = []
        for wish in batch:
            outcome = outcome_before(wish, rows, rejects)
            if outcome is None:
                items.append(feeds.Item(wish.target, rows[wish.target].type, wish.after["quantity"]))
            else:
                outcomes[wish.target] = outcome
        if not items:
            return outcomes
        feeds.refuse_beside_another(self._account)
        if len(items) > self._account.http.rate(endpoints.PATCH) * FEED_TAKES_S:
            return outcomes | feeds.send(self._account, self._documents, self._clock, items, may_send)
        return outcomes | dict(self._patches(items, may_send))

    def _patches(self, items: Sequence[feeds.Item], may_send: MaySend) -> Iterator[tuple[str, Outcome]]:
        """Yield what became of each patch; where the channel fails, what is left was not sent."""
        for at, item in enumerate(items):
            try:
                yield item.sku, self._patch(item, may_send)
            except InDoubt as doubt:
                yield item.sku, Outcome(state="unknown", answer=doubt.what)
            except (FixSettings, StopRun):
                raise  # the app may not write, or this run may not any more: others find out what was done
            except FillrateError as error:
                if at == 0:
                    raise
                for left in items[at:]:
                    yield left.sku, Outcome(state="unknown", answer=error.what)
                return

    def _patch(self, item: feeds.Item, may_send: MaySend) -> Outcome:
        endpoint = endpoints.below(endpoints.PATCH, self._account.seller, item.sku)
        reply: Reply[Submission] = self._account.http.send(
            endpoint,
            "PATCH",
            {"productType": item.type, "patches": [item.patch()]},
            lambda body: decode(body, ANSWER),
            may_send,
            {"marketplaceIds": self._account.marketplace},
        )
        return outcome_after(reply)


def value_of(row: ListingRow | None) -> Any:  # Any: JSON
    """Return what a listing holds that can be written; None for what is not there, or is Amazon's alone."""
    own = row.own() if row else None
    return None if own is None else {"quantity": own}


def outcome_before(wish: Write, rows: dict[str, ListingRow], rejects: Any) -> Outcome | None:  # Any: by SKU
    """Return what is said of a target that is not to be sent, None where it is."""
    if wish.target in rejects:
        return UNREADABLE
    row = rows.get(wish.target)
    outcome = settled(wish, value_of(row))
    return NO_TYPE if outcome is None and row is not None and not row.type else outcome


def outcome_after(reply: Reply[Submission]) -> Outcome:
    """Return what Amazon's answer to a patch says."""
    told = reply.value or Submission()
    if reply.is_gone:
        return GONE
    if reply.status >= 300:
        return Outcome(state="refused", answer=in_words(Problems(told.errors or told.issues), f"({reply.status})"))
    if told.status == "ACCEPTED":
        return TAKEN
    if told.status == "INVALID":
        return Outcome(state="refused", answer=in_words(Problems(told.issues), "(INVALID)"))
    return Outcome(
        state="unknown", answer=f"Amazon says {told.status!r:.30} of it, which is neither accepted nor invalid."
    )
