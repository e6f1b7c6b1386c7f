"""What a field may hold instead of its value, as raw JSON: NaN, 1e999 and half characters are nothing that Python writes."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
HERE = "\x02here\x02"
AWAY = None

MUTATIONS: dict[str, bytes | None] = {
    "absent": AWAY,
    "null": b"null",
    "an empty text": b'""',
    "another text": b'"sideways"',
    "a number": b"7",
    "negative": b"-7",
    "zero": b"0",
    "beyond 64 bits": b"18446744073709551617",
    "thirty digits": b"1" + b"0" * 30,
    "beyond any float": b"1e999",
    "with a fraction": b"2.5",
    "with endless digits": b"0." + b"3" * 400,
    "true": b"true",
    "an empty list": b"[]",
    "a list": b"[7]",
    "an empty object": b"{}",
    "an object": b'{"a": 7}',
    "as deep as a reader bears": b"[" * 400 + b"]" * 400,
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "half a character": b'"x\\ud83dy"',
    "broken UTF-8": b'"x\xff\xfey"',
    "the character NUL": b'"x\\u0000y"',
    "a steered terminal": b'"\\u001b[31mred\\u202e"',
    "a day that never was": b'"2026-02-30T10:00:00Z"',
    "PHP's zero date": b'"0000-00-00 00:00:00"',
    "the end of the calendar": b'"9999-12-31T23:59:59-14:00"',
    "a day to come": b'"2101-01-01T00:00:00+00:00"',
    "an unknown currency": b'"ZZZZ"',
    "told twice, the last time rightly": b"7",
}
MEGABYTE = b'"' + b"m" * 2**20 + b'"'
RIGHTLY = "told twice, the last time rightly"


@dataclass(frozen=True)
class Case:
    """One field of one kind of record, and what it holds instead of its value."""

    path: Path
    how: str

    @property
    def field(self) -> str:
        """The path without positions, such as `variants.sku`."""
        return ".".join(part for part in self.path if isinstance(part, str))

    @property
    def content(self) -> bytes | None:
        """What stands there, None where nothing does."""
        return MEGABYTE if self.how == "a megabyte" else MUTATIONS[self.how]

    def spoil(self, record: dict[str, Any]) -> bytes:
        """Return the record's JSON with this field spoiled."""
        spoiled = deepcopy(record)
        *way, last = self.path
        inner: Any = spoiled
        for part in way:
            inner = inner[part]
        true = inner[last]
        if self.content is None:
            del inner[last]
            return json.dumps(spoiled).encode()
        inner[last] = HERE
        content = self.content
        if self.how == RIGHTLY and isinstance(last, str):
            content += b", " + json.dumps(last).encode() + b": " + json.dumps(true).encode()
        elif self.how == RIGHTLY:
            content = json.dumps(true).encode()
        return json.dumps(spoiled).encode().replace(json.dumps(HERE).encode(), content)


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    """Yield the path of everything inside a value; of a list, what stands first."""
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = iter(list(enumerate(value))[:1])
    for part, one in inner:
        yield (*here, part)
        yield from paths(one, (*here, part))


def has(value: Any, path: Path) -> bool:
    """Tell whether a record has this path."""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def cases_of(records: list[dict[str, Any]]) -> list[Case]:
    """Return every mutation of every field that any of these records has; texts of a megabyte on the first few."""
    found = list(dict.fromkeys(path for record in records for path in paths(record)))
    long = [Case(path, "a megabyte") for path in found[:3]]
    return [Case(path, how) for path in found for how in MUTATIONS if is_malformed(path, how)] + long


def is_malformed(path: Path, how: str) -> bool:
    """Tell apart what another honest shop might say: of a list, one less."""
    return not (how == "absent" and isinstance(path[-1], int))
