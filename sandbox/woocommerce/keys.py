"""Who asks: HTTP Basic (or the key in the query) where the shop sees TLS, OAuth 1.0a with one leg everywhere.

As `WC_REST_Authentication` does it. A signature is dated by the caller's clock, which in practice is either the machine's
or the shop's own: a timestamp within fifteen minutes of one of them will do.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from sandbox.exchange import Request, read_query
from sandbox.woocommerce.errors import Refusal

WINDOW = 900
NEEDED = (*("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"),)
DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Key:
    """A consumer key and what it may do."""

    key: str
    secret: str
    writes: bool


def failed(message: str) -> Refusal:
    """Credentials that were given and are wrong."""
    return Refusal(401, "woocommerce_rest_authentication_error", message)


@dataclass(slots=True)
class Keyring:
    """The keys of a shop and the nonces that were used."""

    keys: Mapping[str, Key]
    nonces: dict[tuple[str, str], int] = field(default_factory=dict)

    def basic(self, request: Request, *, header_reaches: bool) -> Key | None:
        """The key of a request that the shop sees under TLS; None when it names none. Raises Refusal."""
        named = dict(read_query(request.query))
        name, secret = named.get("consumer_key", ""), named.get("consumer_secret", "")
        header = request.header("Authorization") or ""
        if not name and header_reaches and header.lower().startswith("basic "):
            name, secret = self._decoded(header[6:])
        if not name:
            return None
        key = self.keys.get(name)
        if key is None:
            raise failed("Consumer key is invalid.")
        if not hmac.compare_digest(key.secret, secret):
            raise failed("Consumer secret is invalid.")
        return key

    @staticmethod
    def _decoded(text: str) -> tuple[str, str]:
        try:
            name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return name, secret

    def oauth(self, request: Request, base_url: str, shop_now: int) -> Key | None:
        """The key of a signed request; None when nothing is signed. Raises Refusal."""
        pairs = [*read_query(request.query), *self._of_header(request)]
        told = dict(pairs)
        missing = [name for name in NEEDED if not told.get(name)]
        if len(missing) == len(NEEDED):
            return None
        if missing:
            text = f"Missing OAuth parameter{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            raise Refusal(401, "woocommerce_rest_authentication_missing_parameter", text)
        key = self.keys.get(told["oauth_consumer_key"])
        if key is None:
            raise failed("Consumer key is invalid.")
        self._check_signature(request.method, base_url, pairs, key)
        self._check_moment(key, told["oauth_timestamp"], told["oauth_nonce"], shop_now)
        return key

    @staticmethod
    def _of_header(request: Request) -> list[tuple[str, str]]:
        header = request.header("Authorization") or ""
        if not header.lower().startswith("oauth "):
            return []
        parts = (part.strip().partition("=") for part in header[6:].split(","))
        return [pair for name, _, value in parts for pair in read_query(f"{name}={value.strip(chr(34))}")]

    @staticmethod
    def _check_signature(method: str, base_url: str, pairs: list[tuple[str, str]], key: Key) -> None:
        told = dict(pairs)
        digest = DIGESTS.get(told["oauth_signature_method"])
        if digest is None:
            raise failed("Invalid signature - signature method is invalid.")
        signed = sorted((quote(n, safe="~"), quote(v, safe="~")) for n, v in pairs if n != "oauth_signature")
        text = quote("&".join(f"{name}={value}" for name, value in signed), safe="~")
        schemes = (base_url, base_url.replace("http://", "https://", 1))
        given = told["oauth_signature"].replace(" ", "+")
        for url in schemes:
            base = f"{method.upper()}&{quote(url, safe='~')}&{text}".encode()
            made = base64.b64encode(hmac.digest(f"{key.secret}&".encode(), base, digest)).decode()
            if hmac.compare_digest(made.encode(), given.encode()):
                return
        raise failed("Invalid signature - provided signature does not match.")

    def _check_moment(self, key: Key, timestamp: str, nonce: str, shop_now: int) -> None:
        at = int(timestamp) if timestamp.isdigit() else 0
        if all(abs(at - now) > WINDOW for now in (int(time.time()), shop_now)):
            raise failed("Invalid timestamp.")
        if (key.key, nonce) in self.nonces:
            raise failed("Invalid nonce - nonce has already been used.")
        self.nonces = {used: when for used, when in self.nonces.items() if abs(at - when) <= WINDOW}
        self.nonces[key.key, nonce] = at
