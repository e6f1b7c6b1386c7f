"""Time, chance, new ids and crash points, handed in so that a simulator can replace them.

Nothing else in the product reads the clock, draws a number or makes an id.
"""

import random
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

Phase = Literal["before", "after_effect", "after_commit"]


class Clock(Protocol):
    """Wall time in UTC, a steady counter in seconds, and waiting."""

    def now(self) -> datetime: ...  # noqa: D102 - the class says it
    def steady(self) -> float: ...  # noqa: D102 - the class says it
    def sleep(self, seconds: float) -> None: ...  # noqa: D102 - the class says it


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Faults(Protocol):
    """Where a simulator may end the process: at a labelled commit or outside call."""

    def at(self, label: str, phase: Phase) -> None:
        """Return, or raise to end the run here."""
        ...


class NoFaults:
    """Production: nothing happens at a labelled point."""

    def at(self, label: str, phase: Phase) -> None:
        """Return."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that makes two runs differ, in one place."""

    clock: Clock = field(default_factory=SystemClock)
    chance: random.Random = field(default_factory=random.Random)
    faults: Faults = field(default_factory=NoFaults)

    def new_id(self) -> str:
        """Return a new id of 32 hexadecimal digits."""
        return uuid.UUID(int=self.chance.getrandbits(128), version=4).hex
