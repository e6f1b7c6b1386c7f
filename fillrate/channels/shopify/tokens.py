"""How an access token is got: by the client-credentials grant, anew before it ends and when it is refused.

An older app's permanent token needs none of this; it goes out as fixed headers.
"""

import threading

import httpx
import msgspec
from pydantic import SecretStr

from fillrate.channels.shopify import documents
from fillrate.errors import BadAnswer, FixChannel
from fillrate.gateway.auth import VISIBLE, reveal
from fillrate.gateway.http import Http
from fillrate.gateway.outside import Clock
from fillrate.gateway.strict_json import decode

HEADER = "X-Shopify-Access-Token"
EARLY_S = 300.0  # a token is renewed so long before it ends
REFUSED = frozenset({400, 404, 422})


class TokenBody(msgspec.Struct):
    """A token, as sent; it lives a day."""

    access_token: str
    expires_in: float | None = None


TOKEN = msgspec.json.Decoder(TokenBody)


class Granted:
    """The token of an app that has a client id and a secret; safe to share between threads."""

    def __init__(self, client_id: SecretStr, client_secret: SecretStr, door: Http, clock: Clock) -> None:
        self._client = (client_id, client_secret)
        self._door = door
        self._clock = clock
        self._lock = threading.Lock()
        self._token = SecretStr("")
        self._ends = 0.0

    def sign(self, request: httpx.Request) -> None:
        """Put a token on that has not ended; FixChannel where the shop gives none."""
        with self._lock:
            if not self._token.get_secret_value() or self._clock.steady() >= self._ends:
                self._ask()
            request.headers[HEADER] = reveal(HEADER, self._token)

    def renew(self) -> bool:
        """Forget a token that was refused before its time; the next request gets another."""
        with self._lock:
            self._token = SecretStr("")
        return True

    def close(self) -> None:
        """Close the connections."""
        self._door.close()

    def _ask(self) -> None:
        """Get a token."""
        client_id, client_secret = (one.get_secret_value() for one in self._client)
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        reply = self._door.ask(documents.TOKEN, None, lambda body: decode(body, TOKEN), form=form, told=REFUSED)
        if reply.status in REFUSED:
            raise FixChannel(
                f"{documents.TOKEN.label}: the shop gives this app no token ({reply.status}).",
                next="Check client_id and client_secret, that base_url is the shop's own address at myshopify.com, and that "
                "the app is installed in this shop.",
            )
        told = reply.needed()
        if not VISIBLE.fullmatch(told.access_token):
            raise BadAnswer(what=f"{documents.TOKEN.label}: the shop sent a token that no header can carry.")
        lives_s = told.expires_in if told.expires_in and told.expires_in > 0 else 2 * EARLY_S
        self._token = SecretStr(told.access_token)
        self._ends = self._clock.steady() + max(lives_s - EARLY_S, lives_s / 2)
