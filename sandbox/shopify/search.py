"""Shopify's search syntax, as far as it is served: terms `field:[comparator]value`, all of which must hold."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

TERM = re.compile(r"""(\w+):(>=|<=|>|<)?("[^"]*"|'[^']*'|\S+)""")
Reader = Callable[[Any], int | str]
"""What a filter looks at in a row: moments and ids are numbers, everything else text."""


def _moment(text: str) -> int:
    found = datetime.fromisoformat(text)
    return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp())


def _value(text: str, sample: int | str) -> int | str:
    plain = text[1:-1] if text[:1] in {'"', "'"} else text
    if isinstance(sample, str):
        return plain.lower()
    return int(plain) if plain.isdigit() and len(plain) != 4 else _moment(plain)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda has, asked: has >= asked,
    "<=": lambda has, asked: has <= asked,
    ">": lambda has, asked: has > asked,
    "<": lambda has, asked: has < asked,
    "": lambda has, asked: has == asked,
}


def matcher(query: str | None, fields: Mapping[str, Reader]) -> Callable[[Any], bool]:
    """Whether a row is found by a query. Raises GraphQLError for what is not served, rather than searching for its words."""
    text = re.sub(r"\s+AND\s+", " ", (query or "").strip())
    rest = TERM.sub("", text).strip()
    if rest:
        raise GraphQLError(f"This practice shop does not serve the search {rest!r}.")
    tests: list[tuple[Reader, Callable[[Any, Any], bool], str]] = []
    for name, comparator, value in TERM.findall(text):
        if name not in fields:
            raise GraphQLError(f"This practice shop does not serve the filter {name!r}.")
        tests.append((fields[name], COMPARE[comparator], value))

    def found(row: Any) -> bool:
        for read, compare, value in tests:
            has = read(row)
            try:
                asked = _value(value, has)
            except ValueError:
                return False
            if not compare(has.lower() if isinstance(has, str) else has, asked):
                return False
        return True

    return found
