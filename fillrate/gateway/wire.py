"""Sockets that keep a total deadline.

httpx counts its read time-out anew for every chunk, so a shop that drips one byte at a time, in its headers or its
body, could hold a run for hours. Here every socket operation gets at most what is left of the whole exchange.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from fillrate.gateway.outside import Clock


class Deadline(threading.local):
    """When the exchange that this thread is in must be over."""

    ends = 0.0


class Wire(httpx.BaseTransport):
    """Plain HTTP/1.1 through a pool of connections: no redirects, no proxies, no cookies, no retries."""

    def __init__(self, clock: Clock, total_s: float, *, is_plain: bool = False) -> None:
        self._clock = clock
        self._total_s = total_s
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=None if is_plain else httpx.create_ssl_context(trust_env=False),
            max_connections=10,
            keepalive_expiry=30,
            network_backend=_TimedBackend(clock, self._deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, body unread; httpx errors as from any of its transports."""
        self._deadline.ends = self._clock.steady() + self._total_s
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _as_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    url,
                    headers=request.headers.raw,
                    content=request.read(),
                    extensions=request.extensions,
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """An answer's body, as it arrives."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Tell apart only what callers must tell apart: never connected, no answer in time, broken off."""
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
        raise httpx.ConnectError(type(error).__name__) from None
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(type(error).__name__) from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpx.ReadError(type(error).__name__) from None


class _TimedBackend(httpcore.SyncBackend):
    """Opens sockets whose every operation knows the deadline."""

    def __init__(self, clock: Clock, deadline: Deadline) -> None:
        self._clock = clock
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,  # Any: httpcore's own tuples, handed through
    ) -> httpcore.NetworkStream:
        """Connect."""
        inner = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _TimedStream(inner, self._clock, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A socket that gives up when the whole exchange has had its time."""

    def __init__(self, inner: httpcore.NetworkStream, clock: Clock, deadline: Deadline) -> None:
        self._inner = inner
        self._clock = clock
        self._deadline = deadline

    def _left(self, timeout: float | None) -> float:
        left = self._deadline.ends - self._clock.steady()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _TimedStream(secured, self._clock, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # Any: as httpcore has it
        return self._inner.get_extra_info(info)
