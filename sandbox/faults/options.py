"""What each kind of fault may be told, so that a misspelt or senseless option is refused when it is set."""

from collections.abc import Callable, Mapping
from typing import Any

Check = tuple[Callable[[Any], bool], str]
"""Whether a value will do, and what would."""


def whole(least: int, most: int = 2**31) -> Check:
    """A whole number within bounds."""
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and least <= v <= most, f"a number from {least} on"


def _one_of(*choices: str) -> Check:
    return lambda v: v in choices, f"one of {', '.join(choices)}"


TRUTH: Check = (lambda v: isinstance(v, bool), "true or false")
TEXT: Check = (lambda v: isinstance(v, str), "a text")
PACE: Check = (lambda v: isinstance(v, int | float) and 0 < v < 2**31, "a number above 0")
ANYTHING: Check = (lambda _: True, "anything")

BROKEN = ("missing", "type", "null", "text")
NEARLY = ("nan", "surrogate", "duplicate", "deep", "cut", "trailing", "huge", "nul")
STATUSES = ("500", "501", "502", "503", "504", "507", "423", "401", "403")

OPTIONS: dict[str, Mapping[str, Check]] = {
    "429": {"done": TRUTH, "headers": _one_of("with", "without", "absurd"), "reset_ms": whole(0)},
    **{status: {"done": TRUTH} for status in STATUSES},
    "html": {"done": TRUTH},
    "empty": {"done": TRUTH},
    "redirect": {"done": TRUTH, "location": TEXT},
    "drop": {},
    "drop_after_write": {},
    "truncated": {"keep": whole(0), "how": _one_of("json")},
    "malformed": {"how": _one_of(*NEARLY)},
    "drip": {"bytes_per_second": PACE},
    "empty_catalogue": {},
    "missing_rows": {"count": whole(1)},
    "shift": {"by": whole(1), "repeat": TRUTH},
    "bad_record": {"position": whole(0), "field": TEXT, "how": _one_of(*BROKEN)},
    "loop": {},
    "wrong_store": {},
    "bomb": {"mib": whole(1, 1024)},
    "207": {"errors": ANYTHING},
}
COMMON: Mapping[str, Check] = {
    "match": TEXT,
    "times": (lambda v: v is None or whole(0)[0](v), "a whole number, or null for ever"),
    "after": whole(0),
    "rate": (lambda v: isinstance(v, int | float) and 0 <= v <= 1, "a number from 0 to 1"),
}


def complaint(kind: str, told: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Check]] = OPTIONS) -> str | None:
    """What is wrong with the options of a fault of a kind, if anything."""
    known = {**COMMON, **kinds[kind]}
    for name, value in told.items():
        if name not in known:
            return f"{kind} has no option {name!r}; there are {', '.join(sorted(known))}"
        will_do, wanted = known[name]
        if not will_do(value):
            return f"{name} is {wanted}, not {value!r}"
    return None
