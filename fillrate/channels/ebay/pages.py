"""eBay's lists: a page with the link to the next one, followed as it is, since what its `offset` counts differs by API.

Rows may move while pages are read. A list whose total falls meanwhile may have hidden a row between two pages, and is
walked again from the beginning; rows that were met before are left out.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from fillrate.channels.parsing import Named, RowReader
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Endpoint, Http, Params
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Reject

W = TypeVar("W", bound=Named)
log = logging.getLogger(__name__)
MOST_WALKS = 5


class Batch(msgspec.Struct, Generic[W]):
    """One page as received: rows that can be read, those that cannot, how many there are, and the next page's question."""

    rows: list[W]
    rejects: list[Reject]
    total: int | None
    next: Params | None

    @property
    def size(self) -> int:
        """How many rows eBay sent."""
        return len(self.rows) + len(self.rejects)


class Pages(Generic[W]):
    """How one list is asked for a page; `envelope` is its generic type with `total` and `next` (Any: `envelope[row]`)."""

    def __init__(
        self, endpoint: Endpoint, row: type[W], envelope: Any, id_name: str, rows_of: Callable[[Any], Sequence[Any]]
    ) -> None:
        self.endpoint = endpoint
        self._rows = RowReader(row, envelope, (id_name,), has_text_ids=True)
        self._rows_of = rows_of

    def get(self, http: Http, params: Params) -> Batch[W]:
        """Ask for one page; BadAnswer where eBay sends anything else."""
        return http.get(self.endpoint, params, self.decode).needed()

    def decode(self, body: bytes) -> Batch[W]:
        """Return a page; Malformed where it is none, so that the gateway asks again."""
        try:
            page, rows, rejects = self._rows.read(body, self._rows_of)
        except msgspec.ValidationError as error:
            raise Malformed(str(error)) from None
        if page.total is None and not rows and not rejects:
            message = "neither rows nor a total"
            raise Malformed(message)
        if page.total is not None and page.total < len(rows) + len(rejects):
            message = "more rows than there are"
            raise Malformed(message)
        return Batch(rows, rejects, page.total, question_of(page.next))

    def one(self, body: bytes) -> W | Reject:
        """Return a single row, or why it cannot be read."""
        return self._rows.one(body)


def question_of(link: str | None) -> Params | None:
    """Return what a link asks, None at the end; only its query counts, so that it leads nowhere else."""
    query = dict(parse_qsl(urlsplit(link or "").query))
    return query or None


def walk(http: Http, pages: Pages[W], first: Params, after: str | None) -> Iterator[tuple[Batch[W], str | None]]:
    """Yield pages with the token of the next one; each row once."""
    met: set[str] = set()
    for _ in range(MOST_WALKS):
        begin: Params = first if after is None else dict(parse_qsl(after))
        is_hiding = False
        for batch, token, fell in links(http, pages, begin):
            is_hiding = is_hiding or fell
            fresh = [row for row in batch.rows if row.id not in met]
            rejects = [one for one in batch.rejects if one.platform_id not in met or not one.platform_id]
            met.update([row.id for row in fresh], [one.platform_id for one in rejects if one.platform_id])
            follows = token or (urlencode(first) if is_hiding else None)
            if fresh or rejects:
                yield Batch(fresh, rejects, batch.total, batch.next), follows
        if not is_hiding:
            return
        after = None
        log.info("%s: rows moved while pages were read; walking again", pages.endpoint.label)
    raise BadAnswer(what=f"{pages.endpoint.label}: the rows move faster than they can be read.")


def links(http: Http, pages: Pages[W], begin: Params) -> Iterator[tuple[Batch[W], str | None, bool]]:
    """Yield pages along their links, each with the next one's token and whether the total has fallen."""
    question: Params | None = begin
    asked: set[str] = set()
    total: int | None = None
    while question is not None:
        token = urlencode(question)
        if token in asked:
            raise BadAnswer(what=f"{pages.endpoint.label}: eBay sent us in a circle.")
        asked.add(token)
        batch = pages.get(http, question)
        fell = total is not None and batch.total is not None and batch.total < total
        total = batch.total if total is None or batch.total is None else min(total, batch.total)
        question = batch.next if batch.size else None
        yield batch, urlencode(question) if question else None, fell
