"""Everything that a channel sends, as it goes out: what is compared with a shop's own specification."""

import httpx

from fillrate.gateway.outside import SystemClock
from fillrate.gateway.wire import Wire


class Wiretap(httpx.BaseTransport):
    """The product's own transport, which keeps the requests that pass."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self._wire = Wire(SystemClock(), 30, is_plain=True)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._wire.handle_request(request)

    def close(self) -> None:
        self._wire.close()
