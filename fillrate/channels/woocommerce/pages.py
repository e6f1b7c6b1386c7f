"""WooCommerce's pages: a bare list of at most a hundred rows in the order of their ids, the total in a header.

There is no walk by id, so rows may shift while pages are read: by what is deleted, and by older rows that come into a
window. A window has no end in the question, so nothing leaves it by being changed; what is too new is left out here.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from fillrate.channels.offsets import Offsets
from fillrate.channels.parsing import Keyed, RowReader
from fillrate.channels.woocommerce.rest import Rest
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Endpoint, Params
from fillrate.gateway.rates import number
from fillrate.gateway.strict_json import Malformed
from fillrate.records import Reject, utc

W = TypeVar("W", bound=Keyed)
PAGE = 100  # more is refused
BY_ID: Params = {"per_page": PAGE, "orderby": "id", "order": "asc"}
MOST = 1e9


class NoSuchList(BadAnswer):
    """The shop has no such route, or no longer the thing whose list it is."""


class Batch(msgspec.Struct, Generic[W]):
    """One page as received: rows that can be read, those that cannot, and how many the whole question has."""

    rows: list[W]
    rejects: list[Reject]
    total: int = 0

    @property
    def size(self) -> int:
        """How many rows the shop sent."""
        return len(self.rows) + len(self.rejects)

    def ids(self) -> list[int]:
        """Return the ids of all rows whose id can be read, the bad ones' too."""
        return [int(one.id) for one in self.rows] + [int(one.platform_id) for one in self.rejects if one.platform_id]


class Pages(Generic[W]):
    """How one collection is asked for a page."""

    def __init__(self, endpoint: Endpoint, row: type[W], fields: str) -> None:
        self.endpoint = endpoint
        self._rows = RowReader(row, list)
        self._fields = fields

    def get(self, rest: Rest, params: Params, path: str = "") -> Batch[W] | None:
        """Ask for one page; None where the shop has no such route or thing. BadAnswer where its page contradicts itself."""
        endpoint = self.endpoint.at(path) if path else self.endpoint
        reply = rest.get(endpoint, {**params, "_fields": self._fields}, self._decoded)
        if reply.is_gone:
            return None
        batch = reply.needed()
        batch.total = total_of(endpoint.label, reply.headers, batch.size, int(params.get("page", 1)))
        return batch

    def one(self, rest: Rest, platform_id: str) -> W | Reject | None:
        """Ask for one thing by its id; None where the shop says that there is none."""
        endpoint = self.endpoint.at(f"{self.endpoint.path}/{platform_id}")
        reply = rest.get(endpoint, {"_fields": self._fields}, self._rows.one)
        if reply.is_gone:
            return None
        found = reply.needed()
        if (found.platform_id if isinstance(found, Reject) else str(found.id)) != platform_id:
            raise BadAnswer(what=f"{endpoint.label}: the shop answered another question than ours.")
        return found

    def these(self, rest: Rest, ids: Collection[str], path: str = "") -> Batch[W] | None:
        """Ask for a hundred by their ids at most; BadAnswer where rows came that nobody asked for."""
        asked: Params = {**BY_ID, "include": ",".join(ids)}
        batch = self.get(rest, asked, path) if ids else Batch[W]([], [])
        if batch is not None and not {str(one) for one in batch.ids()} <= set(ids):
            raise BadAnswer(what=f"{self.endpoint.label}: the shop answered another question than ours.")
        return batch

    def _decoded(self, body: bytes) -> Batch[W]:
        try:
            _, rows, rejects = self._rows.read(body, list)
        except msgspec.ValidationError as error:
            raise Malformed(str(error)) from None
        return Batch(rows, rejects)


def total_of(label: str, headers: Mapping[str, str], size: int, page: int) -> int:
    """Return how many rows the question has; without a total, or without the rows that it counts, a page is no answer."""
    total = number(headers, "x-wp-total", MOST)
    if total is None:
        raise BadAnswer(what=f"{label}: the shop sent a page without its total.")
    if not size and total > (page - 1) * PAGE:
        raise BadAnswer(what=f"{label}: the shop counts {total:.0f} rows and sent an empty page {page}.")
    return int(total)


def walk(
    rest: Rest, pages: Pages[W], params: Params, after: str | None = None, path: str = ""
) -> Iterator[tuple[Batch[W], str | None]]:
    """Yield pages with the token of the next one; a row that comes again is left out. NoSuchList where there is none."""
    offsets = Offsets.at(pages.endpoint.label, after, full=PAGE)
    more = True
    while more:
        batch = pages.get(rest, {**BY_ID, **params, "page": offsets.page}, path)
        if batch is None:
            raise NoSuchList(what=f"{pages.endpoint.label}: the shop has no such list.")
        met = set(offsets.met)
        more = offsets.advance(batch.size, batch.ids(), batch.total)
        batch.rows = [row for row in batch.rows if row.id not in met]
        yield batch, offsets.token if more else None


def changed_after(since: datetime | None) -> dict[str, Any]:  # Any: Params, which is read-only
    """Return the parameters of a window that begins at a moment.

    The filter is strict and knows whole seconds only. With a zone in the value, or without the flag, the shop reckons in
    its own zone and loses hours.
    """
    if since is None:
        return {}
    begin = utc(since) - timedelta(seconds=1)
    return {"modified_after": begin.strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true"}
