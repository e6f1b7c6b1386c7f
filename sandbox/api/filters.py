"""Filters and sorting of v3 lists: `field`, `field:min`, `field:in` and so on; what a list does not know is a 422."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import islice
from math import ceil, floor, inf
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.api.call import FALSE, TRUE, Call
from sandbox.clock import DAY
from sandbox.errors import Refusal
from sandbox.state import State
from sandbox.table import View
from sandbox.times import read_moment

RANGE = frozenset({"min", "max", "greater", "less"})
Test = Callable[[Any], bool]


def as_bool(text: str) -> bool:
    """A yes or no."""
    if text not in TRUE | FALSE:
        raise ValueError(text)
    return text in TRUE


@dataclass(frozen=True, slots=True)
class Field:
    """Something to filter by: how to get it from a record, how to read the value asked for, which operators it has.

    `ids` gives the records that can have one of the values (or None), where something is quicker than looking at all.
    """

    get: Callable[[State, Any], Any]
    read: Callable[[str], Any] = str
    ops: frozenset[str] = frozenset({""})
    ids: Callable[[State, Iterable[Any]], set[int] | None] = lambda _, __: None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list can filter and sort by.

    `append_time`: a date without time gets the present time of day. `own_second`: a date filter includes its own second
    by the documents, so that no switch is about it.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    sorts: Mapping[str, Callable[[State, Any], Any]] = field(default_factory=dict)
    controls: frozenset[str] = frozenset()
    id_ops: frozenset[str] = frozenset({"", "in", "not_in", "min", "max", "greater", "less"})
    id_name: str = "id"
    dates: Mapping[str, str] = field(default_factory=dict)
    date_ops: frozenset[str] = frozenset({"", "min", "max"})
    own_second: bool = False
    append_time: bool = False
    sort_has_direction: bool = False


@dataclass(slots=True)
class Query:
    """A list request, understood."""

    low: int | None = None
    high: int | None = None
    ids: set[int] | None = None
    modified: tuple[int | None, int | None] | None = None
    tests: list[Test] = field(default_factory=list)


PAGE_CONTROLS = frozenset({"page", "limit", "sort", "direction", "include", "include_fields", "exclude_fields"})

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda have, want: bool(have == want),
    "min": lambda have, want: bool(have >= want),
    "max": lambda have, want: bool(have <= want),
    "greater": lambda have, want: bool(have > want),
    "less": lambda have, want: bool(have < want),
    "in": lambda have, want: have in want,
    "not_in": lambda have, want: have not in want,
    "not": lambda have, want: bool(have != want),
}


def read_listing(call: Call, listing: Listing) -> Query:
    """Understand the parameters of a list request; v2 ignores those that it does not know."""
    query = Query()
    unknown = []
    for name, text in call.params.items():
        base, _, op = name.partition(":")
        if base == listing.id_name and op in listing.id_ops:
            _by_id(query, op, _values(call, name, text, int, op))
        elif base in listing.dates and op in listing.date_ops:
            _by_date(call, listing, query, base, op)
        elif base in listing.fields and op in listing.fields[base].ops:
            query.tests.append(_test(call, name, text, listing.fields[base], op))
            if op in {"", "in"}:
                _by_index(
                    call, query, listing.fields[base], _values(call, name, text, listing.fields[base].read, op), op
                )
        elif name not in listing.controls | PAGE_CONTROLS:
            unknown.append(name)
    if unknown and not call.is_v2:
        raise Refusal(422, f"The filter(s): {', '.join(unknown)} are not valid filter parameter(s).")
    return query


def _values(call: Call, name: str, text: str, read: Callable[[str], Any], op: str) -> Any:
    try:
        if op in {"in", "not_in"}:
            return {read(part.strip()) for part in text.split(",") if part.strip()}
        return read(text)
    except (ValueError, TypeError) as error:
        raise call.bad_parameter(name) from error


def _by_index(call: Call, query: Query, known: Field, value: Any, op: str) -> None:
    found = known.ids(call.state, {value} if op == "" else value)
    if found is not None:
        query.ids = found if query.ids is None else query.ids & found


def _by_id(query: Query, op: str, value: Any) -> None:
    if op in {"", "in"}:
        wanted = {value} if op == "" else value
        query.ids = wanted if query.ids is None else query.ids & wanted
    elif op == "not_in":
        query.tests.append(lambda row: row.id not in value)
    elif op in {"min", "greater"}:
        low = value + (op == "greater")
        query.low = low if query.low is None else max(low, query.low)
    else:
        high = value - (op == "less")
        query.high = high if query.high is None else min(high, query.high)


def _test(call: Call, name: str, text: str, known: Field, op: str) -> Test:
    want = _values(call, name, text, known.read, op)
    if op == "like":
        wanted = text.lower()
        return lambda row: wanted in str(known.get(call.state, row)).lower()
    compare = COMPARE[op]
    return lambda row: compare(known.get(call.state, row), want)


def zone_of(call: Call) -> tzinfo:
    """The zone of a date filter that names none."""
    return UTC if call.state.switches.zoneless_filters == "utc" else ZoneInfo(call.state.profile.zone)


def low_bound(seconds: float, *, inclusive: bool) -> int:
    """The first second that passes a lower bound."""
    return ceil(seconds) if inclusive else floor(seconds) + 1


def high_bound(seconds: float, *, inclusive: bool) -> int:
    """The last second that passes an upper bound."""
    return floor(seconds) if inclusive else ceil(seconds) - 1


def _by_date(call: Call, listing: Listing, query: Query, base: str, op: str) -> None:
    name = f"{base}:{op}" if op else base
    try:
        asked = read_moment(call.params[name], zone_of(call))
    except (ValueError, TypeError) as error:
        raise call.bad_parameter(name) from error
    seconds = asked.seconds
    if asked.date_only and listing.append_time:
        seconds += call.state.clock.now() % DAY
    switches = call.state.switches
    low = high = None
    if op == "min":
        low = low_bound(seconds, inclusive=listing.own_second or switches.min_date_inclusive)
    elif op == "max":
        high = high_bound(seconds, inclusive=listing.own_second or switches.max_date_inclusive)
    else:
        whole_day = asked.date_only and not listing.append_time
        low, high = ceil(seconds), floor(seconds) + (DAY - 1 if whole_day else 0)
    narrow(query, listing.dates[base], low, high)


def narrow(query: Query, attribute: str, low: int | None, high: int | None) -> None:
    """Keep records whose moment lies between low and high; changes go by the index, all else by looking."""
    if attribute == "modified":
        had_low, had_high = query.modified or (None, None)
        query.modified = (had_low if low is None else low, had_high if high is None else high)
    elif low is not None:
        query.tests.append(
            lambda row: getattr(row, attribute) >= low and (high is None or getattr(row, attribute) <= high)
        )
    elif high is not None:
        query.tests.append(lambda row: getattr(row, attribute) <= high)


def find(
    view: View[Any], query: Query, *, by_change: bool = False, reverse: bool = False, most: int | None = None
) -> Sequence[int]:
    """Ids of the records that pass, by id or in the order of their changes; of long lists only the first `most`."""
    ids, tests = _candidates(view, query, by_change=by_change)
    ids = ids[::-1] if reverse else ids
    if not tests:
        return ids
    rows = view.each(ids)
    for test in tests:
        rows = filter(test, rows)
    return [row.id for row in islice(rows, most)]


def _candidates(view: View[Any], query: Query, *, by_change: bool) -> tuple[Sequence[int], list[Test]]:
    """Ids in the right order, of the shortest list that holds all that pass, and what is left to test."""
    low, high = query.modified or (None, None)
    if query.ids is not None:
        rows = [row for row in view.rows(sorted(query.ids)) if _within(row.id, query)]
        if by_change:
            rows.sort(key=lambda row: row.modified)
        return [row.id for row in rows], [*_modified_test(low, high), *query.tests]
    window = view.changes(low, high) if by_change or query.modified else slice(0)
    if by_change:
        ids = [row_id for _, row_id in view.by_change()[window]]
        if query.low is not None or query.high is not None:
            ids = [row_id for row_id in ids if _within(row_id, query)]
        return ids, query.tests
    in_range = view.between(query.low, query.high)
    if query.modified is None or (window.stop - window.start) * 10 > len(in_range):
        return in_range, [*_modified_test(low, high), *query.tests]
    return sorted(row_id for _, row_id in view.by_change()[window] if _within(row_id, query)), query.tests


def _modified_test(low: int | None, high: int | None) -> list[Test]:
    if low is None and high is None:
        return []
    least, most = (-inf if low is None else low), (inf if high is None else high)
    return [lambda row: least <= row.modified <= most]


def pick(rows: Iterable[Any], query: Query) -> list[Any]:
    """Of records that live in no table, those that pass."""
    chosen = (row for row in rows if query.ids is None or row.id in query.ids)
    return [row for row in chosen if _within(row.id, query) and all(test(row) for test in query.tests)]


def _within(row_id: int, query: Query) -> bool:
    return (query.low is None or row_id >= query.low) and (query.high is None or row_id <= query.high)


def find_sorted(call: Call, listing: Listing, view: View[Any], query: Query) -> Sequence[int]:
    """Ids that pass, in the order of `sort` and `direction`, or of `sort=field:direction` where the list has that form."""
    wanted = call.params.get("sort", "id")
    direction = call.params.get("direction", "asc")
    if listing.sort_has_direction and ":" in wanted:
        wanted, _, direction = wanted.partition(":")
    if direction not in {"asc", "desc"} or (wanted != "id" and wanted not in listing.sorts):
        raise call.bad_parameter("sort" if direction in {"asc", "desc"} else "direction")
    reverse = direction == "desc"
    if wanted in {"id", "date_modified"}:
        return find(view, query, by_change=wanted == "date_modified", reverse=reverse)
    key = listing.sorts[wanted]
    rows = sorted(view.rows(find(view, query)), key=lambda row: key(call.state, row), reverse=reverse)
    return [row.id for row in rows]
