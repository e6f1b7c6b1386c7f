"""Serve recorded pages from memory, so that a reader is measured and not the shop: `python -m bench.store PAGES_FILE`.

Speaks as much of BigCommerce as a sync asks for. `--requests-per-window N` answers as a store with that quota in 30
seconds; `--later` as the store is a day later; `--times N` as one with N times as many orders.
"""

import argparse
import asyncio
import pickle
import time
from bisect import bisect_right
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from bench.pages import CHANGED_SINCE, ORDERS, ROOT, Recorded

WINDOW_S = 30
ORDER_IDS = 10_000_000  # what lies between an order and its copy
LINE_IDS = 100_000_000
NOTHING = b"HTTP/1.1 204 No Content\r\n%s\r\n"
FOUND = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 0\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Store:
    """The recorded pages, and the quota that is left."""

    def __init__(self, pages: Recorded, quota: int, times: int) -> None:
        self.pages = pages
        self.quota = quota
        self.times = times
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
        if path.startswith(ORDERS):
            return self.lines(path, asked, headers)
        body = self.pages.plain.get(path)
        return MISSING if body is None else found(body, headers)

    def page(self, path: str, asked: dict[str, str], headers: bytes) -> bytes:
        """Answer a list: by the id that came last, or by page number."""
        pages = (self.pages.changed if CHANGED_SINCE[path] in asked else self.pages.whole)[path]
        after = int(asked.get("id:greater", int(asked.get("min_id", 1)) - 1))
        copy, after = divmod(after, ORDER_IDS)
        at = int(asked["page"]) - 1 if "page" in asked else bisect_right(pages, after, key=lambda one: one[0])
        if at == len(pages) and path == ORDERS:
            copy, at = copy + 1, 0
        if at < len(pages) and (copy == 0 or copy < self.times):
            return found(copied(pages[at][1], copy), headers)
        return NOTHING % headers if path == ORDERS else found(b'{"data":[],"meta":{}}', headers)

    def lines(self, path: str, asked: dict[str, str], headers: bytes) -> bytes:
        """Answer the lines of one order."""
        copy, order = divmod(int(path.split("/")[-2]), ORDER_IDS)
        body = self.pages.plain.get(f"{ORDERS}/{order}/products")
        if body is None or asked.get("page", "1") != "1":
            return NOTHING % headers
        lines = msgspec.json.decode(body)
        return found(msgspec.json.encode([shifted(line, copy) for line in lines]), headers)

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


def copied(body: bytes, copy: int) -> bytes:
    """Return a page of orders as that of other orders, with lines of their own."""
    if not copy:
        return body
    orders = msgspec.json.decode(body)
    for order in orders:
        order["id"] += copy * ORDER_IDS
        for part in order["consignments"].get("shipping", []):
            for line in part.get("line_items", []):
                shifted(line, copy)
    return msgspec.json.encode(orders)


def shifted(line: dict[str, Any], copy: int) -> dict[str, Any]:
    """Give a line the id of its copy."""
    line["id"] += copy * LINE_IDS
    return line


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
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("pages", type=Path)
    options.add_argument("--requests-per-window", type=int, default=0)
    options.add_argument("--later", action="store_true")
    options.add_argument("--times", type=int, default=1)
    asked = options.parse_args()
    pages = pickle.loads(asked.pages.read_bytes())
    if asked.later:
        pages.plain[f"{ROOT}/v2/time"] = pages.plain[f"{ROOT}/v2/time?later"]
    asyncio.run(serve(Store(pages, asked.requests_per_window, asked.times)))


if __name__ == "__main__":
    main()
