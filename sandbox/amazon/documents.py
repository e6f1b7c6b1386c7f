"""Documents behind signed addresses: a storage of its own, that knows no tokens and lets an address live for minutes.

An address carries a time and a signature. The storage refuses one that is over, one that was tampered with, an upload
of another content type than was signed, and any `x-amz-` header that was not signed, such as an access token.
"""

import gzip
import hashlib
from typing import TYPE_CHECKING

from sandbox.amazon.call import Call
from sandbox.amazon.records import Document, desk
from sandbox.exchange import Request, Response, read_query
from sandbox.market.state import MarketState

if TYPE_CHECKING:
    from sandbox.amazon.shop import Amazon

PREFIX = "/_documents/"
FIVE_MINUTES = 300
XML = "application/xml"


def new_document(state: MarketState, content_type: str, body: bytes | None = None, *, packed: bool = False) -> Document:
    """A document; without a body it waits for its upload."""
    number = state.fresh_id("document", 1)
    name = hashlib.sha256(f"{number}".encode()).hexdigest()[:32]
    stored = gzip.compress(body, mtime=0) if packed and body is not None else body
    made = Document(f"amzn1.tortuga.4.na.{name}", content_type, stored, packed)
    desk(state).documents[made.id] = made
    return made


def _signature(shop: "Amazon", document_id: str, until: int, method: str) -> str:
    told = f"{shop.config.seed}:{shop.prefix}:{document_id}:{until}:{method}"
    return hashlib.sha256(told.encode()).hexdigest()


def address(call: Call, document: Document, method: str) -> str:
    """An address at which the document can be put or got for five minutes."""
    until = call.now + FIVE_MINUTES
    signature = _signature(call.shop, document.id, until, method)
    return call.place(f"{PREFIX}{document.id}?X-Amz-Expires={until}&X-Amz-Signature={signature}")


def _says(status: int, code: str, message: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, text.encode(), XML)


def _refusal(shop: "Amazon", request: Request, document: Document | None) -> Response | None:
    told = dict(read_query(request.query))
    until = told.get("X-Amz-Expires", "")
    expected = _signature(shop, document.id, int(until), request.method) if document and until.isdigit() else None
    if document is None or told.get("X-Amz-Signature") != expected:
        return _says(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
    if int(until) <= shop.state.clock.now():
        return _says(403, "AccessDenied", "Request has expired")
    if any(name.lower().startswith("x-amz-") for name in request.headers):
        return _says(403, "AccessDenied", "There were headers present in the request which were not signed")
    if request.header("Authorization") is not None:
        return _says(400, "InvalidArgument", "Only one auth mechanism allowed")
    return None


def serve(shop: "Amazon", request: Request) -> Response:
    """Put or get a document."""
    document = desk(shop.state).documents.get(request.path.removeprefix(PREFIX))
    refused = _refusal(shop, request, document)
    if refused is not None or document is None:
        return refused or Response(404)
    if request.method == "PUT":
        if request.header("Content-Type") != document.content_type:
            return _says(403, "SignatureDoesNotMatch", "The content type is not the one that was signed.")
        document.body = request.body
        return Response(200)
    if document.body is None:
        return _says(404, "NoSuchKey", "The specified key does not exist.")
    return Response(200, document.body, "binary/octet-stream" if document.packed else document.content_type)
