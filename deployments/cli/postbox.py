"""A mail server for the demo: it takes what is sent to it on this machine, keeps it, and sends nothing on."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import cast

ANSWERS = {"EHLO": "250 demo", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "QUIT": "221 bye"}


class Visit(socketserver.StreamRequestHandler):
    """One client: each word is answered, and what comes after DATA is kept."""

    def handle(self) -> None:
        """Answer until the client leaves."""
        self.say("220 demo ESMTP")
        while line := self.rfile.readline():
            verb = line[:4].decode("ascii", "replace").upper()
            self.say(ANSWERS.get(verb, "500 what?"))
            if verb == "QUIT":
                return
            if verb == "DATA":
                self.take()

    def say(self, line: str) -> None:
        """Answer with one line."""
        self.wfile.write(f"{line}\r\n".encode())

    def take(self) -> None:
        """Keep a mail, once its end has come."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line.removeprefix(b"."))
        cast("Postbox", self.server).taken.append(b"".join(lines))
        self.say("250 taken")


class Postbox(socketserver.ThreadingTCPServer):
    """What was sent so far, in its order."""

    daemon_threads = True
    taken: list[bytes]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def mails(self) -> list[EmailMessage]:
        """Return the mails that were taken."""
        return [BytesParser(policy=default).parsebytes(one) for one in self.taken]


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Take mail on a free port of this machine."""
    with Postbox(("127.0.0.1", 0), Visit) as server:
        server.taken = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
