"""Faults of the shops of the market: those of `sandbox.faults` that know no API, and some that only stock can have.

* `lying`: the answer says that it was done, and nothing was
* `late`: answered at once, done only after so many further requests (`requests`, 5)
* `zeros`: every number reads 0 (a write that it strikes is left alone)
* `partly`: rows of a batch fail: every `every`-th (2), for a reason of the shop's own
* `out_of_order`: the results of a batch come in another order than its rows
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from sandbox.faults.options import OPTIONS, Check, whole
from sandbox.faults.plan import Fault

T = TypeVar("T")

PLAIN = (
    *("500", "501", "502", "503", "504", "507", "423", "401", "403", "html", "empty", "redirect"),
    *("drop", "drop_after_write", "truncated", "malformed", "drip", "bomb"),
)
"""What needs to know nothing of an API."""

KINDS: Mapping[str, Mapping[str, Check]] = {
    **{kind: OPTIONS[kind] for kind in PLAIN},
    "429": {"done": OPTIONS["500"]["done"], "seconds": whole(0)},
    "lying": {},
    "late": {"requests": whole(1)},
    "zeros": {},
    "partly": {"every": whole(1)},
    "out_of_order": {},
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a kind's own handlers have to play themselves, since only they know what a row is."""

    every: int = 0
    shuffled: bool = False
    chance: Random | None = None

    @classmethod
    def of(cls, fault: Fault | None, chance: Random) -> "Trouble":
        """The part of a fault that handlers play."""
        if fault is None or fault.kind not in {"partly", "out_of_order"}:
            return cls()
        every = int(fault.options.get("every", 2)) if fault.kind == "partly" else 0
        return cls(every, fault.kind == "out_of_order", chance)

    def fails(self, row: int) -> bool:
        """Whether the row of a batch at an index fails for no reason of the caller's."""
        return self.every > 0 and row % self.every == self.every - 1

    def results(self, rows: Sequence[T]) -> list[T]:
        """The results of a batch in the order in which they are told."""
        told: list[Any] = list(rows)
        if self.shuffled and self.chance is not None:
            self.chance.shuffle(told)
        return told
