"""The files of a place as they lie there: each with its bytes and the second at which it was written."""

import hashlib
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime

from sandbox.exchange import Request, Response
from sandbox.market.trouble import Trouble

QUARTER_HOUR = 900


@dataclass(slots=True)
class File:
    """A file."""

    body: bytes
    written: int

    @property
    def etag(self) -> str:
        """What the same bytes have in common."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


@dataclass(slots=True)
class Half:
    """Somebody is writing a file: readers get so many of its bytes, so many times."""

    keep: int
    times: int


@dataclass(slots=True)
class Put:
    """A file that was put and is not taken yet, due at a request or a second."""

    name: str
    body: bytes
    due_request: int
    due_second: int
    trouble: Trouble


@dataclass(slots=True)
class Box:
    """What lies in a place."""

    left: dict[str, File] = field(default_factory=dict)
    given: dict[str, File] = field(default_factory=dict)
    halves: dict[str, Half] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    waiting: list[Put] = field(default_factory=list)
    asked: int = 0
    exported: int = -1

    def leave(self, name: str, body: bytes, now: int) -> None:
        """Write a file; one whose bytes are the same stays as it is."""
        if name not in self.left or self.left[name].body != body:
            self.left[name] = File(body, now)

    def half(self, name: str, now: int) -> File | None:
        """The part of a file that is there while somebody writes it; None when nobody does."""
        found = self.halves.get(name)
        if found is None or name not in self.left:
            return None
        found.times -= 1
        if found.times <= 0:
            del self.halves[name]
        return File(self.left[name].body[: found.keep], now)


def validators(file: File, way: str) -> dict[str, str]:
    """The headers by which a file is known again."""
    found = {"ETag": file.etag, "Last-Modified": formatdate(file.written, usegmt=True)}
    if way == "both":
        return found
    return {name: value for name, value in found.items() if name.replace("-", "_").lower() == way}


def unchanged(request: Request, file: File, way: str) -> bool:
    """Whether a reader has the file already. `If-None-Match` puts `If-Modified-Since` aside."""
    tags, since = request.header("If-None-Match"), request.header("If-Modified-Since")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return way in {"both", "etag"} and bool(known & {file.etag, "*"})
    if since is None or way not in {"both", "last_modified"}:
        return False
    try:
        return file.written <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False


def hindered(request: Request, file: File | None) -> bool:
    """Whether a write is not to be done, by `If-Match` or `If-None-Match`."""
    wanted, not_wanted = request.header("If-Match"), request.header("If-None-Match")
    if wanted is not None and (file is None or wanted not in {file.etag, "*"}):
        return True
    return not_wanted is not None and file is not None and not_wanted in {file.etag, "*"}


def read(request: Request, file: File, content_type: str, way: str) -> Response:
    """The answer to one who reads a file."""
    if unchanged(request, file, way):
        return Response(304, headers=validators(file, way))
    return Response(200, file.body, content_type, validators(file, way))
