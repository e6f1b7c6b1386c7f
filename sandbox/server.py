"""The HTTP coat: a small HTTP/1.1 server on loopback that keeps connections open and can misbehave on the wire."""

import contextlib
import gzip
import socket
import socketserver
import threading
from email.utils import formatdate
from http import HTTPStatus
from itertools import cycle
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from sandbox.clock import Clock
from sandbox.exchange import Request, Response, WireFault

MOST_HEADERS, LONGEST_LINE, LONGEST_BODY, WORTH_GZIP = 100, 65_536, 64 * 1024 * 1024, 1024
HEX = b"0123456789abcdefABCDEF"
REASONS = {status.value: status.phrase for status in HTTPStatus}


class HasClock(Protocol):
    """The state of a shop, as far as HTTP looks into it."""

    @property
    def clock(self) -> Clock:
        """The clock by which answers are dated."""


class Served(Protocol):
    """What can be served: a shop of any kind, or several in one."""

    @property
    def prefix(self) -> str:
        """The path under which its API lies."""

    @property
    def token(self) -> str:
        """What opens it."""

    @property
    def state(self) -> HasClock:
        """Its state."""

    def handle(self, request: Request) -> Response:
        """Answer one request."""


S = TypeVar("S", bound=Served)


class BadRequest(Exception):
    """What came over the socket is not a request."""


def compress(request: Request, response: Response) -> None:
    """Answer in gzip whoever takes it, where it is worth it."""
    taken = [part.partition(";")[0].strip().lower() for part in (request.header("Accept-Encoding") or "").split(",")]
    if "gzip" in taken and len(response.body) > WORTH_GZIP and "Content-Encoding" not in response.headers:
        response.body = gzip.compress(response.body, compresslevel=1, mtime=0)
        response.headers["Content-Encoding"] = "gzip"


class Handler(socketserver.StreamRequestHandler):
    """One connection: requests one after the other until either side hangs up."""

    disable_nagle_algorithm = True
    server: "ShopServer"
    _keep = False

    def handle(self) -> None:
        """Serve the connection."""
        with contextlib.suppress(ConnectionError, TimeoutError, ValueError):
            while self._one():
                pass

    def _one(self) -> bool:
        try:
            request = self._read()
        except BadRequest:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        if request is None:
            return False
        response = self.server.shop.handle(request)
        if response.fault is None:
            compress(request, response)
        return self._write(response, request.method) and self._keep

    def _read(self) -> Request | None:
        line = self.rfile.readline(LONGEST_LINE)
        if not line.strip():
            return None
        parts = line.decode("latin-1").split()
        if len(parts) != 3 or parts[2] not in {"HTTP/1.0", "HTTP/1.1"}:
            raise BadRequest
        headers: dict[str, str] = {}
        for _ in range(MOST_HEADERS):
            header = self.rfile.readline(LONGEST_LINE).decode("latin-1").rstrip("\r\n")
            if not header:
                break
            name, _, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        else:
            raise BadRequest
        wish = headers.get("connection", "").lower()
        self._keep = wish != "close" if parts[2] == "HTTP/1.1" else wish == "keep-alive"
        path, _, query = parts[1].partition("?")
        return Request(parts[0], path, query, headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        coding = headers.get("transfer-encoding", "").lower()
        if coding:
            return self._chunks(coding)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            raise BadRequest
        return self.rfile.read(int(length)) if int(length) else b""

    def _chunks(self, coding: str) -> bytes:
        """A body whose length nobody knew beforehand."""
        body = bytearray()
        while coding == "chunked":
            size = self.rfile.readline(LONGEST_LINE).split(b";")[0].strip()
            if not size or size.strip(HEX) or len(body) + int(size, 16) > LONGEST_BODY:
                break
            if not int(size, 16):
                while self.rfile.readline(LONGEST_LINE).strip():
                    pass
                return bytes(body)
            body += self.rfile.read(int(size, 16))
            self.rfile.readline(LONGEST_LINE)
        raise BadRequest

    def _write(self, response: Response, method: str) -> bool:
        """Send an answer; tells whether the connection may live on."""
        fault = response.fault
        if fault is not None and fault.kind == "drop":
            return False
        headers = {"Date": formatdate(self.server.shop.state.clock.now(), usegmt=True), **response.headers}
        if response.body:
            headers["Content-Type"] = response.content_type
        if response.status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(response.body))
        headers["Connection"] = "keep-alive" if self._keep else "close"
        cased = next(self.server.cases)
        head = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}"]
        head += [f"{cased(name)}: {value}" for name, value in headers.items()]
        start = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        body = b"" if method == "HEAD" else response.body
        return self._play(start, body, fault)

    def _play(self, start: bytes, body: bytes, fault: WireFault | None) -> bool:
        if fault is None:
            self.wfile.write(start + body)
            return True
        if fault.kind == "truncate":
            self.wfile.write(start + body[: fault.keep])
            return False
        self.wfile.write(start)
        step = max(1, int(fault.bytes_per_second / 20))
        for at in range(0, len(body), step):
            if self.server.stopping.wait(step / fault.bytes_per_second):
                return False
            self.wfile.write(body[at : at + step])
        return True


class ShopServer(socketserver.ThreadingTCPServer):
    """Listens on loopback only; remembers its connections, so that it can close them all."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: Served, place: socket.socket) -> None:
        self.shop = shop
        self.stopping = threading.Event()
        self.cases = cycle((str, str.lower, str.upper))  # names of headers may come in any case
        self._open: set[socket.socket] = set()
        super().__init__(place.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = place
        self.server_activate()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for a connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        """Hang up on everybody."""
        self.stopping.set()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Running(Generic[S]):
    """A shop that is being served. A context manager; `stop()` by hand otherwise."""

    def __init__(self, shop: S, place: socket.socket) -> None:
        self._server = ShopServer(shop, place)
        self._shop = shop
        self.port: int = place.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}{shop.prefix}"
        self.token = shop.token
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def shop(self) -> S:
        """The shop that is served."""
        return self._shop

    def put(self, shop: S) -> None:
        """Serve another shop of the same name and token from now on."""
        self._shop = self._server.shop = shop

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._server.shutdown()
        self._server.close_all()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "Running[S]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def listen(port: int = 0) -> socket.socket:
    """Take a port of 127.0.0.1, or any free one for 0; a shop may be long in the making, so this comes first."""
    return socket.create_server(("127.0.0.1", port))


def serve(shop: S, port: int = 0) -> Running[S]:
    """Serve a shop on a port of 127.0.0.1; 0 takes any free one."""
    return Running(shop, listen(port))
