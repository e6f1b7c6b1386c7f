"""A wire to PostgreSQL that loses the answer to one COMMIT: it was done, and who asked for it never hears of it."""

import socket
import threading
from contextlib import suppress

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
DONE = b"C\x00\x00\x00\x0bCOMMIT\x00"


class LossyWire:
    """Listens on a port of this machine; passes everything on but the answer to the n-th COMMIT, at which it hangs up."""

    def __init__(self, server: str, nth: int = 0) -> None:
        self.server = server
        self.nth = nth
        self.commits = 0
        self.has_struck = False
        self.lock = threading.Lock()
        self.place = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.place.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self) -> "LossyWire":
        return self

    def __exit__(self, *_: object) -> None:
        self.place.close()

    def listen(self) -> None:
        with suppress(OSError):
            while True:
                Line(self, self.place.accept()[0]).start()

    def is_the_one(self) -> bool:
        with self.lock:
            self.commits += 1
            return self.commits == self.nth


class Line:
    """One connection."""

    def __init__(self, wire: LossyWire, client: socket.socket) -> None:
        self.wire = wire
        self.client = client
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(wire.server)
        self.is_mute = False

    def start(self) -> None:
        for pump in (self.there, self.back):
            threading.Thread(target=pump, daemon=True).start()

    def there(self) -> None:
        with suppress(OSError):
            while data := self.client.recv(65_536):
                if data == COMMIT and self.wire.is_the_one():
                    self.is_mute = True
                self.server.sendall(data)
        self.hang_up()

    def back(self) -> None:
        with suppress(OSError):
            while data := self.server.recv(65_536):
                if self.is_mute:
                    self.wire.has_struck = DONE in data
                    break
                self.client.sendall(data)
        self.hang_up()

    def hang_up(self) -> None:
        for one in (self.client, self.server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
