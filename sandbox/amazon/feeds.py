"""The Feeds API for `JSON_LISTINGS_FEED`: a document, an upload, a feed, and in the end a report on its messages.

An accepted message is not done when the feed is: like a patch it becomes a submission, carried out later.
"""

from typing import TYPE_CHECKING, Any

from sandbox.amazon import documents, jobs, submissions
from sandbox.amazon.availability import Issue
from sandbox.amazon.call import Call
from sandbox.amazon.errors import invalid, not_found
from sandbox.amazon.feed_messages import Reader, what_of
from sandbox.amazon.records import DONE, FATAL, Job, desk
from sandbox.exchange import NotJson, Response, answer, decode, encode

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

FEED_TYPE = "JSON_LISTINGS_FEED"
MOST_MESSAGES = 25_000
JSON_UTF8 = "application/json; charset=UTF-8"


def create_document(call: Call) -> Response:
    """`createFeedDocument`: where to put the feed, for five minutes."""
    kind = call.json().get("contentType")
    if not isinstance(kind, str) or not kind:
        raise invalid("'contentType' is required.")
    made = documents.new_document(call.state, kind)
    return answer({"feedDocumentId": made.id, "url": documents.address(call, made, "PUT")}, 201)


def create_feed(call: Call) -> Response:
    """`createFeed`."""
    body = call.json()
    stores, document = body.get("marketplaceIds"), body.get("inputFeedDocumentId")
    if body.get("feedType") != FEED_TYPE:
        raise invalid(f"Only the feed type {FEED_TYPE} is accepted.")
    if not isinstance(stores, list) or not 1 <= len(stores) <= 25 or not all(isinstance(one, str) for one in stores):
        raise invalid("'marketplaceIds' names 1 to 25 stores.")
    if not isinstance(document, str) or document not in desk(call.state).documents:
        raise invalid("'inputFeedDocumentId' names no document.")
    made = jobs.new_job(call.shop, "feed", FEED_TYPE, stores, 50_001)
    made.document, made.every = document, call.trouble.every
    desk(call.state).feeds[made.id] = made
    return answer({"feedId": made.id}, 202)


def get_feeds(call: Call) -> Response:
    """`getFeeds`: the newest first, all on one page."""
    types, states = (
        set(filter(None, call.params.get(name, "").split(","))) for name in ("feedTypes", "processingStatuses")
    )
    if not types:
        raise invalid("'feedTypes' is required.")
    found = [
        one for one in desk(call.state).feeds.values() if one.kind in types and (not states or one.status in states)
    ]
    return answer({"feeds": [_shown(one) for one in reversed(found)]})


def get_feed(call: Call, feed_id: str) -> Response:
    """`getFeed`."""
    job = desk(call.state).feeds.get(feed_id)
    if job is None:
        raise not_found(f"The feed {feed_id} does not exist.")
    return answer(_shown(job))


def _shown(job: Job) -> dict[str, Any]:
    found = {
        "feedId": job.id,
        "feedType": job.kind,
        "marketplaceIds": job.marketplaces,
        **jobs.show_times(job),
    }
    return {**found, "resultFeedDocumentId": job.result} if job.result is not None else found


def get_document(call: Call, document_id: str) -> Response:
    """`getFeedDocument`: where the document is to be had, for five minutes."""
    document = desk(call.state).documents.get(document_id)
    if document is None:
        raise not_found(f"The document {document_id} does not exist.")
    found = {"feedDocumentId": document.id, "url": documents.address(call, document, "GET")}
    return answer({**found, "compressionAlgorithm": "GZIP"} if document.packed else found)


def finish(shop: "Amazon", job: Job) -> None:
    """Read the messages of a feed, accept what can be, and write the report."""
    told = _read(shop, desk(shop.state).documents[job.document].body)
    if isinstance(told, str):
        job.status = FATAL
        issues: list[Issue] = [{"code": "4000002", "severity": "ERROR", "message": told}]
        _report(shop, job, issues, 0, 0)
        return
    reader = Reader(shop.state, shop.switches["generic_product_type"], job.every)
    issues, accepted = [], 0
    for index, message in enumerate(told):
        wrong = reader.issues(index, message)
        issues += [_issue(message, one) for one in wrong]
        if not wrong:
            accepted += 1
            submissions.accept(shop, message["sku"], *what_of(message), at=job.ended)
    job.status = DONE
    _report(shop, job, issues, len(told), accepted)


def _read(shop: "Amazon", body: bytes | None) -> list[Any] | str:
    """The messages of a feed, or why it comes to nothing."""
    if body is None:
        return "The feed has not been uploaded."
    try:
        told = decode(body)
    except NotJson:
        return "The feed is not valid JSON."
    header = told.get("header") if isinstance(told, dict) else None
    messages = told.get("messages") if isinstance(told, dict) else None
    if not isinstance(header, dict) or header.get("version") != "2.0" or header.get("sellerId") != shop.seller:
        return "The header names the seller and the version 2.0."
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        return f"A feed has 1 to {MOST_MESSAGES} messages."
    return messages


def _issue(message: Any, one: Issue) -> Issue:
    found = {"code": one["code"], "severity": one["severity"], "message": one["message"]}
    told = message if isinstance(message, dict) else {}
    if type(told.get("messageId")) is int and told["messageId"] > 0:
        found["messageId"] = told["messageId"]
    if isinstance(told.get("sku"), str) and told["sku"]:
        found["sku"] = told["sku"]
    if one["attributeNames"]:
        found["attributeName"] = one["attributeNames"][0]
    return found


def _report(shop: "Amazon", job: Job, issues: list[Issue], processed: int, accepted: int) -> None:
    body = {
        "header": {"sellerId": shop.seller, "version": "2.0", "feedId": job.id},
        "issues": issues,
        "summary": {
            "errors": len(issues),
            "warnings": 0,
            "messagesProcessed": processed,
            "messagesAccepted": accepted,
            "messagesInvalid": processed - accepted,
        },
    }
    packed = bool(shop.switches["gzip_documents"])
    job.result = documents.new_document(shop.state, JSON_UTF8, encode(body), packed=packed).id
