"""On which days somebody works, and when what is ready on one of them leaves.

Days are days of the calendar's zone; instants are aware. A cut-off is an instant too, so that of two instants the later
one never counts as earlier where clocks are put back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days in a zone; `workdays` are numbers from 0, Monday, to 6; what comes after `cut_off` is the next day's."""

    zone: ZoneInfo
    workdays: frozenset[int]
    holidays: frozenset[date] = frozenset()
    cut_off: time | None = None

    def __post_init__(self) -> None:
        if not self.workdays & set(range(7)):
            message = "a calendar without a working day"
            raise ValueError(message)

    @classmethod
    def of(cls, zone: ZoneInfo, workdays: Iterable[str], holidays: Iterable[date], cut_off: str = "") -> "Calendar":
        """Return the calendar of settings: names such as "mon", and a cut-off such as "14:00" or ""."""
        numbers = frozenset(NAMES.index(name) for name in workdays)
        return cls(zone, numbers, frozenset(holidays), time.fromisoformat(cut_off) if cut_off else None)

    def is_working(self, day: date) -> bool:
        """Tell whether somebody works on that day."""
        return day.weekday() in self.workdays and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """Return that day where it is a working day, else the first one after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def add_working_days(self, day: date, days: int) -> date:
        """Return the working day so many working days after the first one from `day` on."""
        day = self.next_working_day(day)
        for _ in range(days):
            day = self.next_working_day(day + DAY)
        return day

    def day_of(self, at: datetime) -> date:
        """Return the day in which an instant lies."""
        return at.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Return the instant at which a day begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def ship_by(self, ready_at: datetime, handling_days: int) -> date:
        """Return the day by which what is ready at an instant ships: so many working days after the one it counts for."""
        day = self.day_of(ready_at)
        if self.cut_off is not None and self.is_working(day):
            last = datetime.combine(day, self.cut_off, self.zone).astimezone(UTC)
            day += DAY if ready_at > last else timedelta()
        return self.add_working_days(day, handling_days)
