"""Three ways through a collection, each resumable from any page's token, each refusing to go in circles.

`by_id` asks for what comes after the greatest id seen: rows that move cannot be lost. `by_cursor` follows the shop's
cursors. `by_page` is for collections that offer neither: rows may shift between pages while it reads, so it watches the
total, steps back when rows vanish, and reads again what it missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from fillrate.channels.bigcommerce.pages import Batch, Pages
from fillrate.channels.offsets import Offsets
from fillrate.channels.parsing import Keyed
from fillrate.errors import BadAnswer
from fillrate.gateway.http import Http, Params

W = TypeVar("W", bound=Keyed)


@dataclass(slots=True)
class Keyset:
    """Where a walk by id stands: behind which id, and how many rows the shop says lie ahead."""

    label: str
    after: int = 0
    ahead: int | None = None
    before: int = 0  # where the page before began
    reread: int = -1  # the last place that was read twice
    shown: frozenset[int] = frozenset()  # the ids of the page before, and of those that we went back from

    def advance(self, ids: list[int], size: int, total: int | None) -> None:
        """Move behind these ids; BadAnswer unless all of them lie ahead."""
        if not ids or ids[0] <= self.after:
            raise BadAnswer(what=f"{self.label}: the shop repeated a page, or sent one without ids.")
        self.before, self.after = self.after, ids[-1]
        self.shown = frozenset(ids).union(one for one in self.shown if one > self.after)
        self.ahead = None if total is None else total - size

    def is_short(self, total: int | None) -> bool:
        """Tell, once a place, that fewer rows lie ahead than were promised: then go back and read that page again.

        They were left out of it, or they are gone; reading it twice tells.
        """
        if total is None or self.ahead is None or total >= self.ahead or self.reread == self.before:
            return False
        self.reread = self.after = self.before
        self.ahead = None
        return True


def by_id(
    http: Http, pages: Pages[W], params: Params, after: str | None, *, v2: bool = False
) -> Iterator[tuple[Batch[W], str | None]]:
    """Yield pages in the order of ids with the token of the next one; the caller's `params` sort by id."""
    keyset = Keyset(pages.endpoint.label, int(after or 0))
    while True:
        key: Params = {"min_id": keyset.after + 1} if v2 else {"id:greater": keyset.after}
        batch = pages.get(http, {**params, **key})
        if keyset.is_short(batch.total):
            continue
        if not batch.size:
            return
        is_last = batch.total is not None and batch.total <= batch.size
        shown = keyset.shown
        keyset.advance(batch.ids(), batch.size, batch.total)
        batch.rows = [row for row in batch.rows if row.id not in shown]
        yield batch, None if is_last else str(keyset.after)
        if is_last:
            return


def by_page(
    http: Http, pages: Pages[W], params: Params, after: str | None, path: str | None = None
) -> Iterator[tuple[Batch[W], str | None]]:
    """Yield pages by number with the token of the next one; a row that comes again is left out."""
    offsets = Offsets.at(pages.endpoint.label, after)
    more = True
    while more:
        batch = pages.get(http, {**params, "page": offsets.page}, path)
        met = set(offsets.met)
        more = offsets.advance(batch.size, batch.ids(), batch.total)
        batch.rows = [row for row in batch.rows if row.id not in met]
        yield batch, offsets.token if more else None


def by_cursor(http: Http, pages: Pages[W], params: Params, after: str | None) -> Iterator[tuple[Batch[W], str | None]]:
    """Yield pages along the shop's cursors; by page number where there are none, or where they end before the rows do."""
    if after is not None and not after.startswith("cursor="):
        yield from by_page(http, pages, params, after)
        return
    cursor = (after or "").removeprefix("cursor=")
    walked = {cursor}
    met = 0
    while True:
        batch = pages.get(http, {**params, "after": cursor} if cursor else params)
        if batch.meta.cursor_pagination is None and not cursor and batch.total != batch.size:
            yield from by_page(http, pages, params, None)
            return
        cursor = next_cursor(batch)
        if cursor and cursor in walked:
            raise BadAnswer(what=f"{pages.endpoint.label}: the shop sent us in a circle.")
        walked.add(cursor)
        met += batch.size
        is_cut = not cursor and after is None and met < (batch.total or 0)
        yield batch, f"cursor={cursor}" if cursor else "1:" if is_cut else None
        if is_cut:
            yield from by_page(http, pages, params, None)
        if not cursor:
            return


def next_cursor(batch: Batch[W]) -> str:
    """Return the cursor of the next page, "" at the end: no rows, no cursor, or links without a next one."""
    told = batch.meta.cursor_pagination
    if told is None or not batch.size or (told.links is not None and not told.links.next):
        return ""
    return told.end_cursor or ""
