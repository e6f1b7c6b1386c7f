"""Where a walk by page number stands, whatever shop numbers its pages.

Rows may shift between pages while they are read, so it watches the total, steps back when rows vanish, reads again what it
missed, and refuses to go in circles.
"""

import logging
from dataclasses import dataclass, field

from fillrate.errors import BadAnswer

log = logging.getLogger(__name__)
MOST_REPEATS = 5


@dataclass(slots=True)
class Offsets:
    """Where a walk by page number stands: the next page, the last total told, and the ids met."""

    label: str
    full: int = 0  # rows of every page but the last, where the shop is known to keep to that
    page: int = 1
    total: int | None = None
    is_whole: bool = True  # from the first page on, so that what was met can be counted
    width: int = 1  # rows of the fullest page: shops cap pages silently
    repeats: int = 0
    met: set[int] = field(default_factory=set)
    met_before: int = -1  # at the last start from the first page

    @classmethod
    def at(cls, label: str, token: str | None, full: int = 0) -> "Offsets":
        """Return where a token left off."""
        if token is None:
            return cls(label, full)
        page, total = token.split(":")
        return cls(label, full, int(page), int(total) if total else None, is_whole=False)

    @property
    def token(self) -> str:
        """Return what `at` understands."""
        return f"{self.page}:{'' if self.total is None else self.total}"

    def advance(self, size: int, ids: list[int], total: int | None) -> bool:
        """Take note of the page just read and return whether there is more to ask."""
        vanished = max(0, (self.total or 0) - total) if total is not None else 0
        self.total = total
        self.width = max(self.width, size)
        if size and self._goes_in_circles(ids):
            raise BadAnswer(what=f"{self.label}: the shop sends the same rows again and again.")
        self.met.update(ids)
        if vanished and self.page > 1:
            return self._again(max(1, self.page - 1 - vanished // self.width))
        if size == 0 or self._has_all():
            return self._missed()
        self.page += 1
        return True

    def _goes_in_circles(self, ids: list[int]) -> bool:
        """Tell whether rows still come far behind the end, or pages without a new one where no total is told."""
        if self.total is not None:
            return (self.page - MOST_REPEATS) * self.width > self.total
        self.repeats += self.page > 1 and self.met.issuperset(ids)
        return self.repeats > MOST_REPEATS

    def _has_all(self) -> bool:
        """Tell whether position and count both say that this was the last page."""
        if self.total is None:
            return False
        if not self.is_whole:
            return bool(self.full) and self.page * self.full >= self.total
        return self.page * self.width >= self.total and len(self.met) >= self.total

    def _missed(self) -> bool:
        """At the end: read all again where fewer rows were met than the shop has, as long as that finds any."""
        if not self.is_whole or self.total is None or len(self.met) >= self.total:
            return False
        if len(self.met) == self.met_before:
            log.warning("%s: the shop counts %d rows and shows %d", self.label, self.total, len(self.met))
            return False
        self.met_before = len(self.met)
        return self._again(1)

    def _again(self, page: int) -> bool:
        self.repeats += 1
        if self.repeats > MOST_REPEATS:
            raise BadAnswer(what=f"{self.label}: the rows move faster than they can be read.")
        self.page = page
        return True
