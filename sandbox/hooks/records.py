"""What the shop keeps of hooks: who has registered, what waits to be delivered, and how the deliveries went."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.records import OUR_CLIENT

ACTIVE, INACTIVE, DEACTIVATED = "active", "inactive", "deactivated"


@dataclass(slots=True)
class Hook:
    """A registration. `told_at` is when there last was an event for it; moments are in Unix seconds."""

    id: int
    scope: str
    destination: str
    headers: dict[str, str]
    created: int
    updated: int
    told_at: int
    status: str = ACTIVE
    client: str = OUR_CLIENT

    @property
    def host(self) -> str:
        """The domain that it sends to."""
        return self.destination.partition("://")[2].partition("/")[0].partition(":")[0]


@dataclass(slots=True)
class Delivery:
    """One event on its way to one hook: due at a moment of the shop's clock, tried so often; `stamp` as it was first signed."""

    id: str
    hook_id: int
    body: bytes
    due: int
    tries: int = 0
    stamp: int = 0


@dataclass(slots=True)
class Manners:
    """How badly events travel: shares of them that get lost, come twice or late, and whether they come in any order."""

    lose: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    late_seconds: int = 900
    shuffle: bool = False

    @classmethod
    def of(cls, told: object) -> "Manners":
        """Manners from their JSON form. Raises ValueError with what is wrong."""
        known = cls.__dataclass_fields__
        if not isinstance(told, Mapping) or not set(told) <= set(known):
            message = f"the manners of hooks are an object with some of {', '.join(known)}"
            raise ValueError(message)
        shares = [told[name] for name in ("lose", "twice", "late") if name in told]
        if not all(type(one) in {int, float} and 0 <= one <= 1 for one in shares):
            message = "lose, twice and late are shares from 0 to 1"
            raise ValueError(message)
        seconds = told.get("late_seconds", 0)
        if type(seconds) is not int or seconds < 0 or not isinstance(told.get("shuffle", False), bool):
            message = "late_seconds is a whole number of at least 0, shuffle true or false"
            raise ValueError(message)
        return cls(**told)


@dataclass(slots=True)
class HookDesk:
    """All of it. `touched` are records that changed and were not told of yet, as they were before (None: they were not)."""

    hooks: dict[int, Hook] = field(default_factory=dict)
    queue: list[Delivery] = field(default_factory=list)
    touched: dict[tuple[str, int], Any] = field(default_factory=dict)
    manners: Manners = field(default_factory=Manners)
    counts: Counter[str] = field(default_factory=Counter)
    emails: list[str] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, deque[tuple[int, str]]] = field(default_factory=dict)  # by domain: moment, "" or what went wrong
    blocked: dict[str, int] = field(default_factory=dict)  # domain -> until when
    complained: dict[int, int] = field(default_factory=dict)  # hook -> when an exception was last told of it
    last_id: int = 18_000_000
    made: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The truth about deliveries."""
        waiting = [{"hook_id": one.hook_id, "due": one.due, "tries": one.tries} for one in self.queue]
        return {
            "counts": dict(self.counts),
            "waiting": waiting,
            "manners": asdict(self.manners),
            "mails": self.mails,
            "blocked": self.blocked,
        }
