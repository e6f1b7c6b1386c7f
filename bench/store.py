"""Serve recorded pages from memory, so that a reader is measured and not the shop: `python -m bench.store PAGES_FILE`.

Speaks as much of BigCommerce as a sync asks for. `--requests-per-window N` answers as a store with that quota in 30 seconds.
"""

import argparse
import asyncio
import pickle
import time
from bisect import bisect_right
from pathlib import Path
from urllib.parse import parse_qsl

import msgspec

from bench.pages import CHANGED_SINCE, ORDERS, PAGE, Recorded

WINDOW_S = 30
NOTHING = b"HTTP/1.1 204 No Content\r\n%s\r\n"
FOUND = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 0\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Store:
    """The recorded pages, and the quota that is left."""

    def __init__(self, pages: Recorded, quota: int) -> None:
        self.pages = pages
        self.quota = quota
        self.window_ends = 0.0
        self.left = quota
        self.requests = 0
        self.refused = 0

    def answer(self, target: str) -> bytes:
        """Answer one request."""
        path, _, query = target.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        if path == "/bench":
            return found(msgspec.json.encode({"requests": self.requests, "refused": self.refused}), b"")
        headers = self.count()
        if headers is None:
            self.refused += 1
            return TOO_MANY % self.rate_headers()
        self.requests += 1
        if path in self.pages.whole:
            return self.page(path, asked, headers)
        body = self.pages.plain.get(path)
        if body is None:
            return MISSING
        return (
            NOTHING % headers if path.endswith("/products") and asked.get("page", "1") != "1" else found(body, headers)
        )

    def page(self, path: str, asked: dict[str, str], headers: bytes) -> bytes:
        """Answer a list: by the id that came last, or by page number."""
        name = CHANGED_SINCE[path]
        pages = (self.pages.changed if name in asked else self.pages.whole)[path]
        if "page" in asked:
            at = int(asked["page"]) - 1
        else:
            after = int(asked.get("id:greater", int(asked.get("min_id", 1)) - 1))
            at = bisect_right(pages, after, key=lambda one: one[0])
        if at < len(pages):
            return found(pages[at][1], headers)
        return NOTHING % headers if path == ORDERS else found(b'{"data":[],"meta":{}}', headers)

    def count(self) -> bytes | None:
        """Take one request off the quota; None where it is used up."""
        if not self.quota:
            return b""
        if time.monotonic() >= self.window_ends:
            self.window_ends, self.left = time.monotonic() + WINDOW_S, self.quota
        if not self.left:
            return None
        self.left -= 1
        return self.rate_headers()

    def rate_headers(self) -> bytes:
        """Say what is left, as the real store does."""
        resets = max(0, int((self.window_ends - time.monotonic()) * 1000))
        text = (
            f"X-Rate-Limit-Requests-Quota: {self.quota}\r\nX-Rate-Limit-Requests-Left: {self.left}\r\n"
            f"X-Rate-Limit-Time-Reset-Ms: {resets}\r\nX-Rate-Limit-Time-Window-Ms: {WINDOW_S * 1000}\r\n"
        )
        return text.encode()


def found(body: bytes, headers: bytes) -> bytes:
    """Return a good answer."""
    return FOUND % (headers, len(body)) + body


class Connection(asyncio.Protocol):
    """One connection: requests without bodies, one after the other."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while (end := self.pending.find(b"\r\n\r\n")) >= 0:
            head, self.pending = self.pending[:end], self.pending[end + 4 :]
            self.transport.write(self.store.answer(head.split(b" ", 2)[1].decode()))


async def serve(store: Store) -> None:
    """Serve on a free port until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(store), "127.0.0.1", 0)
    print(f"ready {server.sockets[0].getsockname()[1]} {PAGE}", flush=True)
    await server.serve_forever()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("pages", type=Path)
    options.add_argument("--requests-per-window", type=int, default=0)
    asked = options.parse_args()
    asyncio.run(serve(Store(pickle.loads(asked.pages.read_bytes()), asked.requests_per_window)))


if __name__ == "__main__":
    main()
