"""A real HTTP server that answers by script, for what no well-behaved shop would do."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handler = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Scripted:
    """Answers in turn; the last one is repeated."""

    answers: list[Handler]
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def next(self) -> Handler:
        return self.answers[min(len(self.seen), len(self.answers)) - 1]


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Handler:
    def send(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        if status != 204:
            to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        if status != 204:
            to.wfile.write(body)

    return send


def raw(content: bytes, pause: float = 0.0, times: int = 1) -> Handler:
    """Write bytes as they are, again and again, and hang up."""

    def send(to: BaseHTTPRequestHandler) -> None:
        to.close_connection = True
        done = threading.Event()
        for _ in range(times):
            try:
                to.wfile.write(content)
                to.wfile.flush()
            except OSError:
                return
            done.wait(pause)

    return send


@contextmanager
def serving(*answers: Handler) -> Iterator[Scripted]:
    script = Scripted(list(answers))

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.seen.append(Seen(self.command, self.path, dict(self.headers), body))
            script.next()(self)

        do_GET = do_POST = do_PUT = do_DELETE = respond

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}/stores/abc"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
