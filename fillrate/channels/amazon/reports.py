"""The report of all listings, for accounts that have more of them than the search shows.

It takes minutes: it is asked for, waited for, and fetched from a signed address. It is a table divided by tabs without
any quoting, in UTF-8 or, in some stores, in Windows-1252.
"""

from collections.abc import Iterator

import msgspec

from fillrate.channels.amazon import endpoints
from fillrate.channels.amazon.listings import OWN, Availability, ListingRow, Offer, Price, Summary
from fillrate.channels.amazon.store import Account
from fillrate.channels.fields import INT32
from fillrate.channels.parsing import digest
from fillrate.errors import BadAnswer, RetryLater, StopChannel
from fillrate.gateway.documents import Documents
from fillrate.gateway.outside import Clock
from fillrate.gateway.strict_json import decode
from fillrate.records import Reject

TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
LOOK_EVERY_S = 15.0
LONGEST_S = 1_800.0
NEEDED = ("seller-sku", "quantity", "fulfillment-channel")
FAILED = frozenset({"CANCELLED", "FATAL"})


class Created(msgspec.Struct):
    """A report that was asked for."""

    id: str = msgspec.field(name="reportId")


class Report(msgspec.Struct):
    """How far a report is."""

    status: str = msgspec.field(name="processingStatus")
    document: str | None = msgspec.field(name="reportDocumentId", default=None)


class Document(msgspec.Struct):
    """Where a document is, for five minutes."""

    url: str
    packed: str | None = msgspec.field(name="compressionAlgorithm", default=None)


CREATED = msgspec.json.Decoder(Created)
REPORT = msgspec.json.Decoder(Report)
DOCUMENT = msgspec.json.Decoder(Document)


def all_listings(account: Account, documents: Documents, clock: Clock) -> tuple[list[ListingRow], list[Reject]]:
    """Return all listings, and the rows that cannot be read; RetryLater where the report is not ready in half an hour."""
    wanted = {"reportType": TYPE, "marketplaceIds": [account.marketplace]}
    report = account.http.ask(endpoints.REPORT_CREATE, wanted, lambda body: decode(body, CREATED)).needed().id
    document = finished(account, report, clock)
    endpoint = endpoints.below(endpoints.REPORT_DOCUMENT, document)
    place = account.http.get(endpoint, {}, lambda body: decode(body, DOCUMENT)).needed()
    body = documents.read(endpoints.REPORT_CONTENT, place.url, is_packed=place.packed == "GZIP")
    rows: dict[str, ListingRow] = {}
    rejects: list[Reject] = []
    for one in rows_of(body, account.marketplace):
        if isinstance(one, Reject):
            rejects.append(one)
        else:
            rows[one.id] = joined(rows.get(one.id), one)
    return [rows[sku] for sku in sorted(rows)], rejects


def finished(account: Account, report: str, clock: Clock) -> str:
    """Wait for a report, and return the id of its document."""
    ends = clock.steady() + LONGEST_S
    while True:
        endpoint = endpoints.below(endpoints.REPORT, report)
        now = account.http.get(endpoint, {}, lambda body: decode(body, REPORT)).needed()
        if now.status == "DONE" and now.document:
            return now.document
        if now.status in FAILED:
            raise StopChannel(
                f"{endpoints.REPORT.label}: Amazon made no report ({now.status}).", next="The next run asks again."
            )
        if clock.steady() > ends:
            what = f"{endpoints.REPORT.label}: the report of all listings is not ready yet."
            raise RetryLater(what, after=LOOK_EVERY_S * 20, next="The next run asks again.")
        clock.sleep(LOOK_EVERY_S)


def rows_of(body: bytes, store: str) -> Iterator[ListingRow | Reject]:
    """Yield each row as a listing of the search would look; BadAnswer where it is no such report."""
    lines = text_of(body).replace("\r", "").split("\n")
    names = [one.strip().lower() for one in lines[0].split("\t")] if lines else []
    if set(NEEDED) - set(names):
        raise BadAnswer(what=f"{endpoints.REPORT_CONTENT}: the report does not name the columns {', '.join(NEEDED)}.")
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            yield row_of(dict(zip(names, line.split("\t"), strict=False)), number, store)


def text_of(body: bytes) -> str:
    """Return the text of a report."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def row_of(cells: dict[str, str], number: int, store: str) -> ListingRow | Reject:
    """Return a listing. What the merchant ships and has no number of has nothing; a listing of Amazon's has it elsewhere."""
    sku, channel, told = (cells.get(name, "").strip() for name in ("seller-sku", "fulfillment-channel", "quantity"))
    is_own = channel in {OWN, ""}
    quantity = int(told) if told.isascii() and told.isdecimal() and len(told) <= 10 else None
    if not sku or (is_own and told and (quantity is None or quantity > INT32)):
        reason = f"row {number} of the report: {'quantity is no number of units' if sku else 'seller-sku is missing'}"
        return Reject(platform_id=sku[:255], reason=reason, payload_hash=digest(repr(sorted(cells.items())).encode()))
    price = cells.get("price", "").strip()
    return ListingRow(
        id=sku,
        summaries=[Summary(store=store, name=cells.get("item-name"))],
        availability=[Availability(channel or OWN, (quantity or 0) if is_own else None)],
        offers=[Offer(Price(price), "B2C")] if price else [],
    )


def joined(earlier: ListingRow | None, row: ListingRow) -> ListingRow:
    """Return one listing of the rows that tell of it: what merchant and Amazon both ship has a row for each."""
    if earlier is None:
        return row
    new = [one for one in row.availability if one.channel not in {other.channel for other in earlier.availability}]
    return msgspec.structs.replace(earlier, availability=[*earlier.availability, *new])
