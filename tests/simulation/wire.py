"""A practice shop reached without a socket: its answers, and what happens to them on the way."""

from collections.abc import Callable
from email.utils import formatdate

import httpx

from sandbox import Shop
from sandbox.exchange import Request


class InProcess(httpx.BaseTransport):
    """Hand requests to a shop in this process and play out what its faults do to the wire."""

    def __init__(self, shop: Shop, during: Callable[[str], None] | None = None) -> None:
        self.shop = shop
        self.during = during

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.shop.handle(
            Request(
                request.method,
                request.url.path,
                request.url.query.decode(),
                dict(request.headers),
                request.read(),
            )
        )
        if self.during is not None:
            self.during(request.url.path)
        if answer.fault is not None:
            self.play(answer.fault.kind, request)
        headers = {"Date": formatdate(self.shop.state.clock.now(), usegmt=True), **answer.headers}
        headers |= {"Content-Type": answer.content_type} if answer.body else {}
        return httpx.Response(answer.status, headers=headers, content=answer.body, request=request)

    @staticmethod
    def play(kind: str, request: httpx.Request) -> None:
        """Do to the answer what the wire would."""
        if kind == "drip":
            raise httpx.ReadTimeout("slow bytes", request=request)
        raise httpx.RemoteProtocolError("the connection was closed", request=request)
