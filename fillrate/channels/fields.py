"""Field checks for what shops send: hostile until checked, whatever the shop.

Numbers are bounded while decoding (`Id`, `Count`, `Level`); texts are cleaned and cut, identifiers refused when too
long; times become aware UTC. Every failure is a SkipRecord that names the field and never quotes personal content.
"""

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

from msgspec import Meta

from fillrate.errors import SkipRecord
from fillrate.records import money_e4

INT32 = 2**31 - 1
Id = Annotated[int, Meta(gt=0, le=2**63 - 1)]
Link = Annotated[int, Meta(ge=0, le=2**63 - 1)]  # an id, 0 for none
Count = Annotated[int, Meta(ge=0, le=INT32)]
Level = Annotated[int, Meta(ge=-INT32, le=INT32)]
Money = str | int | float

LONGEST_TEXT = 1_000
LONGEST_IDENTIFIER = 255
STEERING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
RFC_2822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)", re.ASCII
)
MONTHS = {
    name: f"{n:02}"
    for n, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
YEARS = range(1969, 9000)  # the epoch, PHP's never, falls into 1969 in half of the zones; the ends leave room to reckon
CURRENCY = re.compile(r"[A-Z]{3}")

amount_e4 = lru_cache(maxsize=10_000)(money_e4)  # the same prices come again and again


def text(value: str | None, longest: int = LONGEST_TEXT) -> str:
    """Return a text for people: without control and text-direction characters, white space as spaces, cut to length."""
    if value is None:
        return ""
    if not value.isprintable():
        value = "".join(_printable(one) for one in value)
    return value[:longest].strip()


def _printable(one: str) -> str:
    if one in "\t\n\r\v\f\u2028\u2029":
        return " "
    return "" if one in STEERING or unicodedata.category(one) in {"Cc", "Cs"} else one


def identifier(value: str | int | None, path: str) -> str:
    """Return a SKU or an outside id as a clean text; one that is too long is refused, since a cut one names another."""
    cleaned = text(None if value is None else str(value), LONGEST_IDENTIFIER + 1)
    if len(cleaned) > LONGEST_IDENTIFIER:
        raise SkipRecord(f"{path} is longer than {LONGEST_IDENTIFIER} characters", path=path)
    return cleaned


def link(value: int | None) -> str:
    """Return an outside id as text, "" for none."""
    return str(value) if value else ""


def currency(value: str | None, path: str) -> str:
    """Return a currency code of three letters."""
    code = (value or "").strip().upper()
    if not CURRENCY.fullmatch(code):
        raise SkipRecord(f"{path} is no currency code of three letters", path=path)
    return code


def when(value: str | None, path: str) -> datetime:
    """Return a time as aware UTC, from ISO 8601 with a zone or RFC 2822."""
    try:
        moment = _parsed(value or "")
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise SkipRecord(f"{path} is no time with a zone", path=path)
    if moment.year not in YEARS:
        raise SkipRecord(f"{path} is in the year {moment.year}", path=path)
    return moment


def when_or_none(value: str | None, path: str) -> datetime | None:
    """Return a time as aware UTC, None where the shop sends null or an empty text."""
    return when(value, path) if value else None


def _parsed(value: str) -> datetime | None:
    if found := RFC_2822.fullmatch(value):
        day, month, year, time, hours, minutes = found.groups()
        value = f"{year}-{MONTHS.get(month)}-{day:0>2}T{time}{hours}:{minutes}"
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo else None
