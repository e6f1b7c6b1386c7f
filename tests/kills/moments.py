"""When a process is struck: at a labelled point of the product, or at a request that the shop counts; never by a stop-watch."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("kill", "term", "pause", "power")
REQUEST = "request"
COMMITTED = "after_commit"


@dataclass(frozen=True)
class Moment:
    """The n-th time that a process passes a point: a label and its phase, or "request" and "received" or "answered"."""

    label: str
    phase: str
    nth: int

    def __str__(self) -> str:
        return f"{self.label}@{self.phase}@{self.nth}"

    @classmethod
    def read(cls, text: str) -> "Moment":
        """Return a moment from the text that a failing case prints."""
        label, phase, nth = text.split("@")
        return cls(label, phase, int(nth))


def passings(passed: Sequence[tuple[str, str]]) -> list[Moment]:
    """Return every moment of a day, in order."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for point in passed:
        seen[point] += 1
        found.append(Moment(*point, seen[point]))
    return found


def labelled_points(moments: Sequence[Moment]) -> list[Moment]:
    """Return the first passing of every point."""
    return [one for one in moments if one.nth == 1]


def requests(count: int) -> list[Moment]:
    """Return every moment that the shop can count: each request before it is done, and after."""
    return [Moment(REQUEST, phase, n + 1) for n in range(count) for phase in ("received", "answered")]


def before_the_last_commits(moments: Sequence[Moment], struck: Moment, lost: int) -> Moment | None:
    """Return the moment right before the last `lost` commits before a moment; None where there are not so many."""
    earlier = moments[: moments.index(struck) + 1]
    commits = [one for one in earlier if one.phase == COMMITTED]
    if len(commits) < lost:
        return None
    last = commits[-lost]
    return Moment(last.label, "before", last.nth)


@dataclass(frozen=True)
class Strike:
    """One case: what is done to the process, when, and how many commits a power loss takes with it."""

    kind: str
    moment: Moment
    lost: int = 1

    def __str__(self) -> str:
        return f"{self.kind}:{self.moment}:{self.lost}"

    @classmethod
    def read(cls, text: str) -> "Strike":
        """Return a case from the text that it prints when it fails."""
        kind, rest = text.split(":", 1)
        moment, _, lost = rest.rpartition(":")
        return cls(kind, Moment.read(moment), int(lost))


def drawn(seed: int, count: int, moments: Sequence[Moment], asked: int) -> list[Strike]:
    """Return kills at moments drawn by a seed: at any passing of any point, and at any request."""
    chance = random.Random(seed)
    among = [*moments, *requests(asked)]
    return [Strike("kill", chance.choice(among)) for _ in range(count)]
