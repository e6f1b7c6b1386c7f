"""Reads the bodies of writes: a table of rules says what each field may hold."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.api.call import Call
from sandbox.errors import Refusal
from sandbox.times import read_moment

MOST = 2_147_483_647
Rule = Callable[[Any], str | None]
"""Says what is wrong with a value, or None."""


def text(longest: int, shortest: int = 0) -> Rule:
    """A text of so many characters."""
    says = f"must be a text of {shortest} to {longest} characters"
    return lambda value: None if isinstance(value, str) and shortest <= len(value) <= longest else says


def whole(least: int = 0, most: int = MOST) -> Rule:
    """A whole number."""
    says = f"must be a whole number from {least} to {most}"
    return lambda value: None if type(value) is int and least <= value <= most else says


def flag(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "must be true or false"


def one_of(*choices: str) -> Rule:
    """One of some words."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def amount(value: Any) -> str | None:
    """Money as a number that is not negative."""
    fits = type(value) in {int, float} and 0 <= value < MOST
    return None if fits else "must be a number of at least 0"


def decimal(value: Any) -> str | None:
    """Money as v2 takes it: a number, or a number in a text."""
    try:
        return amount(float(value) if isinstance(value, str) else value)
    except ValueError:
        return "must be a number of at least 0"


def integer(value: Any) -> str | None:
    """Any whole number."""
    return None if type(value) is int else "must be a whole number"


def date(value: Any) -> str | None:
    """A moment in any of the ways in which the shop reads them."""
    try:
        read_moment(value)
    except (AttributeError, TypeError, ValueError):
        return "must be a date and time"
    return None


def or_null(rule: Rule) -> Rule:
    """The same, or nothing."""
    return lambda value: None if value is None else rule(value)


def wrong_fields(sent: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, str]:
    """What is wrong with the fields that were sent, by name; fields without a rule are nobody's concern."""
    said = {name: rule(sent[name]) for name, rule in rules.items() if name in sent}
    return {name: f"{name} {reason}" for name, reason in said.items() if reason}


def json_object(call: Call) -> dict[str, Any]:
    """The body, which must be an object."""
    body = call.json()
    if not isinstance(body, dict):
        raise Refusal(400 if call.is_v2 else 422, "The body must be an object")
    return body


def json_objects(value: Any, name: str, status: int) -> list[dict[str, Any]]:
    """A list of objects, with at least one."""
    if not isinstance(value, list) or not value or not all(isinstance(part, dict) for part in value):
        raise Refusal(status, f"{name} must be an array of objects with at least one")
    return value
