"""How the shop writes and reads moments.

Inside, every moment is a whole number of Unix seconds. Orders (v2) speak RFC 2822, the catalogue and the metafields
ISO 8601 with `+00:00`, customers ISO 8601 with `Z`, customer groups a bare `YYYY-MM-DD HH:MM:SS`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from time import gmtime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}")
DIGITS = re.compile(r"\d{9,11}")


@lru_cache(maxsize=65536)
def rfc2822(moment: int) -> str:
    """A moment as orders show it; the empty string stands for "never"."""
    if not moment:
        return ""
    t = gmtime(moment)
    return (
        f"{DAYS[t.tm_wday]}, {t.tm_mday:02d} {MONTHS[t.tm_mon - 1]} {t.tm_year}"
        f" {t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d} +0000"
    )


def _iso(moment: int, middle: str, end: str) -> str:
    t = gmtime(moment)
    return f"{t.tm_year}-{t.tm_mon:02d}-{t.tm_mday:02d}{middle}{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}{end}"


@lru_cache(maxsize=65536)
def iso_offset(moment: int) -> str:
    """A moment as the catalogue, the metafields and the refunds show it."""
    return _iso(moment, "T", "+00:00")


@lru_cache(maxsize=65536)
def iso_zulu(moment: int) -> str:
    """A moment as customers and locations show it."""
    return _iso(moment, "T", "Z")


def day(moment: int) -> str:
    """The date of a moment, as suppliers write it."""
    return _iso(moment, "T", "")[:10]


def bare(moment: int) -> str:
    """A moment as customer groups show it."""
    return _iso(moment, " ", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """A moment that a caller asked for; `date_only` when no time of day was given."""

    seconds: float
    date_only: bool = False


def read_moment(text: str, zone: tzinfo = UTC) -> Asked:
    """Read RFC 2822, ISO 8601 or Unix seconds; text without an offset belongs to `zone`. Raises ValueError."""
    text = text.strip()
    if DIGITS.fullmatch(text):
        return Asked(float(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = parsedate_to_datetime(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return Asked(found.timestamp(), DATE_ONLY.fullmatch(text) is not None)
