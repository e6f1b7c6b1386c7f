"""The `filter` parameter of getOrders, read as strictly as its description demands."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.ebay.errors import EbayRefusal, Unparsed

MUST_BE_ENCODED = frozenset('[]{}|"<>^`\\ ')
CRITERION = re.compile(r"([^:,\[\]{}]+):(\[[^\]]*\]|\{[^}]*\})(?:,|$)")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
STATUSES = {
    frozenset({"NOT_STARTED", "IN_PROGRESS"}): frozenset({"NOT_STARTED", "IN_PROGRESS"}),
    frozenset({"FULFILLED", "IN_PROGRESS"}): frozenset({"FULFILLED", "IN_PROGRESS"}),
}
DATES = ("creationdate", "lastmodifieddate")
TWO_YEARS_MS = 731 * 86_400_000
DEFAULT_DAYS_MS = 90 * 86_400_000


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are asked for: moments in milliseconds, both ends belong to it; None is no bound."""

    by: str
    start: int
    end: int | None = None
    statuses: frozenset[str] | None = None


def check_encoded(query: str) -> None:
    """Raise Unparsed for a query whose brackets, braces or bars are not percent-encoded."""
    if MUST_BE_ENCODED & set(query):
        raise Unparsed


def _moment(text: str) -> int:
    if not MOMENT.fullmatch(text):
        raise EbayRefusal(30810)
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise EbayRefusal(30810) from error
    return int(found.timestamp()) * 1000 + found.microsecond // 1000


def _range(text: str, now: int) -> tuple[int, int | None]:
    """The two ends of `[from..to]` or `[from..]`."""
    first, dots, last = text[1:-1].partition("..")
    if not dots or not text.startswith("["):
        raise EbayRefusal(30810)
    if not first:
        raise EbayRefusal(30820)
    start, end = _moment(first), _moment(last) if last else None
    if start > now or (end is not None and end > now):
        raise EbayRefusal(30850)
    if end is not None and start > end:
        raise EbayRefusal(30840)
    if (now if end is None else end) - start > TWO_YEARS_MS:
        raise EbayRefusal(30830)
    return start, end


def _criteria(text: str) -> dict[str, str]:
    found, at = {}, 0
    while at < len(text):
        part = CRITERION.match(text, at)
        if part is None:
            raise EbayRefusal(30800, text[at:])
        found[part[1].strip()] = part[2]
        at = part.end()
    return found


def read_filter(text: str | None, now: int) -> OrderFilter:
    """Read the (decoded) parameter at a moment `now` in milliseconds; without one it is what was created in 90 days.

    `lastmodifieddate` is ignored beside `creationdate`. Raises EbayRefusal.
    """
    told = _criteria(text or "")
    for name in told:
        if name not in {*DATES, "orderfulfillmentstatus"}:
            raise EbayRefusal(30700, name)
    ranges = {name: _range(told[name], now) for name in DATES if name in told}
    statuses = None
    if "orderfulfillmentstatus" in told:
        asked = told["orderfulfillmentstatus"]
        statuses = STATUSES.get(frozenset(asked[1:-1].split("|"))) if asked.startswith("{") else None
        if statuses is None:
            raise EbayRefusal(30800, f"{asked} for filter orderfulfillmentstatus")
    by = next((name for name in DATES if name in ranges), None)
    if by is None:
        return OrderFilter("creationdate", now - DEFAULT_DAYS_MS, None, statuses)
    return OrderFilter(by, *ranges[by], statuses)
