"""The schema of each version, as far as it is served, and the oldest and newest version that there is."""

import re
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema

VERSIONS = ("2026-01", "2026-04", "2026-07")
SHAPE = re.compile(r"\d{4}-(01|04|07|10)")
MARK = re.compile(r"#(until|from) (\S+)$")


def served_version(asked: str) -> str | None:
    """The version that answers to one that is asked for: the oldest for what is older still; None for none."""
    if asked in VERSIONS:
        return asked
    return VERSIONS[0] if SHAPE.fullmatch(asked) and asked < VERSIONS[0] else None


def _has(line: str, version: str) -> bool:
    found = MARK.search(line)
    if found is None:
        return True
    return version <= found[2] if found[1] == "until" else version >= found[2]


@cache
def schema(version: str) -> GraphQLSchema:
    """The schema of a version."""
    lines = (Path(__file__).parent / "schema.graphql").read_text("utf-8").splitlines()
    return build_schema("\n".join(line for line in lines if _has(line, version)))
