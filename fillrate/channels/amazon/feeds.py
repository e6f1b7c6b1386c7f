"""Many numbers in one feed, which is followed to its end: its document is laid down, it is created, it works, it reports.

A feed that does not come to its end in time is left at work, and what it names is in doubt until it was read back.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from fillrate.channels.amazon import endpoints
from fillrate.channels.amazon.answers import Issue, Problems, in_words
from fillrate.channels.amazon.listings import OWN
from fillrate.channels.amazon.store import Account
from fillrate.channels.batch_writes import TAKEN
from fillrate.channels.protocol import Outcome
from fillrate.errors import FillrateError, FixSettings, InDoubt, RetryLater, StopRun
from fillrate.gateway.documents import Documents
from fillrate.gateway.http import Http
from fillrate.gateway.outside import Clock
from fillrate.gateway.strict_json import Malformed, decode

TYPE = "JSON_LISTINGS_FEED"
CONTENT = "application/json; charset=UTF-8"
AT_WORK = ("IN_QUEUE", "IN_PROGRESS")
LOOK_EVERY_S = 15.0
LONGEST_S = 1_800.0
PATH = "/attributes/fulfillment_availability"


class Item(NamedTuple):
    """One SKU to send: its product type and its new number."""

    sku: str
    type: str
    quantity: int

    def patch(self) -> dict[str, Any]:  # Any: JSON
        """Return the change: only the number of the merchant's own channel, everything beside it stays."""
        return {
            "op": "merge",
            "path": PATH,
            "value": [{"fulfillment_channel_code": OWN, "quantity": self.quantity}],
        }


class Placed(msgspec.Struct):
    """Where a document is to be laid down, or lies."""

    url: str
    id: str = msgspec.field(name="feedDocumentId")
    packed: str | None = msgspec.field(name="compressionAlgorithm", default=None)


class Made(msgspec.Struct):
    """A feed that was created, or why it was not."""

    id: str = msgspec.field(name="feedId", default="")
    errors: list[Issue] = []


class Feed(msgspec.Struct):
    """How far a feed is."""

    status: str = msgspec.field(name="processingStatus")
    result: str | None = msgspec.field(name="resultFeedDocumentId", default=None)


class Feeds(msgspec.Struct):
    """Feeds that were asked for."""

    feeds: list[Feed]


class MessageIssue(Issue, gc=False):
    """What is wrong with one message of a feed."""

    message_id: int | None = msgspec.field(name="messageId", default=None)


class Report(msgspec.Struct):
    """What became of a feed's messages."""

    issues: list[MessageIssue] = []


PLACED = msgspec.json.Decoder(Placed)
MADE = msgspec.json.Decoder(Made)
FEED = msgspec.json.Decoder(Feed)
FEEDS = msgspec.json.Decoder(Feeds)
REPORT = msgspec.json.Decoder(Report)


def refuse_beside_another(account: Account) -> None:
    """Raise RetryLater while a feed of listings is at work: a change beside it might land before it or after it."""
    params: dict[str, str | int] = {"feedTypes": TYPE, "processingStatuses": ",".join(AT_WORK), "pageSize": 10}
    told = account.http.get(endpoints.FEEDS_OPEN, params, lambda body: decode(body, FEEDS)).needed()
    if any(one.status in AT_WORK for one in told.feeds):
        what = f"{endpoints.FEEDS_OPEN.label}: a feed of listings is still at work."
        raise RetryLater(what, after=300, next="Nothing was sent; the next run looks again.")


def send(
    account: Account, documents: Documents, clock: Clock, items: Sequence[Item], may_send: Callable[[], None]
) -> dict[str, Outcome]:
    """Send items in one feed; one outcome for each, whatever happens once it is created."""
    document = laid_down(account.http, documents, body_of(account.seller, items))
    wanted = {"feedType": TYPE, "marketplaceIds": [account.marketplace], "inputFeedDocumentId": document}
    try:
        reply = account.http.send(endpoints.FEED_CREATE, "POST", wanted, lambda body: decode(body, MADE), may_send)
    except InDoubt as doubt:
        return same(items, "unknown", doubt.what)
    made = reply.value or Made()
    if reply.status >= 300:
        return same(items, "refused", in_words(Problems(made.errors), f"({reply.status})"))
    if not made.id:
        return same(items, "unknown", "Amazon took the feed and does not say what it is called.")
    try:
        return followed(account.http, documents, clock, items, made.id)
    except (FixSettings, StopRun):
        raise
    except FillrateError as error:
        return same(items, "unknown", f"What became of feed {made.id} is not known: {error.what}")


def same(items: Sequence[Item], state: str, answer: str) -> dict[str, Outcome]:
    """Return the same outcome for all."""
    return dict.fromkeys((one.sku for one in items), msgspec.convert({"state": state, "answer": answer}, Outcome))


def body_of(seller: str, items: Sequence[Item]) -> bytes:
    """Return the document of a feed; its messages are numbered from 1."""
    messages = [
        {"messageId": n, "sku": one.sku, "operationType": "PATCH", "productType": one.type, "patches": [one.patch()]}
        for n, one in enumerate(items, 1)
    ]
    return msgspec.json.encode({"header": {"sellerId": seller, "version": "2.0"}, "messages": messages})


def laid_down(http: Http, documents: Documents, body: bytes) -> str:
    """Lay a document down at the address that Amazon gives, and return its id; nothing is changed by that yet."""
    wanted = {"contentType": CONTENT}
    placed = http.ask(endpoints.FEED_DOCUMENT_CREATE, wanted, lambda told: decode(told, PLACED)).needed()
    documents.write(endpoints.UPLOAD, placed.url, body, CONTENT)
    return placed.id


def followed(http: Http, documents: Documents, clock: Clock, items: Sequence[Item], feed_id: str) -> dict[str, Outcome]:
    """Wait for a feed's end, and return what its report says of each message."""
    ends = clock.steady() + LONGEST_S
    while (now := looked_at(http, feed_id)).status in AT_WORK:
        if clock.steady() > ends:
            return same(items, "unknown", f"Feed {feed_id} is still at work.")
        clock.sleep(LOOK_EVERY_S)
    if now.status == "CANCELLED":
        return same(items, "refused", f"Feed {feed_id} was cancelled before it began.")
    if now.status != "DONE" or not now.result:
        return same(items, "unknown", f"Feed {feed_id} broke off ({now.status}): some of it may have been carried out.")
    place = http.get(
        endpoints.below(endpoints.FEED_DOCUMENT, now.result), {}, lambda body: decode(body, PLACED)
    ).needed()
    return told_by(documents.read(endpoints.FEED_RESULT, place.url, is_packed=place.packed == "GZIP"), items, feed_id)


def looked_at(http: Http, feed_id: str) -> Feed:
    """Return how far a feed is."""
    return http.get(endpoints.below(endpoints.FEED, feed_id), {}, lambda body: decode(body, FEED)).needed()


def told_by(body: bytes, items: Sequence[Item], feed_id: str) -> dict[str, Outcome]:
    """Return the outcome of each message: refused where the report names an error of it, else taken."""
    try:
        report = decode(body, REPORT)
    except (Malformed, msgspec.ValidationError):
        return same(items, "unknown", f"The report of feed {feed_id} cannot be read.")
    wrong: dict[int | None, list[Issue]] = {}
    for issue in report.issues:
        if issue.severity == "ERROR":
            wrong.setdefault(issue.message_id, []).append(issue)
    if None in wrong:  # it is about the whole feed
        return same(items, "unknown", in_words(Problems(wrong[None]), f"(feed {feed_id})"))
    return {
        one.sku: Outcome(state="refused", answer=in_words(Problems(wrong[n]), f"(feed {feed_id})"))
        if n in wrong
        else TAKEN
        for n, one in enumerate(items, 1)
    }
