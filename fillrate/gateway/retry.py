"""How often and how long one call is tried again: the only retries in the product.

Pauses double from half a second to thirty, drawn anew between zero and that (full jitter), so that many callers that
failed together do not come back together. What the shop itself asks for is honoured when it is sane.
"""

from dataclasses import dataclass

from fillrate.gateway.outside import Outside
from fillrate.gateway.trouble import Trouble


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Limits of one call: seconds per phase, tries after failures, and seconds for all of it."""

    connect_s: float = 5.0
    read_s: float = 20.0
    total_s: float = 45.0
    tries: int = 5
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    patience_s: float = 300.0
    body_cap: int = 32 * 2**20


class Tries:
    """The tries of one call so far."""

    def __init__(self, policy: RetryPolicy, outside: Outside) -> None:
        self._policy = policy
        self._outside = outside
        self._ends = outside.clock.steady() + policy.patience_s
        self._rounds = 0
        self._failures = 0

    def pause_after(self, trouble: Trouble) -> float | None:
        """Return how many seconds to wait before the next try, None to give up.

        Being asked for patience is no failure: it is bounded by time alone. A pause that the shop names beyond the rest
        of the time means giving up now instead of sleeping in vain.
        """
        self._rounds += 1
        self._failures += not trouble.patience
        if not trouble.again or self._failures >= self._policy.tries:
            return None
        longest = min(self._policy.longest_pause_s, self._policy.first_pause_s * 2 ** (self._rounds - 1))
        pause = max(self._outside.chance.uniform(0, longest), trouble.wait_s or 0, 1.0 if trouble.patience else 0.0)
        return pause if pause <= self._ends - self._outside.clock.steady() else None
