"""Access tokens as the marketplaces hand them out: short-lived, by the shop's clock, and only for what was granted."""

import base64
from dataclasses import dataclass, field
from random import Random
from urllib.parse import parse_qsl

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(slots=True)
class Tokens:
    """The tokens that were issued, each with the second at which it ends and the scopes that it is good for."""

    seed: str
    lifetime: int
    prefix: str = ""
    _chance: Random = field(init=False)
    _live: dict[str, tuple[int, frozenset[str]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = Random(f"{self.seed}:tokens")

    def issue(self, now: int, scopes: frozenset[str] = frozenset()) -> str:
        """A new token; what has ended is forgotten."""
        self._live = {token: known for token, known in self._live.items() if known[0] > now}
        token = self.prefix + "".join(self._chance.choices(LETTERS, k=48))
        self._live[token] = (now + self.lifetime, scopes)
        return token

    def scopes(self, token: str, now: int) -> frozenset[str] | None:
        """What a token is good for, or None when it is unknown or has ended."""
        known = self._live.get(token)
        return known[1] if known is not None and known[0] > now else None

    def revoke_all(self) -> None:
        """No token that was issued so far is good any more."""
        self._live.clear()


def basic(header: str | None) -> tuple[str, str] | None:
    """User name and password of a Basic authorization header."""
    kind, _, rest = (header or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, word = base64.b64decode(rest, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, word) if colon else None


def form(body: bytes) -> dict[str, str]:
    """The fields of a form body; what is not text is no field."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
