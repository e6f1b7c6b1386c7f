"""The list of faults: each with the requests that it strikes, how often, and after how many it begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from sandbox.faults.options import COMMON, OPTIONS, Check, complaint


class UnknownFault(ValueError):
    """A fault that cannot be set."""


@dataclass(slots=True)
class Fault:
    """One fault. `match` is "METHOD path" with `*`, the path relative to the store, with or without its query."""

    kind: str
    match: str = "*"
    times: int | None = None
    after: int = 0
    rate: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    @classmethod
    def of(cls, entry: object, kinds: Mapping[str, Mapping[str, Check]] = OPTIONS) -> "Fault":
        """A fault of some kinds from its JSON form; raises UnknownFault with what is wrong."""
        if not isinstance(entry, dict):
            message = "each fault is an object with at least match and kind"
            raise UnknownFault(message)
        told = dict(entry)
        kind = str(told.pop("kind", ""))
        if kind not in kinds:
            message = f"unknown kind {kind!r}; there are {', '.join(sorted(kinds))}"
            raise UnknownFault(message)
        wrong = complaint(kind, told, kinds)
        if wrong is not None:
            raise UnknownFault(wrong)
        common = {name: told.pop(name) for name in COMMON if name in told}
        return cls(kind=kind, options=told, **common)

    def as_dict(self) -> dict[str, Any]:
        """The fault with how often it was met and how often it struck."""
        told = {"match": self.match, "kind": self.kind, "times": self.times, "after": self.after, "rate": self.rate}
        return {**told, **self.options, "seen": self.seen, "fired": self.fired}

    def strikes(self, asked: str, query: str, chance: Random) -> bool:
        """Whether it strikes this request."""
        if not (fnmatchcase(asked, self.match) or (query and fnmatchcase(f"{asked}?{query}", self.match))):
            return False
        self.seen += 1
        spent = self.times is not None and self.fired >= self.times
        if self.seen <= self.after or spent or (self.rate < 1 and chance.random() >= self.rate):
            return False
        self.fired += 1
        return True


class FaultPlan:
    """The faults that are set, tried in order; the first that strikes wins."""

    def __init__(self, seed: int, kinds: Mapping[str, Mapping[str, Check]] = OPTIONS) -> None:
        self._seed = seed
        self._kinds = kinds
        self.faults: list[Fault] = []
        self.chance = Random(f"{seed}:faults")

    def set(self, entries: object) -> None:
        """Replace the list; nothing changes when an entry is wrong."""
        listed = entries if isinstance(entries, list) else [entries]
        self.faults = [Fault.of(entry, self._kinds) for entry in listed]
        self.chance = Random(f"{self._seed}:faults")

    def strike(self, asked: str, query: str) -> Fault | None:
        """The fault that strikes this request, if any."""
        return next((fault for fault in self.faults if fault.strikes(asked, query, self.chance)), None)

    def as_list(self) -> list[dict[str, Any]]:
        """All of them, with how often they struck."""
        return [fault.as_dict() for fault in self.faults]
