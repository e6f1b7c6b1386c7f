"""The HTTP coat of a shop: a threading server on loopback that plays out what faults do to the wire."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.exchange import Request, Response
from sandbox.shop import Shop


@dataclass(frozen=True, slots=True)
class Running:
    """A shop on a socket."""

    root: str
    url: str
    token: str
    shop: Shop


class Server(ThreadingHTTPServer):
    """One thread a connection; none outlives the program."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: Shop, port: int) -> None:
        self.shop = shop
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about callers that hang up."""


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the shop."""

    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        """Send small answers at once."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_: object) -> None:
        """Keep quiet; the shop counts requests itself."""

    def _handle(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        self._send(self.server.shop.handle(Request(self.command, path, query, dict(self.headers), body)))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _handle  # noqa: N815 - the standard library's names

    def _send(self, given: Response) -> None:
        fault = given.fault
        if fault is not None and fault.kind == "drop":
            self._hang_up()
            return
        self.send_response(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        if given.body or given.status != 204:
            self.send_header("Content-Type", given.content_type)
            self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        if fault is not None and fault.kind == "truncate":
            self.wfile.write(given.body[: fault.keep])
            self._hang_up()
        elif fault is not None and fault.kind == "drip":
            self._drip(given.body, fault.bytes_per_second)
        else:
            self.wfile.write(given.body)

    def _drip(self, body: bytes, rate: float) -> None:
        with suppress(OSError):
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                time.sleep(1 / rate)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serve(shop: Shop, port: int = 0) -> Iterator[Running]:
    """Serve a shop on loopback while the block runs; port 0 takes any free one."""
    server = Server(shop, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    root = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield Running(root, f"{root}{shop.base}", shop.config.token, shop)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
