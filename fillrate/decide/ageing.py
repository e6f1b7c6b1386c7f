"""For how many days units have been waiting: classes of age, in days of the store; 0 is today."""

from datetime import datetime, timedelta

from fillrate.decide.calendars import Calendar

CLASSES = ("0–1", "2–3", "4–7", "8–14", "15–30", "31–60", "over 60")
LAST_DAYS = (1, 3, 7, 14, 30, 60)  # of each class but the last


def class_starts(as_of: datetime, calendar: Calendar) -> list[datetime]:
    """Return when each class but the last begins: what joined at that time or later is in it, or in one before it."""
    today = calendar.day_of(as_of)
    return [calendar.start_of(today - timedelta(days=days)) for days in LAST_DAYS]


def age(at: datetime, as_of: datetime, calendar: Calendar) -> int:
    """Return for how many days something waits."""
    return (calendar.day_of(as_of) - calendar.day_of(at)).days
