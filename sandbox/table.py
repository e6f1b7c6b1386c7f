"""A collection of records by id: ordered for paging, indexed by time of change, and late where the shop is late.

Read lag: with `lag` = n, the next n requests that read the collection after a change still see the record as it was.
Readers go through `read()`; whoever changes a record calls `before_change` first and `changed` after.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    """What a record needs to live in a table."""

    id: int
    modified: int


R = TypeVar("R", bound=Row)


class View(Generic[R]):
    """The collection as a reader sees it now: the present records, but the former ones where the shop is late."""

    def __init__(self, table: "Table[R]") -> None:
        self._table = table
        self._late = table.late
        self.ids = self._seen_ids() if self._late else table.ids

    def _seen_ids(self) -> list[int]:
        present = {i for i in self._table.rows if i not in self._late}
        return sorted(present | {i for i, (former, _) in self._late.items() if former is not None})

    def get(self, row_id: int) -> R | None:
        """One record, or None."""
        if row_id in self._late:
            return self._late[row_id][0]
        return self._table.rows.get(row_id)

    def rows(self, ids: Iterable[int]) -> list[R]:
        """The records of the ids that are there."""
        found = map(self.get, ids)
        return [row for row in found if row is not None]

    def between(self, low: int | None, high: int | None) -> Sequence[int]:
        """Ids from low to high, both included."""
        if low is None and high is None:
            return self.ids
        start = 0 if low is None else bisect_left(self.ids, low)
        stop = len(self.ids) if high is None else bisect_right(self.ids, high)
        return self.ids[start:stop]

    def changed_between(self, low: int | None, high: int | None) -> list[int]:
        """Ids by time of change, from low to high, both included."""
        index = (
            self._table.by_change() if not self._late else sorted((row.modified, row.id) for row in self.rows(self.ids))
        )
        start = 0 if low is None else bisect_left(index, (low, -1))
        stop = len(index) if high is None else bisect_left(index, (high + 1, -1))
        return [row_id for _, row_id in index[start:stop]]

    def by_change(self, ids: Sequence[int]) -> list[int]:
        """The ids in the order in which their records were changed."""
        if len(ids) * 10 < len(self.ids):
            rows = sorted(self.rows(ids), key=lambda row: (row.modified, row.id))
            return [row.id for row in rows]
        chosen = set(ids)
        return [row_id for row_id in self.changed_between(None, None) if row_id in chosen]


class Table(Generic[R]):
    """The collection itself."""

    def __init__(self, rows: Iterable[R] = (), lag: int = 0) -> None:
        self.rows: dict[int, R] = {row.id: row for row in rows}
        self.ids: list[int] = sorted(self.rows)
        self.late: dict[int, tuple[R | None, int]] = {}
        self.lag = lag
        self._by_change: list[tuple[int, int]] | None = None
        self._was_read = False

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, row_id: int) -> R | None:
        """The present record, whatever readers still see."""
        return self.rows.get(row_id)

    def next_id(self) -> int:
        """A fresh id, larger than any in use."""
        return self.ids[-1] + 1 if self.ids else 1

    def read(self) -> View[R]:
        """The collection as readers see it; counts as one read of this request."""
        self._was_read = True
        return View(self)

    def after_request(self) -> None:
        """End a request: what was read once more is one read nearer to the truth."""
        if self._was_read and self.late:
            self.late = {i: (former, left - 1) for i, (former, left) in self.late.items() if left > 1}
        self._was_read = False

    def by_change(self) -> list[tuple[int, int]]:
        """(time of change, id) of every record, in order."""
        if self._by_change is None:
            self._by_change = sorted((row.modified, row.id) for row in self.rows.values())
        return self._by_change

    def _keep_former(self, row_id: int) -> None:
        if self.lag:
            former = self.late[row_id][0] if row_id in self.late else deepcopy(self.rows.get(row_id))
            self.late[row_id] = (former, self.lag)

    def before_change(self, row: R) -> None:
        """Announce a change of a record."""
        self._keep_former(row.id)

    def changed(self, row: R, when: int) -> None:
        """Stamp a changed record."""
        if self._by_change is not None:
            position = bisect_left(self._by_change, (row.modified, row.id))
            del self._by_change[position]
            insort(self._by_change, (when, row.id))
        row.modified = when

    def add(self, row: R) -> None:
        """Add a record with a fresh id."""
        self._keep_former(row.id)
        self.rows[row.id] = row
        insort(self.ids, row.id)
        if self._by_change is not None:
            insort(self._by_change, (row.modified, row.id))

    def remove(self, row_id: int) -> None:
        """Take a record out."""
        self._keep_former(row_id)
        row = self.rows.pop(row_id)
        del self.ids[bisect_left(self.ids, row_id)]
        if self._by_change is not None:
            del self._by_change[bisect_left(self._by_change, (row.modified, row.id))]
