"""The shop's own clock: it stands still at an instant fixed by the seed and moves only when told, unless live."""

from collections.abc import Callable
from datetime import UTC, datetime

FIRST_INSTANT = int(datetime(2026, 1, 12, 6, 0, tzinfo=UTC).timestamp())
DAY = 86_400


def instant_of(seed: int) -> int:
    """The instant at which the shop of a seed opens: some second within 300 days."""
    return FIRST_INSTANT + (seed * 7919 % 300) * DAY + seed * 104_729 % DAY


class Clock:
    """Seconds since 1970, moved by hand; a live clock adds what the machine's clock has run since it was made so."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._set_to = start
        self._running: Callable[[], float] | None = None
        self._since = 0.0

    @property
    def live(self) -> bool:
        """Whether the clock runs by itself."""
        return self._running is not None

    def now(self) -> int:
        """The shop's present second."""
        run = self._running() - self._since if self._running else 0.0
        return self._set_to + int(run)

    def set(self, moment: int) -> None:
        """Move to a moment."""
        self._set_to += moment - self.now()

    def run_with(self, seconds: Callable[[], float]) -> None:
        """Let the clock run beside a source of seconds."""
        self._running, self._since = seconds, seconds()
