"""Columns of instants as days of a calendar's zone, and back: the same days as `Calendar`, a whole column at a time."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from fillrate.decide.calendars import Calendar

if TYPE_CHECKING:
    import pandas as pd

DAYS: Final = "datetime64[us]"  # days without a zone, at midnight
INSTANTS: Final = "datetime64[us, UTC]"


def days_of(instants: "pd.Series", calendar: Calendar) -> "pd.Series":
    """Return the day in which each instant lies; empty stays empty."""
    return instants.astype(INSTANTS).dt.tz_convert(calendar.zone).dt.tz_localize(None).dt.normalize().astype(DAYS)


def starts_of(days: "pd.Series", calendar: Calendar) -> "pd.Series":
    """Return the instant at which each day begins; empty stays empty."""
    begins = {day: calendar.start_of(day.date()) for day in days.dropna().unique()}
    return days.map(begins).astype(INSTANTS)


def today(as_of: datetime, calendar: Calendar) -> "pd.Timestamp":
    """Return the day in which a decision is made."""
    import pandas as pd

    return pd.Timestamp(calendar.day_of(as_of))
