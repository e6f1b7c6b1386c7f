"""A real HTTP server that passes requests on to a practice shop and spoils chosen answers down to the last byte."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox import Shop
from sandbox.api.routes import template_of
from sandbox.exchange import Request, Response


@dataclass
class Told:
    """An answer on its way out; `again` asks the shop something else with the same token."""

    status: int
    headers: dict[str, str]
    body: bytes
    asked: str
    path: str
    query: str
    again: Callable[[str, str], bytes]
    drop: Callable[[], None]

    def raw(self) -> bytes:
        """Return the whole answer as it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


Spoiler = Callable[[Told], Iterable[bytes]]


class Front(ThreadingHTTPServer):
    """Listens on loopback; `spoil` strikes answers to what `strikes` says, `struck` counts them."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.spoil: Spoiler | None = None
        self.strikes: Callable[[str], bool] = lambda asked: True
        self.passes_on = True
        self.struck = 0
        self.dress: Callable[[str, bytes], bytes] = lambda asked, body: body  # what becomes of every body, before
        self.cut_short: str | None = None  # the path of an order that is shown without its lines
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/stores/{shop.config.store_hash}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""

    def __enter__(self) -> "Front":
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Front
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pass one request on, and spoil the answer where it is its turn."""
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        prefix = f"/stores/{self.server.shop.config.store_hash}"
        asked = f"{self.command} {template_of(path.removeprefix(prefix))[0]}"
        is_struck = self.server.spoil is not None and self.server.strikes(asked)
        passes_on = self.server.passes_on or not is_struck
        answer = self.ask(self.command, path, query, body) if passes_on else Response(200, b"{}")
        answer.body = self.server.dress(asked, answer.body)
        if path.removeprefix(prefix) == self.server.cut_short and answer.body:
            answer.body = without_lines(answer.body)
        headers = {"Content-Type": answer.content_type, **answer.headers, "Content-Length": str(len(answer.body))}
        told = Told(answer.status, headers, answer.body, asked, path, query, self.again, self.drop)
        with suppress(OSError):
            if self.server.spoil is None or not is_struck:
                self.wfile.write(told.raw())
                return
            self.server.struck += 1
            self.close_connection = True
            told.headers["Connection"] = "close"
            for piece in self.server.spoil(told):
                if self.server.stopping.is_set():
                    return
                self.wfile.write(piece)
                self.wfile.flush()

    do_POST = do_PUT = do_DELETE = do_GET

    def ask(self, method: str, path: str, query: str, body: bytes) -> Response:
        """Ask the shop itself."""
        return self.server.shop.handle(Request(method, path, query, dict(self.headers), body))

    def again(self, path: str, query: str) -> bytes:
        """Return what the shop answers to something else."""
        prefix = f"/stores/{self.server.shop.config.store_hash}"
        return self.ask("GET", path if path.startswith(prefix) else prefix + path, query, b"").body

    def drop(self) -> None:
        """Reset the connection instead of closing it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def without_lines(body: bytes) -> bytes:
    """Return an order as a shop shows it that cuts it short."""
    order = json.loads(body)
    del order["consignments"]
    return json.dumps(order).encode()


def slowly(whole: bytes, pause: threading.Event) -> Iterator[bytes]:
    """Yield one byte at a time."""
    for at in range(len(whole)):
        pause.wait(0.02)
        yield whole[at : at + 1]
