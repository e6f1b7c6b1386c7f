"""The request quota of the store: 30-second windows, shared with a rival app, told in the usual headers."""

import time

from sandbox.config import QUOTAS, ShopConfig

WINDOW_MS = 30_000
UNLIMITED = 1_000_000


class Quota:
    """Counts requests of the current window."""

    def __init__(self, config: ShopConfig) -> None:
        self._limit = QUOTAS[config.quota]
        self._rival = config.rival_requests
        self._by_shop_clock = config.quota_clock == "shop"
        self._window = -1
        self._used = 0

    def take(self, shop_now: int) -> tuple[bool, dict[str, str]]:
        """Spend one request: whether there was one left, and the headers that say so."""
        if not self._limit:
            return True, self.headers(UNLIMITED, UNLIMITED, WINDOW_MS)
        now_ms = shop_now * 1000 if self._by_shop_clock else int(time.monotonic() * 1000)
        window, into = divmod(now_ms, WINDOW_MS)
        if window != self._window:
            self._window, self._used = window, 0
        eaten = self._rival * into // WINDOW_MS
        left = self._limit - self._used - eaten
        if left <= 0:
            return False, self.headers(self._limit, 0, WINDOW_MS - into)
        self._used += 1
        return True, self.headers(self._limit, left - 1, WINDOW_MS - into)

    @staticmethod
    def headers(limit: int, left: int, reset_ms: int) -> dict[str, str]:
        """The rate-limit headers."""
        return {
            "X-Rate-Limit-Time-Window-Ms": str(WINDOW_MS),
            "X-Rate-Limit-Time-Reset-Ms": str(reset_ms),
            "X-Rate-Limit-Requests-Quota": str(limit),
            "X-Rate-Limit-Requests-Left": str(left),
        }
