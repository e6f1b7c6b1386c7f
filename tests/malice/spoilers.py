"""Everything that a wire, a proxy or a broken shop can do to an answer, each by its name."""

import gzip
import json
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.malice.front import Spoiler, Told, slowly

CAP = 2**21  # the most bytes of a body that these clients take
HTML = b"<!DOCTYPE html><html><body><h1>One moment, please</h1></body></html>"
NEVER = threading.Event()


def body(content: bytes | Callable[[bytes], bytes], **headers: str) -> Spoiler:
    """Say this instead of the body, or what becomes of it."""

    def spoil(told: Told) -> Iterable[bytes]:
        told.body = content if isinstance(content, bytes) else content(told.body)
        told.status = 200 if told.status == 204 else told.status
        told.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        told.headers["Content-Length"] = str(len(told.body))
        return [told.raw()]

    return spoil


def status(number: int, content: bytes = b'{"status": 0, "title": "No"}', **headers: str) -> Spoiler:
    """Answer with this status."""

    def spoil(told: Told) -> Iterable[bytes]:
        told.status, told.body = number, content
        told.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        told.headers["Content-Length"] = str(len(content))
        return [told.raw()]

    return spoil


def raw(change: Callable[[bytes], bytes]) -> Spoiler:
    """Send the true answer, changed as a whole with its head."""
    return lambda told: [change(told.raw())]


def head(**headers: str) -> Spoiler:
    """Send the true answer with other headers."""

    def spoil(told: Told) -> Iterable[bytes]:
        told.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return [told.raw()]

    return spoil


def rates(value: str, number: int = 200) -> Spoiler:
    """Send rate headers that say this, all of them."""
    names = ("Requests-Quota", "Requests-Left", "Time-Reset-Ms", "Time-Window-Ms")
    told = {f"X-Rate-Limit-{name}".replace("-", "_"): value for name in names} | {
        "X_Retry_After": value,
        "Retry_After": value,
    }
    return head(**told) if number == 200 else status(number, **told)


def cut(told: Told) -> Iterable[bytes]:
    """Hang up in the middle."""
    return [told.raw()[: -max(1, len(told.body) // 2)]]


def nothing(told: Told) -> Iterable[bytes]:
    """Hang up without a word."""
    return []


def reset(told: Told) -> Iterable[bytes]:
    """Reset the connection."""
    told.drop()
    return []


def stall(told: Told) -> Iterator[bytes]:
    """Say the half, and then nothing for long."""
    yield told.raw()[: len(told.raw()) // 2]
    NEVER.wait(2)


def drip(told: Told) -> Iterator[bytes]:
    """Say everything a byte at a time, the head too."""
    return slowly(told.raw(), NEVER)


def drip_body(told: Told) -> Iterator[bytes]:
    """Say the head at once and the body a byte at a time."""
    whole = told.raw()
    yield whole[: -len(told.body)] if told.body else whole
    yield from slowly(told.body, NEVER)


def endless_head(told: Told) -> Iterator[bytes]:
    """Send headers for ever."""
    yield b"HTTP/1.1 200 Said\r\n"
    for n in range(50_000):
        yield f"X-{n}: {'x' * 60}\r\n".encode()


def chunked(pieces: bytes) -> Spoiler:
    """Send a body in chunks like these."""
    return lambda told: [b"HTTP/1.1 200 Said\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces]


def bomb() -> bytes:
    """Return a small body that unfolds to 200 MiB."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 2**20) for _ in range(200)) + packer.flush()


def other(path: str, query: str = "") -> Spoiler:
    """Answer what was asked of something else."""

    def spoil(told: Told) -> Iterable[bytes]:
        told.body = told.again(path, query)
        told.headers["Content-Length"] = str(len(told.body))
        told.status = 200
        return [told.raw()]

    return spoil


def other_page(told: Told) -> Iterable[bytes]:
    """Answer with the page after, or the first one again."""
    query = (
        re.sub(r"\bpage=\d+", "page=2", told.query)
        if "page=1" in told.query
        else re.sub(r"\bpage=\d+", "page=1", told.query)
    )
    told.body = told.again(told.path, query) or told.body
    told.headers["Content-Length"] = str(len(told.body))
    return [told.raw()]


def other_id(told: Told) -> Iterable[bytes]:
    """Answer about the neighbour."""
    path = re.sub(
        r"/(\d+)", lambda found: f"/{int(found[1]) + 1}", told.path.split("/stores/", 1)[-1].partition("/")[2]
    )
    query = re.sub(r"(id(?::in)?|min_id|max_id)=(\d+)", lambda found: f"{found[1]}={int(found[2]) + 1}", told.query)
    told.body = told.again("/" + path, query) or told.body
    told.headers["Content-Length"] = str(len(told.body))
    return [told.raw()]


def meta(change: Callable[[dict[str, Any]], object]) -> Spoiler:
    """Lie about the page."""

    def spoil(content: bytes) -> bytes:
        answer = json.loads(content) if content else None
        if not isinstance(answer, dict) or "pagination" not in answer.get("meta", {}):
            return content or b"[]"
        change(answer["meta"])
        return json.dumps(answer).encode()

    return body(spoil)


def to_evil(told: dict[str, Any]) -> None:
    """Point on to another host."""
    for pages in told.values():
        pages["links"] = {"next": "http://127.0.0.1:9/evil", "current": "//evil.example/"}


def first_again(told: dict[str, Any]) -> None:
    """Say of each page that one follows, by the same cursor."""
    for pages in told.values():
        cursor = {"end_cursor": "aWQ6MQ=="} if "end_cursor" in pages else {}
        pages.update(links={"next": "?page=1", "current": "?page=1"}, **cursor)


DEEP = 10_000
SPOILERS: dict[str, Spoiler] = {
    "cut on the wire": cut,
    "nothing at all": nothing,
    "a reset": reset,
    "a stall": stall,
    "a drip": drip,
    "a drip of the body": drip_body,
    "headers without end": endless_head,
    "cut JSON": body(lambda true: true[: len(true) * 2 // 3]),
    "an empty 200": body(b""),
    "HTML with 200": body(HTML, Content_Type="text/html"),
    "HTML said to be JSON": body(HTML),
    "another content type": head(Content_Type="image/png"),
    "no content type": head(Content_Type=""),
    "UTF-16": body(lambda true: true.decode().encode("utf-16")),
    "broken UTF-8": body(lambda true: true.replace(b"a", b"\xc3\x28")),
    "a byte order mark": body(lambda true: b"\xef\xbb\xbf" + true),
    "NUL at the end": body(lambda true: true + b"\x00"),
    "NUL everywhere": body(lambda true: true.replace(b" ", b"\x00").replace(b",", b",\x00")),
    "NaN": body(b"NaN"),
    "Infinity in a row": body(b'{"data": [{"id": Infinity}], "meta": {}, "time": Infinity}'),
    "1e999": body(b'{"data": [{"id": 1e999}], "meta": {}, "time": 1e999}'),
    "a huge number": body(b'{"data": [{"id": 1' + b"0" * 5000 + b'}], "meta": {}, "time": 1' + b"0" * 5000 + b"}"),
    "null": body(b"null"),
    "true": body(b"true"),
    "a text": body(b'"gone"'),
    "a number": body(b"7"),
    "an empty list": body(b"[]"),
    "an empty object": body(b"{}"),
    "no data": body(b'{"data": null, "meta": null}'),
    "a list of nothings": body(b"[null, null]"),
    "data of nothings": body(b'{"data": [null, 7, "x", []], "meta": {}}'),
    "told twice": body(lambda true: b'{"data": 7, "meta": 7, ' + true[1:] if true[:1] == b"{" else true),
    "half a character": body(b'{"data": [{"id": 1, "name": "\\ud83d"}], "meta": {}, "id": "\\ud83d"}'),
    "deep lists": body(b"[" * DEEP + b"]" * DEEP),
    "deep objects": body(b'{"data":' * DEEP + b"1" + b"}" * DEEP),
    "open without end": body(b'{"data": [' * DEEP),
    "two bodies": body(lambda true: true + true),
    "a bomb": body(bomb(), Content_Encoding="gzip"),
    "a torn gzip": body(lambda true: gzip.compress(true)[:-9], Content_Encoding="gzip"),
    "a corrupt gzip": body(lambda true: gzip.compress(true)[:12] + b"\xff" * 40, Content_Encoding="gzip"),
    "gzip that is none": body(lambda true: true, Content_Encoding="gzip"),
    "gzip twice": body(lambda true: gzip.compress(gzip.compress(true)), Content_Encoding="gzip"),
    "gzip unasked": body(gzip.compress, Content_Encoding="GZIP "),
    "brotli": body(lambda true: true, Content_Encoding="br"),
    "too much": body(b"[" + b" " * (CAP + 2**20) + b"]"),
    "a chunk of no size": chunked(b"zz\r\nxx\r\n0\r\n\r\n"),
    "a chunk of negative size": chunked(b"-5\r\nxx\r\n"),
    "a chunk cut off": chunked(b"ffff\r\n{}"),
    "a length that is none": raw(lambda all: re.sub(rb"Content-Length: \d+", b"Content-Length: many", all)),
    "a negative length": raw(lambda all: re.sub(rb"Content-Length: \d+", b"Content-Length: -5", all)),
    "a length too short": raw(lambda all: re.sub(rb"Content-Length: \d+", b"Content-Length: 1", all)),
    "two lengths": raw(lambda all: all.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n", 1)),
    "no HTTP": raw(lambda all: b"SSH-2.0-OpenSSH_9.6\r\n" + all),
    "a status of letters": raw(lambda all: all.replace(b"HTTP/1.1 2", b"HTTP/1.1 x", 1)),
    "a header of 200 KiB": head(X_Long="x" * 200_000),
    "a header without a name": raw(lambda all: all.replace(b"\r\n", b"\r\n: x\r\n", 1)),
    "NUL in a header": raw(lambda all: all.replace(b"\r\n", b"\r\nX-Odd: a\x00b\r\n", 1)),
    "an early hint before": raw(lambda all: b"HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n" + all),
    **{
        f"a {number}": status(number)
        for number in (201, 204, 206, 304, 400, 401, 403, 404, 405, 409, 410, 413, 415, 418)
    },
    **{
        f"a {number}": status(number)
        for number in (422, 423, 429, 451, 499, 500, 501, 502, 503, 504, 507, 520, 599, 999)
    },
    "a 502 in HTML": status(502, HTML, Content_Type="text/html"),
    "a 404 in HTML": status(404, HTML, Content_Type="text/html"),
    **{f"a {n} to elsewhere": status(n, b"", Location="http://127.0.0.1:9/evil") for n in (301, 302, 303, 307, 308)},
    "a redirect to nowhere": status(302, b""),
    **{
        f"rate headers of {value!r}": rates(value)
        for value in ("-1", "NaN", "1e30", "soon", "", "inf", "0", "0.4", "1", "\xb2")
    },
    **{
        f"a 429 with {value!r}": rates(value, 429)
        for value in ("-1", "NaN", "1e30", "soon", "", "Tue, 01 Jan 2008 00:00:00 GMT")
    },
    "a 503 with an hour": status(503, b"", Retry_After="3599"),
    "another page": other_page,
    "another id": other_id,
    "another collection": other("/v3/catalog/brands"),
    "the store": other("/v2/store"),
    "an order": other("/v2/orders/102"),
    "the orders": other("/v2/orders", "limit=3"),
    "a total of 0": meta(lambda told: told["pagination"].update(total=0)),
    "a total of a million": meta(lambda told: told["pagination"].update(total=10**6)),
    "a negative total": meta(lambda told: told["pagination"].update(total=-1)),
    "a count that lies": meta(lambda told: told["pagination"].update(count=999)),
    "a next page elsewhere": meta(to_evil),
    "pages in a circle": meta(first_again),
}
