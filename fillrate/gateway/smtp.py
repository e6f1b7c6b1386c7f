"""A conversation with a mail server that keeps a total deadline, and never speaks in plain text beyond this machine.

smtplib counts its time-out anew for every read, so that a server that drips could hold a run for hours.
"""

import io
import smtplib
import socket
import ssl
from contextlib import suppress
from typing import cast

from fillrate.errors import FixSettings
from fillrate.gateway.outside import Clock
from fillrate.settings import MailSettings

CHUNK = 16 * 2**10
MOST_READ = 2**20  # bytes of replies in one conversation
QUIT_S = 2.0


class TimedSocket(io.RawIOBase):
    """What smtplib uses of a socket; every wait gets at most what is left of the whole conversation."""

    def __init__(self, inner: socket.socket, clock: Clock, ends: float) -> None:
        super().__init__()
        self.inner = inner
        self.clock = clock
        self.ends = ends
        self.read_so_far = 0

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        for start in range(0, len(data), CHUNK):
            self.inner.settimeout(self.left())
            self.inner.sendall(data[start : start + CHUNK])

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a reader of lines."""
        return io.BufferedReader(_Reader(self))

    def receive(self, buffer: memoryview) -> int:
        """Read what has come, waiting for it."""
        self.inner.settimeout(self.left())
        count = self.inner.recv_into(buffer)
        self.read_so_far += count
        if self.read_so_far > MOST_READ:
            raise OSError("the server says too much")
        return count

    def left(self) -> float:
        """Return the seconds that are left, or raise TimeoutError."""
        left = self.ends - self.clock.steady()
        if left <= 0:
            raise TimeoutError
        return left

    def close(self) -> None:
        """Close the socket."""
        self.inner.close()
        super().close()


class _Reader(io.RawIOBase):
    """The reading side; closing it leaves the socket open."""

    def __init__(self, wire: TimedSocket) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # io.BufferedReader hands in nothing else
        return self._wire.receive(buffer)


class Conversation(smtplib.SMTP):
    """smtplib's own dialogue over a socket that keeps time."""

    def __init__(self, settings: MailSettings, clock: Clock, connect_s: float, total_s: float) -> None:
        super().__init__(local_hostname=settings.from_.domain)
        self.ends = clock.steady() + total_s
        self._settings = settings
        plain = socket.create_connection((settings.host, settings.server_port), timeout=connect_s)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the last line leaves by itself, and at once
        self.wire = TimedSocket(plain, clock, self.ends)
        self.sock = cast("socket.socket", self.wire)
        if settings.security == "tls":
            self.wrap()

    def wrap(self) -> None:
        """Go on in TLS, forgetting all that was said before."""
        self.wire.inner.settimeout(self.wire.left())
        context = ssl.create_default_context()
        self.wire.inner = context.wrap_socket(self.wire.inner, server_hostname=self._settings.host)
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def secure(self) -> None:
        """Say hello; where TLS starts by a word, raise FixSettings unless the server has it, and say hello in TLS."""
        self.hello()
        if self._settings.security == "starttls":
            if not self.has_extn("starttls"):
                raise FixSettings(
                    f"The mail server {self._settings.host} offers no STARTTLS on port {self._settings.server_port}.",
                    next='Set port, or security = "tls", in [mail]; a mail is never sent in plain text.',
                )
            code, reply = self.docmd("STARTTLS")
            if code != 220:
                raise smtplib.SMTPResponseException(code, reply)
            self.wrap()
            self.hello()

    def hello(self) -> None:
        """Say hello, or raise what the server has against it."""
        code, reply = self.ehlo()
        if not 200 <= code < 300:
            raise smtplib.SMTPResponseException(code, reply)

    def leave(self) -> None:
        """Say goodbye without waiting long for an answer."""
        self.wire.ends = min(self.ends, self.wire.clock.steady() + QUIT_S)
        with suppress(OSError):
            if self.sock is not None:
                self.quit()
        self.close()
        self.wire.close()
