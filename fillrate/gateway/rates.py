"""What a shop's rate headers say: how much of the quota is left, and how long to wait.

The names are BigCommerce's unless others are given. A header that makes no sense (no number, negative, longer than an
hour) counts as absent: a broken proxy must not stop a merchant's day.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fillrate.gateway.budget import Quota

LONGEST_S = 3600.0
LARGEST_QUOTA = 1e9


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """The names of one kind of shop's rate headers; lookups are case-insensitive in httpx."""

    limit: str = "x-rate-limit-requests-quota"
    left: str = "x-rate-limit-requests-left"
    resets_ms: str = "x-rate-limit-time-reset-ms"
    window_ms: str = "x-rate-limit-time-window-ms"
    waits_s: tuple[str, ...] = ("retry-after", "x-retry-after")
    operation: str = ""  # requests a second of the one operation that was asked

    def quota(self, headers: Mapping[str, str]) -> Quota | None:
        """Return the quota that an answer told, None where it told none."""
        limit = number(headers, self.limit, LARGEST_QUOTA)
        left = number(headers, self.left, LARGEST_QUOTA)
        resets_ms = number(headers, self.resets_ms, LONGEST_S * 1000)
        window_ms = number(headers, self.window_ms, LONGEST_S * 1000)
        if limit is None or left is None or resets_ms is None or limit < 1 or not window_ms:
            return None
        return Quota(
            limit=int(limit), left=int(min(left, limit)), resets_in_s=resets_ms / 1000, window_s=window_ms / 1000
        )

    def wait_s(self, headers: Mapping[str, str], *, is_used_up: bool) -> float | None:
        """Return the longest of the waits that an answer asks for, None where it names none.

        Until the quota is new is one of them only where the quota `is_used_up`: every answer tells that time.
        """
        given = [number(headers, name, LONGEST_S) for name in self.waits_s]
        resets_ms = number(headers, self.resets_ms, LONGEST_S * 1000)
        if is_used_up and resets_ms is not None:
            given.append(resets_ms / 1000)
        return max((wait for wait in given if wait is not None), default=None)


def number(headers: Mapping[str, str], name: str, largest: float) -> float | None:
    """Return a header as a number from 0 to `largest`, else None."""
    try:
        value = float(headers.get(name, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= largest else None
