"""Times as WooCommerce sends them: UTC without saying so, in the fields whose names end in _gmt."""

import re
from datetime import datetime

from fillrate.channels.fields import when

NAIVE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)


def gmt(value: str | None, path: str) -> datetime:
    """Return a time as aware UTC; SkipRecord for what is none."""
    return when(f"{value}Z" if NAIVE.fullmatch(value or "") else value, path)


def gmt_or_none(value: str | None, path: str) -> datetime | None:
    """Return a time as aware UTC, None where the shop sends null or an empty text."""
    return gmt(value, path) if value else None
