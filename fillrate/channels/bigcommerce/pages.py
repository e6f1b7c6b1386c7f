"""BigCommerce's two page shapes, and the rules that tell a page from something that only looks like one.

v3 wraps rows in `data` beside `meta`; v2 sends a bare array and answers 204 when there is nothing. Any other emptiness
is no answer: a shop that seems to have nothing would otherwise look as if everything had been deleted.
"""

from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from fillrate.channels.parsing import Keyed, RowReader
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Endpoint, Http, Params
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Reject

T = TypeVar("T")
W = TypeVar("W", bound=Keyed)

TOO_MANY_ROWS = frozenset({413, 422})
LARGEST_LIMIT = 1_000
SAFE_LIMIT = 50  # what every collection serves when asked for nothing


class Pagination(msgspec.Struct):
    """v3's page numbers; every figure may be missing."""

    total: int | None = None
    count: int | None = None
    per_page: int | None = None
    current_page: int | None = None


class CursorLinks(msgspec.Struct):
    """v3's links between cursor pages."""

    next: str | None = None


class Cursors(msgspec.Struct):
    """v3's cursors, where a collection has them."""

    end_cursor: str | None = None
    links: CursorLinks | None = None


class Meta(msgspec.Struct):
    """v3's words about a page."""

    pagination: Pagination | None = None
    cursor_pagination: Cursors | None = None


class V3(msgspec.Struct, Generic[T]):
    """A v3 page."""

    data: list[T]
    meta: Meta


class Batch(msgspec.Struct, Generic[W]):
    """One page as received: rows that can be read, those that cannot, and what the shop says about the rest."""

    rows: list[W]
    rejects: list[Reject]
    meta: Meta

    @property
    def size(self) -> int:
        """How many rows the shop sent."""
        return len(self.rows) + len(self.rejects)

    @property
    def total(self) -> int | None:
        """How many rows the whole question has, where the shop says so."""
        return self.meta.pagination.total if self.meta.pagination else None

    @classmethod
    def joined(cls, batches: Sequence["Batch[W]"], asked: Collection[str], label: str) -> "Batch[W]":
        """Return the pages of one question by ids as one; BadAnswer where rows came that nobody asked for."""
        rows = [row for batch in batches for row in batch.rows]
        if any(str(row.id) not in asked for row in rows):
            raise BadAnswer(what=f"{label}: the shop answered another question than ours.")
        return cls(rows, [one for batch in batches for one in batch.rejects], Meta())

    def ids(self) -> list[int]:
        """Return the ids of all rows whose id can be read, the bad ones' too, in ascending order."""
        named = [int(one.platform_id) for one in self.rejects if one.platform_id.isdecimal()]
        return sorted([row.id for row in self.rows] + named)


class Pages(Generic[W]):
    """How one collection is asked for a page."""

    def __init__(
        self, endpoint: Endpoint, row: type[W], *, is_v2: bool = False, id_path: tuple[str, ...] = ("id",)
    ) -> None:
        self.endpoint = endpoint
        self._is_v2 = is_v2
        self._rows = RowReader(row, list if is_v2 else V3, id_path)
        self._most: WeakKeyDictionary[Http, int] = WeakKeyDictionary()  # rows a page, where a shop taught us

    def get(self, http: Http, params: Params, path: str | None = None) -> Batch[W]:
        """Ask for one page; BadAnswer where the shop sends anything else.

        How many rows a page may have is not documented for every collection, and asking for more may be refused: then
        ask for fewer, and remember it.
        """
        endpoint = self.endpoint.at(path) if path else self.endpoint
        limit = min(self._most.get(http, LARGEST_LIMIT), int(params["limit"]))

        def decode(body: bytes) -> Batch[W]:
            return self.decode(body, int(params.get("page", 0)))

        reply = http.get(endpoint, {**params, "limit": limit}, decode)
        while reply.status in TOO_MANY_ROWS and limit > SAFE_LIMIT:
            limit = self._most[http] = next(one for one in (250, 100, SAFE_LIMIT) if one < limit)
            reply = http.get(endpoint, {**params, "limit": limit}, decode)
        if (self._is_v2 and reply.status == 204) or (path and reply.is_gone):  # a part of a thing that is gone
            return Batch([], [], Meta())
        return reply.needed()

    def one(self, http: Http, params: Params, platform_id: str) -> W | Reject | None:
        """Ask for one thing by its id; None where the shop says that there is none."""
        reply = http.get(self.endpoint.at(f"{self.endpoint.path}/{platform_id}"), params, self._rows.one)
        if reply.is_gone:
            return None
        found = reply.needed()
        if (found.platform_id if isinstance(found, Reject) else str(found.id)) != platform_id:
            raise BadAnswer(what=f"{self.endpoint.label}: the shop answered another question than ours.")
        return found

    def decode(self, body: bytes, page_asked: int = 0) -> Batch[W]:
        """Return a page; Malformed where it is none or another than was asked for, so that the gateway asks again."""
        try:
            page, rows, rejects = self._rows.read(body, list if self._is_v2 else _data)
        except msgspec.ValidationError as error:
            raise Malformed(str(error)) from None
        batch = Batch(rows, rejects, Meta() if self._is_v2 else page.meta)
        if not (batch.size if self._is_v2 else is_consistent(batch)):
            message = "the page contradicts itself"
            raise Malformed(message)
        told = batch.meta.pagination
        if page_asked and told is not None and told.current_page not in {None, page_asked}:
            message = f"it is page {told.current_page} and not page {page_asked}"
            raise Malformed(message)
        return batch


def _data(page: V3[Any]) -> list[Any]:
    return page.data


def is_consistent(batch: Batch[W]) -> bool:
    """Tell whether a v3 page holds as many rows as it says, none beyond the total, and is empty only where nothing is left."""
    told = batch.meta.pagination
    if told is None:
        return True
    if told.count not in {None, batch.size} or (told.total is not None and told.total < batch.size):
        return False
    if batch.size or not told.total:
        return True
    return told.total <= ((told.current_page or 1) - 1) * (told.per_page or 0)
