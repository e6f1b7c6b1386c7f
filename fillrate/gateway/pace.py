"""Limits of single operations: a bucket of requests that fills at a steady rate, for shops that count each operation by itself.

One process's own buckets: several processes together may find theirs emptier than they think, and are asked for patience.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from fillrate.errors import RetryLater
from fillrate.gateway.outside import Clock
from fillrate.gateway.rates import number

LONGEST_WAIT_S = 300.0
FASTEST = 1_000.0  # requests a second; what claims to be more is no rate


@dataclass(frozen=True, slots=True)
class Pace:
    """What an operation may do unless the shop says else: requests a second, and how many at once after a rest."""

    rate: float
    burst: int


@dataclass(slots=True)
class Bucket:
    """What is left of one operation's requests."""

    rate: float
    burst: int
    left: float
    at: float

    def fill(self, now: float) -> None:
        """Add what has come since the last look."""
        self.left = min(float(self.burst), self.left + max(0.0, now - self.at) * self.rate)
        self.at = now


class Buckets:
    """The buckets of one door; `rate_header` is where the shop tells an operation's rate, "" where it does not."""

    def __init__(self, clock: Clock, rate_header: str = "") -> None:
        self._clock = clock
        self._rate_header = rate_header
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def take(self, label: str, pace: Pace) -> None:
        """Return when one request may go out; RetryLater when that would take longer than five minutes."""
        begun = self._clock.steady()
        while (wait_s := self._try(label, pace)) > 0:
            if self._clock.steady() + wait_s - begun > LONGEST_WAIT_S:
                what = f"{label}: this operation's requests are used up."
                raise RetryLater(what, after=wait_s, next="The next run goes on from here.")
            self._clock.sleep(wait_s)

    def empty(self, label: str, pace: Pace) -> float:
        """The shop says that nothing is left; return the seconds until one request is there again."""
        with self._lock:
            bucket = self._bucket(label, pace)
            bucket.left, bucket.at = 0.0, self._clock.steady()
            return 1 / bucket.rate

    def learn(self, label: str, pace: Pace, headers: Mapping[str, str]) -> None:
        """Believe the rate that an answer tells."""
        rate = number(headers, self._rate_header, FASTEST) if self._rate_header else None
        if rate:
            with self._lock:
                self._bucket(label, pace).rate = rate

    def rate(self, label: str, pace: Pace) -> float:
        """Return how many requests a second an operation may do, as far as is known."""
        with self._lock:
            return self._bucket(label, pace).rate

    def _try(self, label: str, pace: Pace) -> float:
        """Take a request and return 0, or return the seconds until there is one."""
        with self._lock:
            bucket = self._bucket(label, pace)
            bucket.fill(self._clock.steady())
            if bucket.left < 1 - 1e-9:
                return (1 - bucket.left) / bucket.rate
            bucket.left -= 1
            return 0.0

    def _bucket(self, label: str, pace: Pace) -> Bucket:
        return self._buckets.setdefault(label, Bucket(pace.rate, pace.burst, float(pace.burst), self._clock.steady()))
