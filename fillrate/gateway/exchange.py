"""One request and its answer: sent once, read up to a cap, unpacked; everything that can go wrong becomes a Trouble.

Nothing else in the product touches httpx errors.
"""

import zlib
from dataclasses import dataclass, field
from typing import cast

import httpx

from fillrate.errors import BadAnswer
from fillrate.gateway.outside import Clock
from fillrate.gateway.retry import RetryPolicy
from fillrate.gateway.trouble import Trouble

GZIP_OR_ZLIB = zlib.MAX_WBITS + 32


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; its body stays out of reprs."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)


def exchange(transport: httpx.BaseTransport, request: httpx.Request, clock: Clock, policy: RetryPolicy) -> Answer:
    """Send a request and return the whole answer, or raise Trouble."""
    ends = clock.steady() + policy.total_s
    try:
        response = transport.handle_request(request)
        try:
            body = read_body(response, clock, ends, policy.body_cap)
        finally:
            response.close()
    except httpx.ConnectError:
        raise Trouble(problem="could not be reached", maybe_done=False) from None
    except httpx.TimeoutException:
        raise Trouble(problem="did not answer in time") from None
    except httpx.TransportError:
        raise Trouble(problem="broke off the connection") from None
    return Answer(response.status_code, response.headers, body)


def read_body(response: httpx.Response, clock: Clock, ends: float, cap: int) -> bytes:
    """Return the unpacked body; at most `cap` bytes of it are ever in memory, however small it was packed."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", "deflate"}:
        raise Trouble(problem="packed its answer in a way we did not ask for", becomes=BadAnswer)
    unpack = None if encoding == "identity" else zlib.decompressobj(GZIP_OR_ZLIB)
    pieces, size = [], 0
    for chunk in cast("httpx.SyncByteStream", response.stream):
        piece = chunk if unpack is None else unpacked(unpack, chunk, cap + 1 - size)
        size += len(piece)
        if size > cap:
            raise Trouble(problem=f"answered with more than {cap // 2**20} MiB", again=False, becomes=BadAnswer)
        if clock.steady() > ends:
            raise Trouble(problem="did not finish its answer in time")
        pieces.append(piece)
    if unpack is not None and not unpack.eof:
        raise Trouble(problem="cut its answer off", becomes=BadAnswer)
    return b"".join(pieces)


def unpacked(unpack: "zlib._Decompress", chunk: bytes, most: int) -> bytes:
    """Return what a packed chunk holds, at most `most` bytes."""
    try:
        return unpack.decompress(chunk, most)
    except zlib.error:
        raise Trouble(problem="packed its answer wrongly", becomes=BadAnswer) from None
