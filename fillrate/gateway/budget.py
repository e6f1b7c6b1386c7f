"""The request budget of one store, shared by every flow and process of this merchant.

Tokens live in a `TokenStore` (the database's, or `LocalTokens` for a single process) and are drawn by the ten, so that
pacing costs no write a request. What the store's own headers tell is passed on when it teaches something new.
"""

import threading
from enum import IntEnum
from typing import Protocol

import msgspec

from fillrate.errors import RetryLater
from fillrate.gateway.outside import Clock, Outside

DRAWN_AT_ONCE = 10
LONGEST_WAIT_S = 300.0
SHORTEST_WAIT_S = 0.05
HELD_S = 30.0  # tokens belong to a window of the store; unused ones are not carried far


class Priority(IntEnum):
    """Who goes first when requests are scarce."""

    WRITE = 0
    ORDERS = 1
    CATALOG = 2
    SEGMENTS = 3


KEPT_FREE = {Priority.WRITE: 0.20, Priority.ORDERS: 0.21, Priority.CATALOG: 0.23, Priority.SEGMENTS: 0.40}
"""The share of the quota that each leaves: a fifth for the merchant's other apps, a little more for those above."""


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """What a store said of its quota: requests per window, how many are left, and when the window ends."""

    limit: int
    left: int
    resets_in_s: float
    window_s: float


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens granted; with none, ask again after `wait_s`."""

    granted: int
    wait_s: float


class TokenStore(Protocol):
    """Where the tokens of one store live."""

    def draw(self, want: int, priority: int) -> Draw:
        """Grant up to `want` tokens."""
        ...

    def observe(self, seen: Quota) -> None:
        """Take what the store said as the truth."""
        ...


class Budget:
    """One process's hand on the tokens of one store; safe to share between threads."""

    def __init__(self, tokens: TokenStore, outside: Outside) -> None:
        self._tokens = tokens
        self._clock = outside.clock
        self._lock = threading.Lock()
        self._held = dict.fromkeys(Priority, 0)
        self._held_until = 0.0
        self._paused_until = 0.0
        self._told = Told()

    def take(self, priority: Priority) -> None:
        """Return when one request may go out; RetryLater when that would take longer than five minutes."""
        begun = self._clock.steady()
        while (wait_s := self._try(priority)) > 0:
            if self._clock.steady() + wait_s - begun > LONGEST_WAIT_S:
                raise RetryLater(
                    what="The store's request quota is used up.",
                    after=wait_s,
                    next="The next run goes on from here; ask which other apps use the store if it lasts.",
                )
            self._clock.sleep(wait_s)

    def observe(self, seen: Quota) -> None:
        """Learn from an answer's headers; most answers teach nothing and cost nothing."""
        with self._lock:
            if self._told.is_news(seen, self._clock.steady()):
                self._tokens.observe(seen)

    def pause(self, seconds: float) -> None:
        """Let nothing out for a while: the store as a whole asked for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock.steady() + seconds)
            self._held = dict.fromkeys(Priority, 0)

    def _try(self, priority: Priority) -> float:
        """Take a token and return 0, or return the seconds to wait before trying again."""
        with self._lock:
            now = self._clock.steady()
            if now < self._paused_until:
                return max(self._paused_until - now, SHORTEST_WAIT_S)
            if now >= self._held_until:
                self._held = dict.fromkeys(Priority, 0)
            if not self._held[priority]:
                draw = self._tokens.draw(DRAWN_AT_ONCE, priority)
                if draw.granted <= 0:
                    return max(draw.wait_s, SHORTEST_WAIT_S)
                self._held[priority] = draw.granted
                self._held_until = now + HELD_S
            self._held[priority] -= 1
            self._told.spent += 1
            return 0.0


class Told:
    """What was last passed on to the tokens, and what it lets us expect."""

    def __init__(self) -> None:
        self.quota: Quota | None = None
        self.window_ends = 0.0
        self.spent = 0  # our own requests since

    def is_news(self, seen: Quota, now: float) -> bool:
        """Tell whether a quota is worth a write: a new window, another limit, or others eat more than a twentieth."""
        last = self.quota
        if last is not None and last.limit == seen.limit and now < self.window_ends:
            others = last.left - self.spent - seen.left
            if others <= max(seen.limit // 20, DRAWN_AT_ONCE):
                return False
        self.quota, self.window_ends, self.spent = seen, now + seen.resets_in_s, 0
        return True


class LocalTokens:
    """Tokens of a single process, paced by the last quota seen; without one everything is granted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._quota: Quota | None = None
        self._left = 0
        self._window_ends = 0.0

    def draw(self, want: int, priority: int) -> Draw:
        """Grant what this priority may take of the rest of the window."""
        if self._quota is None:
            return Draw(granted=want, wait_s=0.0)
        now = self._clock.steady()
        if now >= self._window_ends:
            self._left = self._quota.limit
            self._window_ends = now + self._quota.window_s
        free = self._left - int(self._quota.limit * KEPT_FREE[Priority(priority)])
        granted = max(0, min(want, free))
        self._left -= granted
        return Draw(granted=granted, wait_s=0.0 if granted else self._window_ends - now)

    def observe(self, seen: Quota) -> None:
        """Believe the store; within a window its number only falls, so that late answers cannot raise it."""
        now = self._clock.steady()
        is_same_window = self._quota is not None and now < self._window_ends and seen.limit == self._quota.limit
        self._left = min(self._left, seen.left) if is_same_window else seen.left
        self._quota, self._window_ends = seen, now + seen.resets_in_s
