"""Lists as WordPress pages them: parameters checked, filtered, ordered, cut, counted in headers, fields picked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sandbox.exchange import Response, answer
from sandbox.woocommerce.dates import bound
from sandbox.woocommerce.errors import invalid, not_served, wrong_type

T = TypeVar("T")
Params = Mapping[str, str]

TRUE, FALSE = frozenset({"true", "1", "TRUE", "True"}), frozenset({"false", "0", "FALSE", "False", ""})


def truth(params: Params, name: str) -> bool:
    """A parameter that is true or false."""
    value = params.get(name, "false")
    if value not in TRUE | FALSE:
        raise wrong_type(name, "boolean")
    return value in TRUE


def number(params: Params, name: str, default: int, least: int, most: int | None = None) -> int:
    """A whole number within bounds."""
    text = params.get(name)
    if text is None:
        return default
    if not text.lstrip("-").isdigit():
        raise wrong_type(name, "integer")
    found = int(text)
    if most is not None and not least <= found <= most:
        raise invalid(name, f"{name} must be between {least} (inclusive) and {most} (inclusive)", "rest_out_of_bounds")
    if found < least:
        raise invalid(name, f"{name} must be greater than or equal to {least}", "rest_out_of_bounds")
    return found


def chosen(params: Params, name: str, default: str, choices: Sequence[str]) -> str:
    """One of several words."""
    found = params.get(name, default)
    if found not in choices:
        raise invalid(name, f"{name} is not one of {', '.join(choices[:-1])}, and {choices[-1]}.", "rest_not_in_enum")
    return found


def ids(params: Params, name: str) -> set[int] | None:
    """A list of ids; None when it was not asked for."""
    text = params.get(name)
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() for part in parts):
        raise wrong_type(f"{name}[0]", "integer")
    return {int(part) for part in parts} or None


def refuse_unserved(params: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse by name what a real shop would filter by and this one does not."""
    for name in known:
        if name in params:
            raise not_served(f"the parameter {name}")


DATES: tuple[tuple[str, str, bool], ...] = (
    ("after", "created", True),
    ("before", "created", False),
    ("modified_after", "modified", True),
    ("modified_before", "modified", False),
)


def by_dates(params: Params, zone: ZoneInfo) -> Callable[[int, int], bool]:
    """Whether something created and modified at two moments lies within the date filters; all of them are strict."""
    gmt = truth(params, "dates_are_gmt")
    tests = [
        (which, later, bound(name, params[name], zone, are_gmt=gmt)) for name, which, later in DATES if name in params
    ]

    def within(created: int, modified: int) -> bool:
        for which, later, compare in tests:
            has, asked = compare(created if which == "created" else modified)
            if not (has > asked if later else has < asked):
                return False
        return True

    return within


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: by what (`created`, `modified`, id), which way, and whether ties keep the order of ids."""

    key: Callable[[Any], Any]
    descending: bool
    chance: Random | None = None

    def sort(self, rows: list[T]) -> list[T]:
        """The rows in order; without a promise about ties, they lie otherwise each time."""
        if self.chance is not None:
            self.chance.shuffle(rows)
        return sorted(rows, key=self.key, reverse=self.descending)


def page(params: Params, url: str, rows: Sequence[T], show: Callable[[T], dict[str, Any]]) -> Response:
    """One page of rows that are filtered and ordered, with its headers. A page past the end is empty."""
    size, at = number(params, "per_page", 10, 1, 100), number(params, "page", 1, 1)
    offset = number(params, "offset", (at - 1) * size, 0)
    pages = -(-len(rows) // size)
    response = answer([pick(params, show(row)) for row in rows[offset : offset + size]])
    response.headers |= {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
    links = [(at - 1, "prev")] if at > 1 else []
    links += [(at + 1, "next")] if at < pages else []
    told = [f'<{url}?{urlencode({**params, "page": to})}>; rel="{what}"' for to, what in links]
    if told:
        response.headers["Link"] = ", ".join(told)
    return response


def pick(params: Params, row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that were asked for; a dotted name goes into objects, not into lists."""
    asked = [name.strip() for name in params.get("_fields", "").split(",") if name.strip()]
    if not asked:
        return row
    found: dict[str, Any] = {}
    for name in asked:
        first, _, rest = name.partition(".")
        if first in row:
            within = row[first]
            if not rest:
                found[first] = within
            elif isinstance(within, dict):
                found[first] = {**found.get(first, {}), **pick({"_fields": rest}, within)}
            else:
                found.setdefault(first, [])
    return found
