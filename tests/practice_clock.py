"""A clock for tests: it stands still and moves by waiting."""

from datetime import UTC, datetime, timedelta


class PracticeClock:
    """Time that nobody has to wait for."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)) -> None:
        self.time = start
        self.waited = 0.0

    def now(self) -> datetime:
        return self.time

    def steady(self) -> float:
        return self.time.timestamp()

    def sleep(self, seconds: float) -> None:
        self.waited += seconds
        self.time += timedelta(seconds=seconds)
