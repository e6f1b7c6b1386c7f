"""A folder, and a real file server over one, with the trouble that such servers make; and the channel that uses them."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fillrate.channels.files import KIND, Files
from fillrate.gateway.budget import Budget, LocalTokens
from fillrate.gateway.outside import Outside
from tests.channels.practice import HurriedReach

STOCK = "sku,location,quantity\nA-1,,5\nB-2,,0\nC-3,,7\n"
ORDERS = (
    "order,sku,quantity,ordered,modified,status\n"
    "1001,A-1,2,2026-02-01T10:00:00Z,2026-02-01T10:00:00Z,open\n"
    "1001,B-2,1,2026-02-01T10:00:00Z,2026-02-01T10:00:00Z,open\n"
    "1002,C-3,1,2026-02-02T10:00:00Z,2026-02-03T10:00:00Z,shipped\n"
)


class Watch:
    """A clock that only waiting and the test move on; files are older than it unless the test says else."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC) + timedelta(seconds=30)

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def opened(clock: Watch | None = None, **settings: Any) -> Files:
    outside = Outside(clock=clock or Watch())
    one = KIND.settings(name="erp", kind="files", **settings)
    channel = KIND.open(one, HurriedReach(outside, Budget(LocalTokens(outside.clock), outside)))
    assert isinstance(channel, Files)
    return channel


@dataclass
class Server:
    """What is served, what was asked, and the trouble that comes next."""

    folder: Path
    url: str = ""
    user: str = ""
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    faults: list[tuple[str, str, int]] = field(default_factory=list)  # kind, methods, how often
    tells_time: bool = True

    def fault(self, kind: str, match: str = "*", times: int = 1_000) -> None:
        self.faults.append((kind, match, times))

    def trouble(self, request: str) -> str:
        for at, (kind, match, times) in enumerate(self.faults):
            if fnmatch(request, match) and times > 0:
                self.faults[at] = (kind, match, times - 1)
                return kind
        return ""


BODIES = {"html": b"<html></html>", "malformed": b"no,such\nfile", "empty": b"", "truncated": b"sku,loc"}


@contextmanager
def serving(folder: Path, user: str = "") -> Iterator[Server]:
    """Serve a folder; GET and PUT, Basic with the user's name as password where there is one."""
    told = Server(folder, user=user)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(self.read)

        def do_PUT(self) -> None:
            self.answer(self.keep)

        def answer(self, act: Any) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.seen.append((self.command, self.path, dict(self.headers)))
            pair = b64encode(f"{told.user}:{told.user}".encode()).decode()
            if told.user and self.headers["Authorization"] != f"Basic {pair}":
                return self.say(401)
            kind = told.trouble(f"{self.command} {self.path}")
            if kind.isdecimal():
                return self.say(int(kind))
            if kind == "drop":
                return self.hang_up()
            if kind in BODIES and self.command == "GET":
                return self.say(200, BODIES[kind])
            status, content, at = act(folder / self.path.rsplit("/", 1)[1], body, kind)
            return self.hang_up() if kind == "drop_after_write" else self.say(status, content, at)

        def read(self, file: Path, _: bytes, __: str) -> tuple[int, bytes, datetime | None]:
            if not file.exists():
                return 404, b"", None
            return 200, file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC)

        def keep(self, file: Path, body: bytes, kind: str) -> tuple[int, bytes, datetime | None]:
            if kind != "lying":
                file.write_bytes(body)
            return 201, b"", None

        def say(self, status: int, content: bytes = b"", at: datetime | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if at and told.tells_time:
                self.send_header("Last-Modified", format_datetime(at, usegmt=True))
            self.end_headers()
            self.wfile.write(content)

        def hang_up(self) -> None:
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/erp"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
