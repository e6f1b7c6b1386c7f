"""Crash points: end the process at a labelled commit or call, and count that it really happened."""

from collections import Counter

from fillrate.gateway.outside import Phase


class Crash(BaseException):
    """The process is gone; nothing may catch this."""


class Watch:
    """Note every labelled point that a run passes."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, Phase]] = Counter()

    def at(self, label: str, phase: Phase) -> None:
        """Count it."""
        self.seen[label, phase] += 1


class CrashAt(Watch):
    """End the process at the n-th passing of one point; what is dead stays dead."""

    def __init__(self, label: str, phase: Phase, occurrence: int) -> None:
        super().__init__()
        self.point = (label, phase, occurrence)
        self.hits = 0

    def at(self, label: str, phase: Phase) -> None:
        """Count it, and raise where the process is to end or has ended."""
        super().at(label, phase)
        wanted, when, occurrence = self.point
        if self.hits or ((label, phase) == (wanted, when) and self.seen[label, phase] == occurrence):
            self.hits += 1
            raise Crash
