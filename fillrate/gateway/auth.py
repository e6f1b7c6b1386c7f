"""How a request shows who sends it: the channel's own way, put on at the last moment and renewed where a shop refuses it."""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Protocol

import httpx
from pydantic import SecretStr

from fillrate.errors import FixChannel

VISIBLE = re.compile(r"[!-~]+")  # printable ASCII without white space


class Auth(Protocol):
    """One way to show who asks."""

    def sign(self, request: httpx.Request) -> None:
        """Put what the shop wants to see on a request; asked anew for each attempt. FixChannel where that cannot be."""
        ...

    def renew(self) -> bool:
        """The shop refused it (401): get another one; tells whether trying once more makes sense."""
        ...


class Headers:
    """Fixed headers: a token that a person made."""

    def __init__(self, headers: Mapping[str, SecretStr | str]) -> None:
        self._headers = dict(headers)

    def sign(self, request: httpx.Request) -> None:
        """Put them on."""
        for name, value in self._headers.items():
            request.headers[name] = reveal(name, value)

    def renew(self) -> bool:
        """Nothing but a person can make another one."""
        return False


class Basic:
    """A user and a password, or a key and its secret."""

    def __init__(self, user: str, password: SecretStr) -> None:
        self._user = user
        self._password = password

    def sign(self, request: httpx.Request) -> None:
        """Put them on."""
        pair = f"{self._user}:{self._password.get_secret_value()}"
        request.headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"

    def renew(self) -> bool:
        """Nothing but a person can make another one."""
        return False


class Bearer:
    """A token that a person made, in the header that most shops look at."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def sign(self, request: httpx.Request) -> None:
        """Put it on."""
        request.headers["Authorization"] = f"Bearer {reveal('Authorization', self._token)}"

    def renew(self) -> bool:
        """Nothing but a person can make another one."""
        return False


def reveal(name: str, value: SecretStr | str) -> str:
    """Return a header's value, at the last moment; what no header can carry is refused before a library quotes it."""
    if isinstance(value, str):
        return value
    revealed = value.get_secret_value()
    if not VISIBLE.fullmatch(revealed):
        what = f"The value for the header {name} is empty or holds a character that no header can carry."
        raise FixChannel(what, next="Copy this channel's token again into .env or the environment.")
    return revealed
