"""What a channel sends over real sockets, kept to be looked at."""

import httpx

from fillrate.gateway.outside import Clock
from fillrate.gateway.wire import Wire


class Overheard(httpx.BaseTransport):
    """Sends over real sockets, and keeps what was sent."""

    def __init__(self, clock: Clock) -> None:
        self._wire = Wire(clock, 5.0, is_plain=True)
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._wire.handle_request(request)

    def close(self) -> None:
        self._wire.close()
