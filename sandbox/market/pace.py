"""A leaky bucket, by which most shops pace their callers."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Holds up to `size` and fills by `rate` a second; a request takes its cost out, if there is as much."""

    size: float
    rate: float
    left: float = field(init=False)
    filled: float | None = None

    def __post_init__(self) -> None:
        self.left = self.size

    def fill(self, now: float) -> None:
        """Let it fill until a moment, in seconds of whatever clock."""
        if self.filled is not None:
            self.left = min(self.size, self.left + max(0.0, now - self.filled) * self.rate)
        self.filled = now

    def take(self, cost: float, now: float) -> bool:
        """Take a cost; false, and nothing is taken, when there is less."""
        self.fill(now)
        if cost > self.left:
            return False
        self.left -= cost
        return True

    def wait(self, cost: float) -> float:
        """Seconds until there will be as much."""
        return max(0.0, (cost - self.left) / self.rate)
