"""A collection of records by id: ordered for paging, indexed by time of change, and late where the shop is late.

Read lag: with `lag` = n, the next n requests that read the collection after a change still see the record as it was.
Readers go through `read()`; whoever changes a record calls `before_change` first and `changed` after.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, Generic, Protocol, TypeVar


class Row(Protocol):
    """What a record needs to live in a table."""

    id: int
    modified: int


R = TypeVar("R", bound=Row)


def _bare(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class View(Generic[R]):
    """The collection as a reader sees it now: the present records, but the former ones where the shop is late."""

    def __init__(self, table: "Table[R]") -> None:
        self._table = table
        self.late = {row_id: former for row_id, (former, _) in table.late.items()}
        self.ids = self._seen_ids() if self.late else table.ids
        self._late_by_change: list[tuple[int, int]] | None = None

    def _seen_ids(self) -> list[int]:
        ids = self._table.ids.copy()
        for row_id, former in self.late.items():
            position = bisect_left(ids, row_id)
            is_there = row_id in self._table.rows
            if former is None and is_there:
                del ids[position]
            elif former is not None and not is_there:
                ids.insert(position, row_id)
        return ids

    def get(self, row_id: int) -> R | None:
        """One record, or None."""
        if row_id in self.late:
            return self.late[row_id]
        return self._table.rows.get(row_id)

    def each(self, ids: Iterable[int]) -> Iterator[R]:
        """One after the other, the records of the ids that are there."""
        found = map(self.get if self.late else self._table.rows.get, ids)
        return (row for row in found if row is not None)

    def rows(self, ids: Iterable[int]) -> list[R]:
        """All of them."""
        return list(self.each(ids))

    def between(self, low: int | None, high: int | None) -> Sequence[int]:
        """Ids from low to high, both included."""
        if low is None and high is None:
            return self.ids
        start = 0 if low is None else bisect_left(self.ids, low)
        stop = len(self.ids) if high is None else bisect_right(self.ids, high)
        return self.ids[start:stop]

    def by_change(self) -> list[tuple[int, int]]:
        """(time of change, id) of every record, in order."""
        if not self.late:
            return self._table.by_change()
        if self._late_by_change is None:
            index = [pair for pair in self._table.by_change() if pair[1] not in self.late]
            index += [(former.modified, row_id) for row_id, former in self.late.items() if former is not None]
            self._late_by_change = sorted(index)
        return self._late_by_change

    def changes(self, low: int | None, high: int | None) -> slice:
        """Which part of `by_change` was changed from low to high, both included."""
        index = self.by_change()
        start = 0 if low is None else bisect_left(index, (low, -1))
        return slice(start, len(index) if high is None else max(start, bisect_left(index, (high + 1, -1))))


class Table(Generic[R]):
    """The collection itself."""

    def __init__(self, rows: Iterable[R] = (), lag: int = 0) -> None:
        self.rows: dict[int, R] = {row.id: row for row in rows}
        self.ids: list[int] = sorted(self.rows)
        self.late: dict[int, tuple[R | None, int]] = {}
        self.lag = lag
        self._by_change: list[tuple[int, int]] | None = None
        self._was_read = False
        self._view: View[R] | None = None
        self._ids_by: dict[str, dict[Any, list[int]]] = {}
        self.watch: Callable[[int, R | None], None] | None = None  # called right before a record changes

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
        if self._view is None:
            self._view = View(self)
        return self._view

    def after_request(self) -> None:
        """End a request: what was read once more is one read nearer to the truth."""
        if self._was_read and self.late:
            still = {i: (former, left - 1) for i, (former, left) in self.late.items() if left > 1}
            self._view = self._view if len(still) == len(self.late) else None
            self.late = still
        self._was_read = False

    def by_change(self) -> list[tuple[int, int]]:
        """(time of change, id) of every record, in order."""
        if self._by_change is None:
            self._by_change = sorted((row.modified, row.id) for row in self.rows.values())
        return self._by_change

    def ids_by(self, attribute: str, wanted: Iterable[Any]) -> set[int]:
        """Ids of the present records whose attribute is one of the wanted, but for space around it.

        What a record has is looked up once and forgotten at the next change of any record.
        """
        index = self._ids_by.get(attribute)
        if index is None:
            index = self._ids_by[attribute] = {}
            for row in self.rows.values():
                index.setdefault(_bare(getattr(row, attribute)), []).append(row.id)
        return {row_id for value in wanted for row_id in index.get(_bare(value), ())}

    def _keep_former(self, row_id: int) -> None:
        self._ids_by.clear()
        if self.watch is not None:
            self.watch(row_id, self.rows.get(row_id))
        if self.lag:
            self._view = None
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
