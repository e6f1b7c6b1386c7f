"""Requests and responses as plain records, so that a shop can be asked without a socket.

A response may carry a `fault`: something that only a wire can do (cut, drip, hang up). The HTTP coat plays it out;
a caller inside the process reads `response.fault`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import msgspec

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html; charset=UTF-8"

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class NotJson(ValueError):
    """A body that cannot be read."""


def decode(body: bytes) -> Any:
    """A JSON body; one that nests beyond reason counts as none. Raises NotJson."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotJson(str(error)) from error


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is whole (`/stores/practice/v2/orders`), `query` is the raw text after the question mark."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """A header by name in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class WireFault:
    """What happens to the answer on its way: `drop`, `truncate` (send only `keep` bytes) or `drip` (slow bytes)."""

    kind: str
    keep: int = 0
    bytes_per_second: float = 0.0


@dataclass(slots=True)
class Response:
    """One answer: status, content type, body and headers beyond the usual ones."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    fault: WireFault | None = None

    def json(self) -> Any:
        """The body, decoded."""
        return decode(self.body)


def answer(body: Any, status: int = 200, content_type: str = JSON) -> Response:
    """A JSON answer."""
    return Response(status, encode(body), content_type)


def no_content() -> Response:
    """The empty 204."""
    return Response(204)


POSITIONS = frozenset({"page", "after", "before", "min_id", "id:min", "id:greater"})


def from_the_start(query: str) -> str:
    """The query of the first page, however the walk that it belongs to is done."""
    return "&".join(part for part in query.split("&") if unquote_plus(part.partition("=")[0]) not in POSITIONS)


def read_query(text: str) -> list[tuple[str, str]]:
    """Query parameters in order; a dangling `&` or `?` gives a parameter without a name, as the shop sees it."""
    if not text:
        return []
    pairs = (part.partition("=") for part in text.split("&"))
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]
