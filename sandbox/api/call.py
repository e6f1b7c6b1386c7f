"""One call on its way through the API: the state, the parameters, the body, and the page that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.errors import Refusal
from sandbox.exchange import NotJson, decode
from sandbox.state import State
from sandbox.times import read_moment

DEFAULT_LIMIT = 50
TRUE, FALSE = frozenset({"1", "true", "True"}), frozenset({"0", "false", "False"})


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are wanted."""

    number: int
    limit: int

    def start(self, shift: int = 0) -> int:
        """Index of the first row; a shift (see the fault `shift`) moves every page but the first."""
        return max(0, (self.number - 1) * self.limit + (shift if self.number > 1 else 0))


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the store; `path` is relative to the store, such as `/v2/orders`."""

    state: State
    method: str
    path: str
    params: Mapping[str, str]
    body: bytes = b""
    shift: int = 0

    @property
    def is_v2(self) -> bool:
        """Whether this is the older API."""
        return self.path.startswith("/v2")

    def json(self) -> Any:
        """The decoded body; refused when it is not JSON."""
        try:
            return decode(self.body)
        except NotJson as error:
            raise Refusal(400, "Input is invalid") from error

    def bad_parameter(self, name: str) -> Refusal:
        """The refusal of a parameter's value."""
        text = f"The parameter {name} is not valid."
        return Refusal(400, text) if self.is_v2 else Refusal(422, text, {name: "invalid value"})

    def number(self, name: str) -> int | None:
        """A whole number from the query."""
        text = self.params.get(name)
        if text is None:
            return None
        try:
            return int(text)
        except ValueError as error:
            raise self.bad_parameter(name) from error

    def flag(self, name: str) -> bool | None:
        """A yes or no from the query."""
        text = self.params.get(name)
        if text is None:
            return None
        if text not in TRUE | FALSE:
            raise self.bad_parameter(name)
        return text in TRUE

    def csv(self, name: str) -> list[str] | None:
        """A comma-separated list from the query."""
        text = self.params.get(name)
        return None if text is None else [part.strip() for part in text.split(",") if part.strip()]

    def numbers(self, name: str) -> set[int] | None:
        """A comma-separated list of whole numbers from the query."""
        parts = self.csv(name)
        try:
            return None if parts is None else {int(part) for part in parts}
        except ValueError as error:
            raise self.bad_parameter(name) from error

    def moment(self, name: str) -> float | None:
        """A moment from the query; text without an offset is UTC."""
        if name not in self.params:
            return None
        try:
            return read_moment(self.params[name]).seconds
        except (ValueError, TypeError) as error:
            raise self.bad_parameter(name) from error

    def page(self, maximum: int | None = None) -> Page:
        """The page asked for; a limit above the maximum is clamped or refused, as the switch says."""
        maximum = maximum or self.state.switches.unstated_limit_max
        number, limit = self.number("page") or 1, self.number("limit")
        if number < 1 or (limit is not None and limit < 1):
            raise self.bad_parameter("page" if number < 1 else "limit")
        limit = DEFAULT_LIMIT if limit is None else limit
        if limit > maximum:
            limit = self._over_limit(maximum)
        return Page(number, min(limit, maximum))

    def _over_limit(self, maximum: int) -> int:
        way = self.state.switches.over_limit
        if way == "clamp":
            return maximum
        raise Refusal(int(way), f"The limit cannot be more than {maximum}.")

    def link(self, **changed: object) -> str:
        """The query of this call with some parameters changed (None: left out), as `meta.pagination.links` has it."""
        params = {name: str(value) for name, value in {**self.params, **changed}.items() if value is not None}
        return "?" + "&".join(f"{quote(name, safe=':')}={quote(value, safe='')}" for name, value in params.items())
