"""Access tokens that live for an hour or two, got with a refresh token that a person made once.

One is got before the first request and anew shortly before it ends, or where the shop refuses it. It is kept in memory
only.
"""

import threading
from collections.abc import Callable, Mapping

import httpx
import msgspec
from pydantic import SecretStr

from fillrate.errors import FixChannel
from fillrate.gateway.auth import reveal
from fillrate.gateway.http import Endpoint, Http
from fillrate.gateway.outside import Clock
from fillrate.gateway.strict_json import decode

EARLY_S = 60.0  # so long before its end a token is no longer used
SHORTEST_S = 30.0  # whatever its life is said to be
REFUSED = frozenset({400})  # what token endpoints answer where the refresh token no longer counts


class TokenBody(msgspec.Struct):
    """A token, as sent; its life in seconds."""

    access_token: str
    expires_in: int | float = 3600


TOKEN = msgspec.json.Decoder(TokenBody)


class Refreshed:
    """Shows a token that a refresh token gets; `form` is what the token endpoint wants to see beside it."""

    def __init__(
        self,
        door: Http,
        endpoint: Endpoint,
        refresh_token: SecretStr,
        form: Callable[[], Mapping[str, str]],
        header: str,
        clock: Clock,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self._door = door
        self._endpoint = endpoint
        self._refresh_token = refresh_token
        self._form = form
        self._header = header
        self._clock = clock
        self._more = dict(more or {})
        self._lock = threading.Lock()
        self._token = SecretStr("")
        self._ends = float("-inf")

    def sign(self, request: httpx.Request) -> None:
        """Put the token on, and what else the shop wants to see in each request."""
        with self._lock:
            if self._clock.steady() >= self._ends:
                self._get()
            token = reveal(self._header, self._token)
        request.headers[self._header] = f"Bearer {token}" if self._header == "Authorization" else token
        request.headers.update(self._more)

    def renew(self) -> bool:
        """Get another token; the gateway asks for one only once a request."""
        with self._lock:
            self._get()
        return True

    def close(self) -> None:
        """Close the connections to the token endpoint."""
        self._door.close()

    def _get(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token.get_secret_value(),
            **self._form(),
        }
        begins = self._clock.steady()
        reply = self._door.ask(self._endpoint, None, lambda body: decode(body, TOKEN), form=form, told=REFUSED)
        if reply.status in REFUSED:
            what = f"{self._endpoint.label}: the refresh token is refused ({reply.status})."
            raise FixChannel(what, next="Let the merchant grant access again, and put the new refresh token into .env.")
        told = reply.needed()
        self._token = SecretStr(told.access_token)
        self._ends = begins + max(told.expires_in - EARLY_S, SHORTEST_S)
