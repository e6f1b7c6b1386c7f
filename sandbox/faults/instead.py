"""Faults that answer instead of the shop: nothing was done, unless the fault says `"done": true`."""

import zlib
from collections.abc import Callable

from sandbox.errors import v2_error, v3_error
from sandbox.exchange import HTML, Response, WireFault, answer
from sandbox.faults.plan import Fault
from sandbox.quota import Quota

TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    423: "Locked",
    429: "Too many requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    507: "Insufficient Storage",
}
PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>One moment, please</h1></body></html>"
)
ABSURD = {"X-Rate-Limit-Time-Reset-Ms": "-1", "X-Rate-Limit-Requests-Left": "NaN", "X-Retry-After": "999999999"}


def status_answer(path: str, status: int) -> Response:
    """An error of a status in the shape of the API that the path belongs to."""
    title = TITLES[status]
    return answer(v2_error(status, title) if path.startswith("/v2") else v3_error(status, title), status)


def too_many(path: str, fault: Fault) -> Response:
    """A 429 with headers, without any, or with absurd ones."""
    found = status_answer(path, 429)
    way = fault.options.get("headers", "with")
    if way == "with":
        reset = int(fault.options.get("reset_ms", 1000))
        found.headers = {**Quota.headers(150, 0, reset), "X-Retry-After": str(-(-reset // 1000))}
    elif way == "absurd":
        found.headers = dict(ABSURD)
    return found


def _by_gateway(path: str, fault: Fault) -> Response:
    """5xx: some as JSON, those of a gateway as HTML."""
    status = int(fault.kind)
    if status in {502, 504}:
        return Response(status, PAGE, HTML)
    return status_answer(path, status)


def _redirect(_: str, fault: Fault) -> Response:
    where = str(fault.options.get("location", "https://elsewhere.example/"))
    return Response(302, headers={"Location": where})


def _bomb(_: str, fault: Fault) -> Response:
    """A small body of valid JSON that unfolds to so many MiB of it."""
    spaces = b" " * 2**20
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(b"[") + b"".join(
        packer.compress(spaces) for _ in range(int(fault.options.get("mib", 256)))
    )
    packed += packer.compress(b"]") + packer.flush()
    return Response(200, packed, headers={"Content-Encoding": "gzip"})


INSTEAD: dict[str, Callable[[str, Fault], Response]] = {
    "429": too_many,
    **dict.fromkeys(("500", "501", "502", "503", "504", "507", "423", "401", "403"), _by_gateway),
    "html": lambda _, __: Response(200, PAGE, HTML),
    "empty": lambda _, __: Response(200),
    "drop": lambda _, __: Response(0, fault=WireFault("drop")),
    "redirect": _redirect,
    "bomb": _bomb,
}
