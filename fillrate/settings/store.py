"""The merchant's own frame, and where the tables are."""

import re
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator

from fillrate.settings.base import CalendarSettings, Strict


class DatabaseSettings(Strict):
    """Where the tables are."""

    url: SecretStr = SecretStr("sqlite:///fillrate.db")  # sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME


class StoreSettings(CalendarSettings):
    """The merchant's own frame."""

    name: str = "My store"
    timezone: str = "UTC"  # schedules and messages use it; storage is UTC
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    open_since: date | None = None  # at the first sync, orders placed before this day close with a note
    cut_off: str = "14:00"  # what is ready later than this counts as ready on the next day
    handling_days: int = Field(default=1, ge=0, le=365)  # working days from ready to shipped

    @field_validator("cut_off")
    @classmethod
    def time_of_day(cls, value: str) -> str:
        """Accept hours and minutes only."""
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
            message = "is not a time of day such as 14:00"
            raise ValueError(message)
        return value

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """Accept names of the IANA database only."""
        if value not in available_timezones():
            message = "is not a time zone such as Europe/Berlin"
            raise ValueError(message)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return ZoneInfo(self.timezone)
