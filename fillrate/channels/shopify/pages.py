"""Shopify's answers in their three shapes: a page of a list, things by their ids, and the rest of a list within a thing.

Cursors hold the sort key and the id of a row, so that rows which move meanwhile push none out of a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from fillrate.channels.parsing import Keyed, RowReader
from fillrate.channels.shopify.documents import Document
from fillrate.channels.shopify.graph import Beside, Graph, TooCostly
from fillrate.errors import BadAnswer
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Reject

T = TypeVar("T")
W = TypeVar("W", bound=Keyed)


class PageInfo(msgspec.Struct, rename="camel"):
    """Whether a list goes on, and where."""

    has_next_page: bool
    end_cursor: str | None = None

    def next(self, label: str) -> str | None:
        """Return the cursor of the next page, None at the end; BadAnswer for a list that goes on nowhere."""
        if not self.has_next_page:
            return None
        if not self.end_cursor:
            raise BadAnswer(what=f"{label}: the shop says that there is more, and not where.")
        return self.end_cursor


class Connection(msgspec.Struct, Generic[T]):
    """A page of a list."""

    nodes: list[T]
    page_info: PageInfo = msgspec.field(name="pageInfo")


def whole(rows: list[T]) -> Connection[T]:
    """Return a list that does not go on."""
    return Connection(rows, PageInfo(has_next_page=False))


class Home(msgspec.Struct):
    """A thing beside a list, of which only the id is asked."""

    id: str


class Listed(msgspec.Struct, Generic[T]):
    """The data of a page."""

    page: Connection[T]
    home: Home | None = None


class ListAnswer(Beside, Generic[T]):
    """An answer that holds a page."""

    data: Listed[T] | None = None


class Found(msgspec.Struct, Generic[T]):
    """The data of things by their ids; what there is not is null."""

    found: list[T | None]


class FoundAnswer(Beside, Generic[T]):
    """An answer that holds things by their ids."""

    data: Found[T] | None = None


class Owner(msgspec.Struct, Generic[T]):
    """A thing with the rest of a list within it."""

    more: Connection[T]


class Owned(msgspec.Struct, Generic[T]):
    """The data of such a thing; null where it is gone."""

    owner: Owner[T] | None


class OwnedAnswer(Beside, Generic[T]):
    """An answer that holds the rest of a list."""

    data: Owned[T] | None = None


class Batch(msgspec.Struct, Generic[W]):
    """Rows that can be read, those that cannot, and where the list goes on."""

    rows: list[W]
    rejects: list[Reject]
    next: str | None = None
    home: str = ""


class Rows(Generic[W]):
    """How rows of one kind are read, whatever shape they come in."""

    def __init__(self, row: type[W], id_path: tuple[str | int, ...] = ("id",)) -> None:
        self._listed = RowReader(row, ListAnswer, id_path)
        self._found = RowReader(row, FoundAnswer, id_path)
        self._owned = RowReader(row, OwnedAnswer, id_path)

    def one(self, raw: bytes) -> W | Reject:
        """Return one row, or why it cannot be read."""
        return self._listed.one(raw)

    def walk(
        self, graph: Graph, document: Document, variables: Mapping[str, Any], after: str | None
    ) -> Iterator[Batch[W]]:  # Any: JSON
        """Yield the pages of a list, fewer rows at once where they would cost too much; BadAnswer in a circle."""
        first, walked = document.first, set[str | None]()
        while after not in walked:
            try:
                asked = {**variables, "first": first, "after": after}
                batch = graph.ask(document, asked, lambda body: self._page(document.label, body))
            except TooCostly:
                if first == 1:
                    raise
                first = max(1, first // 2)
                continue
            yield batch
            if batch.next is None:
                return
            walked.add(after)
            after = batch.next
        raise BadAnswer(what=f"{document.label}: the shop sent us in a circle.")

    def by_id(self, graph: Graph, document: Document, ids: Sequence[str], **variables: str) -> Batch[W]:
        """Return these things, as far as there are any; in halves where they would cost too much."""
        asked = {"ids": list(ids), **variables}
        try:
            return graph.ask(document, asked, self._these)
        except TooCostly:
            if len(ids) == 1:
                raise
        middle = len(ids) // 2
        one, two = (self.by_id(graph, document, half, **variables) for half in (ids[:middle], ids[middle:]))
        return Batch([*one.rows, *two.rows], [*one.rejects, *two.rejects])

    def rest(self, graph: Graph, document: Document, gid: str, after: str) -> Batch[W]:
        """Return the rest of a list within a thing; nothing more where that is gone."""
        whole = Batch[W]([], [])
        walked: set[str] = set()
        place: str | None = after
        while place is not None:
            if place in walked:
                raise BadAnswer(what=f"{document.label}: the shop sent us in a circle.")
            walked.add(place)
            asked = {"id": gid, "after": place}
            batch = graph.ask(document, asked, lambda body: self._rest(document.label, body))
            whole.rows += batch.rows
            whole.rejects += batch.rejects
            place = batch.next
        return whole

    def _page(self, label: str, body: bytes) -> tuple[Beside, Batch[W]]:
        answer, rows, bad = read(self._listed, body, lambda page: page.data.page.nodes if page.data else [])
        if answer.data is None:
            return answer, empty(answer)
        home = answer.data.home.id if answer.data.home else ""
        return answer, Batch(rows, bad, answer.data.page.page_info.next(label), home)

    def _these(self, body: bytes) -> tuple[Beside, Batch[W]]:
        answer, rows, bad = read(self._found, body, lambda page: there(page.data.found) if page.data else [])
        return answer, Batch(rows, bad) if answer.data else empty(answer)

    def _rest(self, label: str, body: bytes) -> tuple[Beside, Batch[W]]:
        answer, rows, bad = read(
            self._owned, body, lambda page: page.data.owner.more.nodes if page.data and page.data.owner else []
        )
        if answer.data is None or answer.data.owner is None:
            return answer, Batch([], []) if answer.data else empty(answer)
        return answer, Batch(rows, bad, answer.data.owner.more.page_info.next(label))


def read(
    reader: RowReader[W], body: bytes, rows_of: Any
) -> tuple[Any, list[W], list[Reject]]:  # Any: the answer's type
    """Return an answer with its rows; Malformed for what is none."""
    try:
        return reader.read(body, rows_of)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None


def there(rows: Sequence[Any]) -> list[Any]:  # Any: rows, or what they were sent as
    """Leave out what there is not."""
    return [one for one in rows if one is not None and not (isinstance(one, msgspec.Raw) and bytes(one) == b"null")]


def empty(answer: Beside) -> Batch[Any]:  # Any: no rows
    """Return what an answer without data holds; Malformed unless its errors say why."""
    if not answer.errors:
        message = "neither data nor errors"
        raise Malformed(message)
    return Batch([], [])
